import { Crowd, type CrowdOptions } from "../../bench/load/crowd.ts";
import { DIALECTS } from "../../bench/load/dialect.ts";
import { measure } from "../../bench/load/measure.ts";
import { Talk, type Talkers } from "../../bench/load/talk.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { Relay } from "./relay.ts";

/** Three clients of a relay. */
function options(port: number): CrowdOptions {
  const dialect = DIALECTS.relay;
  return { port, dialect, clients: 3, rooms: 1, payload: 64, timed: 3, sampleEvery: 1 };
}

function crowdOf(port: number): Crowd {
  return new Crowd(options(port));
}

Deno.test("Crowd counts what reaches each client, and times it", async () => {
  await using relay = new Relay();
  const crowd = crowdOf(relay.port);
  await crowd.connect();
  const all = new Promise<void>((resolve) => {
    crowd.onDeliveries = () => crowd.deliveries === 6 && resolve();
  });
  crowd.say(0);
  crowd.say(2);
  await all;
  assertEquals(crowd.frames, 6);
  assertEquals(crowd.latency.count, 6);
  assert(crowd.bytes >= 6 * 64);
  crowd.close();
});

Deno.test("Crowd.relax() has only those read late who are not timed", async () => {
  await using relay = new Relay();
  const crowd = new Crowd({ ...options(relay.port), timed: 1 });
  await crowd.connect();
  crowd.relax();
  const arrived = Promise.withResolvers<void>();
  crowd.onDeliveries = () => crowd.deliveries === 3 && arrived.resolve();
  crowd.say(1);
  await arrived.promise;
  // All are counted, the first client alone is timed.
  assertEquals(crowd.latency.count, 1);
  crowd.close();
});

Deno.test("Crowd.settle() waits until the server has let everybody in", async () => {
  await using relay = new Relay();
  const login = (client: number) => `client ${client}`;
  // Each is told of all three logins, its own included.
  const dialect = { ...DIALECTS.relay, login, greeting: 3 };
  const crowd = new Crowd({ ...options(relay.port), dialect });
  await crowd.connect();
  await crowd.settle(0);
  assertEquals(crowd.frames, 9);
  crowd.close();
});

Deno.test("Crowd.failed tells of a connection that the server closes, and why", async () => {
  await using relay = new Relay();
  const crowd = crowdOf(relay.port);
  await crowd.connect();
  const failed = assertRejects(() => crowd.failed, Error, "the server closed it: 4000 enough");
  for (const socket of relay.sockets) socket.close(4000, "enough");
  await failed;
  crowd.close();
});

Deno.test("Crowd.connect() fails where nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await assertRejects(() => crowdOf(port).connect(), Deno.errors.ConnectionRefused);
});

Deno.test("measure() counts all deliveries of an open loop", async () => {
  await using relay = new Relay();
  const measurement = await measure({
    port: relay.port,
    dialect: DIALECTS.relay,
    clients: 4,
    rooms: 1,
    payload: 64,
    timed: 4,
    sampleEvery: 1,
    pace: { kind: "rate", perSecond: 500 },
    warmup: 0,
    seconds: 0.2,
    pid: 0,
  });
  assertEquals(measurement.undelivered, 0);
  assertEquals(measurement.serverCpu, null);
  assert(measurement.deliveries > 0);
  assert(measurement.p50 <= measurement.p99 && measurement.p99 <= measurement.max);
});

/** Clients that only note who talks. */
class Notes implements Talkers {
  readonly said: number[] = [];
  readonly fanOut = 10;
  deliveries = 100;
  onDeliveries = () => {};

  say(client: number): void {
    this.said.push(client);
  }
}

Deno.test("Talk keeps a window of messages under way, client by client", async () => {
  const notes = new Notes();
  const talk = new Talk(notes, 3, { kind: "window", messages: 4 });
  talk.start();
  assertEquals(notes.said, [0, 1, 2, 0]);
  assertEquals(talk.underWay, 4);
  // Two messages have reached everybody, a third one half of them.
  notes.deliveries += 25;
  notes.onDeliveries();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(notes.said, [0, 1, 2, 0, 1, 2, 0]);
  assertEquals(talk.underWay, 4.5);
});

Deno.test("Talk.stop() ends a window and a rate", async () => {
  const notes = new Notes();
  const talk = new Talk(notes, 3, { kind: "window", messages: 1 });
  talk.start();
  talk.stop();
  notes.deliveries += 1000;
  notes.onDeliveries();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(notes.said, [0]);
  const spoken = Promise.withResolvers<void>();
  const steady = new Talk(Object.assign(new Notes(), { say: () => spoken.resolve() }), 3, {
    kind: "rate",
    perSecond: 1000,
  });
  steady.start();
  await spoken.promise;
  // A timer that were left running would fail the test.
  steady.stop();
});
