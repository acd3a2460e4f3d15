/** Which rooms a page of the list has, and what it costs. */
import { Memberships } from "../../hub/memberships.ts";
import { listRooms, type OpenRoom } from "../../hub/room_list.ts";
import { SortedRooms } from "../../hub/sorted_rooms.ts";
import { assert, assertEquals } from "../support/assert.ts";

/** Rooms in which somebody is, of which a test may count how many are looked at. */
class Open {
  readonly rooms = new SortedRooms<OpenRoom>();
  readonly #byName = new Map<string, OpenRoom>();
  looks = 0;

  add(...names: string[]): this {
    for (const name of names) {
      const look = () => this.looks++;
      const room = {
        name,
        get userCount() {
          look();
          return 1;
        },
      };
      this.#byName.set(name, room);
      this.rooms.add(room);
    }
    return this;
  }

  findRoom(name: string): OpenRoom | undefined {
    return this.#byName.get(name);
  }
}

Deno.test("SortedRooms selects from the middle, however rooms come and go", () => {
  const rooms = new SortedRooms<{ name: string }>();
  const made = ["m", "a", "z", "c", "q"].map((name) => ({ name }));
  for (const room of made) rooms.add(room);
  const select = (after: string, limit = 9, upTo?: string) =>
    rooms.select({ after, upTo, limit }, ({ name }) => name !== "c").map(({ name }) => name);
  assertEquals(select(""), ["a", "m", "q", "z"]);
  assertEquals(select("a"), ["m", "q", "z"]);
  assertEquals(select("b", 2), ["m", "q"]);
  assertEquals(select("", 9, "p"), ["a", "m"]);
  for (const room of made.slice(0, 2)) rooms.delete(room);
  rooms.delete({ name: "q" });
  assertEquals([select(""), rooms.size], [["q", "z"], 3]);
});

Deno.test("listRooms() merges stored and open rooms into pages, and hides what is not there", () => {
  const open = new Open().add("d", "b", "hidden", "x");
  const everything = { only: undefined, isVisible: (room: string) => room !== "hidden" };
  const stored = [{ room: "a", last: 3, time: 1 }, { room: "b", last: 2, time: 1 }];
  const list = (request: { limit: number; after?: string; content?: string }, complete = true) => {
    const page = listRooms(
      { rooms: stored, complete },
      request,
      open,
      new Memberships(),
      everything,
    );
    return [
      page.rooms.map(({ room, last, user_count }) => `${room} ${last} ${user_count}`),
      page.complete,
    ];
  };
  assertEquals(list({ limit: 9 }), [["a 3 0", "b 2 1", "d 0 1", "x 0 1"], true]);
  assertEquals(list({ limit: 3 }), [["a 3 0", "b 2 1", "d 0 1"], false]);
  assertEquals(list({ limit: 2 }, false), [["a 3 0", "b 2 1"], false], "beyond the stored page");
  const only = listRooms({ rooms: [], complete: true }, { limit: 9 }, open, new Memberships(), {
    only: ["x", "nowhere"],
    isVisible: (room) => room === "x",
  });
  assertEquals(only.rooms.map(({ room }) => room), ["x"]);
});

Deno.test("listRooms() looks at as many open rooms as it lists", () => {
  const names = Array.from(
    { length: 5000 },
    (_, index) => `room-${String(index).padStart(4, "0")}`,
  );
  const open = new Open().add(...names);
  const everything = { only: undefined, isVisible: () => true };
  const nothing = { rooms: [], complete: true };
  const memberships = new Memberships();
  const page = listRooms(nothing, { limit: 20, after: "room-2500" }, open, memberships, everything);
  assertEquals([page.rooms[0]?.room, page.rooms.length], ["room-2501", 20]);
  assert(open.looks <= 50, `${open.looks}`);
});
