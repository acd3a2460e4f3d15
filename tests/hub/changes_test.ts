/** The log of a room: changes that are numbered, copies that come back, and keys that were used. */
import { assert, assertEquals, assertObjectMatch } from "../support/assert.ts";
import { GatedStore } from "../support/gated_store.ts";
import { HubHarness, type Person } from "../support/hub_harness.ts";
import { DamageError, LostWriteError } from "../../sqlite/data_error.ts";

/** Says "1", "2", "3", … */
async function talk(harness: HubHarness, person: Person, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) person.say(`${n}`);
  await harness.settled();
  person.take();
}

Deno.test("Hub numbers edits, deletions and reactions of each room, refused ones not", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.send({ type: "join", room: "dev" });
  await talk(harness, ann, 2);
  ann.say("elsewhere", "lobby");
  await ann.next("user");
  ann.send({ type: "edit", room: "dev", seq: 1, content: "one" });
  assertEquals((await ann.next("edit")).change, 1);
  ann.send({ type: "edit", room: "dev", seq: 9, content: "nine" });
  await ann.next("error");
  ann.send({ type: "react", room: "dev", seq: 1, content: "👍" });
  assertObjectMatch(await ann.next("react"), { change: 2, on: true, count: 1, content: "👍" });
  ann.send({ type: "delete", room: "dev", seq: 2 });
  assertEquals((await ann.next("delete")).change, 3);
  ann.send({ type: "react", room: "dev", seq: 1, content: "👍" });
  assertObjectMatch(await ann.next("react"), { change: 4, on: false, count: 0 });
  ann.send({ type: "react", room: "lobby", seq: 1, content: "👍" });
  assertEquals((await ann.next("react")).change, 1);
  ann.send({ type: "history", room: "dev" });
  assertObjectMatch(await ann.next("history"), { change: 4, complete: true });
});

Deno.test("Hub tells of a reaction in the same few bytes, however many have reacted", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.say("hello");
  const sizes = new Set<number>();
  for (let n = 1; n <= 25; n++) {
    const fan = await harness.enter(`fan-${n}`.padEnd(9, "x"));
    fan.send({ type: "react", seq: 1, content: "👍" });
    const event = await fan.next("react");
    assertEquals([event.on, event.count], [true, n]);
    sizes.add(JSON.stringify({ ...event, count: 0, change: 0 }).length);
  }
  assertEquals(sizes.size, 1);
  const last = await harness.enter("last");
  last.send({ type: "react", seq: 1, content: "👍" }, { type: "history", id: "h" });
  const { messages } = await last.next("history");
  const reaction = messages[0]?.reactions?.["👍"];
  assertEquals([reaction?.count, reaction?.names.length, reaction?.mine], [26, 20, true]);
  assertEquals(reaction?.names[0], "fan-1xxxx");
  ann.send({ type: "history", id: "h" });
  const own = (await ann.next("history")).messages[0]?.reactions?.["👍"];
  assertEquals(own?.mine, undefined);
});

Deno.test("Hub bounds the emoji of a message and of one user", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.say("hello");
  await ann.next("user");
  const emoji = Array.from({ length: 60 }, (_, n) => String.fromCodePoint(0x1f600 + n));
  for (let user = 0; user < 3; user++) {
    const fan = await harness.enter(`fan-${user}`);
    const most = user < 2 ? 20 : 10;
    for (const content of emoji.slice(user * 20, user * 20 + most)) {
      fan.send({ type: "react", seq: 1, content });
      await fan.next("react");
    }
    fan.send({ type: "react", seq: 1, content: "👍", id: "r" });
    assertObjectMatch(await fan.next("error"), { code: "too_many", id: "r" });
    // What is there already may be taken back.
    fan.send({ type: "react", seq: 1, content: emoji[user * 20] });
    assertObjectMatch(await fan.next("react"), { on: false, count: 0 });
    fan.send({ type: "react", seq: 1, content: emoji[user * 20] });
    await fan.next("react");
  }
});

