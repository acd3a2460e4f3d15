import { KeyedBuckets } from "../../limits/keyed_buckets.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("KeyedBuckets.take() limits each key by itself", () => {
  let now = 0;
  const buckets = new KeyedBuckets({ rate: 1, burst: 2, now: () => now });
  assertEquals(["a", "a", "a", "b"].map((key) => buckets.take(key)), [0, 0, 1000, 0]);
  now = 1000;
  assertEquals([buckets.take("a"), buckets.take("a")], [0, 1000]);
});

Deno.test("KeyedBuckets.take() limits neither without a rate nor without a key", () => {
  const free = new KeyedBuckets({ rate: Infinity, burst: 1, now: () => 0 });
  const nobody = new KeyedBuckets({ rate: 1, burst: 1, now: () => 0 });
  assertEquals([free.take("a", 5), free.take("a", 5)], [0, 0]);
  assertEquals([nobody.take("", 5), nobody.take("", 5)], [0, 0]);
});

Deno.test("KeyedBuckets.take() remembers ten thousand keys, and forgets the one used longest ago", () => {
  const buckets = new KeyedBuckets({ rate: 1, burst: 1, now: () => 0 });
  buckets.take("first");
  buckets.take("second");
  buckets.take("first");
  for (let n = 0; n < 9999; n++) buckets.take(String(n));
  assertEquals([buckets.take("first"), buckets.take("second")], [1000, 0]);
});
