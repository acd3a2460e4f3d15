/**
 * Removes what is no longer to be kept, a bounded step at a time.
 *
 * Removal goes through each room from its oldest message to the first that may stay, so that what
 * stays has no gaps.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { foldName } from "../../protocol.ts";
import type { Retention, StoredMessage } from "../store.ts";
import { idText } from "./batch.ts";
import type { Finder, Room } from "./finder.ts";
import { decodeRun, encodeRun, endOf, placeOf, type Run } from "./segments.ts";

/** Most runs that one step removes or rooms that it looks at. */
const MAX_STEP = 32;

/** How far a removal has come. */
export interface Progress {
  /** Messages removed so far. */
  removed: number;
  /** Number of the last room that is done. */
  room: number;
  done: boolean;
}

/** The statements that remove messages. */
export class Retainer {
  #finder: Finder;
  #deleteRun: StatementSync;
  #insertRun: StatementSync;
  #deleteId: StatementSync;
  #keepLast: StatementSync;
  #keepNumber: StatementSync;
  #insertChange: StatementSync;

  constructor(db: DatabaseSync, finder: Finder) {
    this.#finder = finder;
    this.#deleteRun = db.prepare("DELETE FROM runs WHERE number = ?");
    this.#insertRun = db.prepare(
      "INSERT INTO runs (number, place, count, time, messages) VALUES (?, ?, ?, ?, ?)",
    );
    this.#deleteId = db.prepare("DELETE FROM ids WHERE room = ? AND author = ? AND id = ?");
    this.#keepLast = db.prepare("UPDATE rooms SET last = max(last, ?) WHERE number = ?");
    this.#keepNumber = db.prepare(
      "UPDATE meta SET value = max(value, ?) WHERE key = 'numbered'",
    );
    this.#insertChange = db.prepare("INSERT INTO changes (number, count) VALUES (?, ?)");
  }

  /**
   * Removes the next few messages; `progress` says afterwards whether there may be more.
   *
   * @returns about how many rows were written
   */
  step({ maxAge, maxMessages }: Retention, now: number, progress: Progress): number {
    let written = 0;
    for (let steps = 0; steps < MAX_STEP; steps++) {
      const room = this.#finder.roomAfter(progress.room);
      if (room === undefined) {
        progress.done = true;
        break;
      }
      const run = this.#finder.oldestRun(room.number);
      const messages = run === undefined ? [] : decodeRun(room.name, run);
      const newestSurplus = room.last - (maxMessages ?? Infinity);
      const oldestTime = maxAge === undefined ? -Infinity : now - maxAge;
      const keep = messages.findIndex(({ seq, time }) => seq > newestSurplus && time >= oldestTime);
      const count = keep === -1 ? messages.length : keep;
      if (run !== undefined && count > 0) this.#removeOldest(room, run, messages, count);
      if (count < messages.length || messages.length === 0) progress.room = room.number;
      progress.removed += count;
      written += count;
    }
    return written;
  }

  #removeOldest(room: Room, run: Run, messages: readonly StoredMessage[], count: number): void {
    this.#deleteRun.run(run.number);
    for (const { from, id } of messages.slice(0, count)) {
      if (id !== undefined) this.#deleteId.run(room.number, foldName(from), idText(id));
    }
    const rest = messages.slice(count);
    if (rest.length > 0) {
      const place = placeOf(room.number, run.first + count);
      const text = encodeRun(rest);
      this.#insertRun.run(run.number + count, place, rest.length, run.time, text);
    }
    this.#keepLast.run(endOf(run) - 1, room.number);
    this.#keepNumber.run(run.number + run.count - 1);
    this.#insertChange.run(run.number, count);
  }
}
