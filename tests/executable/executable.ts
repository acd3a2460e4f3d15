/**
 * The really compiled executable for the tests that drive it. `TEST_EXECUTABLE` names it (`deno task
 * compile` makes one); without it these tests are skipped and say why, unless `TEST_REQUIRE` names
 * `executable`: then they fail.
 *
 * @module
 */
import { parseServerUrl, type ServerUrl } from "../../cli/server_url.ts";
import { TextLineStream } from "../../cli/chat/line_stream.ts";

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

/** What a run that has ended came to. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment; nothing of this process's own is handed on. */
  readonly env?: Record<string, string>;
  readonly input?: string;
}

/** Runs the executable to its end. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return runCommand([EXECUTABLE, ...args], options);
}

/** Runs any command to its end. */
export async function runCommand(
  [command = "", ...args]: readonly string[],
  { cwd = "/", env = {}, input }: RunOptions = {},
): Promise<Outcome> {
  const child = new Deno.Command(command, {
    args,
    cwd,
    env,
    clearEnv: true,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** A server that runs. */
export interface RunningServer extends AsyncDisposable {
  readonly url: ServerUrl;
  /** Sends a signal and waits for the end. Returns the exit code. */
  stop(signal?: Deno.Signal): Promise<number>;
}

/**
 * Starts a server and waits until it listens on the loopback.
 *
 * @param port 0: a free one
 * @param prefix a command that runs the executable, such as a jail; absent: the executable itself
 */
export async function serve(
  data: string,
  { flags = [], prefix = [EXECUTABLE], port = 0 }: {
    flags?: string[];
    prefix?: readonly string[];
    port?: number;
  } = {},
): Promise<RunningServer> {
  const [command = "", ...args] = [
    ...prefix,
    "serve",
    "--addr",
    `127.0.0.1:${port}`,
    "--data",
    data,
    "--log-format",
    "json",
    ...flags,
  ];
  const child = new Deno.Command(command, {
    args,
    cwd: "/",
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const log: string[] = [];
  const address = Promise.withResolvers<string>();
  const reading = readLog(child.stderr, (line) => {
    log.push(line);
    const found = /"url":"([^"]+)"/.exec(line)?.[1];
    if (found !== undefined) address.resolve(found);
  }).then(() => address.reject(new Error(`Cannot start server: ${log.join("\n")}`)));
  const url = parseServerUrl(await address.promise);
  if (url === undefined) throw new Error("Cannot read URL of the server");
  async function stop(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    try {
      child.kill(signal);
    } catch {
      // It has ended already.
    }
    const { code } = await child.status;
    await reading.catch(() => {});
    return code;
  }
  return { url, stop, [Symbol.asyncDispose]: async () => void await stop("SIGKILL") };
}

async function readLog(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (line: string) => void,
): Promise<void> {
  const lines = stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) take(line);
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
