import { assertEquals, assertObjectMatch } from "../support/assert.ts";
import { GatedStore } from "../support/gated_store.ts";
import { HubHarness } from "../support/hub_harness.ts";

Deno.test("Hub shows nobody what the store could not keep, and goes on", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  ann.take();
  ann.say("0");
  await (await store.commits.receive())?.pass();
  await harness.settled();
  ann.take();
  bob.take();
  ann.say("1");
  const commit = await store.commits.receive();
  bob.send({ type: "edit", seq: 1, content: "x", id: "e" });
  harness.connect().send({ type: "login", content: "cid" });
  commit?.fail();
  (await store.commits.receive())?.fail();
  await harness.settled();
  const refusal = { code: "unavailable", retry_ms: 1000 } as const;
  assertObjectMatch(await ann.next("error"), { ...refusal, id: "1" });
  assertObjectMatch(await bob.next("error"), { ...refusal, id: "e" });
  assertEquals(ann.takeBrief(), ["login lobby cid of 3"]);
  assertEquals(bob.takeBrief(), ["login lobby cid of 3"]);
  ann.say("1");
  await (await store.commits.receive())?.pass();
  const kept = await bob.next("user");
  assertObjectMatch(kept, { seq: 2, content: "1", id: "1" });
  store.open();
});

Deno.test("Hub makes no room that the store could not keep, and lets its maker out again", async () => {
  const store = new GatedStore();
  store.gatesCommits = false;
  await using harness = new HubHarness({ store });
  const ann = await harness.enter("ann", { remember: true });
  const bob = await harness.enter("bob", { remember: true });
  ann.take();
  store.gatesCommits = true;
  ann.send({ type: "create", room: "den", private: true, topic: "secrets", id: "c" });
  const commit = await store.commits.receive();
  assertEquals(commit?.asked.map(({ kind }) => kind), ["room", "member", "maker"]);
  commit?.fail();
  assertObjectMatch(await ann.next("error"), { code: "unavailable", id: "c", retry_ms: 1000 });
  await harness.settled();
  assertEquals(ann.takeBrief(), ["login den ann of 1", "logout den ann of 0"]);
  ann.say("in private", "den");
  assertObjectMatch(await ann.next("error"), { code: "not_in_room" });
  // Nothing is left of it: the name is free, for the one as for the other.
  bob.send({ type: "create", room: "den", id: "c" });
  await (await store.commits.receive())?.pass();
  assertEquals(await bob.next("create"), {
    type: "create",
    room: "den",
    from: "bob",
    by: bob.user.id,
    id: "c",
  });
  store.open();
});

Deno.test("Hub takes back what members were made or told of in a batch that the store could not keep", async () => {
  const store = new GatedStore();
  store.gatesCommits = false;
  await using harness = new HubHarness({ store });
  const ann = await harness.enter("ann", { remember: true });
  const bob = await harness.enter("bob", { remember: true });
  ann.send({ type: "create", room: "den" });
  ann.say("1", "den");
  await ann.next("user");
  const again = await harness.enterAgain(ann, { room: "den" });
  for (const person of [ann, again, bob]) person.take();
  store.gatesCommits = true;
  ann.send(
    { type: "invite", room: "den", user: "bob", id: "i" },
    { type: "read", room: "den", seq: 1, id: "r" },
  );
  (await store.commits.receive())?.fail();
  for (const id of ["i", "r"]) {
    assertObjectMatch(await ann.next("error"), { code: "unavailable", id });
  }
  store.open();
  ann.send({ type: "users", room: "den", all: true });
  assertEquals((await ann.next("users")).user_list, ["ann"]);
  assertEquals([again.take(), bob.take()], [[], []]);
  const back = await harness.connect();
  back.send({ type: "login", session: ann.session });
  const { rooms } = await back.loggedIn();
  assertObjectMatch(rooms?.find(({ room }) => room === "den") ?? {}, { read: 0, role: "owner" });
});

