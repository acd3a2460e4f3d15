/**
 * A WebSocket client over TCP or TLS, without the cost of a JavaScript object per message.
 *
 * @module
 */
import { clientFrame, FrameParser, Opcode } from "./frames.ts";
import { readResponse, type Target, upgradeRequest } from "./handshake.ts";

/**
 * The masking key of all frames. RFC 6455 §5.3 wants a new key for each, to protect caches on the way;
 * one key lets a frame be prepared once.
 */
export const MASK = crypto.getRandomValues(new Uint8Array(4));

/** How long {@linkcode LoadSocket.close} waits for a peer that does not read, in milliseconds. */
const CLOSE_MS = 1000;

/** Status code 1000, a normal closure (RFC 6455 §7.4.1). */
const CLOSE_FRAME = clientFrame(Opcode.Close, Uint8Array.of(1000 >> 8, 1000 & 255), MASK);

const latin1 = new TextDecoder("latin1");
const encoder = new TextEncoder();

/** Receives what arrives on a connection. */
export interface LoadSocketListener {
  /** A piece of a message; see `FrameSink.payload`. */
  payload(bytes: Uint8Array, start: number, end: number): void;
  frameEnd(): void;
  /** Called after a read has been handed over, with its number of bytes. */
  received(bytes: number): void;
  /** The peer closed or lost the connection. Called at most once. */
  lost(reason: string): void;
}

/** An open WebSocket. */
export class LoadSocket {
  readonly #conn: Deno.TcpConn | Deno.TlsConn;
  readonly #listener: LoadSocketListener;
  readonly #parser: FrameParser;
  /** How long to wait after a read that emptied the socket's buffer, in milliseconds. */
  rest = 0;
  #queue: Uint8Array[] = [];
  /** The write in progress; `undefined` if there is none. */
  #writing: Promise<void> | undefined;
  #ended = false;
  /** Ends a pause between reads. */
  #wake: () => void = () => {};

  private constructor(conn: Deno.TcpConn | Deno.TlsConn, listener: LoadSocketListener) {
    this.#conn = conn;
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
    listener: LoadSocketListener,
    buffer: number,
  ): Promise<LoadSocket> {
    const conn = await connect(target);
    try {
      return await LoadSocket.#handshake(conn, target, listener, new Uint8Array(buffer));
    } catch (error) {
      conn.close();
      throw error;
    }
  }

  static async #handshake(
    conn: Deno.TcpConn | Deno.TlsConn,
    target: Target,
    listener: LoadSocketListener,
    bytes: Uint8Array,
  ): Promise<LoadSocket> {
    await writeAll(conn, encoder.encode(upgradeRequest(target)));
    let received = "";
    for (;;) {
      const count = await conn.read(bytes);
      if (count === null) {
        throw new Error("Cannot open WebSocket: the server closed the connection");
      }
      received += latin1.decode(bytes.subarray(0, count));
      const length = readResponse(received, target.protocols[0]);
      if (length === undefined) continue;
      const connection = new LoadSocket(conn, listener);
      const rest = received.length - length;
      connection.#take(bytes.slice(count - rest, count));
      void connection.#read(bytes);
      return connection;
    }
  }

  /** Sends a frame. Frames are written one by one, as if each came from a machine of its own. */
  send(frame: Uint8Array): void {
    if (this.#ended) return;
    this.#queue.push(frame);
    this.#writing ??= this.#write();
  }

  /** Closes the connection normally, without waiting for the peer's close frame. Idempotent. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.send(CLOSE_FRAME);
    this.#ended = true;
    this.#wake();
    const timer = setTimeout(() => this.#conn.close(), CLOSE_MS);
    await this.#writing;
    clearTimeout(timer);
    closeQuietly(this.#conn);
  }

  async #read(bytes: Uint8Array): Promise<void> {
    try {
      for (;;) {
        const count = await this.#conn.read(bytes);
        if (count === null) return this.#lose("the server closed the connection");
        this.#take(bytes.subarray(0, count));
        if (this.rest > 0 && count < bytes.length) await this.#pause(this.rest);
      }
    } catch (error) {
      this.#lose(String(error));
    }
  }

  /** Waits until the time is over or the connection is closed. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #take(bytes: Uint8Array): void {
    this.#parser.feed(bytes);
    this.#listener.received(bytes.length);
  }

  async #write(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const frames = this.#queue;
        this.#queue = [];
        for (const frame of frames) await writeAll(this.#conn, frame);
      }
    } catch (error) {
      this.#lose(String(error));
    }
    this.#writing = undefined;
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
    this.#ended = true;
    this.#wake();
    closeQuietly(this.#conn);
    this.#listener.lost(reason);
  }
}

async function connect(
  { hostname, port, secure }: Target,
): Promise<Deno.TcpConn | Deno.TlsConn> {
  const conn = await Deno.connect({ hostname, port });
  conn.setNoDelay(true);
  // Without ALPN some servers select HTTP/2, which has another handshake.
  return secure ? await Deno.startTls(conn, { hostname, alpnProtocols: ["http/1.1"] }) : conn;
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    // It is closed already.
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
