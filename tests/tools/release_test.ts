import { unzipSync } from "fflate";
import { pack } from "../../tools/archive.ts";
import { TARGETS } from "../../tools/compile.ts";
import { type Package, readGraph } from "../../tools/graph.ts";
import { chooseTargets } from "../../tools/release.ts";
import { billOfMaterials } from "../../tools/sbom.ts";
import { includes, packageName, pruneConfig, pruneLock } from "../../tools/stage.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../support/assert.ts";

const ROOT = new URL("../../", import.meta.url);
const graph = await readGraph(ROOT);

Deno.test("readGraph() finds what is loaded lazily, and the workers", () => {
  for (const path of ["main.ts", "cli/chat/terminal.ts", "cli/bench.ts", "protocol/wire.js"]) {
    assert(graph.modules.includes(path), path);
  }
  assert(graph.workers.includes("store/sqlite/reader_worker.ts"));
  assert(!graph.modules.some((path) => /^(tests|tools|bench)\//.test(path)));
});

Deno.test("readGraph() leaves out what only tests and developers need", () => {
  const names = graph.packages.map(({ name }) => name);
  assert(names.includes("@logtape/logtape"));
  for (const name of ["fast-check", "playwright-core", "axe-core", "fflate", "@types/ws"]) {
    assert(!names.includes(name), name);
  }
});

Deno.test("includes() names the page and the workers", () => {
  const paths = includes(graph);
  assert(paths.includes("static/") && paths.includes("store/sqlite/reader_worker.ts"));
});

function packageOf(id: string, dependencies: string[] = []): Package {
  const [, name = "", version = ""] = /^(@?[^@]+)@([^@_]+)/.exec(id) ?? [];
  return { id, name, version, dependencies, localPath: "/nowhere" };
}

const PACKAGES = [packageOf("@a/b@1.0.0_c@2.0.0", ["c@2.0.0"]), packageOf("c@2.0.0")];

const LOCK = {
  version: "5",
  specifiers: { "npm:@a/b@1": "1.0.0_c@2.0.0", "npm:d@3": "3.0.0", "npm:c@*": "2.0.0" },
  npm: {
    "@a/b@1.0.0_c@2.0.0": { integrity: "sha512-AAEC" },
    "c@2.0.0": { integrity: "sha512-/w==" },
    "d@3.0.0": { integrity: "sha512-AA==" },
  },
  workspace: { dependencies: ["npm:@a/b@1", "npm:d@3"] },
};

Deno.test("pruneLock() leaves out what is not used", () => {
  const { version, specifiers, npm, workspace } = pruneLock(LOCK, { packages: PACKAGES });
  assertEquals(version, "5");
  assertEquals(Object.keys(specifiers), ["npm:@a/b@1", "npm:c@*"]);
  assertEquals(Object.keys(npm), ["@a/b@1.0.0_c@2.0.0", "c@2.0.0"]);
  assertEquals(workspace.dependencies, ["npm:@a/b@1"]);
});

Deno.test("pruneConfig() leaves out imports of other packages, and tasks", () => {
  const config = pruneConfig({
    tasks: {},
    permissions: { default: {} },
    imports: { "@std/x": "npm:@a/b@1/x.js", "d": "npm:d@3", "own": "./own.ts" },
  }, new Set(["@a/b"]));
  assertEquals(config, {
    permissions: { default: {} },
    imports: { "@std/x": "npm:@a/b@1/x.js", "own": "./own.ts" },
  });
});

Deno.test("packageName() reads scopes, versions and paths", () => {
  assertEquals(packageName("npm:@a/b@1/x.js"), "@a/b");
  assertEquals(packageName("npm:c@2"), "c");
  assertEquals(packageName("npm:/c@2/x"), "c");
});

Deno.test("billOfMaterials() names each package with its sum and what it needs", async () => {
  const product = { name: "hubbub", version: "1.2.3", license: "MIT", deno: "2.9.6" };
  const bill = await billOfMaterials(product, PACKAGES, LOCK);
  const { components, dependencies } = JSON.parse(JSON.stringify(bill));
  assertEquals(components.map(({ name }: { name: string }) => name), ["deno", "@a/b", "c"]);
  assertEquals(components[1].purl, "pkg:npm/%40a/b@1.0.0");
  assertEquals(components[1].hashes, [{ alg: "SHA-512", content: "000102" }]);
  assertEquals(dependencies[0].dependsOn, ["deno", "pkg:npm/%40a/b@1.0.0"]);
  assertEquals(dependencies[1].dependsOn, ["pkg:npm/c@2.0.0"]);
});

Deno.test("chooseTargets() makes all platforms, or those that are named", () => {
  assertEquals(chooseTargets([]).length, 5);
  assertEquals(chooseTargets(["windows-x64"]), ["x86_64-pc-windows-msvc"]);
  assertThrows(() => chooseTargets(["amiga"]), Error, Object.values(TARGETS).join(", "));
});

const FILES = [
  { path: "hubbub", bytes: new TextEncoder().encode("#!"), executable: true },
  { path: "completions/_hubbub", bytes: new TextEncoder().encode("x") },
] as const;

Deno.test("pack() makes the same bytes of the same files", async () => {
  const directory = await Deno.makeTempDir();
  for (const suffix of ["tar.gz", "zip"]) {
    const output = `${directory}/hubbub-1.${suffix}`;
    await pack(output, FILES);
    const first = await Deno.readFile(output);
    await pack(output, FILES);
    assertEquals(await Deno.readFile(output), first);
  }
  const entries = unzipSync(await Deno.readFile(`${directory}/hubbub-1.zip`));
  assertEquals(Object.keys(entries), ["hubbub-1/hubbub", "hubbub-1/completions/_hubbub"]);
  const list = await new Deno.Command("tar", { args: ["tvzf", `${directory}/hubbub-1.tar.gz`] })
    .output();
  const listing = new TextDecoder().decode(list.stdout);
  assertMatch(listing, /^-rwxr-xr-x 0\/0 .* hubbub-1\/hubbub$/m);
  assertMatch(listing, /^-rw-r--r-- 0\/0 .* hubbub-1\/completions\/_hubbub$/m);
  await Deno.remove(directory, { recursive: true });
});
