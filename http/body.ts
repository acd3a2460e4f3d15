/**
 * Reads request bodies within time limits: the runtime itself waits forever for a client that stops
 * sending.
 *
 * @module
 */
import { steadyNow } from "../clock/steady.ts";
import { getLogger } from "@logtape/logtape";
import { Problem } from "./problem.ts";

const logger = getLogger(["hubbub", "http"]);

/** Time limits of a body; beyond any of them the request fails with 408. */
export interface BodyTimeouts {
  /** Longest wait for the next chunk, in milliseconds. */
  readonly idle: number;
  /** Time before the minimum rate applies, in milliseconds. */
  readonly grace: number;
  /** Minimum average rate, in bytes a second; 0: `grace` limits the time of the whole body. */
  readonly rate: number;
}

/**
 * Size of the buffer that chunks are read into, in bytes; each body has one. Deno delivers at most this
 * much at a time, and fills part of a larger buffer only slowly.
 */
const BUFFER_BYTES = 64 * 1024;

/** Time for a response to be sent before its connection is closed, in milliseconds. */
const LINGER_MS = 100;

/** A body exceeded its time limits. */
export class TooSlow extends Problem {
  constructor() {
    super(408, "Cannot read request: its body comes too slowly");
  }

  /**
   * A response after which the connection is closed. Deno's server first reads the rest of a request's
   * body, however slowly it arrives, unless the response cannot be completed: so this one announces a
   * byte more than it has. (While a read is pending this does not help: with Deno 2.9 a connection on
   * which nothing arrives stays open.)
   */
  override response(): Response {
    const { status, headers } = super.response();
    const bytes = new TextEncoder().encode(this.body);
    headers.set("connection", "close");
    headers.set("content-length", String(bytes.length + 1));
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(bytes);
        await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
        controller.close();
      },
    });
    return new Response(body, { status, headers });
  }
}

/** How a body is read. */
export interface ReadOptions {
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
  /**
   * Counts bytes that have come. Called again after the wait, until there is none.
   *
   * @returns milliseconds to wait before they are handed on and more is read: the client's rate is bounded
   */
  readonly pace?: (bytes: number) => number;
}

/**
 * Reads a body chunk by chunk. A chunk is valid only until the next one is requested: its memory is
 * reused, because a large body would otherwise leave as much garbage as it has bytes.
 *
 * @throws {TooSlow} if the body exceeds the timeouts
 * @throws {Problem} if the client disconnects before the end
 */
export function readChunks(
  { body, headers }: Request,
  timeouts: BodyTimeouts,
  options: ReadOptions = {},
): AsyncIterableIterator<Uint8Array> {
  const reader = openReader(body ?? ReadableStream.from<Uint8Array>([]));
  const chunks = generate(reader, headers.get("content-length"), timeouts, options);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => chunks.next(),
    return() {
      // A generator by itself would first wait for the pending read, which may never finish.
      reader.cancel().catch(() => {});
      return chunks.return(undefined);
    },
  };
}

async function* generate(
  reader: Reader,
  promised: string | null,
  timeouts: BodyTimeouts,
  { now = steadyNow, pace }: ReadOptions,
): AsyncGenerator<Uint8Array, undefined, undefined> {
  let start = now();
  let bytes = 0;
  try {
    for (;;) {
      const chunk = await within(read(reader), timeouts.idle);
      if (chunk === undefined) break;
      bytes += chunk.length;
      const earned = timeouts.rate === 0 ? 0 : bytes / timeouts.rate * 1000;
      if (now() - start > timeouts.grace + earned) throw new TooSlow();
      for (let wait = 0; (wait = pace?.(chunk.length) ?? 0) > 0;) {
        await new Promise((resolve) => setTimeout(resolve, wait));
        start += wait; // The client did not cause it.
      }
      yield chunk;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
  if (promised !== null && Number(promised) !== bytes) throw new Interrupted();
}

async function read(reader: Reader): Promise<Uint8Array | undefined> {
  try {
    return await reader.read();
  } catch (error) {
    logger.debug("The body of a request ended too soon: {error}", { error });
    throw new Interrupted();
  }
}

/** The client disconnected; nobody reads the response. */
class Interrupted extends Problem {
  constructor() {
    super(400, "Cannot read request: its body ended too soon");
  }
}

/**
 * Reads a small body as text.
 *
 * @throws {Problem} 413 if it has more bytes than allowed, 400 if it is not UTF-8
 */
export async function readText(
  request: Request,
  maxBytes: number,
  timeouts: BodyTimeouts,
): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  refuseEncoded(request);
  for await (const chunk of readChunks(request, timeouts)) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw Problem.of("too_large", `Cannot read request: at most ${maxBytes} bytes are allowed`);
    }
    text += decode(decoder, chunk);
  }
  return text + decode(decoder);
}

/** @throws {Problem} 415 if the body is compressed: bodies are stored as they are sent */
export function refuseEncoded({ headers }: Request): void {
  const encoding = headers.get("content-encoding");
  if (encoding === null || encoding.toLowerCase() === "identity") return;
  throw new Problem(415, "Cannot read request: its body must not have a content encoding", {
    headers: { "accept-encoding": "identity" },
  });
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw Problem.of("bad_json", "Cannot read request: its body must be UTF-8");
  }
}

/**
 * Rejects with {@linkcode TooSlow} unless the promise settles in time. Unlike std's `deadline` it leaves no
 * timer behind: there would be one, and 2.5 KB, for each chunk of the last `idle` milliseconds.
 */
async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new TooSlow()), milliseconds);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

interface Reader {
  /** The next chunk; `undefined` at the end. */
  read(): Promise<Uint8Array | undefined>;
  cancel(): Promise<void>;
}

/** Reads into one buffer if the stream supports it; the streams of some transports do not. */
function openReader(body: ReadableStream<Uint8Array>): Reader {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: "byob" });
  } catch {
    const plain = body.getReader();
    return { read: async () => (await plain.read()).value, cancel: () => plain.cancel() };
  }
  let buffer = new ArrayBuffer(BUFFER_BYTES);
  return {
    async read() {
      const { value, done } = await reader.read(new Uint8Array(buffer));
      if (done || value === undefined) return undefined;
      buffer = value.buffer;
      return value;
    },
    cancel: () => reader.cancel(),
  };
}