Deno.test("Hub brings a returning copy up to date: what is new, and what was changed of the old", async () => {
  await using harness = new HubHarness();
  const { epoch, run } = harness.store;
  const ann = await harness.enter("ann");
  await talk(harness, ann, 100);
  const position = { since: 90, at: harness.now, changes: 0, epoch, run };
  ann.send(
    { type: "edit", seq: 3, content: "three" },
    { type: "delete", seq: 5 },
    { type: "react", seq: 7, content: "👍" },
    { type: "edit", seq: 95, content: "ninety-five" },
    { type: "edit", seq: 3, content: "THREE" },
  );
  const bob = harness.connect();
  bob.send({ type: "login", content: "bob", ...position });
  const history = await bob.next("history");
  assertObjectMatch(history, { complete: true, first: 91, last: 100, change: 5 });
  assertEquals(history.messages[4]?.content, "ninety-five");
  const changed = history.changed?.map(({ seq, content, deleted }) => [seq, content, deleted]);
  assertEquals(changed, [[3, "THREE", undefined], [5, "", true], [7, "7", undefined]]);
  assertEquals(history.changed?.[2]?.reactions?.["👍"]?.names, ["ann"]);
  // Whoever has seen the changes is not sent them again.
  bob.send({ type: "join", room: "lobby", ...position, since: 100, changes: 5 });
  assertObjectMatch(await bob.next("history"), { complete: true, messages: [], changed: [] });
});

Deno.test("Hub has a copy start over that it cannot vouch for", async () => {
  await using harness = new HubHarness();
  const { epoch, run } = harness.store;
  const ann = await harness.enter("ann");
  await talk(harness, ann, 70);
  const known = { since: 70, at: harness.now, changes: 0, epoch };
  const cases: [string, object, boolean][] = [
    ["what it has seen", { ...known, run }, true],
    ["without a run", known, true],
    ["of another epoch", { ...known, epoch: "epoch-0" }, false],
    ["of a run that never was", { ...known, run: "another" }, false],
    ["ahead of the room", { ...known, run, since: 71 }, false],
    ["with more changes", { ...known, run, changes: 1 }, false],
    ["of another message", { ...known, at: harness.now + 1 }, false],
  ];
  for (const [what, position, complete] of cases) {
    const bob = harness.connect();
    bob.send({ type: "login", content: `bob-${bob.connection.number}`, ...position });
    const history = await bob.next("history");
    assertEquals(history.complete, complete, what);
    assertEquals(history.messages.length, complete ? 0 : 50, what);
    bob.socket.hangUp();
  }
});

Deno.test("Hub has a copy start over of which retention has removed something meanwhile", async () => {
  await using harness = new HubHarness();
  const { epoch, run } = harness.store;
  const ann = await harness.enter("ann");
  await talk(harness, ann, 30);
  const position = { since: 30, changes: 0, epoch, run };
  await harness.store.retain({ maxMessages: 20 }, harness.now);
  ann.send({ type: "join", room: "lobby", ...position });
  const history = await ann.next("history");
  assertObjectMatch(history, { complete: false, first: 11, last: 30 });
  ann.send({ type: "join", room: "lobby", ...position, changes: history.change });
  assertObjectMatch(await ann.next("history"), { complete: true, messages: [] });
});

Deno.test("Hub tells a returning member of no change that its history contains", async () => {
  const store = new GatedStore();
  store.gatesCommits = false;
  await using harness = new HubHarness({ store });
  const ann = await harness.enter("ann");
  await talk(harness, ann, 2);
  store.gatesReads = true;
  const bob = harness.connect();
  bob.send({ type: "login", content: "bob", since: 0 });
  const read = await store.reads.receive();
  ann.send({ type: "edit", seq: 1, content: "one" });
  await harness.settled();
  await read?.pass(); // sees the edit; the hub takes the answer after the next one
  ann.send({ type: "edit", seq: 2, content: "two" });
  await harness.settled();
  const history = await bob.next("history");
  assertEquals(history.messages.map(({ content }) => content), ["one", "2"]);
  assertEquals(history.change, 1);
  assertObjectMatch(await bob.next("edit"), { seq: 2, change: 2 });
  assertEquals(bob.takeBrief().filter((line) => line.startsWith("edit")), []);
  store.open();
});

