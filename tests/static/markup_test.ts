import fc from "fast-check";
import { assert, assertEquals } from "../support/assert.ts";
import { isEmojiOnly, parseMarkup, plainText } from "../../static/logic/markup.js";

type Token = ReturnType<typeof parseMarkup>[number];

/** Tokens in short: `bold(text)`. */
function short(tokens: Token[]): string {
  return tokens.map((token) => {
    if ("children" in token) return `${token.type}(${short(token.children)})`;
    return token.type === "text" ? token.text : `${token.type}(${token.text})`;
  }).join("|");
}

const CASES: Record<string, string> = {
  "plain": "plain",
  "**b**": "bold(b)",
  "a **b** c": "a |bold(b)| c",
  "*i* and **b *i* b**": "italic(i)| and |bold(b |italic(i)| b)",
  "** not **": "** not **",
  "2*3*4 = 24": "2*3*4 = 24",
  "中文**粗体**中文": "中文|bold(粗体)|中文",
  "**open": "**open",
  "a * b": "a * b",
  "`c*d*e`": "code(c*d*e)",
  "`open": "`open",
  "``": "``",
  "```\nx\n```": "block(x)",
  "```ts\nlet x;\n```\nafter": "block(let x;)|after",
  "before\n```one line```": "before|block(one line)",
  "```open": "```open",
  "see https://a.example/x_(y).": "see |link(https://a.example/x_(y))|.",
  "(https://a.example/)": "(|link(https://a.example/)|)",
  "看https://a.example/x。好": "看|link(https://a.example/x)|。好",
  "xhttps://a.example/": "xhttps://a.example/",
  "看 https://a.example/x。好": "看 |link(https://a.example/x)|。好",
  "https://": "https://",
  "javascript:alert(1)": "javascript:alert(1)",
  "@ann hi": "mention(@ann)| hi",
  "mail@ann.example": "mail@ann.example",
  "@Bob Ross hi": "mention(@Bob Ross)| hi",
  "@bob rossi": "mention(@bob)| rossi",
  "**@ann**": "bold(mention(@ann))",
  "@李雷你好": "mention(@李雷)|你好",
};

for (const [text, expected] of Object.entries(CASES)) {
  Deno.test(`parseMarkup() reads ${JSON.stringify(text)}`, () => {
    assertEquals(short(parseMarkup(text, ["ann", "Bob Ross", "李雷"])), expected);
  });
}

Deno.test("parseMarkup() loses no letter of any text", () => {
  const pieces = fc.constantFrom(
    "*",
    "**",
    "`",
    "```",
    "@",
    "ann",
    "http://a.b/",
    "\n",
    " ",
    "x",
    "：",
    "\ud83c",
  );
  fc.assert(fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
    const text = parts.join("");
    // The language of a block, and spaces between a fence and the end of its line, are left out on purpose.
    fc.pre(!/```(?:[\w+#.-]+| +)\n/.test(text));
    const letters = (of: string) => of.replace(/[*`\n]/g, "");
    assertEquals(letters(plainText(text)), letters(text));
  }));
});

Deno.test("parseMarkup() leaves out the language of a block, but not a block's only word", () => {
  assertEquals(plainText("```ts\nlet a;\n```"), "let a;");
  assertEquals(plainText("```ann\n```"), "ann");
});

Deno.test("parseMarkup() compares a bounded number of names, whatever the text holds", () => {
  let reads = 0;
  const names = new Proxy(Array.from({ length: 500 }, (_, i) => `name ${i}`), {
    get(target, key, receiver) {
      reads++;
      return Reflect.get(target, key, receiver);
    },
  });
  for (const piece of ["@", "@a", "@ ", "** *@"]) {
    reads = 0;
    assert(parseMarkup(piece.repeat(16_384 / piece.length), names).length > 0);
    assert(reads < 60 * 2 * 500, `${reads} reads for ${piece}`);
  }
});

Deno.test("parseMarkup() parses any number of marks", () => {
  for (const piece of ["*", "**", "`", "```", "http://a.b/(", "** *", "* **a", "https://"]) {
    const text = piece.repeat(Math.floor(16_384 / piece.length));
    assertEquals(plainText(text).replace(/[*`]/g, ""), text.replace(/[*`]/g, ""));
  }
});

Deno.test("plainText() leaves the markup out", () => {
  assertEquals(plainText("**a** `b` *c* @d"), "a b c @d");
});

Deno.test("isEmojiOnly() accepts a few emoji and nothing else", () => {
  for (const text of ["🎉", "👍🏽 👍", "❤️", "🇩🇪"]) assert(isEmojiOnly(text), text);
  for (const text of ["", "1", "ok 🎉", "#", "🎉".repeat(30)]) assert(!isEmojiOnly(text), text);
});
