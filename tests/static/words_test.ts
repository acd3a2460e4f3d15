import { assert, assertEquals } from "../support/assert.ts";
import en from "../../static/lang/en.js";
import zh from "../../static/lang/zh-CN.js";
import { EMOJI, replaceShortcodes, searchEmoji } from "../../static/logic/emoji.js";
import { LANGUAGES, pickLanguage, Speech } from "../../static/logic/i18n.js";
import { hueOf, HUES, initials, mentions } from "../../static/logic/names.js";
import { conversationOf, hashOf, roomName } from "../../static/logic/rooms.js";
import { excerpt, highlight } from "../../static/logic/search.js";
import { byteLength, completionAt, matchNames, replaceRange } from "../../static/logic/text.js";

const bare = (text: string) => text.replace(/[\u2068\u2069]/g, "").replaceAll("\u202f", " ");
const english = new Speech("en", en);
const chinese = new Speech("zh-CN", zh);

Deno.test("Speech.say() selects the plural form and isolates values", () => {
  assertEquals(english.say("new_messages", { count: 1 }), "1 new message");
  assertEquals(english.say("new_messages", { count: 1_200 }), "1,200 new messages");
  assertEquals(chinese.say("new_messages", { count: 1 }), "1 条新消息");
  assertEquals(english.say("replying", { name: "ann" }), "Replying to \u2068ann\u2069");
});

Deno.test("Speech.list() names a few and counts the others", () => {
  assertEquals(bare(english.list(["a", "b"])), "a and b");
  assertEquals(bare(english.list(["a", "b", "c", "d", "e"])), "a, b, c, and 2 others");
});

Deno.test("Speech.list() counts those whose names are not known", () => {
  assertEquals(bare(english.list(["a", "b"], 2, 7)), "a, b, and 5 others");
  assertEquals(bare(english.list(["a"], 1, 1)), "a");
});

Deno.test("Speech.day() is relative to now", () => {
  const now = new Date(2026, 5, 15, 12).getTime();
  const days = (n: number) => english.day(now - n * 86_400_000, now);
  assertEquals([days(0), days(1), days(3)], ["Today", "Yesterday", "Friday"]);
  assertEquals(days(20), "Tuesday, May 26");
  assertEquals(english.day(new Date(2024, 0, 2).getTime(), now), "Tuesday, January 2, 2024");
  assertEquals(chinese.day(now, now), "今天");
});

Deno.test("Speech.clock() follows the language, shortClock() has no room for AM and PM", () => {
  const time = new Date(2026, 0, 1, 15, 4).getTime();
  assertEquals(bare(english.clock(time)), "03:04 PM");
  assertEquals(english.shortClock(time), "3:04");
  assertEquals(chinese.clock(time), "15:04");
});

Deno.test("Speech.size() uses human-readable units", () => {
  const sizes = [0, 999, 1_400, 25_000_000].map((bytes) => bare(english.size(bytes)));
  assertEquals(sizes, ["0 bytes", "999 bytes", "1.4 kB", "25 MB"]);
});

Deno.test("every language has every text, with the same values in it", () => {
  const values = (text: unknown) => [...new Set(JSON.stringify(text).match(/\{\w+\}/g))].sort();
  for (const [key, text] of Object.entries(en)) {
    const translated = new Map(Object.entries(zh)).get(key);
    assert(translated, key);
    assertEquals(values(translated), values(text), key);
  }
  assertEquals(Object.keys(zh).sort(), Object.keys(en).sort());
});

Deno.test("pickLanguage() picks the first supported language", () => {
  assertEquals(pickLanguage(["fr", "zh-TW", "en"]), "zh-CN");
  assertEquals(pickLanguage(["en-GB"]), "en");
  assertEquals(pickLanguage(["fr"]), "en");
  assertEquals(pickLanguage([]), "en");
  assert(Object.keys(LANGUAGES).includes("zh-CN"));
});

