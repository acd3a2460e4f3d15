/**
 * npm's `ws` as a client for tests: what arrives can be awaited, frame by frame.
 *
 * @module
 */
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocket } from "ws";
import { Channel } from "../../hub/channel.ts";

/** What arrives, and what can be sent. */
export type Data = string | Uint8Array;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A connection of npm's `ws`. Closes at the end of its scope. */
export class WsClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #frames = new Channel<{ data: Data }>(1_000_000);
  /** How the connection ended. */
  readonly closed: Promise<{ code: number; reason: string }>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data, isBinary) => {
      if (!(data instanceof Uint8Array)) throw new TypeError("A frame came in parts");
      this.#frames.trySend({ data: isBinary ? Uint8Array.from(data) : decoder.decode(data) });
    });
    this.closed = new Promise((resolve) => {
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
    const socket = new WebSocket(url, protocols, { perMessageDeflate: false });
    return new Promise((resolve, reject) => {
      const client = new WsClient(socket);
      socket.on("open", () => resolve(client));
      socket.on("error", reject);
    });
  }

  /** The subprotocol that the server chose; empty if none. */
  get subprotocol(): string {
    return this.#socket.protocol;
  }

  /** Sends a frame: a string as text, bytes as binary. Resolves once it has gone to the system. */
  send(data: Data): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(data, (error) => error ? reject(error) : resolve());
    });
  }

  /**
   * The next frame.
   *
   * @throws {Error} if the connection has ended instead
   */
  async next(): Promise<Data> {
    const frame = await this.#frames.receive();
    if (frame !== undefined) return frame.data;
    const { code, reason } = await this.closed;
    throw new Error(`The connection was closed: ${code} ${reason}`);
  }

  /** The next text frame. */
  async text(): Promise<string> {
    const data = await this.next();
    if (typeof data === "string") return data;
    throw new Error("A binary frame came where a text frame was awaited");
  }

  /** So many next frames. */
  async take(count: number): Promise<Data[]> {
    const frames = [];
    while (frames.length < count) frames.push(await this.next());
    return frames;
  }

  /** The text frames up to and with the first one that fits. */
  async until(pattern: RegExp): Promise<string[]> {
    const frames = [];
    for (;;) {
      const frame = await this.text();
      frames.push(frame);
      if (pattern.test(frame)) return frames;
    }
  }

  /** Stops to read from the line. */
  pause(): void {
    this.#socket.pause();
  }

  /** Goes on reading. */
  resume(): void {
    this.#socket.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}
