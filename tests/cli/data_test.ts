import { join } from "node:path";
import { main } from "../../main.ts";
import { openSqliteStore } from "../../store/sqlite/store.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { alter, makeData, overwrite, withFolder } from "../data/fixture.ts";

const OPERATIONS = await Deno.readTextFile(new URL("../../docs/operations.md", import.meta.url));

/** Runs a command line; returns its exit code and what it prints. */
async function run(...args: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const { log, error } = console;
  console.log = console.error = (line: string) => lines.push(line);
  try {
    return { code: await main(args, {}), text: lines.join("\n") };
  } finally {
    Object.assign(console, { log, error });
  }
}

Deno.test("hubbub check exits with 0, 1 or 2, in words and in JSON", () =>
  withFolder(async (folder) => {
    const dir = join(folder, "data");
    await makeData(dir);
    assertEquals(await run("check", "--data", dir), { code: 0, text: "Sound." });
    alter(dir, "DELETE FROM rooms WHERE name = 'attic'");
    const { code, text } = await run("check", "--data", dir);
    assertEquals(code, 1);
    assertMatch(text, /^Damage: hubbub\.db: room 1 is missing.*\n/m);
    assertMatch(text, /Damaged: hubbub check --repair saves what can be read\.$/);
    const json = await run("check", "--data", dir, "--json");
    assertEquals([json.code, JSON.parse(json.text).sound], [1, false]);
    assertEquals((await run("check", "--data", join(folder, "nowhere"))).code, 1);
    assertEquals((await run("check", "--data", ":memory:")).code, 2);
  }));

Deno.test("hubbub check --repair says what it kept and what is lost, and not beside a server", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    const size = (await Deno.stat(join(dir, "hubbub.db"))).size;
    overwrite(join(dir, "hubbub.db"), size - 8192, new Uint8Array(8192).fill(9));
    alter(dir, "DELETE FROM rooms WHERE name = 'attic'");
    const store = await openSqliteStore({ dir, sync: "off" }).catch(() => undefined);
    if (store !== undefined) {
      const { code, text } = await run("check", "--repair", "--data", dir);
      assertEquals(code, 1);
      assertStringIncludes(text, "a server is using it; stop it first");
      await store.close();
    }
    const { code, text } = await run("check", "--repair", "--data", dir);
    assertMatch(text, /^Kept: .*hubbub\.db\.damaged-\d{8}T\d{6}Z$/m);
    assertMatch(text, /Repaired\. All clients start over\.$/);
    assertEquals(code, 0);
    const again = await run("check", "--repair", "--data", dir, "--json");
    assertEquals([again.code, JSON.parse(again.text).kept], [0, []]);
  }));

Deno.test("operations.md: every command about data runs as written", () =>
  withFolder(async (folder) => {
    const dir = join(folder, "data");
    await makeData(dir);
    const section = OPERATIONS.slice(
      OPERATIONS.indexOf("## Backup"),
      OPERATIONS.indexOf("## Durab"),
    );
    const commands = [
      ...section.matchAll(/^ *hubbub ((?:backup|restore|check|export|import) .*)$/gm),
    ]
      .map(([, line = ""]) =>
        line.replace(/ &&$/, "").replace('"/mnt/backup/$(date +%F)"', "/mnt/x")
      );
    const names = commands.map((line) => line.split(" ")[0]);
    assertEquals(names, ["backup", "backup", "restore", "check", "check", "export", "import"]);
    for (const line of commands) {
      const args = line.split(" ").map((word) =>
        word.replace("/var/lib/hubbub", dir).replace("/mnt", folder).replace(
          /^chat-/,
          `${folder}/c-`,
        )
      );
      const { code, text } = await run(...args);
      assertEquals(code, 0, `hubbub ${line}: ${text}`);
    }
    assertEquals((await run("check", "--data", `${dir}-new`)).code, 0);
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert(left[4]?.startsWith("data.replaced-"), left.join());
    assertEquals(left.toSpliced(4, 1), ["backup", "c-2026", "data", "data-new", "x"]);
  }));

Deno.test("hubbub backup and restore refuse in one line", () =>
  withFolder(async (folder) => {
    const dir = join(folder, "data");
    await makeData(dir);
    const cases: [args: string[], problem: RegExp][] = [
      [["backup", dir, "--data", dir], /is not empty; name a new directory$/],
      [["backup", join(folder, "b"), "--data", folder], /it holds no hubbub\.db/],
      [["restore", folder, "--data", dir], /is not empty; give --replace/],
      [["restore", folder, "--data", join(folder, "new")], /it holds no hubbub\.db; name a backup/],
      [["export", dir, "--data", dir], /Cannot export to .* is not empty/],
      [["import", folder, "--data", join(folder, "new")], /it holds no export\.jsonl/],
    ];
    for (const [args, problem] of cases) {
      const { code, text } = await run(...args);
      assertEquals(code, 1);
      assertMatch(text, problem);
      assert(!text.includes("\n"), text);
    }
  }));
