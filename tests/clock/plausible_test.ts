import { MAX_LEAP_MS, PlausibleClock, type PlausibleClockOptions } from "../../clock/plausible.ts";
import { assertEquals } from "../support/assert.ts";

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const START = Date.UTC(2026, 0, 15, 12);

/** Two clocks that a test sets. */
class Clocks {
  wall = START;
  steady = 5000;

  /** Lets time pass. */
  pass(duration: number): void {
    this.wall += duration;
    this.steady += duration;
  }

  open(options: Omit<PlausibleClockOptions, "wall" | "steady"> = {}): PlausibleClock {
    return new PlausibleClock({ wall: () => this.wall, steady: () => this.steady, ...options });
  }
}

Deno.test("PlausibleClock.now() is the time of day in a normal run", () => {
  const clocks = new Clocks();
  const clock = clocks.open({ lastNoted: START - 1000 });
  assertEquals([clock.now(), clock.warning], [START, undefined]);
  clocks.pass(10 * DAY);
  assertEquals([clock.now(), clock.warning], [START + 10 * DAY, undefined]);
});

Deno.test("PlausibleClock.now() is the time of day on data of which no run is known", () => {
  const clock = new Clocks().open();
  assertEquals([clock.now(), clock.warning], [START, undefined]);
});

Deno.test("PlausibleClock follows after a day of rest, not after a weekend", () => {
  const clocks = new Clocks();
  const night = clocks.open({ lastNoted: START - MAX_LEAP_MS });
  assertEquals([night.now(), night.warning], [START, undefined]);
  const weekend = clocks.open({ lastNoted: START - 2 * DAY });
  assertEquals(weekend.now(), START - 2 * DAY);
  assertEquals(
    weekend.warning,
    "The clock says 2026-01-15T12:00Z, which is implausible after 2026-01-13T12:00Z: what is too old " +
      "is removed as of 2026-01-13T12:00Z; correct the clock or, if it is right, start once with " +
      "--retain-now",
  );
});

Deno.test("PlausibleClock believes the time of day after a weekend if it is told to", () => {
  const clocks = new Clocks();
  const clock = clocks.open({ lastNoted: START - 2 * DAY, retainNow: true });
  assertEquals([clock.now(), clock.warning], [START, undefined]);
  clocks.pass(DAY);
  clocks.wall += YEAR;
  assertEquals(clock.now(), START + DAY, "only the time at the start is accepted");
});

Deno.test("PlausibleClock goes on from the noted time if the clock is a year ahead at the start", () => {
  const clocks = new Clocks();
  clocks.wall += YEAR;
  const clock = clocks.open({ lastNoted: START });
  assertEquals(clock.now(), START);
  clocks.pass(3 * DAY);
  assertEquals(clock.now(), START + 3 * DAY);
  assertEquals(clock.warning?.includes("2026-01-18T12:00Z"), true, clock.warning);
  clocks.wall -= YEAR;
  assertEquals(
    [clock.now(), clock.warning],
    [START + 3 * DAY, undefined],
    "the clock was corrected",
  );
});

Deno.test("PlausibleClock follows a step of an hour forward and none of a year while running", () => {
  const clocks = new Clocks();
  const clock = clocks.open({ lastNoted: START });
  clocks.wall += HOUR;
  assertEquals([clock.now(), clock.warning], [START + HOUR, undefined]);
  clocks.wall += YEAR;
  clocks.pass(HOUR);
  assertEquals(clock.now(), START + 2 * HOUR);
  assertEquals(clock.warning === undefined, false);
});

Deno.test("PlausibleClock follows a step backward, and back again", () => {
  const clocks = new Clocks();
  const clock = clocks.open({ lastNoted: START });
  clocks.wall -= YEAR;
  assertEquals([clock.now(), clock.warning], [START - YEAR, undefined]);
  clocks.pass(DAY);
  assertEquals(clock.now(), START - YEAR + DAY);
  clocks.wall += YEAR;
  assertEquals([clock.now(), clock.warning], [START + DAY, undefined]);
});

Deno.test("PlausibleClock does not believe a time that was noted in the future", () => {
  const clocks = new Clocks();
  const clock = clocks.open({ lastNoted: START + YEAR });
  assertEquals([clock.now(), clock.warning], [START, undefined]);
  clocks.wall += YEAR;
  clocks.pass(HOUR);
  assertEquals(clock.now(), START + HOUR, "the leap is measured from the time of day at the start");
});

Deno.test("PlausibleClock bears a time that no date can express", () => {
  const clocks = new Clocks();
  clocks.wall = 9e15;
  const clock = clocks.open({ lastNoted: START });
  assertEquals(clock.now(), START);
  assertEquals(clock.warning?.includes("9000000000000000"), true);
});
