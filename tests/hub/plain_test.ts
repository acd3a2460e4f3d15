import { assertEquals, assertObjectMatch } from "../support/assert.ts";
import { HubHarness } from "../support/hub_harness.ts";

Deno.test("Hub sends clients without a subprotocol one object in each frame", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const bob = await harness.enter("bob", {}, { plain: true });
  const before = bob.socket.sent.length;
  ann.send({ type: "user", content: "1" }, { type: "user", content: "2" });
  ann.send({ type: "rename", content: "anne" });
  await harness.settled();
  const frames = bob.socket.sent.slice(before).map((frame) => JSON.parse(String(frame)));
  assertEquals(frames.map(({ type, seq }) => [type, seq]), [
    ["user", 1],
    ["user", 2],
    ["rename", undefined],
  ]);
  assertEquals(frames[1], {
    type: "user",
    room: "lobby",
    from: "ann",
    content: "2",
    seq: 2,
    time: 1_000_000,
    by: ann.user.id,
  });
});

Deno.test("Hub sends clients without a subprotocol nothing they might not know, unless they asked", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const bob = await harness.enter("bob", {}, { plain: true });
  ann.take();
  ann.say("1");
  bob.say("2");
  await harness.settled();
  bob.take();
  ann.send({ type: "typing" });
  ann.send({ type: "react", seq: 1, content: "👍" }, { type: "edit", seq: 1, content: "one" });
  ann.send({ type: "delete", seq: 1 });
  await harness.settled();
  assertEquals(bob.take(), []);
  bob.send({ type: "typing" });
  bob.send({ type: "edit", seq: 2, content: "two", id: "e" });
  assertObjectMatch(await bob.next("edit"), { seq: 2, content: "two", id: "e" });
  bob.send({ type: "react", seq: 2, content: "👍", id: "r" });
  assertObjectMatch(await bob.next("react"), { seq: 2, id: "r" });
  bob.send({ type: "delete", seq: 2, id: "d" });
  assertObjectMatch(await bob.next("delete"), { seq: 2, id: "d" });
  bob.send({ type: "delete", seq: 1, id: "n" });
  assertObjectMatch(await bob.next("error"), { code: "not_yours", id: "n" });
  await harness.settled();
  assertEquals(bob.take(), []);
  const seen = ann.takeBrief().slice(-4);
  assertEquals(seen, [
    "typing lobby bob",
    "edit lobby 2 bob: two",
    "react lobby 2 bob: 👍",
    "delete lobby 2 bob",
  ]);
});
