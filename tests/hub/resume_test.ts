import { assert, assertEquals, assertObjectMatch } from "../support/assert.ts";
import { GatedStore } from "../support/gated_store.ts";
import { HubHarness, type MessageOf, type Person } from "../support/hub_harness.ts";

/** Says so many messages, in portions of batches: "1", "2", "3", … */
async function talk(harness: HubHarness, person: Person, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) person.say(`${n}`);
  await harness.settled();
  person.take();
}

function seqs({ messages }: MessageOf<"history">): number[] {
  return messages.map(({ seq }) => seq);
}

Deno.test("Hub replays what came after since, complete and before anything live", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  await talk(harness, ann, 5);
  const bob = harness.connect();
  bob.send({ type: "login", content: "bob", since: 2, epoch: "epoch-1", id: "back" });
  ann.say("6");
  await harness.settled();
  const history = await bob.next("history");
  assertEquals(seqs(history).slice(0, 3), [3, 4, 5]);
  assertObjectMatch(history, { room: "lobby", first: 3, complete: true });
  await harness.settled();
  const rest = bob.takeBrief();
  assertEquals(rest.slice(0, 2), ["handshake", "login lobby bob of 2"]);
  assertEquals([...seqs(history), ...rest.slice(2)].length, 4, "6 is there once");
});

Deno.test("Hub joins history and what is said meanwhile by seq, without loss or doubles", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  store.gatesCommits = false;
  const ann = await harness.enter("ann");
  await talk(harness, ann, 3);
  store.gatesReads = true;
  const bob = harness.connect();
  bob.send({ type: "login", content: "bob", since: 1 });
  const read = await store.reads.receive();
  ann.say("4");
  await harness.settled();
  await read?.pass(); // sees 2, 3 and 4; the hub takes the answer after 5
  ann.say("5");
  ann.send({ type: "edit", seq: 2, content: "two" });
  await harness.settled();
  const messages = bob.takeBrief();
  await harness.settled();
  assertEquals([...messages, ...bob.takeBrief()], [
    "handshake",
    "login lobby bob of 2",
    "history lobby 2-4 complete",
    "user lobby 5 ann: 5",
    "edit lobby 2 ann: two",
  ]);
  store.open();
});

Deno.test("Hub tells a newcomer of its entry at once, however long history takes", async () => {
  const store = new GatedStore();
  store.gatesCommits = false;
  store.gatesReads = true;
  await using harness = new HubHarness({ store });
  const ann = await harness.enter("ann");
  const bob = harness.connect();
  bob.send({ type: "login", content: "bob", since: 0 }, { type: "rename", content: "bill" });
  bob.say("I am here");
  await harness.settled();
  assertEquals(bob.takeBrief(), ["handshake", "login lobby bob of 2"]);
  assertEquals(ann.takeBrief().length, 3);
  await (await store.reads.receive())?.pass();
  await bob.next("history");
  assertEquals(bob.takeBrief(), ["rename lobby bob to bill"]);
  store.open();
});

for (
  const [name, login] of [
    ["another epoch", { since: 3, epoch: "epoch-0" }],
    ["a since ahead of the room", { since: 99, epoch: "epoch-1" }],
  ] as const
) {
  Deno.test(`Hub answers ${name} with the newest page, not complete`, async () => {
    await using harness = new HubHarness();
    const ann = await harness.enter("ann");
    await talk(harness, ann, 60);
    const bob = harness.connect();
    bob.send({ type: "login", content: "bob", ...login });
    const history = await bob.next("history");
    assertObjectMatch(history, { first: 11, last: 60, complete: false });
    ann.say("61");
    assertObjectMatch(await bob.next("user"), { seq: 61 });
  });
}

Deno.test("Hub takes a since without epoch for its own, and 0 of an empty room for complete", async () => {
  await using harness = new HubHarness();
  const ann = harness.connect();
  ann.send({ type: "login", content: "ann", since: 0 });
  assertEquals(await ann.next("history"), {
    type: "history",
    room: "lobby",
    messages: [],
    first: 0,
    last: 0,
    change: 0,
    complete: true,
    changed: [],
  });
});

