/**
 * Knows how far the search index lags behind.
 *
 * @module
 */
import type { Position } from "./position.ts";

/** A position of `hubbub.db`, and when it was noticed there, by a steady clock in milliseconds. */
interface Mark {
  position: Position;
  time: number;
}

/** Maximum number of positions that are kept. */
const MAX_MARKS = 100;

/** Positions that are to be reached. */
export class Lag {
  /** In order of time. */
  #marks: Mark[] = [];

  /** Notes that `hubbub.db` has this position now. */
  mark(position: Position, time: number): void {
    const last = this.#marks.at(-1);
    // One more would tell little.
    if (last !== undefined && this.#marks.length >= MAX_MARKS) last.position = position;
    else this.#marks.push({ position, time });
  }

  /** Notes that the index has to reach a position and lacks what is long there. */
  restart(position: Position): void {
    this.#marks = [{ position, time: -Infinity }];
  }

  /** Notes that the index has reached a position. */
  reached({ nextId, change }: Position): void {
    const first = this.#marks.findIndex(({ position }) =>
      position.nextId > nextId || position.change > change
    );
    this.#marks = first === -1 ? [] : this.#marks.slice(first);
  }

  /** How long something has been waiting to be indexed, in milliseconds; 0 if nothing has. */
  at(now: number): number {
    const [oldest] = this.#marks;
    return oldest === undefined ? 0 : now - oldest.time;
  }
}
