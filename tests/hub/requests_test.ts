import { assert, assertEquals, assertObjectMatch } from "../support/assert.ts";
import { HubHarness } from "../support/hub_harness.ts";

Deno.test("Hub greets each connection with its session, number, address, epoch and the limits", async () => {
  await using harness = new HubHarness({
    rate: 7,
    burst: 9,
    maxRooms: 3,
    maxMessage: 99,
    maxFile: 1,
  });
  const ann = harness.connect({ ip: "192.0.2.7" });
  const { number, session, limits, run, ...rest } = await ann.next("handshake");
  assertEquals(run, harness.store.run);
  assertEquals({ number, session }, { number: 1, session: "session-1" });
  assertEquals(rest, {
    type: "handshake",
    ip: "192.0.2.7",
    epoch: "epoch-1",
    user_count: 0,
    user_list: [],
  });
  assertEquals(limits, {
    content_bytes: 99,
    name_length: 32,
    rate: 7,
    burst: 9,
    rooms: 3,
    file_bytes: 1,
    page: 200,
    replay: 1000,
    user_list: 100,
  });
  ann.send({ type: "login", content: "ann" });
  await ann.next("login");
  const bob = harness.connect();
  assertObjectMatch(await bob.next("handshake"), { number: 2, user_count: 1, user_list: ["ann"] });
});

Deno.test("Hub serves nothing but login and ping before login", async () => {
  await using harness = new HubHarness();
  const newcomer = harness.connect();
  const requests = [
    { type: "user", content: "hi" },
    { type: "join", room: "den" },
    { type: "leave", room: "den" },
    { type: "rename", content: "bob" },
    { type: "direct", to: "ann", content: "hi" },
    { type: "users" },
    { type: "rooms" },
    { type: "history" },
    { type: "search", content: "hi" },
    { type: "edit", seq: 1, content: "hi" },
    { type: "delete", seq: 1 },
    { type: "react", seq: 1, content: "👍" },
    { type: "typing" },
    { type: "file", content: "f" },
    { type: "logout" },
  ];
  for (const request of requests) {
    newcomer.send({ ...request, id: request.type });
    assertObjectMatch(await newcomer.next("error"), { code: "not_logged_in", id: request.type });
  }
  newcomer.send({ type: "ping", id: "p" });
  assertEquals(await newcomer.next("pong"), { type: "pong", time: 1_000_000, id: "p" });
});

Deno.test("Hub logs out a member of several rooms and keeps its connection", async () => {
  await using harness = new HubHarness();
  const bob = await harness.enter("bob");
  const ann = await harness.enter("ann");
  ann.send({ type: "join", room: "den" });
  await harness.settled();
  ann.take();
  bob.take();
  ann.send({ type: "logout", id: "bye" });
  await harness.settled();
  const logout = {
    type: "logout",
    content: "ann",
    from: "ann",
    by: ann.user.id,
    id: "bye",
  } as const;
  assertEquals(ann.take(), [
    { ...logout, room: "lobby", user_count: 1 },
    { ...logout, room: "den", user_count: 0 },
  ]);
  assertEquals(bob.takeBrief(), ["logout lobby ann of 1"]);
  ann.say("hi");
  assertObjectMatch(await ann.next("error"), { code: "not_logged_in" });
  ann.send({ type: "login", content: "anne" });
  assertObjectMatch(await ann.next("login"), { content: "anne" });
});

Deno.test("Hub answers a logout of who is in no room", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.send({ type: "leave", room: "lobby", id: "l" });
  assertObjectMatch(await ann.next("logout"), { room: "lobby", id: "l" });
  ann.send({ type: "logout", id: "bye" });
  const logout = { type: "logout", room: "", content: "ann", from: "ann", user_count: 0 } as const;
  assertEquals(await ann.next("logout"), { ...logout, by: ann.user.id, id: "bye" });
  ann.send({ type: "login", content: "ann" }, { type: "leave", room: "lobby" }, { type: "logout" });
  const again = await ann.next("logout", ({ room }) => room === "");
  const { user: former } = ann;
  const { user } = await ann.loggedIn();
  assert(user !== undefined && user.id !== former.id, "a new guest has the id of an earlier one");
  assertEquals(again, { ...logout, by: user.id });
});

