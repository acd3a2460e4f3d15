import { toFrame } from "../../transport/frame.ts";
import { Delivery, HIGH_WATER_BYTES, RetryLoop, SendQueue } from "../../client/outgoing.ts";
import { codecOf, type ServerMessage, type UserMessage } from "../../protocol.ts";
import { assertEquals, assertStrictEquals } from "../support/assert.ts";
import { FakeSocket } from "../support/fake_socket.ts";

/** A send queue whose socket, clock and timers are in the hands of the test. */
class QueueHarness {
  readonly socket = new FakeSocket();
  readonly retryLoop: RetryLoop;
  readonly queue: SendQueue;
  overflows = 0;
  now = 0;
  /** What waits for its time, and for how long. */
  readonly timers: { run: () => void; ms: number }[] = [];

  constructor(limit = 200_000) {
    this.retryLoop = new RetryLoop({
      schedule: (run, ms) => this.timers.push({ run, ms }),
      now: () => this.now,
    });
    this.queue = this.another(limit);
  }

  another(limit: number, socket = this.socket): SendQueue {
    return new SendQueue(socket, this.retryLoop, limit, () => this.overflows++);
  }

  push(...texts: string[]): void {
    for (const text of texts) this.queue.push(toFrame(text));
  }

  /** The next timer fires. */
  tick(ms = 5): void {
    this.now += ms;
    this.timers.shift()?.run();
  }
}

Deno.test("SendQueue.push() sends at once while the socket has little to do", () => {
  const harness = new QueueHarness();
  harness.socket.bufferedAmount = HIGH_WATER_BYTES;
  harness.push("a", "b");
  assertEquals([harness.socket.sent, harness.timers.length], [["a", "b"], 0]);
});

Deno.test("SendQueue.push() returns what waits in the socket because of it", () => {
  const { socket, queue } = new QueueHarness();
  assertEquals(queue.push(toFrame("written at once")), 0);
  socket.bufferedAmount = 5;
  socket.onChange = () => socket.bufferedAmount += 7;
  assertEquals(queue.push(toFrame("waiting")), 7);
  socket.bufferedAmount = HIGH_WATER_BYTES + 1;
  assertEquals(queue.push(toFrame("held")), 0);
  queue.close();
  assertEquals(queue.push(toFrame("dropped")), 0);
});

Deno.test("SendQueue.push() sends a frame of any size that finds the line free", () => {
  const harness = new QueueHarness(100);
  harness.push("x".repeat(1000));
  assertEquals([harness.socket.sent.length, harness.overflows], [1, 0]);
});

Deno.test("SendQueue holds frames back while the socket is busy, and sends them in order", () => {
  const harness = new QueueHarness();
  harness.socket.bufferedAmount = HIGH_WATER_BYTES + 1;
  harness.push("a", "b");
  harness.socket.bufferedAmount = 0;
  harness.push("c");
  assertEquals(harness.socket.sent, [], "a later frame got ahead");
  assertEquals(harness.timers.map(({ ms }) => ms), [5]);
  harness.tick();
  assertEquals([harness.socket.sent, harness.timers.length], [["a", "b", "c"], 0]);
  assertEquals(harness.retryLoop.size, 0);
  harness.push("d");
  assertEquals(harness.socket.sent.at(-1), "d");
});

Deno.test("SendQueue sends no more at a time than the socket should have to do", () => {
  const harness = new QueueHarness();
  const { socket } = harness;
  socket.bufferedAmount = HIGH_WATER_BYTES + 1;
  harness.push("a", "b", "c");
  socket.bufferedAmount = HIGH_WATER_BYTES - 1;
  socket.onChange = () => socket.bufferedAmount += 1;
  harness.tick();
  assertEquals(socket.sent, ["a", "b"]);
  harness.tick();
  assertEquals(socket.sent, ["a", "b"]);
  socket.bufferedAmount = 0;
  harness.tick();
  assertEquals([socket.sent, harness.timers.length], [["a", "b", "c"], 0]);
});

Deno.test("SendQueue gives a peer up for which more would wait than may, counted in bytes", () => {
  const harness = new QueueHarness(100_000);
  harness.socket.bufferedAmount = 90_000;
  harness.push("é".repeat(5000));
  assertEquals(harness.overflows, 0);
  harness.push("x");
  assertEquals(harness.overflows, 1);
  harness.push("x");
  harness.socket.bufferedAmount = 0;
  harness.tick();
  assertEquals([harness.overflows, harness.socket.sent], [1, []]);
  assertEquals([harness.retryLoop.size, harness.timers.length], [0, 0]);
});

