import { toFrame } from "../../transport/frame.ts";
import { HIGH_WATER_BYTES, RetryLoop, SendQueue } from "../../client/send_queue.ts";
import { assertEquals } from "../support/assert.ts";
import { FakeSocket } from "../support/fake_socket.ts";

/** An outbox with everything around it in the hands of the test. */
class OutboxBench {
  readonly socket = new FakeSocket();
  readonly retryLoop: RetryLoop;
  readonly outbox: SendQueue;
  overflows = 0;
  now = 0;
  /** What waits for its time, and for how long. */
  readonly timers: { run: () => void; ms: number }[] = [];

  constructor(limit = 200_000) {
    this.retryLoop = new RetryLoop({
      schedule: (run, ms) => this.timers.push({ run, ms }),
      now: () => this.now,
    });
    this.outbox = this.another(limit);
  }

  another(limit: number, socket = this.socket): SendQueue {
    return new SendQueue(socket, this.retryLoop, limit, () => this.overflows++);
  }

  push(...texts: string[]): void {
    for (const text of texts) this.outbox.push(toFrame(text));
  }

  /** The next timer fires. */
  tick(ms = 5): void {
    this.now += ms;
    this.timers.shift()?.run();
  }
}

Deno.test("SendQueue.push() sends at once while the socket has little to do", () => {
  const bench = new OutboxBench();
  bench.socket.bufferedAmount = HIGH_WATER_BYTES;
  bench.push("a", "b");
  assertEquals([bench.socket.sent, bench.timers.length], [["a", "b"], 0]);
});

Deno.test("SendQueue.push() returns what waits in the socket because of it", () => {
  const { socket, outbox } = new OutboxBench();
  assertEquals(outbox.push(toFrame("written at once")), 0);
  socket.bufferedAmount = 5;
  socket.onChange = () => socket.bufferedAmount += 7;
  assertEquals(outbox.push(toFrame("waiting")), 7);
  socket.bufferedAmount = HIGH_WATER_BYTES + 1;
  assertEquals(outbox.push(toFrame("held")), 0);
  outbox.close();
  assertEquals(outbox.push(toFrame("dropped")), 0);
});

Deno.test("SendQueue.push() sends a frame of any size that finds the line free", () => {
  const bench = new OutboxBench(100);
  bench.push("x".repeat(1000));
  assertEquals([bench.socket.sent.length, bench.overflows], [1, 0]);
});

Deno.test("SendQueue holds frames back while the socket is busy, and sends them in order", () => {
  const bench = new OutboxBench();
  bench.socket.bufferedAmount = HIGH_WATER_BYTES + 1;
  bench.push("a", "b");
  bench.socket.bufferedAmount = 0;
  bench.push("c");
  assertEquals(bench.socket.sent, [], "a later frame got ahead");
  assertEquals(bench.timers.map(({ ms }) => ms), [5]);
  bench.tick();
  assertEquals([bench.socket.sent, bench.timers.length], [["a", "b", "c"], 0]);
  assertEquals(bench.retryLoop.size, 0);
  bench.push("d");
  assertEquals(bench.socket.sent.at(-1), "d");
});

Deno.test("SendQueue sends no more at a time than the socket should have to do", () => {
  const bench = new OutboxBench();
  const { socket } = bench;
  socket.bufferedAmount = HIGH_WATER_BYTES + 1;
  bench.push("a", "b", "c");
  socket.bufferedAmount = HIGH_WATER_BYTES - 1;
  socket.onChange = () => socket.bufferedAmount += 1;
  bench.tick();
  assertEquals(socket.sent, ["a", "b"]);
  bench.tick();
  assertEquals(socket.sent, ["a", "b"]);
  socket.bufferedAmount = 0;
  bench.tick();
  assertEquals([socket.sent, bench.timers.length], [["a", "b", "c"], 0]);
});

