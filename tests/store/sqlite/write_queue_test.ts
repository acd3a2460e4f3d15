import { assertEquals, assertRejects, assertThrows } from "../../support/assert.ts";
import { LostWriteError } from "../../../sqlite/data_error.ts";
import { BusyError } from "../../../store/sqlite/failures.ts";
import { WriteQueue } from "../../../store/sqlite/write_queue.ts";

const inSync = () => Promise.resolve();

/** A write that is refused so often before it succeeds. */
function busyWrite(times: number, done: () => number): () => number {
  return () => {
    if (times-- > 0) throw new BusyError("The database is being written to");
    return done();
  };
}

Deno.test("WriteQueue.run() writes at once while nothing waits", () => {
  const queue = new WriteQueue(inSync);
  assertEquals(queue.run(() => 5), 5);
  assertThrows(
    () =>
      queue.run(() => {
        throw new Error("full");
      }),
    Error,
    "full",
  );
  assertEquals(queue.run(() => 6), 6);
});

Deno.test("WriteQueue.run() keeps the order when a write has to wait", async () => {
  const queue = new WriteQueue(inSync);
  const order: number[] = [];
  const write = (n: number) => () => order.push(n);
  const results = [
    queue.run(busyWrite(3, write(1))),
    queue.run(write(2)),
    queue.run(busyWrite(1, write(3))),
  ];
  assertEquals(order, []);
  assertEquals(await Promise.all(results), [1, 2, 3]);
  assertEquals(order, [1, 2, 3]);
  await queue.settled();
  assertEquals(queue.run(write(4)), 4);
});

Deno.test("WriteQueue.run() goes on after a write that waited and failed", async () => {
  const queue = new WriteQueue(inSync);
  const failing = queue.run(busyWrite(1, () => {
    throw new Error("full");
  }));
  const next = queue.run(() => 2);
  await assertRejects(() => Promise.resolve(failing), Error, "full");
  assertEquals(await next, 2);
});

Deno.test("WriteQueue.pause() has the next writes wait, in order", async () => {
  const queue = new WriteQueue(inSync);
  queue.pause(1);
  const order: number[] = [];
  const first = queue.run(() => order.push(1));
  const second = queue.run(() => order.push(2));
  assertEquals(order, []);
  assertEquals(await Promise.all([first, second]), [1, 2]);
});

Deno.test("WriteQueue fails for good once a write was lost, and says so once", async () => {
  const queue = new WriteQueue(inSync);
  const lost = new LostWriteError("The disk failed: input/output error");
  assertThrows(() =>
    queue.run(() => {
      throw lost;
    }), LostWriteError);
  assertEquals(await queue.failed, lost);
  assertThrows(() => queue.assertWorks(), LostWriteError);
});

Deno.test("WriteQueue.sync() takes any failure for a loss", async () => {
  const queue = new WriteQueue(() => Promise.reject(new Error("no space left on device")));
  await assertRejects(() => queue.sync(), LostWriteError, "no space left on device");
  assertEquals((await queue.failed).message, "no space left on device");
  assertThrows(() => queue.assertWorks(), LostWriteError);
  // What waits is not written any more.
  queue.pause(1);
  await assertRejects(() => Promise.resolve(queue.run(() => 1)), LostWriteError);
});
