/** The search index in many small shards: whatever happens to messages, it finds what a scan finds. */
import { assertEquals } from "../../support/assert.ts";
import fc from "fast-check";
import { ANN, message } from "../conformance.ts";
import type { NewMessage, Query, StoredMessage } from "../../../store/store.ts";
import { createMemoryStore } from "../../../store/memory/store.ts";
import { type Setup, withSetup } from "./search_setup.ts";

const SMALL = { shardSpan: 20, replaceFrom: 8 };

/** Counts the tables of entries. */
function shardsOf(setup: Setup): number {
  return setup.tables().length;
}

Deno.test("SearchIndex removes the shards of messages that retention has removed", () =>
  withSetup(async (setup) => {
    for (let batch = 0; batch < 40; batch++) setup.say("lobby", `apple ${batch}`, "x", "y", "z");
    await setup.update();
    assertEquals(shardsOf(setup), 8);
    setup.retain(30);
    await setup.update();
    assertEquals(shardsOf(setup), 2);
    assertEquals((await setup.find("apple")).length, 7);
    setup.retain(0);
    await setup.update();
    assertEquals(await setup.find("apple"), []);
    setup.say("lobby", "apple pie");
    assertEquals(await setup.find("apple"), ["apple pie"]);
    await setup.reopen();
    assertEquals(await setup.find("apple"), ["apple pie"]);
  }, SMALL));

Deno.test("SearchIndex finds what is said while a shard is being replaced", () =>
  withSetup(async (setup) => {
    for (let batch = 0; batch < 10; batch++) setup.say("lobby", `apple ${batch}`, "x", "y", "z");
    await setup.update();
    for (let seq = 1; seq <= 40; seq++) {
      setup.writer.commit([{ kind: "delete", room: "lobby", seq, by: ANN }]);
    }
    setup.say("lobby", "apple new");
    const updating = setup.update();
    setup.say("lobby", "apple newer");
    await updating;
    assertEquals((await setup.find("apple")).sort(), ["apple new", "apple newer"]);
    await setup.reopen();
    assertEquals((await setup.find("apple")).sort(), ["apple new", "apple newer"]);
  }, SMALL));

Deno.test("SearchIndex keeps the rest of a segment whose beginning is removed before it is indexed again", () =>
  withSetup(async (setup) => {
    setup.say("den", ...Array.from({ length: 10 }, (_, index) => `apple ${index}`));
    await setup.update();
    setup.writer.commit([{ kind: "room", room: "den", private: true, topic: "" }]);
    setup.retain(4);
    await setup.update();
    assertEquals((await setup.search("apple", { rooms: ["den"] })).messages.length, 4);
    assertEquals(setup.entries('"#hidden"').length, 4);
  }, { shardSpan: 20, replaceFrom: 1000 }));

Deno.test("SearchIndex drops what an interrupted replacement has left", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple");
    await setup.update();
    await setup.close();
    setup.spoil("CREATE VIRTUAL TABLE entries_99 USING fts5(text)");
    setup.open();
    assertEquals(await setup.find("apple"), ["apple"]);
    assertEquals(shardsOf(setup), 1);
  }));

/** One thing that happens. */
type Event =
  | { kind: "say"; room: number; time: number; texts: string[] }
  | { kind: "edit"; room: number; seq: number; text: string }
  | { kind: "delete"; room: number; seq: number }
  | { kind: "hide"; room: number; hidden: boolean }
  | { kind: "retain"; max: number }
  | { kind: "update" }
  | { kind: "reopen" };

const room = fc.nat({ max: 2 });
const text = fc.constantFrom("apple pie", "apple", "pie C#", "C++ apple", "日本語 apple", "x");
const seq = fc.integer({ min: 1, max: 60 });
const events: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("say" as const),
        room,
        time: fc.nat({ max: 30 }),
        texts: fc.array(text, { minLength: 1, maxLength: 12 }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("edit" as const), room, seq, text }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), room, seq }) },
    fc.record({ kind: fc.constant("hide" as const), room, hidden: fc.boolean() }),
    fc.record({ kind: fc.constant("retain" as const), max: fc.nat({ max: 40 }) }),
    { weight: 3, arbitrary: fc.constant({ kind: "update" as const }) },
    fc.constant({ kind: "reopen" as const }),
  ),
  { minLength: 5, maxLength: 40 },
);

