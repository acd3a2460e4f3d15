/**
 * Compiles the executable for this platform, `dist/hubbub`.
 *
 * `COMPILE_DENO` selects another Deno to compile with, and `DENORT_BIN` the runtime to embed if Deno's
 * download server cannot be reached.
 *
 * @module
 */
import { type Graph, readGraph } from "./graph.ts";
import { includes, stage } from "./stage.ts";

/**
 * Stack size of the compiler's threads, in bytes: some releases of `deno compile` overflow the default
 * of 2 MiB on some graphs (denoland/deno issue 36746).
 */
const STACK_BYTES = 32 * 1024 * 1024;

const ROOT = new URL("../", import.meta.url);

/** The platforms of a release: Deno's name and ours. */
export const TARGETS = {
  "x86_64-unknown-linux-gnu": "linux-x64",
  "aarch64-unknown-linux-gnu": "linux-arm64",
  "x86_64-apple-darwin": "macos-x64",
  "aarch64-apple-darwin": "macos-arm64",
  "x86_64-pc-windows-msvc": "windows-x64",
} as const;

/** A platform by Deno's name. */
export type Target = keyof typeof TARGETS;

/** The files to compile, laid out once for all platforms. */
export interface Staged extends AsyncDisposable {
  readonly folder: URL;
  readonly graph: Graph;
}

/** Lays out the files to compile. */
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
 * Compiles the executable for a platform.
 *
 * @param target absent: this platform
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
      // The cache would be a file in the directory for temporary files, which any user may replace,
      // and slows down the start: 92 ms instead of 84 until listening (Deno 2.5.7).
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

/** The commit being compiled, followed by a plus sign if files differ from it. */
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
