/**
 * `hubbub serve` as a process of its own, which can be told to stop, killed, and kept short of things.
 *
 * @module
 */

const MAIN = new URL("../../main.ts", import.meta.url).href;

/** What a process may be told. */
export interface ProcessOptions {
  /** Most files and sockets that it may have open. */
  descriptors?: number;
  /** Variables beside those of this process. */
  env?: Readonly<Record<string, string>>;
}

/** How a process ended, and what it wrote. */
export interface Ended {
  code: number;
  signal: Deno.Signal | null;
  stdout: string;
  stderr: string;
}

/** A process. Killed at the end of its scope if it still runs. */
export class ServerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdout: Promise<string>;
  readonly #stderr: Promise<string>;
  #log = "";
  #hasEnded = false;
  #wake = () => {};

  constructor(flags: readonly string[], { descriptors, env = {} }: ProcessOptions = {}) {
    const command = [Deno.execPath(), "run", "-A", MAIN, "serve", ...flags];
    const [program = "", ...args] = descriptors === undefined
      ? command
      : ["/bin/sh", "-c", `ulimit -n ${descriptors}; exec "$@"`, "sh", ...command];
    const options = { args, env, stdin: "null", stdout: "piped", stderr: "piped" } as const;
    this.#child = new Deno.Command(program, options).spawn();
    this.#stdout = new Response(this.#child.stdout).text();
    this.#stderr = this.#listen();
  }

  /** Starts a server on the loopback interface, with a log in JSON; resolves when it listens. */
  static async start(
    flags: readonly string[],
    options: ProcessOptions = {},
  ): Promise<ServerProcess & { url: string }> {
    const addr = flags.includes("--addr") ? [] : ["--addr", "127.0.0.1:0"];
    const server = new ServerProcess([...addr, "--log-format", "json", ...flags], options);
    const log = await server.until(/"url":"([^"]+)"/);
    const url = /"url":"([^"]+)"/.exec(log)?.[1];
    if (url === undefined) throw new Error(`Cannot start server: ${log}`);
    return Object.assign(server, { url });
  }

  /** All that it has written to standard error, as soon as it fits, or the process has ended. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#log) && !this.#hasEnded) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#log;
  }

  get pid(): number {
    return this.#child.pid;
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for the end. */
  async ended(): Promise<Ended> {
    const { code, signal } = await this.#child.status;
    return { code, signal, stdout: await this.#stdout, stderr: await this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.ended();
  }

  async #listen(): Promise<string> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#log += text;
      this.#wake();
    }
    this.#hasEnded = true;
    this.#wake();
    return this.#log;
  }
}
