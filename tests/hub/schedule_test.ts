import fc from "fast-check";
import { assert, assertEquals, equal } from "../support/assert.ts";
import type { ServerMessage, UserMessage } from "../../protocol.ts";
import { createMemoryStore } from "../../store/memory/store.ts";
import type { Store } from "../../store/store.ts";
import { HubHarness } from "../support/hub_harness.ts";
import { LaggingStore, task } from "../support/lagging_store.ts";
import { Returner, type Stint } from "../support/returner.ts";

const ROOMS = ["a", "b", "c"];
const PEOPLE = 4;

/** What can happen next, to whom and where. */
interface Step {
  kind: "connect" | "cut" | "hang_up" | "join" | "leave" | "say" | "rename" | "logout" | "let_run";
  who: number;
  room: string;
  /** Whether what was on its way to the client is lost with the line. */
  lossy: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant("say" as const) },
    { weight: 5, arbitrary: fc.constantFrom("connect" as const, "let_run" as const) },
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        "join" as const,
        "leave" as const,
        "cut" as const,
        "hang_up" as const,
        "rename" as const,
        "logout" as const,
      ),
    },
  ),
  who: fc.nat(PEOPLE - 1),
  room: fc.constantFrom(...ROOMS),
  lossy: fc.boolean(),
});

/** One who never leaves a room, and so sees all that ever happens in it. */
interface Observer {
  room: string;
  events: readonly ServerMessage[];
}

Deno.test("Hub shows each member its part of one sequence, and loses and doubles nothing, whoever comes and goes when", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 80 }),
      fc.array(fc.nat(4), { minLength: 1, maxLength: 20 }),
      run,
    ),
    { numRuns: 300 },
  );
});

async function run(steps: Step[], delays: number[]): Promise<void> {
  const memory = createMemoryStore({ epoch: "epoch-1" });
  await using harness = new HubHarness({ store: new LaggingStore(memory, delays) });
  const watchers = await Promise.all(
    ROOMS.map((room) => harness.enter(`watcher-${room}`, { room })),
  );
  const people = Array.from({ length: PEOPLE }, (_, n) => new Returner(harness, `person-${n}`));
  for (const next of steps) await take(next, people);
  for (const person of people) person.comeBack(ROOMS);
  await idle(harness, people);
  // Those who have only now been told their session say what they had to say.
  await idle(harness, people);
  const observers: Observer[] = [];
  for (const [index, room] of ROOMS.entries()) {
    observers.push({ room, events: watchers[index]?.take() ?? [] });
  }
  for (const observer of observers) await checkKept(observer, people, memory);
  for (const person of people) {
    assertEquals(person.pending.size, 0, "a message was neither shown nor refused");
    for (const stint of person.stints) checkStint(stint, observers);
  }
  for (const [index, room] of ROOMS.entries()) {
    watchers[index]?.send({ type: "users" });
    const { user_list } = await watchers[index]!.next("users");
    const expected = [`watcher-${room}`, ...people.map(({ name }) => name)];
    assertEquals(user_list.toSorted(), expected.toSorted());
  }
}

async function take({ kind, who, room, lossy }: Step, people: Returner[]) {
  const person = people[who]!;
  switch (kind) {
    case "connect":
      return person.comeBack([]);
    case "cut":
      return person.cut();
    case "hang_up":
      return person.hangUp(lossy);
    case "join":
      return person.join(room);
    case "leave":
      return person.leave(room);
    case "say":
      return person.say(room);
    case "logout":
      return person.logout();
    case "rename":
      return person.rename();
    case "let_run":
      await task();
      return person.read();
  }
}

/** Lets the hub and the store finish all that is under way. */
async function idle(harness: HubHarness, people: Returner[]): Promise<void> {
  // What is read from the store comes back to the hub as a command: once more for it.
  for (let round = 0; round < 3; round++) {
    await harness.settled();
    for (let n = 0; n < 10; n++) await task();
  }
  for (const person of people) person.read();
}

/** What is kept is what was shown, without gaps; each message that was said is there once. */
async function checkKept(
  { room, events }: Observer,
  people: Returner[],
  store: Store,
) {
  const shown = events.filter((event): event is UserMessage => event.type === "user");
  const { messages } = await store.read(room, { limit: 10_000 });
  assertEquals(shown.map(({ seq }) => seq), messages.map(({ seq }) => seq));
  assertEquals(shown.map(({ seq }) => seq), shown.map((_, index) => index + 1));
  assertEquals(shown.map(({ content }) => content), messages.map(({ content }) => content));
  const said = people.flatMap((person) => person.said.filter((one) => one.room === room));
  assertEquals(
    messages.map(({ content }) => content).toSorted(),
    said.map(({ content }) => content).toSorted(),
  );
}

/**
 * A member saw its own entry, and what happened in the room from then on, but for what history gave it;
 * until history came, only its own coming and going. The others did not see the entry and the exit if the
 * user was there on another connection: then the entry may be anywhere among what they saw.
 */
function checkStint({ room, entry, events, given, waits }: Stint, observers: Observer[]): void {
  const all = observers.find((one) => one.room === room)?.events ?? [];
  const [first, ...later] = events;
  assert(first?.type === "login" && first.id === entry, "the own entry did not come first");
  const { user: _user, session: _session, user_list: _list, ...shown } = first;
  const start = all.findIndex((event) => event.type === "login" && event.id === entry);
  if (start >= 0) assertEquals<unknown>(shown, all[start]);
  const seen = later.filter((event) =>
    !isExit(event, first) || all.some((one) => equal(one, event))
  );
  if (waits) {
    assertEquals(later.filter((event) => !isExit(event, first)), []);
    return assert(later.length <= 1);
  }
  const starts = start >= 0 ? [start + 1] : [...all.keys(), all.length];
  const views = starts.map((from) =>
    all.slice(from).filter((event) => event.type !== "user" || event.seq > given)
      .slice(0, seen.length)
  );
  const view = views.find((view) => view.every((event, index) => equal(event, seen[index])));
  assertEquals<unknown>(seen, view ?? views[0]);
}

/** Whether a user who has entered leaves again. */
function isExit(event: ServerMessage, { by }: { by: string }): boolean {
  return event.type === "logout" && event.by === by;
}