/** Does the same to the index and to a store that scans. */
async function apply(event: Event, setup: Setup, model: ReturnType<typeof createMemoryStore>) {
  switch (event.kind) {
    case "update":
      return await setup.update();
    case "reopen":
      return await setup.reopen();
    case "retain":
      setup.retain(event.max);
      return await model.retain({ maxMessages: event.max }, 0);
  }
  const name = `room-${event.room}`;
  const change = event.kind === "say"
    ? event.texts.map((one): NewMessage => message(name, one, { time: event.time }))
    : event.kind === "edit"
    ? [{ kind: "edit", room: name, seq: event.seq, content: event.text, time: 1, by: ANN } as const]
    : event.kind === "delete"
    ? [{ kind: "delete", room: name, seq: event.seq, by: ANN } as const]
    : [{ kind: "room", room: name, private: event.hidden, topic: "" } as const];
  setup.writer.commit(change);
  await model.commit(change);
}

const place = ({ room, seq, content }: StoredMessage) => `${room} ${seq} ${content}`;

/** All that a query finds, page by page. */
async function allPages(setup: Setup, query: Query): Promise<StoredMessage[]> {
  const found: StoredMessage[] = [];
  for (let next = query;;) {
    const page = await setup.search(next.text.words[0] ?? "", next);
    found.push(...page.messages);
    if (page.next === undefined) return found;
    next = { ...query, position: page.next };
  }
}

for (const searchBudget of [300, 0]) {
  const how = searchBudget === 0 ? "when time is up at once" : "in time";

  Deno.test(`SearchIndex finds what a scan finds, page by page, whatever happened, ${how}`, () =>
    fc.assert(
      fc.asyncProperty(
        events,
        fc.integer({ min: 1, max: 9 }),
        (happened, limit) =>
          withSetup(async (setup) => {
            const model = createMemoryStore();
            for (const event of happened) await apply(event, setup, model);
            await setup.update();
            for (const word of ["apple", "C#", "p", "語"]) {
              const query = { text: { words: [word], phrases: [] }, limit, also: ["room-1"] };
              const expected = await model.search({ ...query, limit: 1000 });
              const found = await allPages(setup, query);
              assertEquals(found.map(place), expected.messages.map(place), word);
            }
          }, { ...SMALL, searchBudget }),
      ),
      { numRuns: 30 },
    ));
}

Deno.test("SearchIndex.search() answers what it has found when its time is up, and where to go on", () =>
  withSetup(async (setup) => {
    for (let time = 0; time < 100; time++) {
      const texts = time === 50 ? ["apple pie", "x"] : ["apple", "pie"];
      setup.writer.commit(texts.map((one) => message("lobby", one, { time })));
    }
    await setup.update();
    // All but one message are candidates in vain.
    const query = { text: { words: [], phrases: [["apple", "pie"]] }, limit: 5 };
    const { messages, next } = await setup.search("", query);
    assertEquals(messages, []);
    assertEquals(next !== undefined && next.time < 100, true, JSON.stringify(next));
    assertEquals((await allPages(setup, query)).map(({ content }) => content), ["apple pie"]);
  }, { ...SMALL, searchBudget: 0 }));

Deno.test("SearchIndex gives the place of what retention has removed back to the disk", () =>
  withSetup(async (setup) => {
    const texts = Array.from({ length: 300 }, () => crypto.randomUUID().repeat(20));
    for (let batch = 0; batch < 60; batch++) setup.say("lobby", ...texts);
    await setup.update();
    await setup.reopen();
    const before = Deno.statSync(setup.path("search.db")).size;
    setup.retain(10);
    await setup.update();
    await setup.close();
    const after = Deno.statSync(setup.path("search.db")).size;
    setup.open();
    assertEquals(before > 10 * 2 ** 20, true, `${before}`);
    assertEquals(after < 6 * 2 ** 20, true, `${after}`);
  }, { shardSpan: 1000 }));
