/** Reading bodies, bounded in time and size. */
import { deadline } from "@std/async/deadline";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { readChunks, readText, TooSlow } from "../../http/body.ts";
import { Problem } from "../../http/problem.ts";

const GENEROUS = { idle: 60_000, grace: 60_000, rate: 0 };

function request(body: BodyInit | null, headers: Record<string, string> = {}): Request {
  return new Request("http://localhost/", { method: "POST", body, headers });
}

/** Longest duration of a wait, in milliseconds. */
const DEADLINE_MS = 30_000;

/** Reads all chunks, as text. */
function drain(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  return deadline(readAll(chunks), DEADLINE_MS);
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  return text;
}

/** A body whose chunks take `milliseconds` each, and the clock that it advances. */
function slowly(count: number, bytes: number, milliseconds: number) {
  let now = 0;
  let cancelled = false;
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      now += milliseconds;
      if (sent++ < count) controller.enqueue(new Uint8Array(bytes));
      else controller.close();
    },
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  return { body, now: () => now, wasCancelled: () => cancelled };
}

Deno.test("readChunks() reads any body", async () => {
  assertEquals(await drain(readChunks(request(null), GENEROUS)), "");
  assertEquals(await drain(readChunks(request(""), GENEROUS)), "");
  assertEquals(await drain(readChunks(request("hello"), GENEROUS)), "hello");
  const long = "0123456789".repeat(100_000);
  assertEquals(await drain(readChunks(request(long), GENEROUS)), long);
});

Deno.test("readChunks() reads byte streams into memory that it reuses", async () => {
  let left = 100;
  let marks = 0;
  const body = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const { byobRequest } = controller;
      const view = byobRequest?.view;
      if (!(view instanceof Uint8Array)) throw new Error("Not asked with a buffer");
      // New memory is zero.
      marks += view[0] ?? 0;
      view[0] = 1;
      if (left-- > 0) return byobRequest?.respond(view.byteLength);
      controller.close();
      byobRequest?.respond(0);
    },
  });
  let bytes = 0;
  for await (const chunk of readChunks(request(body), GENEROUS)) bytes += chunk.length;
  assertEquals([marks, bytes], [100, 100 * 64 * 1024]);
});

Deno.test("readChunks() gives up on a body that stops", async () => {
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(9)) });
  const chunks = readChunks(request(body), { idle: 1, grace: 60_000, rate: 1 });
  await assertRejects(() => drain(chunks), TooSlow);
});

Deno.test("readChunks() gives up on a body that drips, and cancels it", async () => {
  // A byte a second, where ten are expected after the first five seconds.
  const { body, now, wasCancelled } = slowly(1000, 1, 1000);
  const chunks = readChunks(request(body), { idle: 60_000, grace: 5000, rate: 10 }, { now });
  let count = 0;
  await assertRejects(async () => {
    for await (const _ of chunks) count++;
  }, TooSlow);
  assertEquals([count, wasCancelled()], [5, true]);
});

Deno.test("readChunks() reads a body at the minimum rate, however long it takes", async () => {
  const { body, now } = slowly(1000, 10, 1000);
  const chunks = readChunks(request(body), { idle: 60_000, grace: 5000, rate: 10 }, { now });
  assertEquals((await drain(chunks)).length, 10_000);
});

Deno.test("readChunks() refuses a body shorter than its Content-Length", async () => {
  const chunks = readChunks(request("hello", { "content-length": "6" }), GENEROUS);
  await assertRejects(() => drain(chunks), Problem, "its body ended too soon");
});

Deno.test("TooSlow.response() announces a byte too many, so that it cannot be completed", async () => {
  const response = new TooSlow().response();
  const { length } = await response.clone().bytes();
  assertEquals(response.status, 408);
  assertEquals(response.headers.get("connection"), "close");
  assertEquals(response.headers.get("content-length"), String(length + 1));
  assertEquals((await response.json()).status, 408);
});

Deno.test("readText() reads text up to a limit", async () => {
  assertEquals(await readText(request("häl"), 4, GENEROUS), "häl");
  const tooLong = await assertRejects(() => readText(request("hälo"), 4, GENEROUS), Problem);
  assertEquals([tooLong.status, tooLong.code], [413, "too_large"]);
});

Deno.test("readText() refuses invalid UTF-8, wherever the chunks are cut", async () => {
  for (const bytes of [[0xff], [0x61, 0xe4], [0xc3]]) {
    const wrong = await assertRejects(
      () => readText(request(Uint8Array.from(bytes)), 9, GENEROUS),
      Problem,
    );
    assertEquals(wrong.status, 400);
  }
});
