/**
 * Makes the executable for this platform: `dist/hubbub`.
 *
 * `COMPILE_DENO` names another Deno to compile with, and `DENORT_BIN` the runtime to join, where Deno's
 * own server cannot be reached.
 *
 * @module
 */
import { type Graph, readGraph } from "./graph.ts";
import { includes, stage } from "./stage.ts";

/**
 * Stack of the compiler's threads, in bytes: `deno compile` of some releases overflows the usual 2 MiB
 * on some graphs (denoland/deno issue 36746).
 */
const STACK_BYTES = 32 * 1024 * 1024;

const ROOT = new URL("../", import.meta.url);

/** Deno's names of the platforms that are released, and ours. */
export const TARGETS = {
  "x86_64-unknown-linux-gnu": "linux-x64",
  "aarch64-unknown-linux-gnu": "linux-arm64",
  "x86_64-apple-darwin": "macos-x64",
  "aarch64-apple-darwin": "macos-arm64",
  "x86_64-pc-windows-msvc": "windows-x64",
} as const;

/** A platform as Deno names it. */
export type Target = keyof typeof TARGETS;

/** What is compiled, laid out once for all platforms. */
export interface Staged extends AsyncDisposable {
  readonly folder: URL;
  readonly graph: Graph;
}

/** Lays out what is compiled. */
export async function prepare(): Promise<Staged> {
  const graph = await readGraph(ROOT);
  const folder = await stage(ROOT, graph, await commitId());
  return {
    folder,
    graph,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/**
 * Compiles for one platform.
 *
 * @param target absent: this one
 */
export async function compile(
  { folder, graph }: Staged,
  output: string,
  target?: Target,
): Promise<void> {
  const compiler = Deno.env.get("COMPILE_DENO") ?? Deno.execPath();
  const { success } = await new Deno.Command(compiler, {
    args: [
      "compile",
      "--quiet",
      "--no-check",
      "--frozen",
      // The cache would be read from and written to a name that anybody may take in the folder for
      // temporary files, and makes the start slower: 92 ms instead of 84 to listening (Deno 2.5.7).
      "--no-code-cache",
      "-P",
      ...includes(graph).flatMap((path) => ["--include", path]),
      ...(target === undefined ? [] : ["--target", target]),
      "--output",
      output,
      "main.ts",
    ],
    cwd: folder,
    env: { RUST_MIN_STACK: String(STACK_BYTES) },
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Cannot compile for ${target ?? Deno.build.target}`);
}

/** The commit that is compiled, with a plus sign if files differ from it. */
async function commitId(): Promise<string> {
  try {
    const id = await git("rev-parse", "--short=12", "HEAD");
    const changes = await git("status", "--porcelain", "--untracked-files=no");
    return changes === "" ? id : `${id}+`;
  } catch {
    return "unknown";
  }
}

async function git(...args: string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command("git", { args, cwd: ROOT, stderr: "null" })
    .output();
  if (!success) throw new Error(`Cannot run git ${args[0]}`);
  return new TextDecoder().decode(stdout).trim();
}

if (import.meta.main) {
  await using staged = await prepare();
  await Deno.mkdir(new URL("dist/", ROOT), { recursive: true });
  const name = Deno.build.os === "windows" ? "hubbub.exe" : "hubbub";
  const output = new URL(`dist/${name}`, ROOT);
  await compile(staged, output.pathname);
  const { size } = await Deno.stat(output);
  console.log(`dist/${name}: ${(size / 2 ** 20).toFixed(1)} MiB`);
}