Deno.test("Hub replays a thousand missed messages, and of more only the newest page", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  await talk(harness, ann, 1002);
  const bob = harness.connect();
  bob.send({ type: "login", content: "bob", since: 2 });
  assertObjectMatch(await bob.next("history"), { first: 3, last: 1002, complete: true });
  bob.send({ type: "join", room: "lobby", since: 1 });
  assertObjectMatch(await bob.next("history"), { first: 953, last: 1002, complete: false });
});

Deno.test("Hub replays no more at a time than half of the outgoing queue holds", async () => {
  await using harness = new HubHarness({ maxQueue: 128 * 1024 });
  const ann = await harness.enter("ann");
  const text = "\u{1f600}".repeat(2000);
  for (let n = 0; n < 30; n++) ann.send({ type: "user", content: text });
  await harness.settled();
  const bob = harness.connect();
  bob.send({ type: "login", content: "bob", since: 0 });
  const resumed = await bob.next("history");
  assertObjectMatch(resumed, { last: 30, complete: false });
  assertEquals(resumed.messages.length, 8);
  bob.send({ type: "history", after: 0, limit: 200 });
  assertObjectMatch(await bob.next("history"), { first: 1, last: 8, complete: false });
  bob.send({ type: "history", before: 30, limit: 200 });
  assertObjectMatch(await bob.next("history"), { first: 22, last: 29, complete: false });
  bob.send({ type: "history", after: 25, limit: 200 });
  assertObjectMatch(await bob.next("history"), { first: 26, last: 30, complete: true });
});

Deno.test("Hub gives at least one message, however long it is", async () => {
  await using harness = new HubHarness({ maxQueue: 1000 });
  const ann = await harness.enter("ann");
  ann.send({ type: "user", content: "x".repeat(800) }, { type: "user", content: "short" });
  await harness.settled();
  ann.take();
  ann.send({ type: "history", before: 2, limit: 9 });
  assertObjectMatch(await ann.next("history"), { first: 1, last: 1, complete: false });
  ann.send({ type: "search", content: "xxx", limit: 9 });
  assertEquals((await ann.next("search")).messages.length, 1);
});

Deno.test("Hub holds a member's events for the history that was asked for last", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  store.gatesCommits = false;
  const ann = await harness.enter("ann");
  await talk(harness, ann, 2);
  store.gatesReads = true;
  const bob = harness.connect();
  bob.send({ type: "login", content: "bob", since: 1 });
  const first = await store.reads.receive();
  await first?.pass(); // the hub takes the answer only after what follows
  bob.send({ type: "leave", room: "lobby" });
  ann.say("3");
  bob.send({ type: "join", room: "lobby", since: 2 });
  ann.say("4");
  const second = await store.reads.receive();
  ann.say("5");
  await harness.settled();
  await second?.pass();
  const history = await bob.next("history");
  const live = bob.take().filter(({ type }) => type === "user");
  const seen = [...history.messages, ...live].map((message) => "seq" in message && message.seq);
  assertEquals(seen, [3, 4, 5]);
  store.open();
});

Deno.test("Hub keeps holding for a member that asks again before history has come", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  store.gatesCommits = false;
  const ann = await harness.enter("ann");
  await talk(harness, ann, 2);
  store.gatesReads = true;
  const bob = harness.connect();
  bob.send({ type: "login", content: "bob", since: 0 });
  const first = await store.reads.receive();
  ann.send({ type: "rename", content: "anne" });
  await harness.settled();
  bob.send({ type: "join", room: "lobby", since: 0 });
  const second = await store.reads.receive();
  await first?.pass();
  await harness.settled();
  assertEquals(bob.takeBrief(), [
    "handshake",
    "login lobby bob of 2",
    "login lobby bob of 2",
  ]);
  await second?.pass();
  await bob.next("history");
  assertEquals(bob.takeBrief(), ["rename lobby ann to anne"]);
  store.open();
});

