import { Channel } from "../../hub/channel.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertThrows,
} from "../support/assert.ts";
import { settle, watch } from "../support/promises.ts";

const CLOSED = "Cannot send: the channel is closed";

for (const capacity of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) {
  Deno.test(`Channel refuses the capacity ${capacity}`, () => {
    assertThrows(
      () => new Channel(capacity),
      RangeError,
      `Cannot create channel: capacity must be a positive integer, received ${capacity}`,
    );
  });
}

Deno.test("Channel.trySend() refuses when full, and takes again once there is a place", async () => {
  const channel = new Channel<number>(2);
  assertEquals([channel.trySend(1), channel.trySend(2), channel.trySend(3)], [true, true, false]);
  assertEquals(channel.size, 2);
  assertEquals(await channel.receive(), 1);
  assert(channel.trySend(4));
  assertEquals(channel.drain(), [2, 4]);
  assertEquals(channel.size, 0);
});

Deno.test("Channel.trySend() hands over to a waiting receiver without taking a place", async () => {
  const channel = new Channel<number>(1);
  const received = channel.receive();
  assert(channel.trySend(1));
  assertEquals(channel.size, 0);
  assert(channel.trySend(2));
  assertFalse(channel.trySend(3));
  assertEquals(await received, 1);
  assertEquals(channel.drain(), [2]);
});

Deno.test("Channel.trySend() takes falsy values", async () => {
  const channel = new Channel<number | string | boolean>(3);
  for (const value of [0, "", false]) assert(channel.trySend(value));
  assertEquals(await channel.receive(), 0);
  assertEquals(channel.drain(), ["", false]);
});

Deno.test("Channel.send() waits for a place, and goes in in order", async () => {
  const channel = new Channel<number>(1);
  const [first, second, third] = [1, 2, 3].map((value) => watch(channel.send(value)));
  await settle();
  assertEquals([first?.state, second?.state, third?.state], ["resolved", "pending", "pending"]);
  assertFalse(channel.trySend(4), "a sender that does not wait got ahead");
  assertEquals(await channel.receive(), 1);
  await settle();
  assertEquals([second?.state, third?.state], ["resolved", "pending"]);
  assertFalse(channel.trySend(4), "a sender that does not wait got ahead");
  assertEquals([await channel.receive(), await channel.receive()], [2, 3]);
  assertEquals(third?.state, "resolved");
});

Deno.test("Channel.receive() waits, and serves receivers in the order in which they asked", async () => {
  const channel = new Channel<string>(8);
  const first = watch(channel.receive());
  const second = watch(channel.receive());
  await settle();
  assertEquals([first.state, second.state], ["pending", "pending"]);
  channel.trySend("a");
  const late = watch(channel.receive());
  channel.trySend("b");
  channel.trySend("c");
  await settle();
  assertEquals([first.value, second.value, late.value], ["a", "b", "c"]);
});

Deno.test("Channel.receive() lets nobody who asks later get ahead of a waiting receiver", async () => {
  const channel = new Channel<string>(8);
  const waiting = watch(channel.receive());
  channel.trySend("a");
  assertEquals(channel.drain(), []);
  const late = watch(channel.receive());
  await settle();
  assertEquals([waiting.value, late.state], ["a", "pending"]);
  channel.close();
});

Deno.test("Channel.receive() keeps the order while the inside is moved up", async () => {
  const channel = new Channel<number>(100);
  const received: (number | undefined)[] = [];
  let next = 0;
  for (let round = 0; round < 300; round++) {
    while (channel.trySend(next)) next++;
    for (let taken = 0; taken < round % 100 + 1; taken++) received.push(await channel.receive());
  }
  received.push(...channel.drain());
  assertEquals(received, Array.from({ length: next }, (_, value) => value));
});

Deno.test("Channel.receiveAll() takes all that is inside", async () => {
  const channel = new Channel<number>(4);
  for (const value of [1, 2, 3]) channel.trySend(value);
  assertEquals(await channel.receive(), 1);
  assertEquals(await channel.receiveAll(), [2, 3]);
});

Deno.test("Channel.receiveAll() waits for a value, and takes those that came with it", async () => {
  const channel = new Channel<number>(2);
  const received = channel.receiveAll();
  await settle();
  assert(channel.trySend(1));
  assert(channel.trySend(2));
  assertEquals(await received, [1, 2]);
});

