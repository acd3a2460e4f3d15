import fc from "fast-check";
import { didYouMean, quote } from "../../text/wording.ts";
import { assert, assertEquals, assertNotMatch } from "../support/assert.ts";
import { codePoint } from "../support/code_point.ts";

const FLAGS = ["addr", "data", "max-file", "max-rooms", "max-connections", "log-level"];

Deno.test("didYouMean() finds the word that was probably meant", () => {
  const table: [string, string][] = [
    ["adr", "addr"],
    ["addrs", "addr"],
    ["ADDR", "addr"],
    ["maxfile", "max-file"],
    ["max-conections", "max-connections"],
    ["loglevel", "log-level"],
  ];
  for (const [word, meant] of table) {
    assertEquals(didYouMean(word, FLAGS, "--"), `did you mean --${meant}?`, word);
  }
});

Deno.test("didYouMean() completes a beginning", () => {
  assertEquals(didYouMean("max-conn", FLAGS), "did you mean max-connections?");
  assertEquals(didYouMean("log", FLAGS), "did you mean log-level?");
});

Deno.test("didYouMean() keeps quiet when nothing is near", () => {
  for (const word of ["", "x", "port", "verbose", "quite-another-thing", "\0\0\0"]) {
    assertEquals(didYouMean(word, FLAGS), undefined, word);
  }
});

Deno.test("quote() keeps any text on one short line", () => {
  assertEquals(quote('a "b"'), '"a \\"b\\""');
  assertEquals(
    quote("a\nb\u001b[2J\u009b\u202e\u2028"),
    '"a\\nb\\u001b[2J\\u{9b}\\u{202e}\\u{2028}"',
  );
  assertEquals(quote("x".repeat(1000)), `"${"x".repeat(100)}…"`);
  fc.assert(fc.property(fc.string({ unit: codePoint, maxLength: 300 }), (text) => {
    const quoted = quote(text);
    assertNotMatch(quoted, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    assert(quoted.length < 1000);
  }));
});
