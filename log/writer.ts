/**
 * Writes lines in the background: the caller never waits, memory is bounded, and many lines leave in
 * one system call when they come quickly.
 *
 * @module
 */

/** Where bytes go, such as `Deno.stderr`. */
export interface ByteWriter {
  /** Writes the beginning of `bytes` and resolves to how many they were. */
  write(bytes: Uint8Array): Promise<number>;
}

/** What a {@linkcode LineWriter} needs besides its output. */
export interface LineWriterOptions {
  /** Makes the line that stands for lines that were given up. */
  lostLine(count: number): string;
  /** Most UTF-16 code units that may wait; a reader that stalls costs no more memory than this. */
  maxWaiting?: number;
}

const MAX_WAITING = 1024 * 1024;

/**
 * A queue of lines with one write under way at a time.
 *
 * - Lines go out in the order of the calls. What comes during a write leaves with the next one.
 * - A line that finds the queue full is given up, and counted in a line of its own later on.
 * - An output that fails (its reader is gone) loses what was being written; nothing is thrown.
 */
export class LineWriter {
  readonly #out: ByteWriter;
  readonly #lostLine: (count: number) => string;
  readonly #maxWaiting: number;
  readonly #encoder = new TextEncoder();
  #waiting: string[] = [];
  #waitingSize = 0;
  #lost = 0;
  /** The writing under way; `undefined` when there is nothing to write. */
  #writing: Promise<void> | undefined;

  constructor(out: ByteWriter, options: LineWriterOptions) {
    this.#out = out;
    this.#lostLine = options.lostLine;
    this.#maxWaiting = options.maxWaiting ?? MAX_WAITING;
  }

  /** Queues a line, which brings its own line feed. */
  write(line: string): void {
    if (this.#waitingSize + line.length > this.#maxWaiting) {
      this.#lost++;
      return;
    }
    this.#waiting.push(line);
    this.#waitingSize += line.length;
    this.#writing ??= this.#drain();
  }

  /**
   * Waits until the queue is empty and all of it was handed to the output, but no longer than `timeout`
   * milliseconds.
   *
   * @returns whether all of it went out
   */
  async flush(timeout: number): Promise<boolean> {
    // Kept, because Deno may load setTimeout at its first use, and loading runs waiting microtasks.
    const writing = this.#writing;
    if (writing === undefined) return true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const expired = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), timeout);
    });
    const done = writing.then(() => true);
    return await Promise.race([done, expired]).finally(() => clearTimeout(timer));
  }

  async #drain(): Promise<void> {
    // What the same turn still has to say goes out with the first line.
    await Promise.resolve();
    while (this.#waiting.length > 0 || this.#lost > 0) {
      const text = this.#takeWaiting();
      try {
        await this.#writeAll(this.#encoder.encode(text));
      } catch {
        // Standard error is gone, or refuses: there is no place left to say so.
      }
    }
    this.#writing = undefined;
  }

  #takeWaiting(): string {
    let text = this.#waiting.join("");
    this.#waiting = [];
    this.#waitingSize = 0;
    if (this.#lost > 0) {
      text += this.#lostLine(this.#lost);
      this.#lost = 0;
    }
    return text;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      written += await this.#out.write(bytes.subarray(written));
    }
  }
}
