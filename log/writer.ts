/**
 * Writes lines in the background with bounded memory, and many of them in one system call. This is
 * what LogTape's stream sink does not offer: it writes record by record, which costs twenty times the
 * processor time in a burst, and bounds the number of waiting records only if it also delays them by
 * a timer, so that a crash loses the last ones.
 *
 * @module
 */

/** An output such as `Deno.stderr`. */
export interface ByteWriter {
  /** Writes the first bytes and resolves to their number. */
  write(bytes: Uint8Array): Promise<number>;
}

/** What a {@linkcode LineWriter} needs besides its output. */
export interface LineWriterOptions {
  /** Makes the line that reports how many lines were dropped. */
  lostLine(count: number): string;
  /** Maximum length of the waiting lines, in UTF-16 code units. Default: 1 Mi. */
  maxWaiting?: number;
}

const MAX_WAITING = 1024 * 1024;

/**
 * A queue of lines with at most one write in progress.
 *
 * - Lines are written in the order of the calls. Those that arrive during a write share the next one.
 * - A line that does not fit is dropped. A line of its own reports the number of dropped lines later.
 * - If the output fails, because its reader is gone, the lines being written are lost. Nothing is
 *   thrown.
 */
export class LineWriter {
  readonly #out: ByteWriter;
  readonly #lostLine: (count: number) => string;
  readonly #maxWaiting: number;
  readonly #encoder = new TextEncoder();
  #waiting: string[] = [];
  #waitingSize = 0;
  #lost = 0;
  /** The writes in progress; `undefined` if nothing is left to write. */
  #writing: Promise<void> | undefined;

  constructor(out: ByteWriter, options: LineWriterOptions) {
    this.#out = out;
    this.#lostLine = options.lostLine;
    this.#maxWaiting = options.maxWaiting ?? MAX_WAITING;
  }

  /** Queues a line, which must end in a line feed. */
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
   * Waits until all lines have been written.
   *
   * @param timeout maximum wait, in milliseconds
   * @returns whether all lines have been written
   */
  async flush(timeout: number): Promise<boolean> {
    // Read before the first setTimeout: Deno may load it lazily, and loading runs microtasks.
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
    // Lines of the same synchronous run share the first write.
    await Promise.resolve();
    while (this.#waiting.length > 0 || this.#lost > 0) {
      const text = this.#takeWaiting();
      try {
        await this.#writeAll(this.#encoder.encode(text));
      } catch {
        // There is no other place to report it.
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