Deno.test("SendQueue gives a peer up for which more would wait than may, counted in bytes", () => {
  const bench = new OutboxBench(100_000);
  bench.socket.bufferedAmount = 90_000;
  bench.push("é".repeat(5000));
  assertEquals(bench.overflows, 0);
  bench.push("x");
  assertEquals(bench.overflows, 1);
  bench.push("x");
  bench.socket.bufferedAmount = 0;
  bench.tick();
  assertEquals([bench.overflows, bench.socket.sent], [1, []]);
  assertEquals([bench.retryLoop.size, bench.timers.length], [0, 0]);
});

Deno.test("SendQueue counts what it has sent no longer", () => {
  const bench = new OutboxBench(100_000);
  for (let round = 0; round < 5; round++) {
    bench.socket.bufferedAmount = HIGH_WATER_BYTES + 1;
    bench.push("x".repeat(30_000));
    bench.socket.bufferedAmount = 0;
    bench.tick();
  }
  assertEquals([bench.overflows, bench.socket.sent.length], [0, 5]);
});

Deno.test("SendQueue gives a peer up that takes nothing for half a minute", () => {
  const bench = new OutboxBench();
  bench.socket.bufferedAmount = 150_000;
  bench.push("a");
  bench.tick();
  bench.tick(30_000);
  assertEquals(bench.overflows, 0);
  bench.tick(1);
  assertEquals([bench.overflows, bench.timers.length], [1, 0]);
});

Deno.test("SendQueue is patient with a peer that takes a little now and then", () => {
  const bench = new OutboxBench();
  bench.socket.bufferedAmount = 150_000;
  bench.push("a");
  for (let n = 0; n < 10; n++) {
    bench.tick(29_000);
    bench.socket.bufferedAmount -= 1;
  }
  assertEquals(bench.overflows, 0);
});

Deno.test("SendQueue counts the time anew when it has sent something, and when something waits again", () => {
  const bench = new OutboxBench();
  const { socket } = bench;
  socket.bufferedAmount = 70_000;
  bench.push("a", "b");
  socket.bufferedAmount = HIGH_WATER_BYTES;
  socket.onChange = () => socket.bufferedAmount = 100_000;
  bench.tick();
  bench.tick(30_000);
  assertEquals([bench.overflows, socket.sent], [0, ["a"]]);
  socket.bufferedAmount = 0;
  socket.onChange = () => {};
  bench.tick();
  bench.now += 60_000;
  socket.bufferedAmount = 150_000;
  bench.push("c");
  bench.tick();
  assertEquals(bench.overflows, 0, "an earlier silence counted");
  bench.tick(30_001);
  assertEquals(bench.overflows, 1);
});

Deno.test("SendQueue.close() forgets what waits and drops what comes", () => {
  const bench = new OutboxBench();
  bench.socket.bufferedAmount = HIGH_WATER_BYTES + 1;
  bench.push("a");
  bench.outbox.close();
  bench.push("b");
  bench.socket.bufferedAmount = 0;
  bench.tick();
  assertEquals([bench.socket.sent, bench.overflows, bench.retryLoop.size], [[], 0, 0]);
});

Deno.test("RetryLoop keeps one timer for all outboxes in which something waits", () => {
  const bench = new OutboxBench();
  const other = new FakeSocket();
  const outbox = bench.another(200_000, other);
  bench.socket.bufferedAmount = other.bufferedAmount = HIGH_WATER_BYTES + 1;
  bench.push("a");
  outbox.push(toFrame("b"));
  assertEquals([bench.retryLoop.size, bench.timers.length], [2, 1]);
  bench.socket.bufferedAmount = 0;
  bench.tick();
  assertEquals([bench.socket.sent, other.sent, bench.retryLoop.size], [["a"], [], 1]);
  assertEquals(bench.timers.length, 1);
  other.bufferedAmount = 0;
  bench.tick();
  assertEquals([other.sent, bench.retryLoop.size, bench.timers.length], [["b"], 0, 0]);
});
