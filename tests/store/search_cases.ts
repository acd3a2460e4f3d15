/**
 * The promises about search: words in every script, where it looks, and what it follows.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import {
  ANN,
  assertFinds,
  BOB,
  type Case,
  message,
  plain,
  say,
  searchUntil,
} from "./conformance.ts";
import { roomListCases } from "./room_list_cases.ts";
import { searchPageCases } from "./search_page_cases.ts";
import { searchQueryCases } from "./search_query_cases.ts";
import type { Query } from "../../store/store.ts";

/** A query for words. */
function asking(words: string, rest: Partial<Query> = {}): Query {
  return { text: { words: words.split(" "), phrases: [] }, limit: 1000, ...rest };
}

export const searchCases: Case[] = [
  ...searchQueryCases,
  ...searchPageCases,
  ...roomListCases,
  {
    name: "search() finds words and prefixes, in any case and order",
    run: async ({ store, room }) => {
      await say(store, room(), "The Quick brown Fox", "quick!", "slow fox", "aquick");
      const rooms = [room()];
      await assertFinds(store, { rooms, words: "QUICK" }, ["quick!", "The Quick brown Fox"]);
      await assertFinds(store, { rooms, words: "fox quick" }, ["The Quick brown Fox"]);
      await assertFinds(store, { rooms, words: "bro" }, ["The Quick brown Fox"]);
      await assertFinds(store, { rooms, words: "f" }, ["slow fox", "The Quick brown Fox"]);
      await assertFinds(store, { rooms, words: "quick slow" }, []);
    },
  },
  {
    name: "search() ignores accents, width and ligatures",
    run: async ({ store, room }) => {
      await say(store, room(), "Café Ångström", "cafe\u0301", "ＣＡＦＥ", "Straße", "office ﬁne");
      const rooms = [room()];
      await assertFinds(store, { rooms, words: "cafe" }, [
        "ＣＡＦＥ",
        "cafe\u0301",
        "Café Ångström",
      ]);
      await assertFinds(store, { rooms, words: "CAFÉ angstrom" }, ["Café Ångström"]);
      await assertFinds(store, { rooms, words: "STRASSE" }, ["Straße"]);
      await assertFinds(store, { rooms, words: "fine" }, ["office ﬁne"]);
    },
  },
  {
    name: "search() finds Chinese words of one, two, three and more characters anywhere",
    run: async ({ store, room }) => {
      await say(store, room(), "我们明天开会", "明白了", "今天天气很好", "开", "会开");
      const rooms = [room()];
      await assertFinds(store, { rooms, words: "开" }, ["会开", "开", "我们明天开会"]);
      await assertFinds(store, { rooms, words: "明天" }, ["我们明天开会"]);
      await assertFinds(store, { rooms, words: "开会" }, ["我们明天开会"]);
      await assertFinds(store, { rooms, words: "天开会" }, ["我们明天开会"]);
      await assertFinds(store, { rooms, words: "今天天气" }, ["今天天气很好"]);
      await assertFinds(store, { rooms, words: "天气 今天" }, ["今天天气很好"]);
      await assertFinds(store, { rooms, words: "明今" }, []);
    },
  },
  {
    name: "search() does not mistake scattered pairs of characters for a word",
    run: async ({ store, room }) => {
      await say(store, room(), "中文，文字", "中文字");
      await assertFinds(store, { rooms: [room()], words: "中文字" }, ["中文字"]);
    },
  },
  {
    name: "search() finds Japanese, Thai, Korean, Arabic, Hindi and Greek",
    run: async ({ store, room }) => {
      const texts = [
        "これはテストです",
        "สวัสดีครับ",
        "학교에서 만나요",
        "مَرْحَبًا بالعالم",
        "हिन्दी में",
        "ΟΔΟΣ",
      ];
      await say(store, room(), ...texts);
      const words = ["テスト", "ครับ", "학교", "مرحبا", "हिन्दी", "οδός"];
      for (const [index, word] of words.entries()) {
        await assertFinds(store, { rooms: [room()], words: word }, [texts[index]!]);
      }
    },
  },
  {
    name: "search() finds emoji, alone and between words",
    run: async ({ store, room }) => {
      await say(store, room(), "done👍🏽now", "👩‍💻 at work", "🇩🇪🇪🇸", "🎉🎉");
      const rooms = [room()];
      await assertFinds(store, { rooms, words: "👍" }, ["done👍🏽now"]);
      await assertFinds(store, { rooms, words: "👩‍💻" }, ["👩‍💻 at work"]);
      await assertFinds(store, { rooms, words: "🇪🇸" }, ["🇩🇪🇪🇸"]);
      await assertFinds(store, { rooms, words: "🎉 🎉" }, ["🎉🎉"]);
    },
  },
  {
    name: "search() treats the syntax of queries of every kind as plain text",
    run: async ({ store, room }) => {
      await say(store, room(), 'say "hello" AND NOT goodbye', "near miss", "50% off", "a_b d'e");
      const rooms = [room()];
      const hello = ['say "hello" AND NOT goodbye'];
      for (const words of ['"hello"', '"hello', "hello AND", "not hello", "(hello)", "hello,"]) {
        await assertFinds(store, { rooms, words }, hello);
      }
      for (const words of ["content:", "-hello", "hello*", "^hello", "NEAR(hello, 3)", "hello\0"]) {
        await assertFinds(store, { rooms, words }, []);
      }
      await assertFinds(store, { rooms, words: "NEAR" }, ["near miss"]);
      await assertFinds(store, { rooms, words: "%" }, []);
      await assertFinds(store, { rooms, words: "50%" }, ["50% off"]);
      await assertFinds(store, { rooms, words: "_" }, []);
      await assertFinds(store, { rooms, words: "d’e" }, ["a_b d'e"]);
      for (
        const words of ["", " ", '"', "*", "'; DROP TABLE runs; --", "\ud800", "#1", "#hidden"]
      ) {
        await store.search(asking(words, { limit: 5 }));
      }
    },
  },
  {
    name: "search() accepts a query of very many and very long words",
    run: async ({ store, room }) => {
      const text = Array.from({ length: 400 }, (_, index) => `word${index}`).join(" ");
      await say(store, room(), text, "x".repeat(16_000), "汉".repeat(5000));
      const rooms = [room()];
      await assertFinds(store, { rooms, words: text }, [text]);
      await assertFinds(store, { rooms, words: `${text} missing` }, []);
      await assertFinds(store, { rooms, words: "x".repeat(16_000) }, ["x".repeat(16_000)]);
      await assertFinds(store, { rooms, words: "汉".repeat(4000) }, ["汉".repeat(5000)]);
    },
  },
  {
    name: "search() returns the newest first, up to the limit, from the given rooms",
    run: async ({ store, room }) => {
      const [a, b, c] = [room("a"), room("b"), room("c")];
      await store.commit([message(a, "pear 1", { time: 1 }), message(b, "pear 2", { time: 2 })]);
      await store.commit([
        message(c, "pear 3", { time: 3 }),
        message(a, "pear 4", { time: 4 }),
        message(b, "pear 5", { time: 5 }),
      ]);
      const all = ["pear 5", "pear 4", "pear 3", "pear 2", "pear 1"];
      await assertFinds(store, { words: "pear" }, all);
      await assertFinds(store, { words: "pear", limit: 2 }, all.slice(0, 2));
      await assertFinds(store, { words: "pear", rooms: [a] }, ["pear 4", "pear 1"]);
      const two = [a, c, room("unknown"), a];
      await assertFinds(store, { words: "pear", rooms: two }, ["pear 4", "pear 3", "pear 1"]);
      for (const rooms of [[], [room("unknown")]]) {
        assertEquals((await store.search(asking("pear", { rooms }))).messages, []);
      }
    },
  },
  {
    name: "search() covers only public rooms unless it is told others",
    run: async ({ store, room }) => {
      const [open, closed, other] = [room("open"), room("closed"), room("other")];
      const direct = `@${ANN}:${room()}`;
      await store.commit([
        { kind: "room", room: closed, private: true, topic: "quince" },
        { kind: "room", room: open, private: false, topic: "quince" },
        message(open, "quince open", { time: 1 }),
        message(closed, "quince closed", { time: 2 }),
        { kind: "room", room: other, private: true, topic: "" },
        message(other, "quince other", { time: 3 }),
        message(direct, "quince direct", { time: 4 }),
      ]);
      const words = "quince";
      const all = ["quince direct", "quince other", "quince closed", "quince open"];
      await assertFinds(store, { words, also: [closed, other, direct, open] }, all);
      await assertFinds(store, { words }, ["quince open"]);
      await assertFinds(store, { words, also: [] }, ["quince open"]);
      await assertFinds(store, { words, also: [room("unknown")] }, ["quince open"]);
      await assertFinds(store, { words, also: [closed] }, ["quince closed", "quince open"]);
      await assertFinds(store, { words, also: [direct] }, ["quince direct", "quince open"]);
      await assertFinds(store, { words, limit: 1 }, ["quince open"]);
      await assertFinds(store, { words, also: [closed], except: [open] }, ["quince closed"]);
      await assertFinds(store, { words, also: [closed], except: [closed] }, ["quince open"]);
      await assertFinds(store, { words, rooms: [closed] }, ["quince closed"]);
      await assertFinds(store, { words, rooms: [direct, open] }, ["quince direct", "quince open"]);
    },
  },
  {
    name: "search() stops finding what becomes private at once, and finds what becomes public",
    run: async ({ store, room }) => {
      const texts = Array.from({ length: 300 }, (_, index) => `medlar ${index}`);
      await say(store, room("public"), "medlar stays");
      await say(store, room(), ...texts);
      const query = asking("medlar");
      assertEquals((await searchUntil(store, query, 301)).length, 301);
      const set = { kind: "room", room: room(), topic: "" } as const;
      await store.commit([{ ...set, private: true }]);
      const found = async (rest: Partial<Query>) =>
        (await store.search({ ...query, ...rest })).messages.map(({ content }) => content);
      assertEquals(await found({}), ["medlar stays"]);
      assertEquals((await found({ rooms: [room()] })).length, 300);
      assertEquals((await found({ also: [room()] })).length, 301);
      await store.commit([{ ...set, private: false }]);
      assertEquals((await searchUntil(store, query, 301)).length, 301);
    },
  },
  {
    name: "search() accepts hundreds of rooms",
    run: async ({ store, room }) => {
      const rooms = Array.from({ length: 400 }, (_, index) => `@${room()}:${index}`);
      await store.commit(rooms.map((name) => message(name, "sloe")));
      const query = asking("sloe");
      assertEquals((await searchUntil(store, { ...query, also: rooms }, 400)).length, 400);
      assertEquals((await store.search({ ...query, rooms })).messages.length, 400);
      assertEquals(
        (await store.search({ ...query, rooms: rooms.slice(0, 40) })).messages.length,
        40,
      );
      assertEquals(
        (await store.search({ ...query, also: rooms.slice(0, 40) })).messages.length,
        40,
      );
      assertEquals((await store.search(query)).messages, []);
    },
  },
  {
    name: "search() returns whole messages in their current state",
    run: async ({ store, room }) => {
      await store.commit([
        message(room(), "first"),
        message(room(), "melon", { id: "i", reply_to: 1 }),
        { kind: "react", room: room(), seq: 2, by: BOB, from: "bob", emoji: "x" },
      ]);
      const found = await searchUntil(store, asking("melon", { rooms: [room()] }), 1);
      const base = { room: room(), seq: 2, time: 1000, from: "ann", by: ANN, content: "melon" };
      assertEquals(plain(found), [
        { ...base, id: "i", reply_to: 1, reactions: { x: [{ by: BOB, from: "bob" }] } },
      ]);
    },
  },
  {
    name: "search() follows edits, deletions and retention",
    run: async ({ store, room }) => {
      await say(store, room(), "plum one", "plum two", "plum three");
      const rooms = [room()];
      await assertFinds(store, { rooms, words: "plum" }, ["plum three", "plum two", "plum one"]);
      await store.commit([
        { kind: "edit", room: room(), seq: 2, content: "fig two", time: 5, by: ANN },
        { kind: "delete", room: room(), seq: 3, by: ANN },
      ]);
      await assertFinds(store, { rooms, words: "plum" }, ["plum one"]);
      await assertFinds(store, { rooms, words: "fig" }, ["fig two"]);
      await assertFinds(store, { rooms, words: "three" }, []);
      await store.retain({ maxMessages: 2 }, 0);
      await assertFinds(store, { rooms, words: "plum" }, []);
      await assertFinds(store, { rooms, words: "fig" }, ["fig two"]);
    },
  },
];
