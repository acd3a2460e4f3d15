/**
 * Writes and reads files of JSON lines of any length, with bounded memory.
 *
 * @module
 */
import { PRIVATE_FILE } from "./modes.ts";

/** Characters that are gathered before they are written. */
const BUFFER = 256 * 1024;

/** Bytes read at a time. */
const CHUNK = 256 * 1024;

/** One line: a JSON object with a type. */
export type Line = Record<string, unknown>;

/** Writes JSON lines to a new file. */
export class LineWriter {
  /** How many lines of each type were written. */
  readonly counts: Record<string, number> = {};
  readonly #file: Deno.FsFile;
  readonly #encoder = new TextEncoder();
  #pending = "";

  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, createNew: true, mode: PRIVATE_FILE });
  }

  write(line: Line): void {
    const type = String(line["type"]);
    this.counts[type] = (this.counts[type] ?? 0) + 1;
    // JSON escapes lone surrogates, so that every text survives.
    this.#pending += `${JSON.stringify(line)}\n`;
    if (this.#pending.length >= BUFFER) this.flush();
  }

  flush(): void {
    let bytes = this.#encoder.encode(this.#pending);
    while (bytes.length > 0) bytes = bytes.subarray(this.#file.writeSync(bytes));
    this.#pending = "";
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/**
 * Yields the lines of a file with their numbers, from 1.
 *
 * @throws {SyntaxError} if one is no JSON object
 */
export function* readLines(path: string): Generator<{ number: number; line: Line }> {
  let number = 0;
  for (const text of splitLines(path)) {
    number++;
    if (text === "") continue;
    const line = parse(text);
    if (line === undefined) throw new SyntaxError(`line ${number} is no JSON object`);
    yield { number, line };
  }
}

function parse(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? value as Line : undefined;
  } catch {
    return undefined;
  }
}

function* splitLines(path: string): Generator<string> {
  using file = Deno.openSync(path);
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(CHUNK);
  let rest = "";
  for (let read = file.readSync(buffer); read !== null; read = file.readSync(buffer)) {
    const lines = (rest + decoder.decode(buffer.subarray(0, read), { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
