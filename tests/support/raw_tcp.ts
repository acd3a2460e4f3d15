/**
 * HTTP by hand, for requests that no client library would send.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { Condition, tail } from "./condition.ts";
import { DEADLINE, within } from "./within.ts";

/** The headers of a right WebSocket handshake. */
export const HANDSHAKE: Readonly<Record<string, string>> = {
  host: "localhost",
  upgrade: "websocket",
  connection: "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** Writes a request; members that are `undefined` leave their header out. */
export function formatRequest(
  line: string,
  headers: Readonly<Record<string, string | undefined>>,
): string {
  const fields = Object.entries(headers).filter(([, value]) => value !== undefined);
  return [line, ...fields.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");
}

/** A connection over which bytes are written by hand. */
export class RawLine {
  readonly #socket: Socket;
  #received = "";
  #ended = false;
  readonly #changed = new Condition();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      this.#received += text;
      this.#changed.notify();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#ended = true;
      this.#changed.notify();
    });
  }

  static open(url: string): Promise<RawLine> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const opened = new Promise<RawLine>((resolve, reject) => {
      socket.on("connect", () => resolve(new RawLine(socket)));
      socket.on("error", reject);
    });
    return within(DEADLINE, `a TCP connection to ${url}`, opened);
  }

  /** Resolves once the bytes have gone to the system. */
  write(data: string | Uint8Array): Promise<void> {
    const written = new Promise<void>((resolve) => this.#socket.write(data, () => resolve()));
    return within(DEADLINE, "bytes to leave a TCP connection", written);
  }

  /**
   * All that was received, as soon as it fits.
   *
   * @throws {Error} if the connection has ended instead
   */
  until(pattern: RegExp): Promise<string> {
    return this.#wait(String(pattern), () => {
      if (pattern.test(this.#received)) return true;
      if (this.#ended) throw new Error(`The connection was closed: ${tail(this.#received)}`);
      return undefined;
    });
  }

  /** The head of the answer, or whatever was received before the connection ended without one. */
  head(): Promise<string> {
    const isDone = () => this.#received.includes("\r\n\r\n") || this.#ended || undefined;
    return this.#wait("an answer or the end", isDone);
  }

  /** All that was received, once the connection has ended. */
  ended(): Promise<string> {
    return this.#wait("the end", () => this.#ended || undefined);
  }

  /** All that was received, as soon as it is enough or the connection has ended. */
  untilOrEnd(isEnough: (received: string) => boolean): Promise<string> {
    return this.#wait(
      "enough or the end",
      () => this.#ended || isEnough(this.#received) || undefined,
    );
  }

  /** Stops to read. */
  pause(): void {
    this.#socket.pause();
  }

  /** Cuts the line with a TCP reset, as a crashed machine does; nothing is said before. */
  reset(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    const closed = new Promise<void>((resolve) => this.#socket.on("close", () => resolve()));
    if ("resetAndDestroy" in this.#socket) this.#socket.resetAndDestroy();
    else Reflect.apply(this.#socket["destroy"], this.#socket, []);
    return within(DEADLINE, "the end of a TCP connection that was reset", closed);
  }

  async #wait(what: string, isDone: () => true | undefined): Promise<string> {
    await this.#changed.until(() => `${what} over TCP, after ${tail(this.#received)}`, isDone);
    return this.#received;
  }
}

/** The status and the headers of the answer to a request by hand. */
export async function ask(
  url: string,
  line: string,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<{ status: number; headers: Headers }> {
  const raw = await RawLine.open(url);
  await raw.write(formatRequest(line, headers));
  const head = (await raw.until(/\r\n\r\n/)).split("\r\n\r\n")[0] ?? "";
  await raw.reset();
  const [statusLine = "", ...fields] = head.split("\r\n");
  const pairs = fields.map((field): [string, string] => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon), field.slice(colon + 1).trim()];
  });
  return { status: Number(statusLine.split(" ")[1]), headers: new Headers(pairs) };
}
