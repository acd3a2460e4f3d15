import { ClientPool, type PoolOptions } from "../../cli/load/client_pool.ts";
import { DIALECTS } from "../../cli/load/dialect.ts";
import { LoadDriver, type LoadTarget } from "../../cli/load/driver.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";
import { Relay } from "./relay.ts";

/** Three clients of a relay. */
function options(port: number): PoolOptions {
  return {
    url: `ws://127.0.0.1:${port}/`,
    dialect: DIALECTS.relay,
    clients: 3,
    senders: 3,
    rooms: 1,
    payload: 64,
    timed: 3,
    sampleEvery: 1,
  };
}

/** Resolves when the clients have received this many messages. */
function delivered(pool: ClientPool, count: number): Promise<void> {
  const done = new Promise<void>((resolve) => {
    pool.onDeliveries = () => pool.totals.deliveries === count && resolve();
  });
  return within(DEADLINE, `${count} deliveries`, done);
}

Deno.test("ClientPool counts what each client receives, and times it", async () => {
  await using relay = new Relay();
  const pool = new ClientPool(options(relay.port));
  await pool.connect();
  const all = delivered(pool, 6);
  pool.say(0);
  pool.say(2);
  await all;
  assertEquals(pool.totals.members, 3);
  assertEquals(pool.totals.sent, 2);
  assertEquals(pool.totals.frames, 6);
  assertEquals(pool.totals.latency.count, 6);
  assertEquals([pool.inFlight, pool.undelivered], [0, 0]);
  assert(pool.totals.bytes >= 6 * 64);
  await pool.close();
});

Deno.test("ClientPool.relax() delays the reads of those only who are not timed", async () => {
  await using relay = new Relay();
  const pool = new ClientPool({ ...options(relay.port), timed: 1 });
  await pool.connect();
  pool.relax();
  const all = delivered(pool, 3);
  pool.say(1);
  await all;
  // All are counted, only the first client is timed.
  assertEquals(pool.totals.latency.count, 1);
  await pool.close();
});

Deno.test("ClientPool.settle() waits until all clients have entered their rooms", async () => {
  await using relay = new Relay();
  const login = (client: number) => `client ${client}`;
  // Each receives all three logins, its own included.
  const dialect = { ...DIALECTS.relay, login, greeting: 3 };
  const pool = new ClientPool({ ...options(relay.port), dialect });
  await pool.connect({ login: "together" });
  await within(DEADLINE, "the pool to settle", pool.settle(0));
  assertEquals(pool.totals.frames, 9);
  await pool.close();
});

Deno.test("ClientPool.failed rejects with the reason when the server closes a connection", async () => {
  await using relay = new Relay();
  const pool = new ClientPool(options(relay.port));
  await pool.connect();
  const failed = assertRejects(() => pool.failed, Error, "the server closed it: 4000 enough");
  for (const socket of relay.sockets) socket.close(4000, "enough");
  await within(DEADLINE, "the failure", failed);
  await pool.close();
});

Deno.test("ClientPool goes on without a client that is gone", async () => {
  await using relay = new Relay();
  const pool = new ClientPool(options(relay.port));
  await pool.connect();
  pool.say(0);
  const gone = new Promise<void>((resolve) => {
    pool.onDeliveries = () => pool.totals.members === 2 && resolve();
  });
  for (const socket of relay.sockets) {
    socket.close(1013, "busy");
    break;
  }
  await within(DEADLINE, "the loss of a client", gone);
  assertEquals([...pool.totals.lost], [["the server closed it: 1013 busy", 1]]);
  // Only two of the three can still send.
  assertEquals([0, 1, 2].filter((client) => pool.say(client)).length, 2);
  await pool.close();
});

Deno.test("ClientPool.connect() counts the clients that cannot connect", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const pool = new ClientPool(options(port));
  await pool.connect();
  assertEquals([...pool.totals.lost], [["Connection refused", 3]]);
  await assertRejects(() => pool.failed, Error, "Connection refused");
});

/** Clients that only note who sends. */
class Notes implements LoadTarget {
  readonly said: number[] = [];
  readonly senders = 3;
  inFlight = 0;
  /** A client that is gone. */
  gone = -1;
  onDeliveries = () => {};

  say(client: number): boolean {
    if (client === this.gone) return false;
    this.said.push(client);
    this.inFlight++;
    return true;
  }
}

/** Resolves after the driver has had its turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("LoadDriver keeps a window of messages in flight, client by client", async () => {
  const notes = new Notes();
  const driver = new LoadDriver(notes, { kind: "closed", window: 4 });
  driver.start();
  assertEquals(notes.said, [0, 1, 2, 0]);
  // Two messages have reached all members, a third one half of them.
  notes.inFlight -= 2.5;
  notes.onDeliveries();
  await nextTurn();
  assertEquals(notes.said, [0, 1, 2, 0, 1, 2, 0]);
  assertEquals(notes.inFlight, 4.5);
});

Deno.test("LoadDriver skips clients that are gone", () => {
  const notes = new Notes();
  notes.gone = 1;
  new LoadDriver(notes, { kind: "closed", window: 3 }).start();
  assertEquals(notes.said, [0, 2, 0]);
});

Deno.test("LoadDriver sends nothing when all clients are gone", () => {
  const notes = Object.assign(new Notes(), { say: () => false });
  new LoadDriver(notes, { kind: "closed", window: 3 }).start();
  assertEquals(notes.said, []);
});

Deno.test("LoadDriver.stop() ends a closed and an open loop", async () => {
  const notes = new Notes();
  const driver = new LoadDriver(notes, { kind: "closed", window: 1 });
  driver.start();
  driver.stop();
  notes.inFlight = 0;
  notes.onDeliveries();
  await nextTurn();
  assertEquals(notes.said, [0]);
  const sent = Promise.withResolvers<void>();
  const say = () => {
    sent.resolve();
    return true;
  };
  const steady = new LoadDriver(Object.assign(new Notes(), { say }), { kind: "open", rate: 1000 });
  steady.start();
  await within(DEADLINE, "the first message", sent.promise);
  // A timer that is left running fails the test.
  steady.stop();
});
