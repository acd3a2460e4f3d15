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

/** Maximum exposure of the unit that docs/operations.md promises; `systemd-analyze` knows 0 to 10. */
const MAX_EXPOSURE = 2;

/** Without `systemd-analyze` its test is skipped, unless `TEST_REQUIRE` names `systemd`: then it fails. */
const systemdRequired = (Deno.env.get("TEST_REQUIRE") ?? "").split(",").includes("systemd");
const systemdObstacle = has("systemd-analyze") ? "" : "systemd-analyze is not installed";

Deno.test({
  name: `hubbub.service is exposed below ${MAX_EXPOSURE}${
    systemdObstacle === "" || systemdRequired ? "" : ` (skipped: ${systemdObstacle})`
  }`,
  ignore: systemdObstacle !== "" && !systemdRequired,
  async fn() {
    if (systemdObstacle !== "") {
      throw new Error(`Cannot run: ${systemdObstacle}, and TEST_REQUIRE wants it`);
    }
    const unit = new URL("hubbub.service", PACKAGING).pathname;
    const { stdout } = await new Deno.Command("systemd-analyze", {
      args: ["security", "--offline=true", "--no-pager", unit],
    }).output();
    const text = new TextDecoder().decode(stdout);
    const [, exposure = ""] = /Overall exposure level for \S+: (\d+\.\d+)/.exec(text) ?? [];
    assert(exposure !== "" && Number(exposure) < MAX_EXPOSURE, text.slice(-200));
  },
});

/** The values of a setting of the unit. */
function settings(unit: string, name: string): string[] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value = ""]) => value);
}

Deno.test("hubbub.service reloads certificates, leaves time to stop, and serves with node", async () => {
  const unit = await Deno.readTextFile(new URL("hubbub.service", PACKAGING));
  assertEquals(settings(unit, "ExecReload"), ["kill -HUP $MAINPID"]);
  assertEquals(settings(unit, "LimitNOFILE"), ["65536"]);
  // The server ends by itself 4.5 seconds after SIGTERM, unless --drain-for says otherwise.
  assert(Number(settings(unit, "TimeoutStopSec")[0]) > 5);
  assertStringIncludes(settings(unit, "Environment").join(" "), "HUBBUB_TRANSPORT=node");
});

Deno.test("Dockerfile runs as nobody in particular, and writes to its volume only", async () => {
  const lines = (await Deno.readTextFile(new URL("Dockerfile", PACKAGING))).split("\n");
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")));
  const values = (instruction: string) =>
    last.filter((line) => line.startsWith(`${instruction} `))
      .map((line) => line.slice(instruction.length + 1));
  assertEquals(values("USER"), ["nonroot"]);
  assertEquals(values("RUN"), [], "the last stage has no shell");
  assertEquals(values("VOLUME"), ["/data"]);
  const variables = values("ENV").join(" ");
  assertStringIncludes(variables, "HUBBUB_DATA=/data");
  assertStringIncludes(variables, "HUBBUB_TRANSPORT=node");
  assertEquals(values("HEALTHCHECK").length, 1);
});
