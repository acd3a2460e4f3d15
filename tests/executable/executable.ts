/**
 * The really compiled executable for the tests that drive it. `TEST_EXECUTABLE` names it (`deno task
 * compile` makes one); without it these tests are skipped and say why, unless `TEST_REQUIRE` names
 * `executable`: then they fail.
 *
 * @module
 */
import {
  type Ended,
  type ProcessOptions,
  runToEnd,
  ServerProcess,
} from "../support/server_process.ts";

const named = Deno.env.get("TEST_EXECUTABLE") ?? "";
const required = (Deno.env.get("TEST_REQUIRE") ?? "").split(",").includes("executable");

/** Where the executable is; empty if there is none. */
export const EXECUTABLE = named === "" ? "" : await Deno.realPath(named).catch(() => "");

const obstacle = EXECUTABLE !== ""
  ? ""
  : named === ""
  ? "TEST_EXECUTABLE names none"
  : `there is no ${named}`;
if (obstacle !== "" && !required) console.log(`Tests of the executable are skipped: ${obstacle}`);

/** Defines a test that needs the executable, and perhaps more: `lacks` says what is missing. */
export function testExecutable(name: string, fn: () => Promise<void>, lacks = ""): void {
  const missing = obstacle || lacks;
  Deno.test({
    name: missing === "" || required ? name : `${name} (skipped: ${missing})`,
    ignore: missing !== "" && !required,
    async fn() {
      if (missing !== "") throw new Error(`Cannot run: ${missing}, and TEST_REQUIRE wants it`);
      await fn();
    },
  });
}

/** Outside everything, without a variable of this process. */
const ALONE = { cwd: "/", clearEnv: true } as const;

/** Runs the executable to its end. */
export function run(args: readonly string[], options: ProcessOptions = {}): Promise<Ended> {
  return runToEnd(args, { ...ALONE, command: [EXECUTABLE], ...options });
}

/** Runs any command to its end. */
export function runCommand(
  command: readonly string[],
  options: ProcessOptions = {},
): Promise<Ended> {
  return runToEnd([], { ...ALONE, command, ...options });
}

/** What a run that had nothing to say came to. */
export const SILENT: Ended = { code: 0, signal: null, stdout: "", stderr: "" };

/**
 * Starts a server and waits until it listens on the loopback interface.
 *
 * @param port 0: a free one
 * @param prefix a command that runs the executable, such as a jail; absent: the executable itself
 */
export function serve(
  data: string,
  { flags = [], prefix = [EXECUTABLE], port = 0 }: {
    flags?: string[];
    prefix?: readonly string[];
    port?: number;
  } = {},
): Promise<ServerProcess> {
  const own = ["--addr", `127.0.0.1:${port}`, "--data", data];
  return ServerProcess.start([...own, ...flags], { ...ALONE, command: prefix });
}

/** A folder for one test. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "hubbub-test-" });
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
    },
  };
}
