/**
 * Finds what the load generator must know of a server besides its messages: the rate limit in the
 * handshake, and errors. All other frames are passed over at the cost of comparing their first bytes.
 *
 * @module
 */
import type { Dialect } from "./dialect.ts";

/** Frames longer than this, in bytes, are passed over. */
const MAX_LENGTH = 64 * 1024;

/** What a frame said. */
export interface Notice {
  /** Messages per second that the server allows a connection; 0: no limit. */
  readonly rateLimit?: number;
  /** The codes of the errors in the frame. */
  readonly errors: readonly string[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Reads the frames of one connection. */
export class NoticeReader {
  readonly #dialect: Dialect;
  readonly #prefix: Uint8Array;
  readonly #wantsFirst: () => boolean;
  /** Number of complete frames. */
  #frames = 0;
  /** The bytes of the current frame so far. */
  #bytes: number[] = [];
  /** Whether the current frame is passed over. */
  #passed = false;

  /** @param wantsFirst whether the connection's first frame is to be decoded */
  constructor(dialect: Dialect, wantsFirst: () => boolean) {
    this.#dialect = dialect;
    this.#prefix = encoder.encode(dialect.errorPrefix ?? "");
    this.#wantsFirst = wantsFirst;
  }

  /** Reads a piece of the current frame: the bytes from `start` up to `end`. */
  read(bytes: Uint8Array, start: number, end: number): void {
    if (this.#passed) return;
    if (this.#isWanted(bytes, start, end)) {
      for (let at = start; at < end; at++) this.#bytes.push(bytes[at]!);
    } else {
      this.#passed = true;
    }
  }

  /** Ends the current frame. Returns what it said, if that matters. */
  end(): Notice | undefined {
    const bytes = this.#bytes;
    const wanted = !this.#passed;
    this.#frames++;
    this.#passed = false;
    if (bytes.length > 0) this.#bytes = [];
    if (!wanted) return undefined;
    const messages = this.#dialect.decode?.(decoder.decode(Uint8Array.from(bytes))) ?? [];
    const errors = messages.flatMap((one) => one.type === "error" ? [one.code] : []);
    const [handshake] = messages.flatMap((one) => one.type === "handshake" ? [one] : []);
    return { errors, ...(handshake && { rateLimit: handshake.limits.rate }) };
  }

  #isWanted(bytes: Uint8Array, start: number, end: number): boolean {
    const { length } = this.#bytes;
    if (this.#dialect.decode === undefined || length + end - start > MAX_LENGTH) return false;
    if (this.#frames === 0 && this.#wantsFirst()) return true;
    const count = Math.min(this.#prefix.length - length, end - start);
    for (let i = 0; i < count; i++) {
      if (bytes[start + i] !== this.#prefix[length + i]) return false;
    }
    return true;
  }
}
