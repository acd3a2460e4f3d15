import { pack } from "../../tools/archive.ts";
import { fillTemplate, TEMPLATES } from "../../tools/packaging.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../support/assert.ts";

const PACKAGING = new URL("../../packaging/", import.meta.url);

const PLATFORMS = ["linux-x64", "linux-arm64", "macos-x64", "macos-arm64", "windows-x64"];
const SUMS = PLATFORMS.map((platform, i) =>
  `${String(i).repeat(64)}  hubbub-1.2.3-${platform}.${
    platform === "windows-x64" ? "zip" : "tar.gz"
  }\n`
).join("");

for (const name of TEMPLATES) {
  Deno.test(`fillTemplate() leaves nothing to fill in ${name}`, async () => {
    const template = await Deno.readTextFile(new URL(name, PACKAGING));
    const filled = fillTemplate(template, "1.2.3", SUMS);
    assertStringIncludes(filled, "1.2.3");
    assert(!/@[A-Z0-9]+[:@]/.test(filled));
  });
}

Deno.test("fillTemplate() puts each platform's own sum in", async () => {
  const template = await Deno.readTextFile(new URL("hubbub.json", PACKAGING));
  const { architecture } = JSON.parse(fillTemplate(template, "1.2.3", SUMS));
  assertEquals(architecture["64bit"].hash, "4".repeat(64));
  assertThrows(() => fillTemplate(template, "1.2.4", SUMS), Error, "no archive for windows-x64");
});

/** Whether a program is installed. */
function has(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}

const installs = Deno.build.os === "linux" && Deno.build.arch === "x86_64";

/** A release of an executable that only tells its version, and a run of the installer on it. */
async function install(spoil: (folder: string) => Promise<void> = async () => {}) {
  const folder = await Deno.makeTempDir();
  const name = "hubbub-1.2.3-linux-x64.tar.gz";
  const text = (content: string) => new TextEncoder().encode(content);
  await pack(`${folder}/${name}`, [
    { path: "hubbub", bytes: text("#!/bin/sh\necho hubbub 1.2.3\n"), executable: true },
    { path: "hubbub.1", bytes: text("man") },
    { path: "completions/hubbub.bash", bytes: text("bash") },
    { path: "completions/_hubbub", bytes: text("zsh") },
    { path: "completions/hubbub.fish", bytes: text("fish") },
  ]);
  const bytes = await Deno.readFile(`${folder}/${name}`);
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
  await Deno.writeTextFile(`${folder}/SHA256SUMS`, `${hex}  ${name}\n`);
  await spoil(`${folder}`);
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: [new URL("install.sh", PACKAGING).pathname, "v1.2.3"],
    env: { HUBBUB_RELEASES: folder, PREFIX: `${folder}/prefix` },
  }).output();
  const decode = (output: Uint8Array) => new TextDecoder().decode(output);
  return { folder, code, stdout: decode(stdout), stderr: decode(stderr) };
}

Deno.test({
  name: "install.sh installs what the sums vouch for",
  ignore: !installs,
  async fn() {
    const { folder, code, stdout, stderr } = await install();
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "hubbub 1.2.3\n");
    const { mode } = await Deno.stat(`${folder}/prefix/bin/hubbub`);
    assertEquals((mode ?? 0) & 0o777, 0o755);
    const bash = `${folder}/prefix/share/bash-completion/completions/hubbub`;
    assertEquals(await Deno.readTextFile(bash), "bash");
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: "install.sh refuses an archive with another sum, and installs nothing",
  ignore: !installs,
  async fn() {
    const { folder, code, stderr } = await install(async (spoiled) => {
      const file = `${spoiled}/hubbub-1.2.3-linux-x64.tar.gz`;
      await Deno.writeFile(file, new Uint8Array([0]), { append: true });
    });
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Refusing hubbub-1.2.3-linux-x64.tar.gz");
    assertEquals(await Deno.stat(`${folder}/prefix`).catch(() => "nothing"), "nothing");
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: "install.sh refuses an archive that the sums do not name",
  ignore: !installs,
  async fn() {
    const { folder, code, stderr } = await install((spoiled) =>
      Deno.writeTextFile(`${spoiled}/SHA256SUMS`, "")
    );
    assertEquals(code, 1);
    assertStringIncludes(stderr, "does not name");
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: `install.sh passes shellcheck${has("shellcheck") ? "" : " (not installed)"}`,
  ignore: !has("shellcheck"),
  async fn() {
    const { stdout } = await new Deno.Command("shellcheck", {
      args: [new URL("install.sh", PACKAGING).pathname],
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "");
  },
});
