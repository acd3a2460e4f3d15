import { SearchLimit, TooManySearches } from "../../limits/search_limit.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

/** Searches that one user has begun from one address: 0, or in how many milliseconds each may be made. */
function waits(limit: SearchLimit, searches: readonly (readonly [user: string, ip: string])[]) {
  return searches.map(([user, ip]) => {
    try {
      limit.take(user, ip);
      return 0;
    } catch (error) {
      return error instanceof TooManySearches ? error.retryMs : error;
    }
  });
}

Deno.test("SearchLimit.take() counts by user and by address", () => {
  const limit = new SearchLimit({ searchRate: 1, now: () => 0 });
  const ip = "192.0.2.1";
  assertEquals(waits(limit, Array(3).fill(["ann", ip])), [0, 0, 1000]);
  assertEquals(waits(limit, [["bob", ip]]), [0]);
  const many = waits(limit, Array.from({ length: 18 }, (_, n) => [`user${n}`, ip]));
  assertEquals(many.filter((wait) => wait !== 0), [100]);
});

Deno.test("SearchLimit.take() counts an address like one user while nobody is logged in", () => {
  const limit = new SearchLimit({ searchRate: 1, now: () => 0 });
  assertEquals(waits(limit, Array(3).fill(["", "2001:db8::1"])), [0, 0, 1000]);
  assertEquals(waits(limit, [["", "2001:db8::2"]]), [1000]);
});

Deno.test("SearchLimit.take() says what is allowed", () => {
  const limit = new SearchLimit({ searchRate: 1, now: () => 0 });
  waits(limit, Array(2).fill(["ann", "192.0.2.1"]));
  const allowed = "Cannot search: at most 1 a second, and 10 from one address";
  assertThrows(() => limit.take("ann", "192.0.2.1"), TooManySearches, allowed);
});