Deno.test("Channel.receiveAll() takes what waiting senders hold, capacity by capacity", async () => {
  const channel = new Channel<number>(2);
  const sends = [1, 2, 3, 4, 5].map((value) => channel.send(value));
  assertEquals(await channel.receiveAll(), [1, 2]);
  assertEquals(await channel.receiveAll(), [3, 4]);
  assertEquals(await channel.receiveAll(), [5]);
  await Promise.all(sends);
});

Deno.test("Channel.drain() takes nothing from an empty channel, and does not wait", () => {
  assertEquals(new Channel<number>(1).drain(), []);
});

Deno.test("Channel.drain() admits waiting senders for the next time", async () => {
  const channel = new Channel<number>(2);
  const sends = [1, 2, 3, 4, 5].map((value) => watch(channel.send(value)));
  assertEquals(channel.drain(), [1, 2]);
  assertEquals(channel.size, 2);
  await settle();
  assertEquals(sends.map(({ state }) => state === "resolved"), [true, true, true, true, false]);
  assertEquals([channel.drain(), channel.drain(), channel.drain()], [[3, 4], [5], []]);
});

Deno.test("Channel.drain() gives an array that later values do not change", () => {
  const channel = new Channel<number>(2);
  channel.trySend(1);
  const drained = channel.drain();
  channel.trySend(2);
  assertEquals(drained, [1]);
});

Deno.test("Channel.close() lets nothing in, and out what is inside", async () => {
  const channel = new Channel<number>(2);
  channel.trySend(1);
  channel.trySend(2);
  assertFalse(channel.closed);
  channel.close();
  assert(channel.closed);
  assertFalse(channel.trySend(3));
  await assertRejects(() => channel.send(3), Error, CLOSED);
  assertEquals(await channel.receive(), 1);
  assertEquals(await channel.receiveAll(), [2]);
  assertEquals(await channel.receive(), undefined);
  assertEquals(await channel.receiveAll(), []);
  assertEquals(channel.drain(), []);
});

Deno.test("Channel.close() lets nothing into a channel that has places", async () => {
  const channel = new Channel<number>(2);
  channel.close();
  assertFalse(channel.trySend(1));
  await assertRejects(() => channel.send(1), Error, CLOSED);
  assertEquals(await channel.receive(), undefined);
});

Deno.test("Channel.close() ends waiting receivers", async () => {
  const channel = new Channel<number>(1);
  const one = channel.receive();
  const all = channel.receiveAll();
  channel.close();
  assertEquals(await one, undefined);
  assertEquals(await all, []);
});

Deno.test("Channel.close() does not take back what was handed over", async () => {
  const channel = new Channel<number>(2);
  const one = channel.receive();
  const all = channel.receiveAll();
  for (const value of [1, 2, 3]) channel.trySend(value);
  channel.close();
  assertEquals(await one, 1);
  assertEquals(await all, [2, 3]);
});

Deno.test("Channel.close() rejects waiting senders, whose values never went in", async () => {
  const channel = new Channel<number>(1);
  channel.trySend(1);
  const sends = [channel.send(2), channel.send(3)];
  channel.close();
  for (const send of sends) await assertRejects(() => send, Error, CLOSED);
  assertEquals(await channel.receiveAll(), [1]);
  assertEquals(await channel.receiveAll(), []);
});

Deno.test("Channel.close() is idempotent", async () => {
  const channel = new Channel<number>(1);
  channel.trySend(1);
  channel.close();
  channel.close();
  assert(channel.closed);
  assertEquals(await channel.receive(), 1);
});

Deno.test("Channel[Symbol.asyncIterator]() yields until closed and empty", async () => {
  const channel = new Channel<number>(2);
  const sending = (async () => {
    for (let value = 1; value <= 5; value++) await channel.send(value);
    channel.close();
  })();
  assertEquals(await Array.fromAsync(channel), [1, 2, 3, 4, 5]);
  await sending;
});

Deno.test("Channel[Symbol.asyncIterator]() left early leaves the rest inside", async () => {
  const channel = new Channel<number>(3);
  for (const value of [1, 2, 3]) channel.trySend(value);
  for await (const value of channel) if (value === 2) break;
  assertFalse(channel.closed);
  assertEquals(channel.drain(), [3]);
});

Deno.test("Channel[Symbol.asyncIterator]() shares the values among several loops", async () => {
  const channel = new Channel<number>(1);
  const loops = Promise.all([Array.fromAsync(channel), Array.fromAsync(channel)]);
  for (let value = 1; value <= 6; value++) await channel.send(value);
  channel.close();
  const received = await loops;
  assertEquals(received.flat().sort(), [1, 2, 3, 4, 5, 6]);
  for (const values of received) assertEquals(values, values.toSorted());
});