Deno.test("Hub answers a return that it cannot read as unavailable, and loses nothing live", async () => {
  const store = new GatedStore();
  store.gatesCommits = false;
  await using harness = new HubHarness({ store });
  const ann = await harness.enter("ann");
  await talk(harness, ann, 2);
  store.gatesReads = true;
  const bob = harness.connect();
  bob.send({ type: "login", content: "bob", since: 1, id: "back" });
  const read = await store.reads.receive();
  ann.say("3");
  await harness.settled();
  read?.fail(new DamageError("hubbub.db is damaged"));
  assertObjectMatch(await bob.next("error"), { code: "unavailable", id: "back", retry_ms: 1000 });
  assertObjectMatch(await bob.next("user"), { seq: 3 });
  store.open();
  bob.send({ type: "join", room: "lobby", since: 1 });
  assertObjectMatch(await bob.next("history"), { complete: true, first: 2, last: 3 });
});

Deno.test("Hub repeats a message for the same id and text, and refuses another text as conflict", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const bob = await harness.enter("bob");
  ann.take();
  ann.send({ type: "user", content: "first", id: "1" });
  const first = await ann.next("user");
  assertEquals(first.repeat, undefined);
  ann.send({ type: "edit", seq: 1, content: "edited" }, { type: "rename", content: "anna" });
  await ann.next("rename");
  ann.send({ type: "user", content: "first", id: "1" });
  assertObjectMatch(await ann.next("user"), {
    seq: 1,
    repeat: true,
    content: "edited",
    from: "anna",
  });
  for (const other of [{ content: "second" }, { content: "first", reply_to: 1 }]) {
    ann.send({ type: "user", id: "1", ...other });
    assertObjectMatch(await ann.next("error"), { code: "conflict", id: "1" });
  }
  // Somebody else's ids are their own.
  bob.send({ type: "user", content: "mine", id: "1" });
  assertObjectMatch(await bob.next("user", ({ by }) => by === bob.user.id), { seq: 2 });
  ann.send({ type: "history", id: "h" });
  const { messages } = await ann.next("history");
  assertEquals(messages.map(({ content }) => content), ["edited", "mine"]);
});

Deno.test("Hub refuses a reply to a message that is not there", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.send({ type: "user", content: "to nothing", reply_to: 1, id: "r" });
  assertObjectMatch(await ann.next("error"), { code: "no_such_message", id: "r" });
  ann.send(
    { type: "user", content: "question" },
    { type: "user", content: "answer", reply_to: 1 },
    { type: "user", content: "to the future", reply_to: 9, id: "f" },
  );
  assertObjectMatch(await ann.next("error"), { code: "no_such_message", id: "f" });
  assertObjectMatch(await ann.next("user", ({ seq }) => seq === 2), { reply_to: 1 });
});

Deno.test("Hub does not say that nothing was kept when nobody knows", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  const ann = await harness.enter("ann");
  ann.say("1");
  (await store.commits.receive())?.fail(new LostWriteError("The disk failed"));
  const lost = await ann.next("error");
  assertObjectMatch(lost, { code: "unavailable", id: "1" });
  assert(lost.content.includes("may or may not have been kept"), lost.content);
  ann.say("2");
  (await store.commits.receive())?.fail();
  assert((await ann.next("error")).content.includes("nothing was changed"));
  store.open();
});

