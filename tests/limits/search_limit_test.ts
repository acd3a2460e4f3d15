import { SearchLimit } from "../../limits/search_limit.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("SearchLimit.take() counts by user and by address", () => {
  const limit = new SearchLimit({ searchRate: 1, now: () => 0 });
  assertEquals([1, 2, 3].map(() => limit.take("ann", "192.0.2.1")), [0, 0, 1000]);
  assertEquals(limit.take("bob", "192.0.2.1"), 0);
  const many = Array.from({ length: 18 }, (_, n) => limit.take(`user${n}`, "192.0.2.1"));
  assertEquals(many.filter((wait) => wait > 0), [100]);
});

Deno.test("SearchLimit.take() counts an address like one user while nobody is logged in", () => {
  const limit = new SearchLimit({ searchRate: 1, now: () => 0 });
  assertEquals([1, 2, 3].map(() => limit.take("", "2001:db8::1")), [0, 0, 1000]);
  assertEquals(limit.take("", "2001:db8::2"), 1000);
});
