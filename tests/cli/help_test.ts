import { COMMANDS } from "../../cli/commands.ts";
import { type Command, command } from "../../cli/command.ts";
import { variableName } from "../../config/flags.ts";
import { commandHelp, flagTable, generalHelp, wrap } from "../../cli/help.ts";
import { SERVE_FLAGS } from "../../config/serve_flags.ts";
import * as values from "../../config/values.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";

const SAY: Command = command({
  summary: "says something",
  operands: [
    { name: "URL", help: "where" },
    { name: "TEXT", help: "what", optional: true },
  ],
  flags: {
    room: {
      type: "single",
      kind: values.choice(["lobby", "bar"]),
      default: "lobby",
      help: "in which room",
    },
    loud: { type: "switch", help: "shouts" },
  },
  examples: ["say ws://localhost:8080/ws hi"],
  load: () => Promise.reject(new Error("never loaded")),
});

Deno.test("generalHelp() names every command and every flag of serve with its default", () => {
  const help = generalHelp(80);
  for (const name of Object.keys(COMMANDS)) assertStringIncludes(help, `  hubbub ${name}`);
  for (const [name, flag] of Object.entries(SERVE_FLAGS)) {
    const value = flag.type === "switch" ? "" : ` ${flag.kind.placeholder}`;
    assertStringIncludes(help, `  --${name}${value}`);
    if (flag.type === "single") {
      assertStringIncludes(help.replace(/\s+/g, " "), `(default: ${flag.default})`);
    }
  }
  assertStringIncludes(help, "  -h, --help");
  assertStringIncludes(help, "  --version");
});

Deno.test("generalHelp() stays within its width", () => {
  for (const width of [60, 80, 100]) {
    const lines = generalHelp(width).split("\n");
    assertEquals(lines.filter((line) => line.length > width), []);
    assertEquals(lines.filter((line) => line.endsWith(" ")), []);
  }
});

Deno.test("commandHelp() shows usage, arguments, flags and examples", () => {
  const help = commandHelp("say", SAY, 80);
  const [title, usage] = help.split("\n\n");
  assertEquals(title, "hubbub say: says something.");
  assertEquals(usage, "Usage: hubbub say URL [TEXT] [FLAG]...");
  assertStringIncludes(help, "Arguments:\n  URL                         where\n");
  assertStringIncludes(help, "--room lobby|bar            in which room (default: lobby)");
  assertStringIncludes(help, "  --loud                      shouts\n");
  assertStringIncludes(help, "Examples:\n  hubbub say ws://localhost:8080/ws hi");
});

Deno.test("flagTable() has a row for each flag with its variable", () => {
  const lines = flagTable(SERVE_FLAGS).trimEnd().split("\n").slice(2);
  assertEquals(lines.length, Object.keys(SERVE_FLAGS).length);
  for (const [i, [name, flag]] of Object.entries(SERVE_FLAGS).entries()) {
    const line = lines[i] ?? "";
    assert(line.startsWith(`| \`--${name}${flag.type === "switch" ? "`" : " "}`), line);
    const variable = variableName(name, flag);
    if (variable !== undefined) assertStringIncludes(line, `\`${variable}\``);
  }
});

Deno.test("flagTable() escapes the bars of choices and leaves out what is not there", () => {
  assertEquals(
    flagTable(SAY.flags),
    [
      "| flag | variable | default | what |",
      "| --- | --- | --- | --- |",
      "| `--room lobby\\|bar` | `HUBBUB_ROOM` | `lobby` | in which room |",
      "| `--loud` |  |  | shouts |",
      "",
    ].join("\n"),
  );
});

Deno.test("wrap() breaks between words only", () => {
  assertEquals(wrap("one two three", 7), "one two\nthree");
  assertEquals(wrap("one two three", 9, 2), "one two\n  three");
  assertEquals(wrap("unbreakable word", 4), "unbreakable\nword");
});
