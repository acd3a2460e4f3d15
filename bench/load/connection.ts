/**
 * One WebSocket of the load over plain TCP.
 *
 * @module
 */
import { clientFrame, FrameParser, Opcode } from "./frames.ts";
import { readResponse, type Target, upgradeRequest } from "./handshake.ts";

/**
 * Masks all frames. A key should be new for each of them (RFC 6455 §5.3), for the sake of caches between
 * the two ends; here there are none.
 */
export const MASK = crypto.getRandomValues(new Uint8Array(4));

const latin1 = new TextDecoder("latin1");
const encoder = new TextEncoder();

/** Is told of what arrives on a connection. */
export interface ConnectionListener {
  /** A piece of a message; see `FrameSink.payload`. */
  payload(bytes: Uint8Array, start: number, end: number): void;
  frameEnd(): void;
  /** All that has arrived by now was handed over: so many bytes. */
  received(bytes: number): void;
  /** The connection is gone, though nobody here closed it. Called at most once. */
  lost(reason: string): void;
}

/** An open WebSocket. */
export class Connection {
  readonly #line: Deno.TcpConn;
  readonly #listener: ConnectionListener;
  readonly #parser: FrameParser;
  /** After everything that had come was read, so many milliseconds pass before more is. */
  rest = 0;
  #queue: Uint8Array[] = [];
  #writing = false;
  #ended = false;

  private constructor(line: Deno.TcpConn, listener: ConnectionListener) {
    this.#line = line;
    this.#listener = listener;
    this.#parser = new FrameParser({
      payload: (bytes, start, end) => listener.payload(bytes, start, end),
      frameEnd: () => listener.frameEnd(),
      control: (opcode, payload) => this.#control(opcode, payload),
    });
  }

  /**
   * Connects.
   *
   * @param buffer bytes to read at a time
   * @throws {Error} if the server cannot be reached or refuses
   */
  static async open(
    target: Target,
    listener: ConnectionListener,
    buffer: number,
  ): Promise<Connection> {
    const { hostname, port, protocol } = target;
    const line = await Deno.connect({ hostname, port });
    line.setNoDelay(true);
    await writeAll(line, encoder.encode(upgradeRequest(target)));
    const bytes = new Uint8Array(buffer);
    let received = "";
    for (;;) {
      const count = await line.read(bytes);
      if (count === null) throw new Error("Cannot open WebSocket: the server hung up");
      received += latin1.decode(bytes.subarray(0, count));
      const length = readResponse(received, protocol);
      if (length === undefined) continue;
      const connection = new Connection(line, listener);
      const rest = received.length - length;
      connection.#take(bytes.slice(count - rest, count));
      void connection.#read(bytes);
      return connection;
    }
  }

  /** Sends a frame. Each is written by itself, as if every message had a line of its own to travel on. */
  send(frame: Uint8Array): void {
    if (this.#ended) return;
    this.#queue.push(frame);
    if (this.#writing) return;
    void this.#write();
  }

  /** Cuts the line, without a closing handshake. Idempotent. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#line.close();
  }

  async #read(bytes: Uint8Array): Promise<void> {
    try {
      for (;;) {
        const count = await this.#line.read(bytes);
        if (count === null) return this.#lose("the server hung up");
        this.#take(bytes.subarray(0, count));
        if (this.rest > 0 && count < bytes.length) await pause(this.rest);
      }
    } catch (error) {
      this.#lose(String(error));
    }
  }

  #take(bytes: Uint8Array): void {
    this.#parser.feed(bytes);
    this.#listener.received(bytes.length);
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      while (this.#queue.length > 0) {
        const frames = this.#queue;
        this.#queue = [];
        for (const frame of frames) await writeAll(this.#line, frame);
      }
    } catch (error) {
      this.#lose(String(error));
    }
    this.#writing = false;
  }

  #control(opcode: number, payload: Uint8Array): void {
    if (opcode === Opcode.Ping) this.send(clientFrame(Opcode.Pong, payload, MASK));
    if (opcode !== Opcode.Close) return;
    const [high = 0, low = 0] = payload;
    const reason = latin1.decode(payload.subarray(2));
    this.#lose(`the server closed it: ${high * 256 + low} ${reason}`.trimEnd());
  }

  #lose(reason: string): void {
    if (this.#ended) return;
    this.close();
    this.#listener.lost(reason);
  }
}

async function writeAll(line: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await line.write(bytes.subarray(at));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
