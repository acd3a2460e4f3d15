import { openClock } from "../../server/clock.ts";
import type { RoomsPage, RoomsQuery } from "../../store/store.ts";
import { assertEquals } from "../support/assert.ts";

const DAY = 24 * 60 * 60 * 1000;
const START = Date.UTC(2026, 0, 15, 12);

/** A store with this newest message in each room, of which it lists one at a time. */
function storeWith(times: readonly number[], lastNoted?: number) {
  const names = times.map((_, index) => `room-${index}`);
  return {
    lastNoted,
    rooms({ after, also }: RoomsQuery): Promise<RoomsPage> {
      assertEquals(also, "all");
      const next = after === undefined ? 0 : names.indexOf(after) + 1;
      const rooms = times.slice(next, next + 1)
        .map((time) => ({ room: names[next]!, last: 1, time }));
      return Promise.resolve({ rooms, complete: next >= times.length - 1 });
    },
  };
}

Deno.test("openClock() goes by the time that the last run noted", async () => {
  const store = storeWith([START], START - 2 * DAY);
  const clock = await openClock({ store, retainNow: false, wall: () => START });
  assertEquals(Math.floor((clock.now() - START) / DAY), -2);
  const accepted = await openClock({ store, retainNow: true, wall: () => START });
  assertEquals(accepted.now(), START);
});

Deno.test("openClock() goes by the newest message of data that have no noted time", async () => {
  const store = storeWith([START - 9 * DAY, START - 3 * DAY, START - 5 * DAY]);
  const clock = await openClock({ store, retainNow: false, wall: () => START });
  assertEquals(Math.floor((clock.now() - START) / DAY), -3);
});

Deno.test("openClock() believes the clock if there is nothing yet", async () => {
  const clock = await openClock({ store: storeWith([]), retainNow: false, wall: () => START });
  assertEquals([clock.now(), clock.warning], [START, undefined]);
});
