import { assertEquals, assertThrows } from "../support/assert.ts";
import fc from "fast-check";
import { Refused } from "../../protocol.ts";
import { parseSearch } from "../../store/query.ts";
import { compileText, matches } from "../../store/terms.ts";

/** What is found in a query, without what is empty. */
function parsed(content: string): Record<string, unknown> {
  const { text: { words, phrases }, ...rest } = parseSearch(content);
  return Object.fromEntries(
    Object.entries({ words, phrases, ...rest })
      .filter(([, value]) => !Array.isArray(value) || value.length > 0),
  );
}

Deno.test("parseSearch() tells words, phrases and operators apart", () => {
  assertEquals(parsed("one  Two\tC#"), { words: ["one", "Two", "C#"] });
  assertEquals(parsed('a "b  c" “d” e'), { words: ["a", "e"], phrases: [["b", "c"], ["d"]] });
  assertEquals(parsed('from:ann FROM:"Bo Li" from:@x1'), { from: ["ann", "Bo Li", "@x1"] });
  assertEquals(parsed("in:Lobby in:#den in:@Bo"), { in: ["lobby", "den", "@Bo"] });
  assertEquals(parsed("has:file Has:LINK x"), { words: ["x"], has: ["file", "link"] });
});

Deno.test("parseSearch() takes what is no operator for words", () => {
  assertEquals(parsed("to:ann from: http://x.org re:from:ann"), {
    words: ["to:ann", "from:", "http://x.org", "re:from:ann"],
  });
  assertEquals(parsed('"from:ann has:file"'), { phrases: [["from:ann", "has:file"]] });
  assertEquals(parsed('a "b c'), { words: ["a", '"b', "c"] });
  assertEquals(parsed('"" " "'), {});
});

Deno.test("parseSearch() reads days in UTC; neither after: nor before: includes the day", () => {
  const day = Date.UTC(2026, 1, 28);
  assertEquals(parsed("after:2026-02-28"), { after: day + 86_400_000 });
  assertEquals(parsed("before:2026-02-28"), { before: day });
  assertEquals(parsed("after:2026-02-28 after:2026-01-01 before:2026-03-09 before:2026-03-02"), {
    after: day + 86_400_000,
    before: Date.UTC(2026, 2, 2),
  });
});

Deno.test("parseSearch() refuses a wrong date or has: and says what is allowed", () => {
  const messages = {
    "has:image": 'Cannot search: has: must be followed by file or link, received "image"',
    "before:yesterday":
      'Cannot search: before: must be followed by a date as YYYY-MM-DD, received "yesterday"',
    "after:2026-02-30":
      'Cannot search: after: must be followed by a date as YYYY-MM-DD, received "2026-02-30"',
    "after:2026-13-01":
      'Cannot search: after: must be followed by a date as YYYY-MM-DD, received "2026-13-01"',
  };
  for (const [content, message] of Object.entries(messages)) {
    const error = assertThrows(() => parseSearch(content), Refused);
    assertEquals([error.code, error.message], ["bad_message", message]);
  }
});

Deno.test("parseSearch() throws nothing but Refused, and what it reads can be compiled", () =>
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (content) => {
    try {
      matches("some text", compileText(parseSearch(content).text));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  })));

Deno.test("matches() finds in a text every word of it", () =>
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme", minLength: 1 })), (parts) => {
      const words = parts.map((part) => part.replace(/\s/gu, "")).filter((part) => part !== "");
      const text = words.join(" ");
      for (const word of words) {
        const compiled = compileText({ words: [word], phrases: [] });
        assertEquals(
          compiled.impossible || matches(text, compiled),
          true,
          JSON.stringify([word, text]),
        );
      }
    }),
  ));