Deno.test("Hub refuses reads as unavailable when the store cannot read, and counts them no longer", async () => {
  const store = new GatedStore();
  store.gatesReads = true;
  await using harness = new HubHarness({ store });
  const ann = await harness.enter("ann");
  const requests = [{ type: "history" }, { type: "search", content: "x" }, { type: "rooms" }];
  for (const request of [...requests, ...requests, ...requests]) {
    ann.send({ ...request, id: "r" });
    (await store.reads.receive())?.fail();
    assertObjectMatch(await ann.next("error"), { code: "unavailable", id: "r", retry_ms: 1000 });
  }
  store.open();
});

Deno.test("Hub answers a request that fails inside as internal, and serves the next", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  // What the decoder would never let through.
  harness.hub.request(ann.connection, JSON.parse(`{"type":"nonsense","id":"n"}`));
  ann.say("still here");
  assertObjectMatch(await ann.next("error"), { code: "internal", id: "n" });
  assertObjectMatch(await ann.next("user"), { content: "still here" });
});

Deno.test("Hub takes a line that ends twice, or before it was greeted, for one end", async () => {
  await using harness = new HubHarness();
  const bob = await harness.enter("bob");
  const ann = await harness.enter("ann");
  bob.take();
  ann.socket.hangUp();
  ann.socket.hangUp(1000, "again");
  const brief = harness.connect();
  brief.socket.hangUp();
  await harness.settled();
  assertEquals(bob.takeBrief(), ["logout lobby ann of 1"]);
  assertEquals(brief.take(), []);
});

Deno.test("Hub keeps what a client said right before its line broke", async () => {
  await using harness = new HubHarness();
  const [bob, ann] = [await harness.enter("bob"), await harness.enter("ann")];
  bob.take();
  ann.say("last words");
  ann.socket.hangUp();
  await harness.settled();
  assertEquals(bob.takeBrief(), ["user lobby 1 ann: last words", "logout lobby ann of 1"]);
});

Deno.test("Hub refuses requests that find its inbox full, and loses no connection by it", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  const ann = await harness.enter("ann");
  ann.say("holds the hub up");
  const commit = await store.commits.receive();
  const ping = { type: "ping" };
  const pings = Array.from({ length: 1000 }, () => ping);
  for (let n = 0; n < 65; n++) ann.send(...pings);
  ann.send(...pings.slice(0, 536));
  ann.send({ type: "ping", id: "too much" });
  assertObjectMatch(await ann.next("error"), {
    code: "unavailable",
    id: "too much",
    retry_ms: 1000,
  });
  const bob = harness.connect();
  bob.send({ type: "ping", id: "full" });
  ann.socket.hangUp();
  await commit?.pass();
  assertObjectMatch(await bob.next("error"), { id: "full" });
  assertObjectMatch(await bob.next("handshake"), { user_count: 1 });
  await harness.settled();
  bob.send({ type: "login", content: "ann" });
  await bob.next("login");
  store.open();
});

Deno.test("Hub lets nobody out of a room whose membership the store could not end", async () => {
  const store = new GatedStore();
  store.gatesCommits = false;
  await using harness = new HubHarness({ store });
  const ann = await harness.enter("ann", { remember: true });
  const bob = await harness.enter("bob", { remember: true });
  ann.send({ type: "create", room: "den" });
  await ann.next("create");
  bob.send({ type: "join", room: "den" });
  await bob.next("login");
  await harness.settled();
  for (const person of [ann, bob]) person.take();
  store.gatesCommits = true;
  bob.send({ type: "leave", room: "den", id: "l" });
  (await store.commits.receive())?.fail();
  assertObjectMatch(await bob.next("error"), { code: "unavailable", id: "l", retry_ms: 1000 });
  await harness.settled();
  assertEquals(bob.takeBrief(), ["logout den bob of 1", "login den bob of 2"]);
  ann.send({ type: "remove", room: "den", user: "bob", id: "r" });
  (await store.commits.receive())?.fail();
  assertObjectMatch(await ann.next("error"), { code: "unavailable", id: "r" });
  store.open();
  bob.say("still here", "den");
  assertObjectMatch(await ann.next("user"), { content: "still here", by: bob.user.id });
});
