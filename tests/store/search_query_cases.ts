/**
 * The promises about what a query means: signs, phrases, authors, times, files and links.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { parseSearch } from "../../store/query.ts";
import type { Query, Store } from "../../store/store.ts";
import { ANN, BOB, type Case, message, say, searchUntil } from "./conformance.ts";

const FILE = {
  id: "f",
  name: "plan.pdf",
  size: 1,
  media_type: "application/pdf",
  url: "/files/f/plan.pdf",
  sha256: "00",
};

/** Asserts which texts are found by what somebody types, without `from:` and `in:`. */
async function assertTyped(
  store: Store,
  content: string,
  rest: Partial<Query>,
  expected: string[],
): Promise<void> {
  const { text, after, before, has } = parseSearch(content);
  const query: Query = {
    text,
    has,
    limit: 50,
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
    ...rest,
  };
  const found = await searchUntil(store, query, expected.length);
  assertEquals(found.map(({ content }) => content), expected, `${content} ${JSON.stringify(rest)}`);
}

export const searchQueryCases: Case[] = [
  {
    name: "search() tells words by their signs",
    run: async ({ store, room }) => {
      const texts = ["C", "I like C#", "C++, too", "c#7 is out", "abc#", "see #42", "42", "f#"];
      await say(store, room(), ...texts, "node.js", "node js", "foo-bar", "foo bar", "foo‑barista");
      const rooms = [room()];
      const cs = ["c#7 is out", "C++, too", "I like C#", "C"];
      await assertTyped(store, "c", { rooms }, cs);
      await assertTyped(store, "C#", { rooms }, ["c#7 is out", "I like C#"]);
      await assertTyped(store, "c++", { rooms }, ["C++, too"]);
      await assertTyped(store, "c+", { rooms }, ["C++, too"]);
      await assertTyped(store, "#42", { rooms }, ["see #42"]);
      await assertTyped(store, "42", { rooms }, ["42", "see #42"]);
      await assertTyped(store, "node.j", { rooms }, ["node.js"]);
      await assertTyped(store, "node js", { rooms }, ["node js", "node.js"]);
      await assertTyped(store, "foo-bar", { rooms }, ["foo‑barista", "foo-bar"]);
      await assertTyped(store, "(foo-bar).", { rooms }, ["foo‑barista", "foo-bar"]);
      await assertTyped(store, "c & like", { rooms }, ["I like C#"]);
      await assertTyped(store, "& #", { rooms }, []);
    },
  },
  {
    name: "search() finds phrases: whole words, one after the other",
    run: async ({ store, room }) => {
      const texts = [
        "quick brown fox",
        "Quick, brown!",
        "brown quick",
        "quick browns",
        "quick red brown",
      ];
      await say(store, room(), ...texts, "我们明天开会", "C# code", "C code");
      const rooms = [room()];
      await assertTyped(store, '"quick brown"', { rooms }, ["Quick, brown!", "quick brown fox"]);
      await assertTyped(store, '"QUICK  brown" fox', { rooms }, ["quick brown fox"]);
      await assertTyped(store, '"brow"', { rooms }, []);
      await assertTyped(store, '"明天开"', { rooms }, ["我们明天开会"]);
      await assertTyped(store, '"C# code"', { rooms }, ["C# code"]);
      await assertTyped(store, '""', { rooms: [room("none")] }, []);
    },
  },
  {
    name: "search() finds what certain users have written, and whoever had certain names",
    run: async ({ store, room }) => {
      const { by: _, ...old } = message(room(), "grape old", { from: "Zoë" });
      await store.commit([
        message(room(), "grape ann", { time: 1 }),
        message(room(), "grape bob", { by: BOB, from: "bob", time: 2 }),
        { ...old, time: 3 },
        message(room(), "hops bob", { by: BOB, from: "bob", time: 4 }),
      ]);
      const rooms = [room()];
      await assertTyped(store, "grape", { rooms, by: [ANN] }, ["grape ann"]);
      await assertTyped(store, "", { rooms, by: [BOB] }, ["hops bob", "grape bob"]);
      await assertTyped(store, "grape", { rooms, by: [ANN, BOB] }, ["grape bob", "grape ann"]);
      await assertTyped(store, "", { rooms, by: [ANN], from: ["ZOË"] }, ["grape old", "grape ann"]);
      await assertTyped(store, "", { rooms, from: ["BOB"] }, ["hops bob", "grape bob"]);
      await assertTyped(store, "grape", { rooms, by: [] }, []);
      await assertTyped(store, "", { rooms, by: [BOB.toLowerCase()] }, []);
    },
  },
  {
    name: "search() finds what was sent in a period",
    run: async ({ store, room }) => {
      const day = (text: string) => Date.parse(text);
      await store.commit([
        message(room(), "one", { time: day("2026-05-01T23:59:59.999Z") }),
        message(room(), "two", { time: day("2026-05-02T00:00:00Z") }),
        message(room(), "three", { time: day("2026-05-02T23:59:59.999Z") }),
        message(room(), "four", { time: day("2026-05-03T00:00:00Z") }),
      ]);
      const rooms = [room()];
      await assertTyped(store, "after:2026-05-01", { rooms }, ["four", "three", "two"]);
      await assertTyped(store, "after:2026-05-02", { rooms }, ["four"]);
      await assertTyped(store, "before:2026-05-02", { rooms }, ["one"]);
      await assertTyped(store, "after:2026-05-01 before:2026-05-03", { rooms }, ["three", "two"]);
      await assertTyped(store, "t before:2026-05-03", { rooms }, ["three", "two"]);
      await assertTyped(store, "after:2026-05-01 before:2026-05-01", { rooms }, []);
    },
  },
  {
    name: "search() finds files and links, until they are gone",
    run: async ({ store, room }) => {
      await store.commit([
        message(room(), "plan.pdf", { file: FILE, time: 1 }),
        message(room(), "see https://example.org/plan", { time: 2 }),
        message(room(), "https:// is no link, nor is xhttp://x", { time: 3 }),
      ]);
      const rooms = [room()];
      await assertTyped(store, "has:file", { rooms }, ["plan.pdf"]);
      await assertTyped(store, "plan has:link", { rooms }, ["see https://example.org/plan"]);
      await assertTyped(store, "has:file has:link", { rooms }, []);
      await store.commit([
        { kind: "delete", room: room(), seq: 1, by: ANN },
        { kind: "edit", room: room(), seq: 2, content: "nothing", time: 9, by: ANN },
      ]);
      await assertTyped(store, "has:file", { rooms }, []);
      await assertTyped(store, "has:link", { rooms }, []);
    },
  },
  {
    name: "search() without words covers the same rooms as with words",
    run: async ({ store, room }) => {
      const [open, closed] = [room("open"), room("closed")];
      const direct = `@${ANN}:${room()}`;
      const by = room("author");
      await store.commit([
        { kind: "room", room: closed, private: true, topic: "" },
        ...[open, closed, direct].map((name, time) => message(name, `in ${name}`, { by, time })),
      ]);
      const texts = [direct, closed, open].map((name) => `in ${name}`);
      await assertTyped(store, "", { by: [by] }, texts.slice(2));
      await assertTyped(store, "", { by: [by], also: [closed, direct] }, texts);
      await assertTyped(store, "", { rooms: [closed] }, [`in ${closed}`]);
      const many = Array.from({ length: 20 }, (_, index) => room(`m${index}`));
      await store.commit(
        many.map((name, time) => message(name, "in many", { by, time: 10 + time })),
      );
      await assertTyped(store, "", { rooms: [...many, closed] }, [
        ...many.map(() => "in many"),
        `in ${closed}`,
      ]);
    },
  },
];
