import { assert, assertEquals, assertObjectMatch } from "../support/assert.ts";
import { HubHarness } from "../support/hub_harness.ts";

Deno.test("Hub refuses a name that somebody has, in whatever letter case, and the login can be repeated", async () => {
  await using harness = new HubHarness();
  await harness.enter("Ann");
  const other = harness.connect();
  other.send({ type: "login", content: "aNN", id: "l1" });
  assertObjectMatch(await other.next("error"), { code: "name_taken", id: "l1" });
  other.send({ type: "login", content: "anna", id: "l2" });
  assertObjectMatch(await other.next("login"), {
    room: "lobby",
    from: "anna",
    user_count: 2,
    user_list: ["Ann", "anna"],
    id: "l2",
  });
});

Deno.test("Hub refuses a second login, and the first stands", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.send({ type: "login", content: "bob", id: "x" });
  assertObjectMatch(await ann.next("error"), { code: "already_logged_in", id: "x" });
  ann.say("hi");
  assertObjectMatch(await ann.next("user"), { from: "ann" });
});

Deno.test("Hub gives a name back at logout, when the line breaks, and when it is changed", async () => {
  await using harness = new HubHarness();
  const [ann, bob, cid] = [
    await harness.enter("ann"),
    await harness.enter("bob"),
    await harness.enter("cid"),
  ];
  ann.send({ type: "logout" });
  bob.socket.hangUp();
  cid.send({ type: "rename", content: "carl" });
  for (const name of ["ann", "bob", "cid"]) await harness.enter(name, { room: "den" });
});

Deno.test("Hub changes a name everywhere, and its letter case alone too", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.send({ type: "join", room: "den" });
  const bob = await harness.enter("bob", { room: "den" });
  await harness.enter("cid");
  await harness.settled();
  ann.take();
  ann.send({ type: "rename", content: "Ann", id: "r" });
  await harness.settled();
  const rename = {
    type: "rename",
    from: "ann",
    content: "Ann",
    by: ann.user.id,
    user_count: 2,
    id: "r",
  } as const;
  assertEquals(ann.take(), [
    { ...rename, room: "lobby" },
    { ...rename, room: "den" },
  ]);
  assertEquals(bob.take(), [{ ...rename, room: "den" }]);
});

Deno.test("Hub refuses a rename to another's name, and answers one in no room", async () => {
  await using harness = new HubHarness();
  await harness.enter("bob");
  const ann = await harness.enter("ann", { room: "den" });
  ann.send({ type: "rename", content: "BOB", id: "1" });
  assertObjectMatch(await ann.next("error"), { code: "name_taken", id: "1" });
  ann.send({ type: "leave", room: "den" }, { type: "rename", content: "anne", id: "2" });
  ann.send({ type: "rename", content: "anna" });
  const answer = { type: "rename", room: "", by: ann.user.id, user_count: 0 } as const;
  assertEquals(await ann.next("rename"), { ...answer, from: "ann", content: "anne", id: "2" });
  assertEquals(await ann.next("rename"), { ...answer, from: "anne", content: "anna" });
});

Deno.test("Hub knows a user by the session, on one more connection", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.send({ type: "join", room: "den" });
  const bob = await harness.enter("bob");
  await harness.settled();
  ann.take();
  const again = harness.connect();
  again.send({ type: "login", session: ann.session, id: "l" });
  const { user, session, ...entry } = await again.loggedIn();
  assertEquals([user, session], [ann.user, ann.session]);
  assertEquals(entry, {
    type: "login",
    room: "lobby",
    content: "ann",
    from: "ann",
    by: ann.user.id,
    user_count: 2,
    user_list: ["ann", "bob"],
    id: "l",
  });
  await harness.settled();
  assertEquals([ann.take(), bob.take()], [[], []], "it was there already");
  again.take();
  again.say("hi");
  ann.send({ type: "leave", room: "lobby" });
  await harness.settled();
  const said = ["user lobby 1 ann: hi"];
  assertEquals(bob.takeBrief(), said);
  assertEquals([ann.takeBrief(), again.takeBrief()], [[...said, "logout lobby ann of 2"], said]);
  again.socket.hangUp();
  await harness.settled();
  assertEquals(bob.takeBrief(), ["logout lobby ann of 1"]);
  assertEquals(ann.socket.closed, undefined);
});

Deno.test("Hub renames whom a login by session names otherwise, everywhere", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann", { room: "den" });
  const bob = await harness.enter("bob", { room: "den" });
  await harness.enterAgain(ann, { content: "Anne" });
  await harness.settled();
  assertEquals(bob.takeBrief(), ["rename den ann to Anne"]);
  ann.say("hi", "den");
  assertObjectMatch(await bob.next("user"), { from: "Anne", by: ann.user.id });
});

Deno.test("Hub refuses a login by session that asks for another's name, and changes nothing", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  await harness.settled();
  for (const person of [ann, bob]) person.take();
  const again = harness.connect();
  again.send({ type: "login", content: "BOB", session: ann.session, id: "l" });
  assertObjectMatch(await again.next("error"), { code: "name_taken", id: "l" });
  assertEquals([ann.take(), bob.take()], [[], []]);
  again.send({ type: "login", session: ann.session });
  assertObjectMatch(await again.loggedIn(), { content: "ann" });
});

