import { assertEquals } from "../support/assert.ts";
import { HubBench } from "../support/hub_bench.ts";

/** Lets time pass and has the hub look at its connections. */
async function pass(bench: HubBench, ms: number): Promise<void> {
  bench.now += ms;
  bench.hub.sweep();
  await bench.settled();
}

Deno.test("Hub closes who does not log in in time, and nobody else", async () => {
  await using bench = new HubBench({ loginTimeout: 30_000 });
  const stranger = bench.connect();
  const ann = await bench.enter("ann");
  await pass(bench, 15_000);
  const later = bench.connect();
  await bench.settled();
  await pass(bench, 14_999);
  assertEquals(stranger.socket.closed, undefined);
  await pass(bench, 1);
  assertEquals(stranger.socket.closed, { code: 4001, reason: "No login in time" });
  assertEquals([ann.socket.closed, later.socket.closed], [undefined, undefined]);
  await pass(bench, 15_000);
  assertEquals(later.socket.closed?.code, 4001);
  assertEquals(ann.socket.closed, undefined);
});

Deno.test("Hub counts the time to log in anew from a logout", async () => {
  await using bench = new HubBench({ loginTimeout: 30_000 });
  const ann = await bench.enter("ann");
  await pass(bench, 60_000);
  ann.send({ type: "logout" });
  await bench.settled();
  await pass(bench, 29_999);
  assertEquals(ann.socket.closed, undefined);
  await pass(bench, 1);
  assertEquals(ann.socket.closed?.code, 4001);
});

Deno.test("Hub waits for a login as long as it takes without a timeout", async () => {
  await using bench = new HubBench({ loginTimeout: 0 });
  const stranger = bench.connect();
  await pass(bench, 1e9);
  assertEquals(stranger.socket.closed, undefined);
});

Deno.test("Hub logs idle members out: says so, tells the others, closes", async () => {
  await using bench = new HubBench({ idleKick: 60_000 });
  const [ann, bob] = [await bench.enter("ann"), await bench.enter("bob")];
  const stranger = bench.connect();
  ann.take();
  await pass(bench, 59_999);
  bob.send({ type: "typing" });
  ann.send({ type: "ping" }); // which clients send by themselves
  await bench.settled();
  ann.take();
  await pass(bench, 1);
  assertEquals(ann.takeBrief(), ["system You were idle for 60 s and are logged out"]);
  assertEquals(ann.socket.closed, { code: 4502, reason: "Idle" });
  assertEquals(bob.takeBrief(), ["logout lobby ann of 1"]);
  assertEquals([bob.socket.closed, stranger.socket.closed], [undefined, undefined]);
  await pass(bench, 59_999);
  assertEquals(bob.socket.closed?.code, 4502);
});
