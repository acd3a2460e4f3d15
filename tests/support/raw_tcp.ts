/**
 * HTTP by hand, for requests that no client library would send.
 *
 * @module
 */
import { connect, type Socket } from "node:net";

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
  #wake = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      this.#received += text;
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  static open(url: string): Promise<RawLine> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    return new Promise((resolve, reject) => {
      socket.on("connect", () => resolve(new RawLine(socket)));
      socket.on("error", reject);
    });
  }

  /** Resolves once the bytes have gone to the system. */
  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.write(data, () => resolve()));
  }

  /** All that was received, as soon as it fits, or the connection has ended. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#received) && !this.#ended) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#received;
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
    return closed;
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
