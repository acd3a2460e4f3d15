import { assertEquals } from "../support/assert.ts";
import { GatedStore } from "../support/gated_store.ts";
import { HubHarness } from "../support/hub_harness.ts";

Deno.test("Hub.stop() keeps what is pending, tells everybody, closes 1001", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob", {}, { plain: true })];
  const newcomer = harness.connect();
  ann.take();
  ann.say("1");
  const first = await store.commits.receive();
  bob.say("2");
  harness.hub.stop("Closing time");
  ann.say("3"); // taken in together with the word to stop
  await first?.pass();
  const second = await store.commits.receive();
  assertEquals(second?.asked.length, 2);
  assertEquals(ann.socket.closed, undefined);
  await second?.pass();
  await harness.ended;
  for (const person of [ann, bob]) {
    assertEquals(person.takeBrief(), [
      "user lobby 1 ann: 1",
      "user lobby 2 bob: 2",
      "user lobby 3 ann: 3",
      "system Closing time",
    ]);
    assertEquals(person.socket.closed, { code: 1001, reason: "Closing time" });
  }
  assertEquals(newcomer.takeBrief(), ["handshake", "system Closing time"]);
  assertEquals(newcomer.socket.closed?.code, 1001);
});

Deno.test("Hub.stop() closes those who come in while it stops, and after", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  const ann = await harness.enter("ann");
  ann.say("1");
  const commit = await store.commits.receive();
  harness.hub.stop("Closing time");
  await commit?.pass();
  ann.say("2"); // the last commit
  const last = await Promise.race([store.commits.receive(), harness.ended]);
  const during = harness.connect();
  await last?.pass();
  await harness.ended;
  const after = harness.connect();
  assertEquals((await during.closed()).code, 1001);
  assertEquals((await after.closed()).code, 1001);
  after.send({ type: "login", content: "late" });
  after.socket.hangUp();
  assertEquals(after.take(), []);
});

Deno.test("Hub.stop() does not wait for who does not read", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.socket.bufferedAmount = 1e9;
  harness.hub.stop("Closing time");
  await harness.ended;
  assertEquals(ann.socket.closed, { code: 1013, reason: "Too slow: reconnect and resume" });
});
