import fc from "fast-check";
import { harmless, harmlessJson, harmlessLine } from "../../text/harmless.ts";
import { membersText, messageText, noteText, reactionsText } from "../../cli/chat/phrases.ts";
import { roundSize } from "../../text/size.ts";
import { createStyle } from "../../cli/chat/style.ts";
import { cut, textWidth, wrapText } from "../../cli/chat/width.ts";
import { assert, assertEquals, assertNotEquals } from "../support/assert.ts";
import { said as message } from "../sdk/fakes.ts";

// deno-lint-ignore no-control-regex -- this is what must not be left
const DANGEROUS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;

Deno.test("harmless() leaves nothing that a terminal would obey, whatever came", () => {
  const units = fc.string({ unit: "binary", maxLength: 40 });
  fc.assert(fc.property(units, (text) => assert(!DANGEROUS.test(harmless(text)))));
});

Deno.test("harmless() shows escape sequences instead of sending them", () => {
  assertEquals(harmless("\x1b]0;owned\x07\x1b[2J"), "␛]0;owned␇␛[2J");
  assertEquals(harmless("\x9b31m\x7f"), "�31m␡");
  assertEquals(harmless("\u202egnp.exe"), "\ufffdgnp.exe");
});

Deno.test("harmless() keeps lines, tabs as spaces, and emoji in one piece", () => {
  assertEquals(harmless("a\r\nb\tc\rd"), "a\nb    c\nd");
  assertEquals(harmless("👩‍👩‍👧"), "👩‍👩‍👧");
  assertEquals(harmlessLine("a\n\nb"), "a b");
});

Deno.test("harmlessJson() means the same value", () => {
  const value = { content: "\x1b[2J\x9b\u202e\u2028", n: 1 };
  const text = harmlessJson(value);
  assertEquals(JSON.parse(text), value);
  assert(!DANGEROUS.test(text));
});

for (
  const [text, width] of [
    ["abc", 3],
    ["日本語", 6],
    ["é", 1],
    ["e\u0301", 1],
    ["👩‍👩‍👧", 2],
    ["🇩🇪", 2],
    ["❤️", 2],
    ["한글", 4],
    ["", 0],
  ] as const
) {
  Deno.test(`textWidth() of ${JSON.stringify(text)} is ${width}`, () => {
    assertEquals(textWidth(text), width);
  });
}

Deno.test("wrapText() breaks at spaces, at line breaks, and within words that are too long", () => {
  assertEquals(wrapText("the quick brown fox", 10), ["the quick", "brown fox"]);
  assertEquals(wrapText("a\n\nb", 10), ["a", "", "b"]);
  assertEquals(wrapText("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
  assertEquals(wrapText("日本語日本語", 5), ["日本", "語日", "本語"]);
  assertEquals(wrapText("one two", 10, 4), ["one", "two"]);
});

Deno.test("wrapText() never exceeds the width and loses nothing but spaces", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "日", "👩‍👩‍👧", "\n"), maxLength: 80 });
  fc.assert(fc.property(text, fc.integer({ min: 2, max: 20 }), (given, width) => {
    const rows = wrapText(given, width);
    for (const row of rows) assert(textWidth(row) <= width, `${JSON.stringify(row)} in ${width}`);
    assertEquals(rows.join("").replaceAll(" ", ""), given.replace(/[ \n]/g, ""));
  }));
});

Deno.test("cut() ends with an ellipsis where something is missing", () => {
  assertEquals(cut("hello", 5), "hello");
  assertEquals(cut("hello", 4), "hel…");
  assertEquals(cut("日本語", 4), "日…");
  assertEquals(cut("hello", 0), "");
  assertEquals(textWidth("\u200d"), 0);
});

Deno.test("createStyle() gives a name one colour, whatever its letter case", () => {
  const style = createStyle(true);
  assertEquals(style.name("Ann", "x"), style.name("ann", "x"));
  assertNotEquals(style.name("ann", "x"), style.name("bo", "x"));
});

Deno.test("createStyle() without colours uses none", () => {
  const style = createStyle(false);
  for (const styled of [style.name("ann"), style.alert("a"), style.accent("a"), style.dim("a")]) {
    // deno-lint-ignore no-control-regex -- SGR codes 30 and above are colours
    assert(!/\x1b\[(?:\d;)?[349]\d/.test(styled), JSON.stringify(styled));
  }
});

const said = (more: Record<string, unknown>) => ({ ...message(1, "hi"), ...more }) as never;

Deno.test("messageText() tells what became of a message", () => {
  assertEquals(messageText(said({}), "http://h/"), "hi");
  assertEquals(messageText(said({ edited: 5 }), "http://h/"), "hi (edited)");
  assertEquals(messageText(said({ deleted: true }), "http://h/"), "(deleted)");
  const file = { name: "a\x1b.png", size: 2048, url: "/files/1/a.png" };
  assertEquals(
    messageText(said({ file }), "http://h/chat/"),
    "a␛.png (2.0 KiB) http://h/chat/files/1/a.png",
  );
  assertEquals(
    reactionsText(said({ reactions: { "👍": { count: 2, names: ["a", "b"] } } })),
    "👍 2",
  );
});

Deno.test("noteText() makes names of others harmless", () => {
  const note = noteText({
    type: "login",
    room: "lobby",
    from: "a\x1b[2J",
    by: "a",
    content: "",
    user_count: 1,
  });
  assertEquals(note, "a␛[2J is here");
});

Deno.test("membersText() and noteText() mark names that mix alphabets", () => {
  const name = "\u0410nn";
  const member = { id: "a", name, role: "guest", online: true } as const;
  assertEquals(membersText("#a", [member]), `Members of #a:\n  ${name} ⚠: guest, online`);
  const here = { room: "a", users: [], user_list: ["ann", name], user_count: 2 };
  assertEquals(noteText({ type: "users", ...here }), `In a: ann, ${name} ⚠`);
});

Deno.test("noteText() has nothing to tell about some events", () => {
  assertEquals(noteText({ type: "pong", time: 1 }), undefined);
});

Deno.test("roundSize() is short", () => {
  assertEquals([roundSize(5), roundSize(1536), roundSize(5 * 2 ** 40)], [
    "5 B",
    "1.5 KiB",
    "5120.0 GiB",
  ]);
});
