import { assertEquals } from "../support/assert.ts";
import { HubHarness } from "../support/hub_harness.ts";

/** Lets time pass and has the hub look at its connections. */
async function pass(harness: HubHarness, ms: number): Promise<void> {
  harness.now += ms;
  harness.hub.sweep();
  await harness.settled();
}

Deno.test("Hub closes who does not log in in time, and nobody else", async () => {
  await using harness = new HubHarness({ loginTimeout: 30_000 });
  const newcomer = harness.connect();
  const ann = await harness.enter("ann");
  await pass(harness, 15_000);
  const later = harness.connect();
  await harness.settled();
  await pass(harness, 14_999);
  assertEquals(newcomer.socket.closed, undefined);
  await pass(harness, 1);
  assertEquals(newcomer.socket.closed, { code: 4001, reason: "No login in time" });
  assertEquals([ann.socket.closed, later.socket.closed], [undefined, undefined]);
  await pass(harness, 15_000);
  assertEquals(later.socket.closed?.code, 4001);
  assertEquals(ann.socket.closed, undefined);
});

Deno.test("Hub counts the time to log in anew from a logout", async () => {
  await using harness = new HubHarness({ loginTimeout: 30_000 });
  const ann = await harness.enter("ann");
  await pass(harness, 60_000);
  ann.send({ type: "logout" });
  await harness.settled();
  await pass(harness, 29_999);
  assertEquals(ann.socket.closed, undefined);
  await pass(harness, 1);
  assertEquals(ann.socket.closed?.code, 4001);
});

Deno.test("Hub waits for a login as long as it takes without a timeout", async () => {
  await using harness = new HubHarness({ loginTimeout: 0 });
  const newcomer = harness.connect();
  await pass(harness, 1e9);
  assertEquals(newcomer.socket.closed, undefined);
});

Deno.test("Hub logs idle members out: says so, tells the others, closes", async () => {
  await using harness = new HubHarness({ idleKick: 60_000 });
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  const newcomer = harness.connect();
  ann.take();
  await pass(harness, 59_999);
  bob.send({ type: "typing" });
  ann.send({ type: "ping" }); // which clients send by themselves
  await harness.settled();
  ann.take();
  await pass(harness, 1);
  assertEquals(ann.takeBrief(), ["system You were idle for 60 s and are logged out"]);
  assertEquals(ann.socket.closed, { code: 4502, reason: "Idle" });
  assertEquals(bob.takeBrief(), ["logout lobby ann of 1"]);
  assertEquals([bob.socket.closed, newcomer.socket.closed], [undefined, undefined]);
  await pass(harness, 59_999);
  assertEquals(bob.socket.closed?.code, 4502);
});

Deno.test("Hub closes who entered with a credential when it ends, and no other connection of the user", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const bob = await harness.enter("bob");
  const principal = { user: ann.user, expires: harness.now + 60_000 };
  const program = harness.connect({ principal });
  program.send({ type: "login" });
  assertEquals((await program.loggedIn()).user, ann.user);
  await pass(harness, 59_999);
  assertEquals(program.socket.closed, undefined);
  await pass(harness, 1);
  assertEquals(program.socket.closed, { code: 4504, reason: "The session has ended" });
  assertEquals([ann.socket.closed, bob.take()], [undefined, []]);
  ann.say("still here");
  assertEquals((await bob.next("user")).by, ann.user.id);
});

Deno.test("Hub logs one idle connection of a user out, and leaves the others", async () => {
  await using harness = new HubHarness({ idleKick: 60_000 });
  const ann = await harness.enter("ann");
  const again = await harness.enterAgain(ann);
  const bob = await harness.enter("bob");
  await pass(harness, 59_999);
  again.send({ type: "typing" });
  bob.send({ type: "typing" });
  await harness.settled();
  bob.take();
  await pass(harness, 1);
  assertEquals([ann.socket.closed?.code, again.socket.closed], [4502, undefined]);
  assertEquals(bob.take(), []);
});

Deno.test("Hub.sweep() kicks nobody because the clock was set, forward or back", async () => {
  let steady = 5_000;
  await using harness = new HubHarness({
    idleKick: 60_000,
    loginTimeout: 30_000,
    steady: () => steady,
  });
  const ann = await harness.enter("ann");
  const newcomer = harness.connect();
  for (const step of [3_600_000, -7_200_000]) {
    harness.now += step;
    steady += 1_000;
    harness.hub.sweep();
    ann.say(`${step}`);
    // What is said has the time of the clock, right or wrong.
    assertEquals((await ann.next("user")).time, harness.now);
  }
  assertEquals([ann.socket.closed, newcomer.socket.closed], [undefined, undefined]);
  steady += 60_000;
  harness.hub.sweep();
  assertEquals((await ann.closed()).code, 4502);
  assertEquals((await newcomer.closed()).code, 4001);
});
