import { assertEquals, assertObjectMatch } from "../support/assert.ts";
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
  const rename = { type: "rename", from: "ann", content: "Ann", user_count: 2, id: "r" } as const;
  assertEquals(ann.take(), [
    { ...rename, room: "lobby", user_list: ["Ann", "cid"] },
    { ...rename, room: "den", user_list: ["Ann", "bob"] },
  ]);
  assertEquals(bob.take(), [{ ...rename, room: "den", user_list: ["Ann", "bob"] }]);
});

Deno.test("Hub refuses a rename to another's name, and answers one in no room", async () => {
  await using harness = new HubHarness();
  await harness.enter("bob");
  const ann = await harness.enter("ann", { room: "den" });
  ann.send({ type: "rename", content: "BOB", id: "1" });
  assertObjectMatch(await ann.next("error"), { code: "name_taken", id: "1" });
  ann.send({ type: "leave", room: "den" }, { type: "rename", content: "anne", id: "2" });
  ann.send({ type: "rename", content: "anna" });
  const answer = { type: "rename", room: "", user_count: 0 } as const;
  assertEquals(await ann.next("rename"), { ...answer, from: "ann", content: "anne", id: "2" });
  assertEquals(await ann.next("rename"), { ...answer, from: "anne", content: "anna" });
});

Deno.test("Hub lets a session take its name back from the connection that holds it", async () => {
  await using harness = new HubHarness();
  const dead = harness.connect();
  const { session } = await dead.next("handshake");
  dead.send({ type: "login", content: "ann" }, { type: "join", room: "den" });
  const bob = await harness.enter("bob");
  const back = harness.connect();
  back.send({ type: "login", content: "ANN", session });
  assertObjectMatch(await back.next("login"), { content: "ANN", user_list: ["bob", "ANN"] });
  assertEquals(await dead.closed(), {
    code: 4503,
    reason: "The same session connected elsewhere",
  });
  assertEquals(bob.takeBrief(), ["logout lobby ann of 1", "login lobby ANN of 2"]);
  bob.send({ type: "rooms" });
  assertEquals((await bob.next("rooms")).rooms, [{ room: "lobby", user_count: 2, last: 0 }]);
});

Deno.test("Hub lets no other session take a name", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const thief = harness.connect();
  const { session } = await thief.next("handshake");
  for (const guess of [session, "session-99", ""]) {
    thief.send({ type: "login", content: "ann", ...(guess !== "" && { session: guess }) });
    assertObjectMatch(await thief.next("error"), { code: "name_taken" });
  }
  assertEquals(ann.socket.closed, undefined);
});

Deno.test("Hub knows a connection by the sessions of those before it, over several broken lines", async () => {
  await using harness = new HubHarness();
  const first = harness.connect();
  const { session } = await first.next("handshake");
  first.send({ type: "login", content: "ann" });
  let holder = first;
  // Each of them knows only the first session, as if no later handshake had arrived.
  for (let n = 0; n < 5; n++) {
    const next = harness.connect();
    next.send({ type: "login", content: "ann", session });
    await next.next("login");
    assertEquals((await holder.closed()).code, 4503);
    holder = next;
  }
});

Deno.test("Hub knows a connection by the session it came back with, though nobody held the name", async () => {
  await using harness = new HubHarness();
  const first = harness.connect();
  const { session } = await first.next("handshake");
  first.send({ type: "login", content: "ann" });
  first.socket.hangUp();
  const second = harness.connect(); // of which nothing reaches the client
  second.send({ type: "login", content: "ann", session });
  const third = harness.connect();
  third.send({ type: "login", content: "ann", session });
  await third.next("login");
  assertEquals((await second.closed()).code, 4503);
  third.send({ type: "logout" }, { type: "login", content: "ann" });
  await third.next("login");
  const thief = harness.connect();
  thief.send({ type: "login", content: "ann", session });
  assertObjectMatch(await thief.next("error"), { code: "name_taken" });
});

Deno.test("Hub forgets the oldest sessions of a long line", async () => {
  await using harness = new HubHarness();
  const first = harness.connect();
  const { session: oldest } = await first.next("handshake");
  first.send({ type: "login", content: "ann" });
  let session = oldest;
  for (let n = 0; n < 8; n++) {
    const next = harness.connect();
    next.send({ type: "login", content: "ann", session });
    session = (await next.next("handshake")).session;
    await next.next("login");
  }
  const late = harness.connect();
  late.send({ type: "login", content: "ann", session: oldest });
  assertObjectMatch(await late.next("error"), { code: "name_taken" });
});

Deno.test("Hub ignores what a replaced connection still had to say", async () => {
  await using harness = new HubHarness();
  const dead = harness.connect();
  const { session } = await dead.next("handshake");
  dead.send({ type: "login", content: "ann" });
  const bob = await harness.enter("bob");
  const back = harness.connect();
  back.send({ type: "login", content: "ann", session });
  dead.say("lost"); // in the same batch, after the login that replaced it
  back.say("kept");
  await harness.settled();
  dead.say("too late");
  await harness.settled();
  assertEquals(bob.takeBrief().slice(2), ["user lobby 1 ann: kept"]);
});

Deno.test("Hub lets authors change what they said under their names since login", async () => {
  await using harness = new HubHarness();
  const dead = harness.connect();
  const { session } = await dead.next("handshake");
  dead.send({ type: "login", content: "ann" }, { type: "user", content: "1" });
  dead.send({ type: "rename", content: "anne" }, { type: "user", content: "2" });
  const back = harness.connect();
  back.send({ type: "login", content: "anne", session });
  back.send(
    { type: "edit", seq: 1, content: "one" },
    { type: "rename", content: "anna" },
    { type: "edit", seq: 2, content: "two" },
  );
  assertObjectMatch(await back.next("edit"), { seq: 1, from: "anne", content: "one" });
  assertObjectMatch(await back.next("edit"), { seq: 2, from: "anna", content: "two" });
});

Deno.test("Hub lets nobody change what another says under a name that was given back", async () => {
  await using harness = new HubHarness();
  const thief = await harness.enter("ann");
  thief.send({ type: "rename", content: "mallory" });
  const ann = await harness.enter("ann");
  ann.say("mine");
  await harness.settled();
  thief.send({ type: "edit", seq: 1, content: "yours", id: "e" });
  assertObjectMatch(await thief.next("error"), { code: "not_yours", id: "e" });
  ann.send({ type: "edit", seq: 1, content: "still mine" });
  assertObjectMatch(await ann.next("edit"), { content: "still mine" });
});

Deno.test("Hub remembers a bounded number of former names", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.say("said");
  for (let n = 0; n < 16; n++) ann.send({ type: "rename", content: `ann-${n}` });
  ann.say("also said");
  for (let n = 15; n > 0; n--) ann.send({ type: "rename", content: `ann-${n}` });
  ann.send({ type: "edit", seq: 1, content: "x" }, { type: "edit", seq: 2, content: "y" });
  assertObjectMatch(await ann.next("error"), { code: "not_yours" });
  assertObjectMatch(await ann.next("edit"), { seq: 2 });
  await harness.enter("ann");
});
