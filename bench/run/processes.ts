/**
 * The processes of a measurement: a server with a processor to itself, and the load generator with
 * another one.
 *
 * @module
 */

/** The processor of the server, and that of the load generator. */
const SERVER_CPU = 0;
const LOAD_CPU = 1;

/** Time for a server to listen, and to end once it is told to: milliseconds. */
const START_MS = 20_000;
const STOP_MS = 6000;

/** How much of a server's output is remembered, in characters. */
const LOG_LENGTH = 8192;

/** A running server. */
export class ServerProcess {
  readonly port: number;
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /**
   * Starts a server that says `Listening on http://ADDRESS:PORT`, and waits until it does.
   *
   * @throws {Error} with what it said instead
   */
  static async start(command: readonly string[]): Promise<ServerProcess> {
    const child = spawn(await pinned(command, SERVER_CPU));
    const port = Promise.withResolvers<number>();
    const log = { text: "" };
    const ended = Promise.all([read(child.stdout, log, port), read(child.stderr, log, port)]);
    ended.then(() => port.reject(new Error(`The server ended: ${log.text.trim()}`)));
    const timer = setTimeout(() => {
      port.reject(new Error(`The server does not listen: ${log.text.trim()}`));
    }, START_MS);
    try {
      return new ServerProcess(child, await port.promise);
    } catch (error) {
      await end(child);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Ends it and waits until it is gone. */
  async stop(): Promise<void> {
    await end(this.#child);
  }
}

/**
 * Runs a program to its end and returns what it printed.
 *
 * @param timeout milliseconds
 * @throws {Error} with what it said if it failed
 */
export async function runLoad(command: readonly string[], timeout: number): Promise<string> {
  const child = spawn(await pinned(command, LOAD_CPU));
  const timer = setTimeout(() => kill(child, "SIGKILL"), timeout);
  const { success, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(decoder.decode(stderr).trim() || `It took longer than ${timeout / 1000} s`);
}

/** Whether each of the two has a processor to itself. */
export async function pins(): Promise<boolean> {
  return navigator.hardwareConcurrency > 1 && await exists("taskset");
}

/** Whether a program can be started. */
export async function exists(program: string): Promise<boolean> {
  try {
    await new Deno.Command(program, {
      args: ["--version"],
      stdout: "null",
      stderr: "null",
      stdin: "null",
    }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function pinned(command: readonly string[], cpu: number): Promise<readonly string[]> {
  return await pins() ? ["taskset", "-c", String(cpu), ...command] : command;
}

function spawn([program = "", ...args]: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "piped" })
    .spawn();
}

/** Reads output to its end, so that the process never waits, and looks for the port. */
async function read(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
  log: { text: string },
  port: PromiseWithResolvers<number>,
): Promise<void> {
  for await (const text of output.pipeThrough(new TextDecoderStream())) {
    log.text = (log.text + text).slice(-LOG_LENGTH);
    const found = /Listening on http:\/\/[\d.]+:(\d+)/.exec(log.text)?.[1];
    if (found !== undefined) port.resolve(Number(found));
  }
}

async function end(child: Deno.ChildProcess): Promise<void> {
  kill(child, "SIGTERM");
  const timer = setTimeout(() => kill(child, "SIGKILL"), STOP_MS);
  await child.status;
  clearTimeout(timer);
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // It has ended already.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}
