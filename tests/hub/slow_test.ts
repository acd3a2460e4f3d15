import { assert, assertEquals } from "../support/assert.ts";
import { GatedStore } from "../support/gated_store.ts";
import { HubHarness } from "../support/hub_harness.ts";

Deno.test("Hub drops who does not keep up, while the others lose nothing", async () => {
  await using harness = new HubHarness({ maxQueue: 128 * 1024 });
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  const slow = await harness.enter("slow");
  await harness.settled();
  ann.take();
  bob.take();
  slow.socket.bufferedAmount = 100 * 1024;
  const received = slow.socket.sent.length;
  const text = "x".repeat(10_000);
  for (let n = 0; n < 10; n++) ann.send({ type: "user", content: text });
  assertEquals(await slow.closed(), { code: 1013, reason: "Too slow: reconnect and resume" });
  ann.say("after");
  await harness.settled();
  assertEquals(slow.socket.sent.length, received, "was sent to though it could not read");
  for (const person of [ann, bob]) {
    const seen = person.take();
    assertEquals(seen.filter(({ type }) => type === "user").length, 11);
    assertEquals(seen.filter(({ type }) => type === "logout").length, 1);
  }
});

Deno.test("Hub lets who was dropped resume at once", async () => {
  await using harness = new HubHarness({ maxQueue: 64 * 1024 });
  const ann = await harness.enter("ann");
  const slow = harness.connect();
  slow.send({ type: "login", content: "slow", since: 0 });
  const { session } = await slow.loggedIn();
  await slow.next("history");
  slow.socket.bufferedAmount = 65 * 1024;
  ann.say("1");
  await slow.closed();
  const back = harness.connect();
  back.send({ type: "login", content: "slow", session, since: 0 });
  const { messages, complete } = await back.next("history");
  assertEquals([messages.map(({ content }) => content), complete], [["1"], true]);
});

Deno.test("Hub holds a bounded number of events for who waits for history", async () => {
  const store = new GatedStore();
  store.gatesCommits = false;
  store.gatesReads = true;
  await using harness = new HubHarness({ store });
  const ann = await harness.enter("ann");
  const bob = harness.connect();
  bob.send({ type: "login", content: "bob", since: 0 });
  await bob.loggedIn();
  for (let n = 0; n < 11; n++) {
    ann.send(...Array.from({ length: 1000 }, () => ({ type: "user", content: "x" })));
  }
  assertEquals((await bob.closed()).code, 1013);
  await harness.settled();
  assert(ann.take().some(({ type }) => type === "logout"));
  store.open();
});