Deno.test("Hub lists rooms by name, a page at a time, those without messages too", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann", { room: "r-0" });
  for (let n = 1; n <= 5; n++) {
    ann.send({ type: "join", room: `r-${n}` });
    if (n % 2 === 0) ann.say("hello", `r-${n}`);
  }
  ann.send({ type: "leave", room: "r-2" }, { type: "rooms", limit: 2, id: "1" });
  const first = await ann.next("rooms");
  assertEquals(first.rooms.map(({ room }) => room), ["r-0", "r-1"]);
  assertEquals(first.complete, false);
  ann.send({ type: "rooms", limit: 2, after: "r-1" });
  const second = await ann.next("rooms");
  assertEquals(second.rooms, [
    { room: "r-2", user_count: 0, last: 1 },
    { room: "r-3", user_count: 1, last: 0 },
  ]);
  ann.send({ type: "rooms", after: "r-3" });
  const rest = await ann.next("rooms");
  assertEquals([rest.rooms.length, rest.complete], [2, true]);
  ann.send({ type: "rooms", content: "-4" });
  assertEquals((await ann.next("rooms")).rooms.map(({ room }) => room), ["r-4"]);
});

Deno.test("Hub searches by author, room, kind and phrase, a page at a time", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const bob = await harness.enter("bob");
  for (let n = 1; n <= 3; n++) ann.say(`red apple ${n}`);
  bob.say("apple red, see https://example.org/");
  bob.send({ type: "join", room: "dev" });
  bob.say("red apple in dev", "dev");
  await harness.settled();
  const find = async (content: string, rest: object = {}) => {
    bob.send({ type: "search", content, id: "s", ...rest });
    return await bob.next("search");
  };
  const found = async (content: string) =>
    (await find(content)).messages.map(({ room, seq }) => `${room} ${seq}`).sort();
  assertEquals(await found("from:ann apple"), ["lobby 1", "lobby 2", "lobby 3"]);
  assertEquals(await found("from:bob"), ["dev 1", "lobby 4"]);
  assertEquals(await found('"red apple" in:dev'), ["dev 1"]);
  assertEquals(await found('from:bob "apple red"'), ["lobby 4"]);
  assertEquals(await found("has:link"), ["lobby 4"]);
  assertEquals(await found("apple in:elsewhere"), []);
  assertEquals(await found("from:nobody apple"), []);
  // A name finds what is shown under it: of who is gone, and not of who has another one by now.
  const guest = await harness.enter("guest");
  guest.say("green apple");
  bob.send({ type: "rename", content: "bert" });
  await harness.settled();
  assertEquals(await found("from:bob"), []);
  assertEquals(await found("from:bert"), ["dev 1", "lobby 4"]);
  guest.socket.hangUp();
  await harness.settled();
  await harness.people.expire({ away: Infinity, seen: 0 });
  assertEquals(await found("from:guest"), ["lobby 5"]);
  const page = await find("apple from:ann", { limit: 2 });
  assertEquals([page.messages.map(({ seq }) => seq), page.complete], [[3, 2], false]);
  const rest = await find("apple from:ann", { limit: 2, before: page.next });
  assertEquals([rest.messages.map(({ seq }) => seq), rest.complete], [[1], true]);
  bob.send({ type: "search", content: "before:someday", id: "s" });
  assertObjectMatch(await bob.next("error"), { code: "bad_message", id: "s" });
});

Deno.test("Hub gives the receipt of what a returning member said, even if its page does not hold it", async () => {
  const store = new GatedStore();
  store.gatesCommits = false;
  await using harness = new HubHarness({ store });
  const ann = await harness.enter("ann");
  const bob = await harness.enter("bob");
  store.gatesReads = true;
  ann.send({ type: "join", room: "lobby", since: 0, epoch: "epoch-0" });
  await (await store.reads.receive())?.pass(); // cannot vouch for the copy
  const read = await store.reads.receive();
  ann.say("mine");
  await talk(harness, bob, 60);
  await read?.pass();
  const history = await ann.next("history");
  assertObjectMatch(history, { complete: false, first: 12, last: 61 });
  assertObjectMatch(await ann.next("user"), { seq: 1, content: "mine", id: "mine" });
  await harness.settled();
  assertEquals(ann.takeBrief().filter((line) => line.startsWith("user")), []);
  store.open();
});