Deno.test("Hub sends neither history nor what came after it to who has left meanwhile", async () => {
  const store = new GatedStore();
  store.gatesCommits = false;
  store.gatesReads = true;
  await using harness = new HubHarness({ store });
  const ann = await harness.enter("ann");
  const bob = harness.connect();
  bob.send({ type: "login", content: "bob", since: 0 });
  const read = await store.reads.receive();
  ann.say("1");
  await harness.settled();
  ann.say("2");
  bob.send({ type: "leave", room: "lobby" });
  await harness.settled();
  await read?.pass();
  await harness.settled();
  assertEquals(bob.takeBrief(), ["handshake", "login lobby bob of 2", "logout lobby bob of 1"]);
  bob.send({ type: "join", room: "lobby", since: 0 });
  ann.say("3");
  bob.send({ type: "leave", room: "lobby" });
  await harness.settled();
  assertEquals(bob.takeBrief(), ["login lobby bob of 2", "logout lobby bob of 1"]);
  store.open();
});

Deno.test("Hub catches up who comes back to many rooms at once, in each of them", async () => {
  await using harness = new HubHarness();
  const rooms = Array.from({ length: 40 }, (_, index) => `room-${index}`);
  const ann = await harness.enter("ann");
  for (const room of rooms) ann.send({ type: "join", room }, { type: "user", room, content: room });
  await harness.settled();
  const bob = await harness.enter("bob");
  bob.send(...rooms.map((room) => ({ type: "join", room, since: 0 })));
  for (const room of rooms) {
    const history = await bob.next("history", (message) => message.room === room);
    assertEquals(history.messages.map(({ content }) => content), [room]);
  }
  assertEquals(bob.takeBrief().filter((line) => line.startsWith("error")), []);
});

Deno.test("Hub refuses more reads at a time than it should wait for, before anything changes", async () => {
  const store = new GatedStore();
  store.gatesReads = true;
  await using harness = new HubHarness({ store, maxRooms: 2 });
  const ann = await harness.enter("ann");
  const asked = Array.from({ length: 9 }, (_, index) => ({ type: "history", id: `h${index}` }));
  ann.send(...asked);
  assertObjectMatch(await ann.next("error"), { code: "rate_limited", id: "h8", retry_ms: 1000 });
  ann.send(
    { type: "join", room: "one", since: 0 },
    { type: "join", room: "lobby", since: 0 },
    { type: "leave", room: "lobby" },
    { type: "join", room: "two", since: 0, id: "full" },
  );
  assertObjectMatch(await ann.next("error"), { code: "rate_limited", id: "full" });
  await harness.settled();
  const entered = ann.takeBrief();
  assert(!entered.some((line) => line.startsWith("login two")), entered.join("\n"));
  store.open();
  assertEquals((await ann.next("history", ({ id }) => id === "h7")).messages, []);
  await ann.next("history", ({ room }) => room === "one");
  ann.send({ type: "history", id: "again" });
  await ann.next("history", ({ id }) => id === "again");
});

Deno.test("Hub answers a resend behind the history that is on its way", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  store.gatesCommits = false;
  const ann = await harness.enter("ann");
  const bob = await harness.enter("bob");
  ann.take();
  ann.say("1");
  bob.say("2");
  ann.say("3");
  await harness.settled();
  ann.socket.hangUp();
  await harness.settled();
  store.gatesReads = true;
  const back = harness.connect();
  back.send(
    { type: "login", session: ann.session, since: 1 },
    { type: "user", content: "3", id: "3" },
  );
  back.send({ type: "user", content: "4", id: "4" });
  const read = await store.reads.receive();
  await harness.settled();
  assertEquals(back.takeBrief(), ["handshake", "login lobby ann of 2"]);
  await read?.pass();
  const history = await back.next("history");
  const live = back.takeBrief();
  assertEquals(seqs(history), [2, 3, 4]);
  assertEquals(live, []);
  store.open();
});