Deno.test("SendQueue counts what it has sent no longer", () => {
  const harness = new QueueHarness(100_000);
  for (let round = 0; round < 5; round++) {
    harness.socket.bufferedAmount = HIGH_WATER_BYTES + 1;
    harness.push("x".repeat(30_000));
    harness.socket.bufferedAmount = 0;
    harness.tick();
  }
  assertEquals([harness.overflows, harness.socket.sent.length], [0, 5]);
});

Deno.test("SendQueue gives a peer up that takes nothing for half a minute", () => {
  const harness = new QueueHarness();
  harness.socket.bufferedAmount = 150_000;
  harness.push("a");
  harness.tick();
  harness.tick(30_000);
  assertEquals(harness.overflows, 0);
  harness.tick(1);
  assertEquals([harness.overflows, harness.timers.length], [1, 0]);
});

Deno.test("SendQueue is patient with a peer that takes a little now and then", () => {
  const harness = new QueueHarness();
  harness.socket.bufferedAmount = 150_000;
  harness.push("a");
  for (let n = 0; n < 10; n++) {
    harness.tick(29_000);
    harness.socket.bufferedAmount -= 1;
  }
  assertEquals(harness.overflows, 0);
});

Deno.test("SendQueue counts the time anew when it has sent something, and when something waits again", () => {
  const harness = new QueueHarness();
  const { socket } = harness;
  socket.bufferedAmount = 70_000;
  harness.push("a", "b");
  socket.bufferedAmount = HIGH_WATER_BYTES;
  socket.onChange = () => socket.bufferedAmount = 100_000;
  harness.tick();
  harness.tick(30_000);
  assertEquals([harness.overflows, socket.sent], [0, ["a"]]);
  socket.bufferedAmount = 0;
  socket.onChange = () => {};
  harness.tick();
  harness.now += 60_000;
  socket.bufferedAmount = 150_000;
  harness.push("c");
  harness.tick();
  assertEquals(harness.overflows, 0, "an earlier silence counted");
  harness.tick(30_001);
  assertEquals(harness.overflows, 1);
});

Deno.test("SendQueue.close() forgets what waits and drops what comes", () => {
  const harness = new QueueHarness();
  harness.socket.bufferedAmount = HIGH_WATER_BYTES + 1;
  harness.push("a");
  harness.queue.close();
  harness.push("b");
  harness.socket.bufferedAmount = 0;
  harness.tick();
  assertEquals([harness.socket.sent, harness.overflows, harness.retryLoop.size], [[], 0, 0]);
});

Deno.test("RetryLoop keeps one timer for all outboxes in which something waits", () => {
  const harness = new QueueHarness();
  const other = new FakeSocket();
  const queue = harness.another(200_000, other);
  harness.socket.bufferedAmount = other.bufferedAmount = HIGH_WATER_BYTES + 1;
  harness.push("a");
  queue.push(toFrame("b"));
  assertEquals([harness.retryLoop.size, harness.timers.length], [2, 1]);
  harness.socket.bufferedAmount = 0;
  harness.tick();
  assertEquals([harness.socket.sent, other.sent, harness.retryLoop.size], [["a"], [], 1]);
  assertEquals(harness.timers.length, 1);
  other.bufferedAmount = 0;
  harness.tick();
  assertEquals([other.sent, harness.retryLoop.size, harness.timers.length], [["b"], 0, 0]);
});

Deno.test("Delivery.frames() encodes for a codec once, and not for one that nobody uses", () => {
  const [lines, classic] = [codecOf("hubbub.v1"), codecOf(undefined)];
  const said: UserMessage = {
    type: "user",
    room: "lobby",
    from: "ann",
    content: "hi",
    seq: 1,
    time: 5,
  };
  let encoded = 0;
  const counting = {
    ...classic,
    events: (messages: readonly ServerMessage[]) => {
      encoded++;
      return classic.events(messages);
    },
  };
  const delivery = new Delivery([said]);
  const frames = delivery.frames(lines);
  assertEquals(encoded, 0);
  assertStrictEquals(delivery.frames(lines), frames);
  assertStrictEquals(delivery.frames({ ...counting }), delivery.frames(counting));
  assertEquals(encoded, 1);
});