Deno.test("mentions() finds a name as a whole word in any case", () => {
  assert(mentions("hi @ANN!", "ann"));
  assert(mentions("谢谢@李雷了", "李雷"));
  assert(mentions("@Bob Ross, look", "bob ross"));
  assert(!mentions("@anna", "ann"));
  assert(!mentions("me@ann", "ann"));
  assert(mentions("@anna @ann", "ann"));
});

Deno.test("initials() and hueOf() work for every name", () => {
  assertEquals(initials("Ann Lee"), "AL");
  assertEquals(initials("bob"), "B");
  assertEquals(initials("李雷"), "李");
  assertEquals(initials("😀 smiley"), "😀");
  assertEquals(initials("z" + "\u0301".repeat(200)), "Z");
  assert(hueOf("ann") === hueOf("ANN") && hueOf("ann") < HUES);
});

Deno.test("conversationOf() reads what hashOf() writes, and nothing else", () => {
  for (const key of ["tea", "@Vb7tY0aRc1-Q"]) {
    assertEquals(conversationOf(hashOf({ key })), { key });
  }
  assertEquals(conversationOf("#@bob%20ross"), { key: "@bob ross" });
  for (const hash of ["", "#", "#@", "#Tea Time", "#../../etc", "#%"]) {
    assertEquals(conversationOf(hash), null, hash);
  }
});

Deno.test("roomName() guesses the room that is meant", () => {
  assertEquals(roomName(" #Tea Time "), "tea-time");
});

Deno.test("completionAt() finds what is being typed", () => {
  assertEquals(completionAt("hi @bo", 6), { kind: "mention", query: "bo", from: 3 });
  assertEquals(completionAt("hi :tad", 7), { kind: "emoji", query: "tad", from: 3 });
  assertEquals(completionAt("你好@李", 4), { kind: "mention", query: "李", from: 2 });
  for (const text of ["mail@bo", "10:30", "hi :t", "hi @bo x", ""]) {
    assertEquals(completionAt(text, text.length), null, text);
  }
});

Deno.test("matchNames() offers names that begin so, then words that do", () => {
  assertEquals(matchNames(["Ann", "Bob Ross", "rosa"], "ro", 8), ["rosa", "Bob Ross"]);
});

Deno.test("replaceRange() adds one space after the word", () => {
  const range = { from: 3, to: 6 };
  assertEquals(replaceRange("hi @bo", range, "@bob"), { text: "hi @bob ", caret: 8 });
  assertEquals(replaceRange("hi @bo x", range, "@bob"), { text: "hi @bob x", caret: 8 });
});

Deno.test("byteLength() counts UTF-8", () => {
  assertEquals(byteLength("aé语🎉"), 10);
});

Deno.test("searchEmoji() puts the exact name first", () => {
  assertEquals(searchEmoji("tada")[0]?.emoji, "🎉");
  assertEquals(searchEmoji("heart")[0]?.emoji, "❤️");
  assertEquals(searchEmoji("no such thing"), []);
  assert(EMOJI.every(({ names }) => names.length > 0));
});

Deno.test("replaceShortcodes() leaves code and unknown names alone", () => {
  assertEquals(replaceShortcodes(":tada: `:tada:` :nope: 10:30:00"), "🎉 `:tada:` :nope: 10:30:00");
});

Deno.test("highlight() marks every word wherever it stands", () => {
  assertEquals(highlight("Tea and TEAPOT", "tea"), [
    { text: "Tea", hit: true },
    { text: " and ", hit: false },
    { text: "TEA", hit: true },
    { text: "POT", hit: false },
  ]);
  assertEquals(highlight("a+b", "+ ("), [
    { text: "a", hit: false },
    { text: "+", hit: true },
    { text: "b", hit: false },
  ]);
  assertEquals(highlight("x", " "), [{ text: "x", hit: false }]);
});

Deno.test("excerpt() shows the surroundings of the first hit", () => {
  const text = "a".repeat(500) + " needle " + "b".repeat(500);
  const part = excerpt(text, "needle", 100);
  assert(part.includes("needle") && part.length <= 102, part);
  assertEquals(excerpt("short", "x", 100), "short");
});
