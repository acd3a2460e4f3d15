import fc from "fast-check";
import { indented, oneLine } from "../../../client/text/terminal.ts";
import { assert, assertEquals, assertNotMatch } from "../../assert.ts";

/** Text full of what terminals obey. */
const hostile = fc.array(
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)),
    fc.constantFrom("\x1b[2J", "\x9b31m", "\x1b]0;title\x07", "\r\n", "\u2028", "\u202e", "\u2066"),
  ),
).map((parts) => parts.join(""));

/** Controls of any kind, line and paragraph separators, and those that turn the direction around. */
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

Deno.test("oneLine() leaves nothing that a terminal obeys", () => {
  fc.assert(fc.property(hostile, (text) => assertNotMatch(oneLine(text), OBEYED)));
});

Deno.test("indented() leaves nothing that a terminal obeys but its own line ends", () => {
  fc.assert(fc.property(hostile, (text) => {
    const [, ...further] = indented(text).split("\n");
    assertNotMatch(indented(text).replaceAll("\n", ""), OBEYED);
    assert(further.every((line) => line.startsWith("    ")));
  }));
});

Deno.test("oneLine() shows what it takes the power from", () => {
  assertEquals(oneLine("a\x1b[31mb\x07\x7f\x9b\u202e"), "a␛[31mb␇␡\ufffd\ufffd");
  assertEquals(oneLine("one\ntwo\r\nthree\u2028four"), "one␊two␍␊three↵four");
  assertEquals(oneLine("a\tb"), "a    b");
});

Deno.test("oneLine() and indented() leave other text as it is", () => {
  for (const text of ["", "Zoë, 你好 👩‍👩‍👧‍👦 e\u0301", "مرحبا \u200f!", "\ufeffx\u200d"]) {
    assertEquals(oneLine(text), text);
    assertEquals(indented(text), text);
  }
});

Deno.test("indented() sets further lines off and drops line ends at the end", () => {
  assertEquals(
    indented("a\nb\r\nc\rd\u2028e\n\nf\n\n"),
    "a\n    b\n    c\n    d\n    e\n    \n    f",
  );
});

Deno.test("indented() reads long texts in a time that grows no faster than they do", () => {
  assertEquals(indented(`${"\n".repeat(1_000_000)}x`).length, 5_000_001);
});
