/**
 * Makes a release in `dist/release/`: an archive for each platform, their checksums, and the software
 * bill of materials.
 *
 * The arguments are the platforms, such as `linux-x64`; the default is all of them. With
 * `--executable PATH` the executable of the only platform is not compiled but copied from there.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { COMMANDS, DEFAULT_COMMAND } from "../cli/commands.ts";
import { bashScript } from "../cli/completions/bash.ts";
import { describeCommands } from "../cli/completions/describe.ts";
import { fishScript } from "../cli/completions/fish.ts";
import { zshScript } from "../cli/completions/zsh.ts";
import { VERSION } from "../config/version.ts";
import { type ArchiveFile, pack } from "./archive.ts";
import { compile, prepare, type Staged, type Target, TARGETS } from "./compile.ts";
import { manPage } from "./man_page.ts";
import { fillTemplate, TEMPLATES } from "./packaging.ts";
import { billOfMaterials } from "./sbom.ts";

const ROOT = new URL("../", import.meta.url);

/** The output directory, relative to the project's. */
const RELEASE_FOLDER = "dist/release/";

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { executable: { type: "string" } },
  });
  const targets = chooseTargets(positionals);
  if (values.executable !== undefined && targets.length !== 1) {
    throw new Error("Cannot use --executable: name the one platform that it is for");
  }
  const folder = new URL(RELEASE_FOLDER, ROOT);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  await using staged = await prepare();
  for (const target of targets) {
    const executable = values.executable ?? await compileInto(folder, staged, target);
    await packExecutable(folder, target, executable);
    if (values.executable === undefined) await Deno.remove(executable);
  }
  await writeBill(folder, staged);
  await writeSums(folder);
  if (targets.length === Object.keys(TARGETS).length) await writeTemplates(folder);
}

/**
 * Finds platforms by our names for them. Returns all if there are no names.
 *
 * @throws {Error} if a name is unknown
 */
export function chooseTargets(names: readonly string[]): Target[] {
  const targets = Object.keys(TARGETS) as Target[];
  const unknown = names.find((name) => !targets.some((target) => TARGETS[target] === name));
  if (unknown !== undefined) {
    const known = Object.values(TARGETS).join(", ");
    throw new Error(`Cannot release for ${unknown}: must be one of ${known}`);
  }
  return names.length === 0 ? targets : targets.filter((one) => names.includes(TARGETS[one]));
}

async function compileInto(folder: URL, staged: Staged, target: Target): Promise<string> {
  const output = new URL(executableName(target), folder).pathname;
  await compile(staged, output, target);
  return output;
}

async function packExecutable(folder: URL, target: Target, executable: string): Promise<void> {
  const suffix = target.includes("windows") ? "zip" : "tar.gz";
  const name = `hubbub-${VERSION}-${TARGETS[target]}.${suffix}`;
  await pack(new URL(name, folder).pathname, [
    { path: executableName(target), bytes: await Deno.readFile(executable), executable: true },
    ...await companions(),
  ]);
  console.log(`${RELEASE_FOLDER}${name}`);
}

function executableName(target: Target): string {
  return target.includes("windows") ? "hubbub.exe" : "hubbub";
}

/** The files besides the executable in each archive. */
async function companions(): Promise<ArchiveFile[]> {
  const described = describeCommands(COMMANDS);
  const encoder = new TextEncoder();
  const texts = {
    "LICENSE": await Deno.readTextFile(new URL("LICENSE", ROOT)),
    "README.md": await Deno.readTextFile(new URL("README.md", ROOT)),
    "hubbub.1": manPage(),
    "completions/hubbub.bash": bashScript(described, DEFAULT_COMMAND),
    "completions/_hubbub": zshScript(described, DEFAULT_COMMAND),
    "completions/hubbub.fish": fishScript(described, DEFAULT_COMMAND),
  };
  return Object.entries(texts).map(([path, text]) => ({ path, bytes: encoder.encode(text) }));
}

async function writeBill(folder: URL, { graph }: Staged): Promise<void> {
  const lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT)));
  const { license } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const product = { name: "hubbub", version: VERSION, license, deno: await denoVersion() };
  const bill = await billOfMaterials(product, graph.packages, lock);
  const name = `hubbub-${VERSION}.cdx.json`;
  await Deno.writeTextFile(new URL(name, folder), `${JSON.stringify(bill, null, 2)}\n`);
  console.log(`${RELEASE_FOLDER}${name}`);
}

/** The version of the Deno that compiles, which is also the embedded one. */
async function denoVersion(): Promise<string> {
  const compiler = Deno.env.get("COMPILE_DENO") ?? Deno.execPath();
  const { stdout } = await new Deno.Command(compiler, { args: ["--version"] }).output();
  return /deno (\S+)/.exec(new TextDecoder().decode(stdout))?.[1] ?? "unknown";
}

/** Writes `SHA256SUMS` in the format of `sha256sum --check`. */
async function writeSums(folder: URL): Promise<void> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  const lines = await Promise.all(
    names.sort().map(async (name) => {
      const bytes = await Deno.readFile(new URL(name, folder));
      const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      return `${Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("")}  ${name}\n`;
    }),
  );
  await Deno.writeTextFile(new URL("SHA256SUMS", folder), lines.join(""));
  console.log(`${RELEASE_FOLDER}SHA256SUMS`);
}

/** Writes the package manifests and the install script, which contain the checksums. */
async function writeTemplates(folder: URL): Promise<void> {
  const sums = await Deno.readTextFile(new URL("SHA256SUMS", folder));
  for (const name of TEMPLATES) {
    const template = await Deno.readTextFile(new URL(`packaging/${name}`, ROOT));
    await Deno.writeTextFile(new URL(name, folder), fillTemplate(template, VERSION, sums));
    console.log(`${RELEASE_FOLDER}${name}`);
  }
}
