/**
 * A real server as a process of its own, which can be killed and started again on the same data.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url).pathname;

/** A running server. */
export class ServerProcess {
  #child: Deno.ChildProcess;
  readonly port: number;

  private constructor(child: Deno.ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /**
   * @param options `port` 0 takes a free one; `data` a folder, or `:memory:`
   */
  static async start(
    { port = 0, data = ":memory:", flags = [] }: {
      port?: number;
      data?: string;
      flags?: string[];
    } = {},
  ): Promise<ServerProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        `${ROOT}main.ts`,
        "serve",
        "--addr",
        `127.0.0.1:${port}`,
        "--data",
        data,
        "--log-format",
        "json",
        ...flags,
      ],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const heard = await Promise.any([listening(child.stdout), listening(child.stderr)]);
    return new ServerProcess(child, heard);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Ends it and waits until it is gone. `SIGKILL` leaves it no time to say goodbye. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended already.
    }
    await this.#child.status;
  }
}

/** Reads a log until it names the port, and goes on reading so that the process never blocks. */
function listening(log: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<number> {
  return new Promise((resolve, reject) => {
    (async () => {
      let text = "";
      for await (const chunk of log.pipeThrough(new TextDecoderStream())) {
        text = (text + chunk).slice(-8_192);
        const port = /Listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1];
        if (port !== undefined) resolve(Number(port));
      }
      reject(new Error(`Cannot start the server: ${text}`));
    })();
  });
}
