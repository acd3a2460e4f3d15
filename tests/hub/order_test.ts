import { assert, assertEquals, assertObjectMatch } from "../support/assert.ts";
import { GatedStore } from "../support/gated_store.ts";
import { HubHarness } from "../support/hub_harness.ts";

Deno.test("Hub shows a message to nobody before its commit, its sender included", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  ann.take();
  ann.say("hi");
  const commit = await store.commits.receive();
  assertEquals(commit?.asked.map(({ kind }) => kind), ["message"]);
  assertEquals([ann.take(), bob.take()], [[], []]);
  await commit?.pass();
  const seen = await ann.next("user");
  assertEquals(seen, {
    type: "user",
    room: "lobby",
    from: "ann",
    content: "hi",
    seq: 1,
    time: 1_000_000,
    by: ann.user.id,
    id: "hi",
  });
  assertEquals(await bob.next("user"), seen);
  store.open();
});

Deno.test("Hub fills the next batch while one is being committed, and keeps their order", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  ann.take();
  ann.say("1");
  const first = await store.commits.receive();
  bob.say("2");
  ann.say("3");
  bob.say("4");
  await first?.pass();
  const second = await store.commits.receive();
  assertEquals(second?.asked.length, 3);
  assertEquals([ann.takeBrief(), bob.takeBrief()], [["user lobby 1 ann: 1"], [
    "user lobby 1 ann: 1",
  ]]);
  await second?.pass();
  await harness.settled();
  const rest = ["user lobby 2 bob: 2", "user lobby 3 ann: 3", "user lobby 4 bob: 4"];
  assertEquals([ann.takeBrief(), bob.takeBrief()], [rest, rest]);
  assertEquals(ann.socket.sent.length, bob.socket.sent.length + 1, "a batch is not one frame");
  store.open();
});

Deno.test("Hub tells all members of a room the same events in the same order", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const bob = await harness.enter("bob");
  const cid = await harness.enter("cid", { room: "den" });
  ann.take();
  ann.say("1");
  cid.send({ type: "join", room: "lobby" });
  ann.send({ type: "edit", seq: 1, content: "one" });
  cid.send({ type: "react", seq: 1, content: "👍" });
  bob.say("2");
  ann.send({ type: "delete", seq: 2 }, { type: "delete", seq: 1 });
  cid.send({ type: "leave", room: "lobby" });
  bob.send({ type: "rename", content: "bill" });
  bob.say("3");
  await harness.settled();
  const all = [
    "user lobby 1 ann: 1",
    "login lobby cid of 3",
    "edit lobby 1 ann: one",
    "react lobby 1 cid: 👍",
    "user lobby 2 bob: 2",
    "delete lobby 1 ann",
    "logout lobby cid of 2",
    "rename lobby bob to bill",
    "user lobby 3 bill: 3",
  ];
  assertEquals(ann.takeBrief(), ["error not_yours", ...all]);
  assertEquals(bob.takeBrief(), all);
  assertEquals(cid.takeBrief(), all.slice(1, -2));
});

Deno.test("Hub shows who enters or leaves in the middle of a batch exactly that part of it", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const [bob, cid] = [await harness.enter("bob"), await harness.enter("cid", { room: "den" })];
  ann.take();
  ann.say("1");
  cid.send({ type: "join", room: "lobby" });
  ann.say("2");
  bob.send({ type: "leave", room: "lobby" });
  ann.say("3");
  bob.send({ type: "join", room: "lobby" });
  ann.say("4");
  bob.send({ type: "leave", room: "lobby" });
  ann.say("5");
  await harness.settled();
  assertEquals(cid.takeBrief(), [
    "login lobby cid of 3",
    "user lobby 2 ann: 2",
    "logout lobby bob of 2",
    "user lobby 3 ann: 3",
    "login lobby bob of 3",
    "user lobby 4 ann: 4",
    "logout lobby bob of 2",
    "user lobby 5 ann: 5",
  ]);
  assertEquals(bob.takeBrief(), [
    "user lobby 1 ann: 1",
    "login lobby cid of 3",
    "user lobby 2 ann: 2",
    "logout lobby bob of 2",
    "login lobby bob of 3",
    "user lobby 4 ann: 4",
    "logout lobby bob of 2",
  ]);
});

Deno.test("Hub ends a room with its last member and begins it anew within a batch", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann", { room: "den" });
  ann.send({ type: "leave", room: "den" }, { type: "join", room: "den" });
  ann.say("still here");
  await harness.settled();
  assertEquals(ann.takeBrief(), [
    "logout den ann of 0",
    "login den ann of 1",
    "user den 1 ann: still here",
  ]);
});

Deno.test("Hub keeps the rooms apart, each with its own numbers", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const bob = await harness.enter("bob", { room: "den" });
  ann.send({ type: "join", room: "den" });
  ann.say("in the room entered last");
  ann.say("in the lobby", "lobby");
  await harness.settled();
  assertEquals(ann.takeBrief(), [
    "login den ann of 2",
    "user den 1 ann: in the room entered last",
    "user lobby 1 ann: in the lobby",
  ]);
  assertEquals(bob.takeBrief(), ["login den ann of 2", "user den 1 ann: in the room entered last"]);
});

Deno.test("Hub divides what has gathered into batches, so that no frame grows beyond bounds", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  ann.take();
  const before = bob.socket.sent.length;
  const text = "x".repeat(16 * 1024);
  for (let n = 0; n < 64; n++) ann.send({ type: "user", content: text });
  await harness.settled();
  assertEquals(bob.take().length, 64);
  const frames = bob.socket.sent.slice(before);
  assert(frames.length > 1);
  for (const frame of frames) assert(frame.length < 512 * 1024, `a frame of ${frame.length}`);
});

Deno.test("Hub bounds the frame that tells of a crowd's arrival", async () => {
  await using harness = new HubHarness();
  const first = await harness.enter("first");
  const last = harness.connect();
  const others = Array.from({ length: 3000 }, () => harness.connect());
  const before = first.socket.sent.length;
  for (const [index, other] of others.entries()) {
    other.send({ type: "login", content: `p${index}` });
  }
  last.send({ type: "login", content: "last" });
  await harness.settled();
  assertEquals(last.takeBrief(), ["handshake", "login lobby last of 3002"]);
  harness.hub.sweep();
  await harness.settled();
  assertEquals(first.take().length, 3001);
  for (const frame of first.socket.sent.slice(before)) {
    assert(frame.length < 128 * 1024, `a frame of ${frame.length}`);
  }
});

Deno.test("Hub answers a resend with the message it made, and stores it once", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  ann.take();
  ann.say("once");
  await harness.settled();
  harness.now += 5000;
  ann.say("once");
  ann.say("after");
  await harness.settled();
  assertEquals(ann.takeBrief(), [
    "user lobby 1 ann: once",
    "user lobby 1 ann: once",
    "user lobby 2 ann: after",
  ]);
  assertEquals(bob.takeBrief(), ["user lobby 1 ann: once", "user lobby 2 ann: after"]);
  bob.say("once");
  const seen = await bob.next("user");
  assertObjectMatch(seen, { seq: 3, from: "bob", content: "once" });
});

Deno.test("Hub leaves a resend within one batch to its place among the others", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  ann.take();
  bob.say("first");
  ann.say("twice");
  ann.say("twice");
  await harness.settled();
  const seen = ["user lobby 1 bob: first", "user lobby 2 ann: twice"];
  assertEquals([ann.takeBrief(), bob.takeBrief()], [seen, seen]);
});
