import { assertEquals } from "../support/assert.ts";
import { TokenBucket } from "../../limits/token_bucket.ts";

Deno.test("TokenBucket.take() lets a burst through, then says how long to wait", () => {
  const bucket = new TokenBucket(20, 3, 0);
  assertEquals([1, 2, 3, 4, 5].map(() => bucket.take(0)), [0, 0, 0, 50, 50]);
});

Deno.test("TokenBucket.take() gives tokens back at the rate, and no more than the burst", () => {
  const bucket = new TokenBucket(20, 2, 0);
  bucket.take(0);
  bucket.take(0);
  assertEquals([bucket.take(49), bucket.take(50), bucket.take(50)], [1, 0, 50]);
  assertEquals([1, 2, 3].map(() => bucket.take(1e9)), [0, 0, 50]);
});

Deno.test("TokenBucket.take() waits no longer than said, at an odd rate too", () => {
  const bucket = new TokenBucket(3, 1, 0);
  bucket.take(0);
  const wait = bucket.take(0);
  assertEquals(wait, 334);
  assertEquals(bucket.take(wait), 0);
});

Deno.test("TokenBucket.reserve() takes what is not there yet, unless that takes too long", () => {
  const bucket = new TokenBucket(10, 2, 0);
  const waits = [1, 2, 3, 4].map(() => bucket.reserve(0, 1, 150));
  assertEquals(waits, [0, 0, 100, 200]);
  // The last one was not taken, the one before is owed.
  assertEquals([bucket.take(100), bucket.reserve(100, 1, Infinity)], [100, 100]);
  assertEquals(bucket.reserve(100, 20, Infinity), 2100);
  assertEquals(bucket.take(2300), 0);
});

Deno.test("TokenBucket.take() neither gains nor loses when the clock is set back", () => {
  const bucket = new TokenBucket(1, 1, 10_000);
  assertEquals([bucket.take(10_000), bucket.take(0), bucket.take(999)], [0, 1000, 1]);
  assertEquals(bucket.take(1000), 0);
});

Deno.test("TokenBucket.take() takes several at once, or none of them", () => {
  const bucket = new TokenBucket(10, 5, 0);
  assertEquals([bucket.take(0, 4), bucket.take(0, 3), bucket.take(0, 1)], [0, 200, 0]);
});