Deno.test("Hub lets nobody have a name without its user's session", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const thief = harness.connect();
  const { session } = await thief.next("handshake");
  for (const guess of [session, "session-99", ann.user.id]) {
    thief.send({ type: "login", content: "ann", session: guess });
    assertObjectMatch(await thief.next("error"), { code: "unauthorized" });
  }
  thief.send({ type: "login", content: "ann" });
  assertObjectMatch(await thief.next("error"), { code: "name_taken" });
  assertEquals(ann.socket.closed, undefined);
  // What was refused costs nothing: the connection's own session is still to be had.
  thief.send({ type: "login", content: "mallory" });
  assertEquals((await thief.loggedIn()).session, session);
});

Deno.test("Hub knows a user by one session over many broken lines, whose ends it has not seen", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const lines = [ann];
  for (let n = 0; n < 9; n++) lines.push(await harness.enterAgain(ann));
  assertEquals(new Set(lines.map(({ user }) => user.id)).size, 1);
  assertEquals(lines.map(({ socket }) => socket.closed), lines.map(() => undefined));
  const bob = await harness.enter("bob");
  bob.send({ type: "users" });
  assertEquals((await bob.next("users")).user_list, ["ann", "bob"]);
  for (const line of lines) line.socket.hangUp();
  await harness.settled();
  assertEquals(bob.takeBrief(), ["logout lobby ann of 1"]);
});

Deno.test("Hub gives a guest who comes back its id and, unless it is taken, its name", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.socket.hangUp();
  await harness.settled();
  const back = await harness.enterAgain(ann);
  assertEquals(back.user, ann.user);
  back.socket.hangUp();
  await harness.settled();
  const other = await harness.enter("ann");
  assert(other.user.id !== ann.user.id);
  const late = harness.connect();
  late.send({ type: "login", session: ann.session });
  assertObjectMatch(await late.next("error"), { code: "name_taken" });
  late.send({ type: "login", session: ann.session, content: "anna" });
  assertEquals((await late.loggedIn()).user, { ...ann.user, name: "anna" });
});

Deno.test("Hub makes a new guest with a new session of who logs out and in again", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const { user, session } = ann;
  ann.send({ type: "logout" }, { type: "login", content: "ann" });
  await ann.loggedIn();
  assert(ann.user.id !== user.id && ann.session !== session);
  ann.send({ type: "logout" }, { type: "login", session });
  assertEquals((await ann.loggedIn()).user, user, "the earlier guest is not there any more");
});

Deno.test("Hub takes what a user says on one connection after another in the order it came", async () => {
  await using harness = new HubHarness();
  const bob = await harness.enter("bob");
  const dead = await harness.enter("ann");
  const back = await harness.enterAgain(dead);
  bob.take();
  dead.say("1");
  back.say("2");
  dead.say("3");
  dead.socket.hangUp();
  dead.say("too late");
  back.say("4");
  await harness.settled();
  const said = [1, 2, 3, 4].map((n) => `user lobby ${n} ann: ${n}`);
  assertEquals(bob.takeBrief(), said);
  assertEquals(back.takeBrief(), said);
});

Deno.test("Hub recognises what a user sends again, on another connection and under another name", async () => {
  await using harness = new HubHarness();
  const [bob, ann] = [await harness.enter("bob"), await harness.enter("ann")];
  bob.take();
  ann.say("once");
  ann.send({ type: "rename", content: "anne" });
  await harness.settled();
  const back = await harness.enterAgain(ann);
  back.say("once");
  back.say("after");
  await harness.settled();
  // Names are those of today where something is read or repeated, and those of then in what was sent.
  assertEquals(back.takeBrief(), ["user lobby 1 anne: once", "user lobby 2 anne: after"]);
  assertEquals(bob.takeBrief(), [
    "user lobby 1 ann: once",
    "rename lobby ann to anne",
    "user lobby 2 anne: after",
  ]);
});

Deno.test("Hub lets authors change what they said under whatever name, on whatever connection", async () => {
  await using harness = new HubHarness();
  const first = await harness.enter("ann");
  first.say("0");
  for (let n = 1; n <= 20; n++) {
    first.send({ type: "rename", content: `ann-${n}` }, { type: "user", content: `${n}` });
  }
  await harness.settled();
  const back = await harness.enterAgain(first);
  first.socket.hangUp();
  back.send(
    { type: "edit", seq: 1, content: "one" },
    { type: "rename", content: "anna" },
    { type: "edit", seq: 2, content: "two" },
  );
  assertObjectMatch(await back.next("edit"), { seq: 1, from: "ann-20", content: "one" });
  assertObjectMatch(await back.next("edit"), { seq: 2, from: "anna", content: "two" });
});

Deno.test("Hub lets nobody change what another says under a name that was given back", async () => {
  await using harness = new HubHarness();
  const thief = await harness.enter("ann");
  thief.say("said as ann");
  thief.send({ type: "rename", content: "mallory" });
  await harness.settled();
  const ann = await harness.enter("ann");
  ann.say("mine");
  await harness.settled();
  thief.send({ type: "edit", seq: 2, content: "yours", id: "e" });
  assertObjectMatch(await thief.next("error"), { code: "not_yours", id: "e" });
  ann.send({ type: "edit", seq: 1, content: "who has the name has the message", id: "e" });
  assertObjectMatch(await ann.next("error"), { code: "not_yours", id: "e" });
  ann.send({ type: "edit", seq: 2, content: "still mine" });
  assertObjectMatch(await ann.next("edit"), { content: "still mine" });
});
