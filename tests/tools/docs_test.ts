import { COMMANDS } from "../../cli/commands.ts";
import { fillTables, generatedFiles } from "../../tools/docs.ts";
import { manPage } from "../../tools/man_page.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../support/assert.ts";

const ROOT = new URL("../../", import.meta.url);

for (const [path, text] of await generatedFiles(ROOT)) {
  Deno.test(`${path} is current (deno task docs)`, async () => {
    assertEquals(await Deno.readTextFile(new URL(path, ROOT)), text);
  });
}

Deno.test("manPage() tells of every command and flag", () => {
  const page = manPage();
  for (const [name, { flags }] of Object.entries(COMMANDS)) {
    assertStringIncludes(page, `.SS hubbub ${name}`);
    for (const flag of Object.keys(flags)) {
      assertStringIncludes(page, `\\fB\\-\\-${flag.replaceAll("-", "\\-")}\\fR`);
    }
  }
});

Deno.test("manPage() has no line that begins like a macro and is none", () => {
  for (const line of manPage().split("\n")) {
    assert(!/^['.](?!TH |SH |SS |TP$|PP$|B |I |br$|nf$|fi$)/.test(line), line);
  }
});

Deno.test("fillTables() fills each marked place and leaves the rest", () => {
  const text =
    "a\n<!-- flags health -->\nold\n<!-- /flags -->\nb\n<!-- flags -->\n<!-- /flags -->\n";
  const filled = fillTables(text);
  assert(!filled.includes("old"));
  assertStringIncludes(filled, "-start -->\n\n\n| flag |");
  assertStringIncludes(filled, "**`hubbub send`** sends one message");
  assertEquals(fillTables(filled), filled);
  assertEquals(fillTables("none"), "none");
});

Deno.test("fillTables() refuses an unknown command", () => {
  assertThrows(() => fillTables("<!-- flags nope --><!-- /flags -->"), Error, "no command nope");
});
