import fc from "fast-check";
import { codePoint } from "./code_point.ts";
import { assert, assertEquals } from "./assert.ts";

Deno.test("codePoint gives well-formed characters, one each", () => {
  fc.assert(fc.property(codePoint, (text) => {
    assert(text.isWellFormed());
    assertEquals([...text].length, 1);
  }));
});

Deno.test("codePoint gives characters of every plane, and control characters", () => {
  const seen = fc.sample(codePoint, { numRuns: 5000, seed: 1 }).map((text) => text.codePointAt(0));
  const planes = new Set(seen.map((code = 0) => code >> 16));
  assertEquals(planes.size, 17);
  assert(seen.some((code = 0) => code < 32));
});

Deno.test("fc.string() of codePoint gives the names that every object has", () => {
  const texts = fc.sample(fc.string({ unit: codePoint }), { numRuns: 5000, seed: 1 });
  assert(texts.includes("__proto__"));
});