Deno.test("Hub refuses what needs a room from who is not in it, or in none", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  await harness.enter("bob", { room: "den" });
  for (
    const request of [
      { type: "user", content: "hi" },
      { type: "leave" },
      { type: "users" },
      { type: "history" },
      { type: "search", content: "hi" },
      { type: "edit", seq: 1, content: "hi" },
      { type: "delete", seq: 1 },
      { type: "react", seq: 1, content: "👍" },
      { type: "typing" },
    ]
  ) {
    ann.send({ ...request, room: "den", id: request.type });
    assertObjectMatch(await ann.next("error"), { code: "not_in_room", id: request.type });
  }
  ann.send({ type: "leave", room: "lobby" }, { type: "user", content: "hi", id: "none" });
  assertObjectMatch(await ann.next("error"), { code: "not_in_room", id: "none" });
});

Deno.test("Hub binds the rooms of a connection, and answers a join of a room it is in", async () => {
  await using harness = new HubHarness({ maxRooms: 2 });
  const ann = await harness.enter("ann");
  ann.send({ type: "join", room: "one" }, { type: "join", room: "two", id: "j2" });
  assertObjectMatch(await ann.next("error"), { code: "too_many_rooms", id: "j2" });
  ann.take();
  ann.send({ type: "join", room: "one", id: "again" });
  assertEquals(await ann.next("login"), {
    type: "login",
    room: "one",
    content: "ann",
    from: "ann",
    by: ann.user.id,
    user_count: 1,
    user_list: ["ann"],
    id: "again",
  });
  ann.send({ type: "leave", room: "one" }, { type: "join", room: "two" });
  await ann.next("login", ({ room }) => room === "two");
});

Deno.test("Hub says to the room entered last unless told otherwise", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.send({ type: "join", room: "one" }, { type: "join", room: "two" });
  ann.say("a");
  ann.send({ type: "leave", room: "two" });
  ann.say("b");
  await harness.settled();
  const said = ann.takeBrief().filter((line) => line.startsWith("user"));
  // Within a batch the order of two rooms says nothing.
  assertEquals(said.toSorted(), ["user one 1 ann: b", "user two 1 ann: a"]);
});

Deno.test("Hub carries direct messages by name, id and number, to nobody else", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await harness.enter("ann"), harness.connect()];
  const { number } = await bob.next("handshake");
  bob.send({ type: "login", content: "bob", room: "den" });
  await bob.loggedIn();
  const cid = await harness.enter("cid");
  for (const person of [ann, bob, cid]) person.take();
  ann.send(
    { type: "direct", to: "BOB", content: "psst", id: "d1" },
    { type: "direct", to: `#${number}`, content: "this", id: "d2" },
    { type: "direct", to: `@${bob.user.id}`, content: "that", id: "d3" },
  );
  await harness.settled();
  bob.send({ type: "direct", to: "ann", content: "what?" });
  await harness.settled();
  const seen = (room: string) =>
    [["ann", "psst"], ["ann", "this"], ["ann", "that"], ["bob", "what?"]]
      .map(([from, content], index) => `user ${room} ${index + 1} ${from}: ${content}`);
  assertEquals(ann.takeBrief(), seen(`@${bob.user.id}`));
  assertEquals([bob.takeBrief(), cid.take()], [seen(`@${ann.user.id}`), []]);
  ann.send({ type: "direct", to: "ann", content: "note to self" });
  await harness.settled();
  assertEquals(ann.takeBrief(), [`user @${ann.user.id} 1 ann: note to self`]);
});

