import { assert, assertEquals } from "../support/assert.ts";

const ROOT = new URL("../../", import.meta.url);

/** The groups of tests that are skipped where something is missing, unless `TEST_REQUIRE` names them. */
async function groups(folder = new URL("tests/", ROOT)): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) found.push(...await groups(new URL(`${name}/`, folder)));
    else if (name.endsWith(".ts")) {
      const text = await Deno.readTextFile(new URL(name, folder));
      const asked = text.matchAll(/TEST_REQUIRE"\) \?\? ""\)\.split\(","\)\.includes\("(\w+)"\)/g);
      found.push(...[...asked].map(([, group = ""]) => group));
    }
  }
  return found.sort();
}

for (const path of [".ci/run", ".github/workflows/ci.yml", ".github/workflows/release.yml"]) {
  Deno.test(`${path} skips no group of tests`, async () => {
    const text = await Deno.readTextFile(new URL(path, ROOT));
    const [, required = ""] = /TEST_REQUIRE(?:=|: )"?([\w,]+)/.exec(text) ?? [];
    const wanted = await groups();
    assert(wanted.length > 3);
    assertEquals(required.split(",").sort(), wanted);
  });
}
