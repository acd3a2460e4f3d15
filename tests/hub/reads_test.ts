import { SearchLimit } from "../../limits/search_limit.ts";
import { assert, assertEquals, assertObjectMatch } from "../support/assert.ts";
import { HubHarness } from "../support/hub_harness.ts";

Deno.test("Hub lists the members of a room in order of entering", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const bob = await harness.enter("bob");
  await harness.enterAgain(ann);
  ann.take();
  ann.send({ type: "users", id: "u" }, { type: "users", room: "lobby" });
  const answer = {
    type: "users",
    room: "lobby",
    user_count: 2,
    user_list: ["ann", "bob"],
    users: [{ ...ann.user, online: true }, { ...bob.user, online: true }],
  } as const;
  assertEquals<unknown>(await ann.next("users"), { ...answer, id: "u" });
  assertEquals<unknown>(await ann.next("users"), answer);
});

Deno.test("Hub leaves lists of names out above a hundred members, and gives them to who asks", async () => {
  await using harness = new HubHarness();
  const names = Array.from({ length: 100 }, (_, index) => `p${index}`);
  const ann = await harness.enter("ann");
  for (const name of names.slice(1)) await harness.enter(name);
  const logins = ann.take();
  assertEquals(logins.length, 99);
  assert(logins.every((message) => !("user_list" in message)), "an event about others has a list");
  const last = harness.connect();
  last.send({ type: "login", content: "last" });
  const entry = await last.loggedIn();
  assertEquals([entry.user_count, "user_list" in entry], [101, false]);
  ann.send({ type: "rename", content: "anne" }, { type: "users" });
  const rename = await last.next("rename");
  assertEquals([rename.user_count, "user_list" in rename], [101, false]);
  const { user_list } = await ann.next("users");
  assertEquals(user_list, ["anne", ...names.slice(1), "last"]);
  const { user_count, ...handshake } = await harness.connect().next("handshake");
  assertEquals([user_count, "user_list" in handshake], [101, false]);
  last.send({ type: "logout" });
  const logout = await ann.next("logout");
  assertEquals([logout.user_count, "user_list" in logout], [100, false]);
  last.send({ type: "login", content: "again", room: "den" });
  assertObjectMatch(await last.next("login"), { user_count: 1, user_list: ["again"] });
});

Deno.test("Hub lists the rooms with members and those with messages, by name", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann", { room: "was" });
  ann.send({ type: "user", content: "1" }, { type: "user", content: "2" });
  ann.send({ type: "leave", room: "was" }, { type: "join", room: "b" }, {
    type: "join",
    room: "a",
  });
  const bob = await harness.enter("bob", { room: "full" });
  await harness.enter("cid", { room: "full" });
  bob.send({ type: "user", content: "3" }, { type: "rooms", id: "r" });
  assertEquals(await bob.next("rooms"), {
    type: "rooms",
    rooms: [
      { room: "a", user_count: 1, last: 0 },
      { room: "b", user_count: 1, last: 0 },
      { room: "full", user_count: 2, last: 1 },
      { room: "was", user_count: 0, last: 2 },
    ],
    complete: true,
    id: "r",
  });
});

Deno.test("Hub gives pages of history in both directions", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  for (let n = 1; n <= 9; n++) ann.say(`${n}`);
  await harness.settled();
  ann.take();
  const ask = async (range: object) => {
    ann.send({ type: "history", id: "h", ...range });
    const { messages, first, last, complete, room, id } = await ann.next("history");
    assertEquals({ room, id }, { room: "lobby", id: "h" });
    return [messages.map(({ seq }) => seq).join(" "), first, last, complete];
  };
  assertEquals(await ask({}), ["1 2 3 4 5 6 7 8 9", 1, 9, true]);
  assertEquals(await ask({ limit: 3 }), ["7 8 9", 7, 9, false]);
  assertEquals(await ask({ before: 7, limit: 3 }), ["4 5 6", 4, 6, false]);
  assertEquals(await ask({ after: 7 }), ["8 9", 8, 9, true]);
  assertEquals(await ask({ after: 2, before: 9, limit: 2 }), ["3 4", 3, 4, false]);
  assertEquals(await ask({ before: 1 }), ["", 0, 9, true]);
});

Deno.test("Hub shows what a batch has committed to a client that asks for history in it", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.say("just now");
  ann.send({ type: "history" });
  assertEquals((await ann.next("history")).messages.map(({ content }) => content), ["just now"]);
});

Deno.test("Hub searches a room, or all rooms that one is in and no other", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const bob = await harness.enter("bob", { room: "den" });
  bob.say("secret words");
  ann.say("open words");
  await harness.settled();
  ann.take();
  ann.send({ type: "search", content: "words", id: "s" });
  const found = await ann.next("search");
  assertObjectMatch(found, { content: "words", id: "s" });
  assertEquals(found.messages.map(({ content }) => content), ["open words"]);
  ann.send({ type: "join", room: "den" }, { type: "search", content: "words", room: "den" });
  const inDen = await ann.next("search");
  assertEquals(inDen.messages.map(({ content, type }) => [type, content]), [[
    "user",
    "secret words",
  ]]);
  ann.send({ type: "leave", room: "den" }, { type: "leave", room: "lobby" });
  ann.send({ type: "search", content: "words" });
  assertEquals((await ann.next("search")).messages, []);
});

Deno.test("Hub refuses a search above the rate, and says when the next may be made", async () => {
  const searches = new SearchLimit({ searchRate: 1, now: () => 0 });
  await using harness = new HubHarness({ searches });
  const ann = await harness.enter("ann");
  for (const id of ["1", "2", "3"]) ann.send({ type: "search", content: "words", id });
  await ann.next("search");
  await ann.next("search");
  assertObjectMatch(await ann.next("error"), { code: "rate_limited", id: "3", retry_ms: 1000 });
});