Deno.test("Hub shows direct messages as such to clients without a subprotocol", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann", {}, { plain: true });
  const bob = await harness.enter("bob", { room: "den" }, { plain: true });
  ann.take();
  ann.send({ type: "direct", to: "bob", content: "psst", id: "d" });
  await harness.settled();
  const direct = {
    type: "direct",
    from: "ann",
    by: ann.user.id,
    to: "bob",
    content: "psst",
    time: 1_000_000,
    id: "d",
  } as const;
  assertEquals([ann.take(), bob.take()], [[direct], [direct]]);
});

Deno.test("Hub refuses direct messages to who is not there or has no name", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const { number } = await harness.connect().next("handshake");
  for (const to of ["bob", "#999", `#${number}`, "#99999999999999999999999999"]) {
    ann.send({ type: "direct", to, content: "hello?", id: to });
    assertObjectMatch(await ann.next("error"), { code: "no_such_user", id: to });
  }
});

Deno.test("Hub shows typing to the others only, and keeps it nowhere", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  const cid = await harness.enter("cid", { room: "den" });
  ann.take();
  ann.send({ type: "typing" });
  bob.send({ type: "typing" });
  cid.send({ type: "join", room: "lobby" }, { type: "typing" });
  ann.say("typed");
  await harness.settled();
  const login = "login lobby cid of 3";
  const typed = "user lobby 1 ann: typed";
  assertEquals(ann.takeBrief(), ["typing lobby bob", login, "typing lobby cid", typed]);
  assertEquals(bob.takeBrief(), ["typing lobby ann", login, "typing lobby cid", typed]);
  assertEquals(cid.takeBrief(), [login, typed]);
});

Deno.test("Hub edits, deletes and reacts, for the author and for all", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  ann.take();
  ann.send({ type: "user", content: "1" });
  assertObjectMatch(await bob.next("user"), { seq: 1 });
  ann.send({ type: "user", content: "2", reply_to: 1 });
  assertObjectMatch(await bob.next("user"), { seq: 2, reply_to: 1 });
  harness.now += 50;
  ann.send({ type: "edit", seq: 1, content: "one", id: "e" });
  const by = ann.user.id;
  const edit = { type: "edit", room: "lobby", seq: 1, from: "ann", by, content: "one" } as const;
  assertEquals(await bob.next("edit"), { ...edit, time: 1_000_050, change: 1, id: "e" });
  bob.send({ type: "react", seq: 1, content: "👍", id: "r" });
  const react = { type: "react", room: "lobby", seq: 1, from: "bob", content: "👍" } as const;
  const own = { ...react, by: bob.user.id };
  assertEquals(await ann.next("react"), { ...own, on: true, count: 1, change: 2, id: "r" });
  bob.send({ type: "react", seq: 1, content: "👍" });
  assertEquals(await ann.next("react"), { ...own, on: false, count: 0, change: 3 });
  bob.send({ type: "delete", seq: 1, id: "not mine" });
  assertObjectMatch(await bob.next("error"), { code: "not_yours", id: "not mine" });
  ann.send({ type: "delete", seq: 1, id: "d" });
  const gone = {
    type: "delete",
    room: "lobby",
    seq: 1,
    from: "ann",
    by,
    change: 4,
    id: "d",
  } as const;
  assertEquals(await bob.next("delete"), gone);
  await harness.settled();
  bob.take();
  for (const request of [{ type: "edit", content: "x" }, { type: "react", content: "👍" }]) {
    ann.send({ ...request, seq: 1, id: request.type });
    assertObjectMatch(await ann.next("error"), { code: "no_such_message", id: request.type });
  }
  ann.send({ type: "delete", seq: 99, id: "far" });
  assertObjectMatch(await ann.next("error"), { code: "no_such_message", id: "far" });
  assertEquals(bob.take(), []);
});

Deno.test("Hub announces no files where uploads are switched off", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.send({ type: "file", content: "nothing", id: "f" });
  assertObjectMatch(await ann.next("error"), { code: "forbidden", id: "f" });
});
