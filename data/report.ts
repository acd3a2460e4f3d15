/**
 * What a check has found, as lists of lines.
 *
 * @module
 */

/** Lines that are kept of each file, at most. */
const MAX_LINES = 50;

/** Something that was found. */
export interface Finding {
  /** The file or folder, as it is called in the data directory. */
  readonly file: string;
  readonly problem: string;
}

/** Collects findings. */
export class Report {
  /** What is wrong. */
  readonly damage: Finding[] = [];
  /** What is worth knowing and no damage. */
  readonly notes: Finding[] = [];
  readonly #counts = new Map<string, number>();

  /** Something is wrong with a file. After many of one file they are only counted. */
  damaged(file: string, problem: string): void {
    const count = (this.#counts.get(file) ?? 0) + 1;
    this.#counts.set(file, count);
    if (count <= MAX_LINES) this.damage.push({ file, problem });
  }

  /** Something is worth knowing. */
  note(file: string, problem: string): void {
    this.notes.push({ file, problem });
  }

  /** Whether something is wrong with a file. */
  isDamaged(file: string): boolean {
    return this.#counts.has(file);
  }

  /** Adds what has been left out of the list. */
  finish(): this {
    for (const [file, count] of this.#counts) {
      if (count > MAX_LINES) {
        this.damage.push({ file, problem: `and ${count - MAX_LINES} more of this file` });
      }
    }
    this.#counts.clear();
    for (const { file } of this.damage) this.#counts.set(file, 1);
    return this;
  }
}
