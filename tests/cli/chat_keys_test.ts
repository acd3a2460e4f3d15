import fc from "fast-check";
import { Editor } from "../../cli/chat/editor.ts";
import { type Input, KeySorter, NEWLINE } from "../../cli/chat/keys.ts";
import { complete, helpText, readLine, SLASH_COMMANDS } from "../../cli/chat/slash.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";

/** What comes of chunks, neighbouring keys joined. */
function sort(...chunks: string[]): Input[] {
  const sorter = new KeySorter();
  const joined: Input[] = [];
  for (const input of chunks.flatMap((chunk) => sorter.push(chunk))) {
    const last = joined.at(-1);
    if (input.kind === "keys" && last?.kind === "keys") {
      joined.splice(-1, 1, { kind: "keys", text: last.text + input.text });
    } else joined.push(input);
  }
  return joined;
}

Deno.test("KeySorter hands keys on as they are", () => {
  assertEquals(sort("ab\x1b[A\x1b[3~\r"), [{ kind: "keys", text: "ab\x1b[A\x1b[3~\r" }]);
});

Deno.test("KeySorter takes pasted text out, with its line breaks and without its keys", () => {
  assertEquals(sort("a\x1b[200~one\r\ntwo\t\x03\x1b[A\x1b[201~b"), [
    { kind: "keys", text: "a" },
    { kind: "paste", text: `one${NEWLINE}two    [A` },
    { kind: "keys", text: "b" },
  ]);
});

Deno.test("KeySorter takes changes of focus out", () => {
  assertEquals(sort("a\x1b[Ob\x1b[I"), [
    { kind: "keys", text: "a" },
    { kind: "focus", focused: false },
    { kind: "keys", text: "b" },
    { kind: "focus", focused: true },
  ]);
});

Deno.test("KeySorter makes a line break of Alt+Enter", () => {
  assertEquals(sort("a\x1b\rb"), [{ kind: "keys", text: `a${NEWLINE}b` }]);
});

Deno.test("KeySorter sorts the same wherever the chunks break", () => {
  const whole = "x\x1b[200~one\ntwo\x1b[201~\x1b[I\x1b[2~yz";
  fc.assert(fc.property(fc.nat(whole.length), fc.nat(whole.length), (a, b) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    assertEquals(sort(whole.slice(0, from), whole.slice(from, to), whole.slice(to)), sort(whole));
  }));
});

/** An editor, and what it told. */
function setUp(candidates: readonly string[] = []) {
  const told: string[] = [];
  const editor = new Editor({
    changed() {},
    entered: (line) => told.push(`entered ${line}`),
    quit: () => told.push("quit"),
    key: (name, meta) => told.push(`key ${meta ? "alt-" : ""}${name}`),
    complete: (line) => ({ word: line, candidates: candidates.filter((c) => c.startsWith(line)) }),
  });
  return { editor, told };
}

Deno.test("Editor edits a line with the keys of Emacs", () => {
  const { editor, told } = setUp();
  editor.type("hello wrld");
  editor.type("\x1b[D\x1b[D\x1b[Do");
  assertEquals([editor.line, editor.cursor], ["hello world", 8]);
  editor.type("\x05\x17");
  assertEquals(editor.line, "hello ");
  editor.type("you\r");
  assertEquals([told, editor.line], [["entered hello you"], ""]);
  editor.close();
});

Deno.test("Editor brings back what was entered", () => {
  const { editor } = setUp();
  editor.type("one\rtwo\r");
  editor.type("\x1b[A\x1b[A");
  assertEquals(editor.line, "one");
  editor.type("\x1b[B");
  assertEquals(editor.line, "two");
  editor.close();
});

Deno.test("Editor never stops within a character", () => {
  const { editor } = setUp();
  editor.type("a👩‍👩‍👧b");
  editor.type("\x1b[D");
  assertEquals(editor.cursor, "a👩‍👩‍👧".length);
  editor.type("\x1b[D");
  assertEquals(editor.cursor, 1);
  editor.type("\x1b[C");
  assertEquals(editor.cursor, "a👩‍👩‍👧".length);
  editor.close();
});

Deno.test("Editor completes at Tab, and shows the choice if there is one", () => {
  const { editor, told } = setUp(["/join ", "/jump ", "/leave "]);
  editor.type("/l\t\r");
  assertEquals(told, ["entered /leave "]);
  editor.type("/j\t");
  assertEquals([editor.line, editor.candidates], ["/j", ["/join ", "/jump "]]);
  editor.type("o");
  assertEquals(editor.candidates, []);
  editor.close();
});

Deno.test("Editor tells of Ctrl-C, and of Ctrl-D in an empty line only", () => {
  const { editor, told } = setUp();
  editor.type("a\x02\x04");
  assertEquals([editor.line, told], ["", []]);
  editor.type("b\x03");
  assertEquals(told, ["quit"]);
  editor.close();
  const other = setUp();
  other.editor.type("\x04");
  assertEquals(other.told, ["quit"]);
});

Deno.test("Editor hands on the keys that scroll and turn", () => {
  const { editor, told } = setUp();
  editor.type("\x1b[5~\x1b[6~\x1b2");
  assertEquals(told, ["key pageup", "key pagedown", "key alt-2"]);
  editor.close();
});

Deno.test("readLine() tells text from commands", () => {
  assertEquals(readLine("hello"), { kind: "text", text: "hello" });
  assertEquals(readLine("//hello"), { kind: "text", text: "/hello" });
  assertEquals(readLine("/etc/hosts is here"), { kind: "text", text: "/etc/hosts is here" });
  assertEquals(readLine("/Join  kitchen "), {
    kind: "command",
    command: { name: "join", args: "kitchen" },
  });
});

Deno.test("readLine() says what is wrong with a command", () => {
  assertEquals(readLine("/msg bo"), { kind: "problem", problem: "Write /msg NAME TEXT" });
  const { kind } = readLine("/constructor");
  assertEquals(kind, "problem");
});

Deno.test("helpText() names every command", () => {
  for (const name of Object.keys(SLASH_COMMANDS)) assertStringIncludes(helpText(), `/${name} `);
});

const KNOWN = {
  rooms: ["kitchen", "lobby"],
  names: ["Ann", "bo"],
  paths: (prefix: string) => ["a.txt", "b.txt"].filter((path) => path.startsWith(prefix)),
};

for (
  const [line, word, candidates] of [
    ["/jo", "/jo", ["/join "]],
    ["/join k", "k", ["kitchen"]],
    ["/msg an", "an", ["Ann "]],
    ["/msg Ann he", "", []],
    ["/file a", "a", ["a.txt"]],
    ["an", "an", ["Ann: "]],
    ["hi @b", "@b", ["@bo "]],
    ["hi b", "", []],
    ["", "", []],
  ] as const
) {
  Deno.test(`complete() of ${JSON.stringify(line)}`, () => {
    assertEquals(complete(line, KNOWN), { word, candidates: [...candidates] });
  });
}

Deno.test("complete() offers all commands after a slash", () => {
  assert(complete("/", KNOWN).candidates.length === Object.keys(SLASH_COMMANDS).length);
});
