/**
 * npm's `ws` as a client for tests: what arrives can be awaited, frame by frame. Every wait has a
 * deadline.
 *
 * @module
 */
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocket } from "ws";
import { Channel } from "../../hub/channel.ts";
import { DEADLINE, within } from "./within.ts";
import { tail } from "./condition.ts";

/** What arrives, and what can be sent. */
export type Data = string | Uint8Array;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A connection of npm's `ws`. Closes at the end of its scope. */
export class WsClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #frames = new Channel<{ data: Data }>(1_000_000);
  readonly #closed: Promise<{ code: number; reason: string }>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data, isBinary) => {
      if (!(data instanceof Uint8Array)) throw new TypeError("A frame came in parts");
      this.#frames.trySend({ data: isBinary ? Uint8Array.from(data) : decoder.decode(data) });
    });
    this.#closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        this.#frames.close();
        resolve({ code, reason: decoder.decode(reason) });
      });
    });
  }

  /**
   * Connects.
   *
   * @throws {Error} if the server refuses: `Unexpected server response: STATUS`
   */
  static open(url: string, ...protocols: string[]): Promise<WsClient> {
    return WsClient.openWith({}, url, ...protocols);
  }

  /** The same with these headers, such as a cookie. */
  static openWith(
    headers: Readonly<Record<string, string>>,
    url: string,
    ...protocols: string[]
  ): Promise<WsClient> {
    return WsClient.#open(new WebSocket(url, protocols, { perMessageDeflate: false, headers }));
  }

  /** The same from another address of the loopback network. */
  static openFrom(localAddress: string, url: string, ...protocols: string[]): Promise<WsClient> {
    const options = { perMessageDeflate: false, localAddress };
    return WsClient.#open(new WebSocket(url, protocols, options));
  }

  static #open(socket: WebSocket): Promise<WsClient> {
    const opened = new Promise<WsClient>((resolve, reject) => {
      const client = new WsClient(socket);
      socket.on("open", () => resolve(client));
      socket.on("error", reject);
    });
    return within(DEADLINE, `a connection to ${socket.url}`, opened);
  }

  /** How the connection ends. */
  get closed(): Promise<{ code: number; reason: string }> {
    return within(DEADLINE, `the end of ${this}`, this.#closed);
  }

  /** The subprotocol that the server chose; empty if none. */
  get subprotocol(): string {
    return this.#socket.protocol;
  }

  /** Sends a frame: a string as text, bytes as binary. Resolves once it has gone to the system. */
  send(data: Data): Promise<void> {
    const sent = new Promise<void>((resolve, reject) => {
      this.#socket.send(data, (error) => error ? reject(error) : resolve());
    });
    return within(DEADLINE, `a frame to leave ${this}`, sent);
  }

  /**
   * The next frame.
   *
   * @throws {Error} if the connection has ended instead
   */
  next(): Promise<Data> {
    return within(DEADLINE, `a frame from ${this}`, this.#next());
  }

  /** The next text frame. */
  text(): Promise<string> {
    return within(DEADLINE, `a text frame from ${this}`, this.#text());
  }

  /** So many next frames. */
  take(count: number): Promise<Data[]> {
    const frames: Data[] = [];
    const taken = async () => {
      while (frames.length < count) frames.push(await this.#next());
      return frames;
    };
    const what = () => `${count} frames from ${this}, after ${frames.length}`;
    return within(DEADLINE, what, taken());
  }

  /** The text frames up to and with the first one that fits. */
  until(pattern: RegExp): Promise<string[]> {
    const frames: string[] = [];
    const found = async () => {
      do frames.push(await this.#text()); while (!pattern.test(frames.at(-1) ?? ""));
      return frames;
    };
    const what = () => `${pattern} from ${this}, after ${tail(frames.join("\n"))}`;
    return within(DEADLINE, what, found());
  }

  /** Stops to read from the line. */
  pause(): void {
    this.#socket.pause();
  }

  /** Goes on reading. */
  resume(): void {
    this.#socket.resume();
  }

  /** The address, for messages. */
  toString(): string {
    return this.#socket.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.closed;
  }

  async #next(): Promise<Data> {
    const frame = await this.#frames.receive();
    if (frame !== undefined) return frame.data;
    const { code, reason } = await this.closed;
    throw new Error(`The connection was closed: ${code} ${reason}`);
  }

  async #text(): Promise<string> {
    const data = await this.#next();
    if (typeof data === "string") return data;
    throw new Error("A binary frame came where a text frame was awaited");
  }
}
