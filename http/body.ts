/**
 * Reading the body of a request, bounded in time: the runtime itself would wait for ever for what a
 * client does not send.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { Problem } from "./problem.ts";

const logger = getLogger(["hubbub", "http"]);

/** How fast a body has to come. */
export interface Pace {
  /** Longest wait for something more, in milliseconds. */
  readonly idle: number;
  /** Time before the rate binds, in milliseconds. */
  readonly grace: number;
  /** Bytes a second that must come on average; 0: whatever comes, `grace` is the time for all of it. */
  readonly rate: number;
}

/**
 * Where chunks are read into, in bytes; one for each body that is being read. Deno hands over so much at
 * a time, and is slow to fill a part of something larger.
 */
const BUFFER_BYTES = 64 * 1024;

/** Time for an answer to go out before the line is cut, in milliseconds. */
const FAREWELL_MS = 100;

/** A body came too slowly; nobody should wait for the rest of it. */
export class TooSlow extends Problem {
  constructor() {
    super(408, "Cannot read request: its body comes too slowly");
  }

  /**
   * The answer, after which the line is cut. Deno's server would wait for the rest of the body first, as
   * long as a client drips it; an answer that promises a byte too many cannot be completed, and makes
   * it close the line at once. (But not while a read is pending: a line on which nothing comes at all
   * stays open with Deno 2.9, as any line does there on which nothing ever came.)
   */
  override response(): Response {
    const { status, headers } = super.response();
    const bytes = new TextEncoder().encode(this.body);
    headers.set("connection", "close");
    headers.set("content-length", String(bytes.length + 1));
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(bytes);
        await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
        controller.close();
      },
    });
    return new Response(body, { status, headers });
  }
}

/**
 * The chunks of a body. Each is good only until the next is asked for: its memory is used again, else
 * a large body would leave as much garbage as it has bytes.
 *
 * @param now milliseconds of a steady clock
 * @throws {TooSlow} if it does not keep up the pace
 * @throws {Problem} if the client goes away before its end
 */
export function readChunks(
  { body, headers }: Request,
  pace: Pace,
  now: () => number = () => performance.now(),
): AsyncIterableIterator<Uint8Array> {
  const reader = openReader(body ?? ReadableStream.from<Uint8Array>([]));
  const chunks = generate(reader, headers.get("content-length"), pace, now);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => chunks.next(),
    return() {
      // A generator alone would first wait for the chunk that is on its way, or never comes.
      reader.cancel().catch(() => {});
      return chunks.return(undefined);
    },
  };
}

async function* generate(
  reader: Reader,
  promised: string | null,
  pace: Pace,
  now: () => number,
): AsyncGenerator<Uint8Array, undefined, undefined> {
  const start = now();
  let bytes = 0;
  try {
    for (;;) {
      const chunk = await within(read(reader), pace.idle);
      if (chunk === undefined) break;
      bytes += chunk.length;
      const earned = pace.rate === 0 ? 0 : bytes / pace.rate * 1000;
      if (now() - start > pace.grace + earned) throw new TooSlow();
      yield chunk;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
  if (promised !== null && Number(promised) !== bytes) throw new CutShort();
}

async function read(reader: Reader): Promise<Uint8Array | undefined> {
  try {
    return await reader.read();
  } catch (error) {
    logger.debug("The body of a request ended too soon: {error}", { error });
    throw new CutShort();
  }
}

/** The client went away; nobody reads the answer. */
class CutShort extends Problem {
  constructor() {
    super(400, "Cannot read request: its body ended too soon");
  }
}

/**
 * A small body, as text.
 *
 * @throws {Problem} 413 if it has more bytes than allowed, 400 if it is not UTF-8
 */
export async function readText(request: Request, maxBytes: number, pace: Pace): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  refuseEncoded(request);
  for await (const chunk of readChunks(request, pace)) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw Problem.of("too_large", `Cannot read request: at most ${maxBytes} bytes are allowed`);
    }
    text += decode(decoder, chunk);
  }
  return text + decode(decoder);
}

/** @throws {Problem} 415 if the body is compressed: it is taken as it comes */
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

/** Rejects with {@linkcode TooSlow} unless the promise is settled in time. */
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

/** Reads into one buffer where the stream can do that; not every transport's can. */
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
