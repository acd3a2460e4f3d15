/**
 * `hubbub serve` as a process of its own, from source or as the compiled executable, which can be told
 * to stop, killed, jailed, and kept short of things.
 *
 * @module
 */
import { Condition, tail } from "./condition.ts";
import { DEADLINE, within } from "./within.ts";

/** The command line from source; its arguments follow. */
export const SOURCE: readonly string[] = [
  Deno.execPath(),
  "run",
  "-A",
  "--quiet",
  new URL("../../main.ts", import.meta.url).href,
];

/** How a process is run. */
export interface ProcessOptions {
  /** What is run, before its arguments: a program, a jail around one. Absent: {@linkcode SOURCE}. */
  readonly command?: readonly string[];
  readonly cwd?: string;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The process has no variables but those of `env`. */
  readonly clearEnv?: boolean;
  /** Most files and sockets that it may have open. */
  readonly descriptors?: number;
  /** What it can read from its standard input; absent: nothing. */
  readonly input?: string;
}

/** How a process ended, and what it wrote. */
export interface Ended {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of Hubbub to its end. */
export async function runToEnd(
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<Ended> {
  await using program = new Program(args, options);
  return await program.ended();
}

/** A process. Killed at the end of its scope if it still runs. */
export class Program implements AsyncDisposable {
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<Ended>;
  readonly #changed = new Condition();
  #log = "";
  #isOver = false;

  constructor(args: readonly string[], options: ProcessOptions = {}) {
    const { command = SOURCE, descriptors, input, ...rest } = options;
    this.#name = [command.at(-1), ...args].join(" ");
    const [program = "", ...all] = descriptors === undefined
      ? [...command, ...args]
      : ["/bin/sh", "-c", `ulimit -n ${descriptors}; exec "$@"`, "sh", ...command, ...args];
    this.#child = new Deno.Command(program, {
      ...rest,
      args: all,
      stdin: input === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#ended = this.#run(input);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** What it has written to standard error so far. */
  get log(): string {
    return this.#log;
  }

  /**
   * Waits for something that it writes to standard error. Returns all that it has written there.
   *
   * @throws {Error} if the process has ended instead
   */
  async until(pattern: RegExp): Promise<string> {
    const what = () => `${pattern} from ${this.#name}, after ${tail(this.#log)}`;
    await this.#changed.until(what, () => {
      if (pattern.test(this.#log)) return true;
      if (this.#isOver) throw new Error(`${this.#name} has ended: ${tail(this.#log)}`);
      return undefined;
    });
    return this.#log;
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for the end. */
  ended(): Promise<Ended> {
    const what = () => `the end of ${this.#name}, after ${tail(this.#log)}`;
    return within(DEADLINE, what, this.#ended);
  }

  /** Sends a signal, unless it has ended already, and waits for the end. */
  stop(signal: Deno.Signal = "SIGTERM"): Promise<Ended> {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended already.
    }
    return this.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }

  async #run(input: string | undefined): Promise<Ended> {
    const [{ code, signal }, stdout] = await Promise.all([
      this.#child.status,
      new Response(this.#child.stdout).text(),
      this.#listen(),
      input !== undefined && ReadableStream.from([new TextEncoder().encode(input)])
        .pipeTo(this.#child.stdin),
    ]);
    return { code, signal, stdout, stderr: this.#log };
  }

  async #listen(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#log += text;
      this.#changed.notify();
    }
    this.#isOver = true;
    this.#changed.notify();
  }
}

/** A server that listens on the loopback interface. */
export class ServerProcess extends Program {
  /** Starts `hubbub serve`, with a log in JSON. */
  private constructor(flags: readonly string[], options: ProcessOptions) {
    const addr = flags.includes("--addr") ? [] : ["--addr", "127.0.0.1:0"];
    super(["serve", ...addr, "--log-format", "json", ...flags], options);
  }

  /**
   * Resolves when it listens.
   *
   * @param flags `--addr` where the port must be a certain one; `--data` where anything is to be kept:
   *   without it the server uses its own default
   * @throws {Error} if it ends instead
   */
  static async start(
    flags: readonly string[],
    options: ProcessOptions = {},
  ): Promise<ServerProcess> {
    const server = new ServerProcess(flags, options);
    try {
      await server.until(LISTENING);
      return server;
    } catch (error) {
      await server.stop("SIGKILL");
      throw error;
    }
  }

  /** Ends in `/`. */
  get url(): string {
    return LISTENING.exec(this.log)?.[1] ?? "";
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Where the WebSocket of this path is. */
  ws(path = "/ws"): string {
    return new URL(path, this.url).href.replace(/^http/, "ws");
  }
}

const LISTENING = /"url":"([^"]+)"/;
