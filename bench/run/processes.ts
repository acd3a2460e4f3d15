/**
 * The processes of a measurement: the server and the load generator, each pinned to a processor.
 *
 * @module
 */

/** The processors of the server and of the load generator. */
const SERVER_CPU = 0;
const LOAD_CPU = 1;

/** Maximum time until a server listens, and until it ends after a signal, in milliseconds. */
const START_MS = 20_000;
const STOP_MS = 6000;

/** The amount of a server's output that is kept for errors, in characters. */
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
   * Starts a server and waits until it prints `Listening on http://ADDRESS:PORT`.
   *
   * @throws {Error} with its output if it does not
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

  /** Stops the server and waits until it has ended. */
  async stop(): Promise<void> {
    await end(this.#child);
  }
}

/**
 * Runs a program and returns its standard output.
 *
 * @param timeout milliseconds
 * @throws {Error} with its standard error if it fails
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

/** Whether processes are pinned to processors. */
export async function pins(): Promise<boolean> {
  return navigator.hardwareConcurrency > 1 && await exists("taskset");
}

/** Whether a program is installed. */
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

/** Reads all output, so that the process never blocks, and looks for the port. */
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
    // The process has ended already.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}
