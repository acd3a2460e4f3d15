/**
 * The runs of a database: each time it is opened for writing it gets a random id, and the first write to a room
 * in a run records how far the room had got before. So a position that somebody saw in a run can be checked
 * exactly, even when an older state of the data was put back since: that state either does not know the run,
 * or knows how much of it there is.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Progress } from "../resume.ts";
import type { Position } from "../store.ts";
import type { RoomRow } from "./finder.ts";

/** Runs that are remembered; a position of an earlier one counts as unknown. */
const MAX_STARTS = 1000;

/** The present run. */
export interface Start {
  /** 1, 2, 3, … in the order of the starts. */
  start: number;
  /** See `Store.run`. */
  run: string;
  previousRun: string | undefined;
}

/**
 * Begins a run.
 *
 * @param now milliseconds since 1970; only a record for people
 */
export function beginRun(db: DatabaseSync, now: number): Start {
  const previous = db.prepare("SELECT id FROM starts ORDER BY start DESC LIMIT 1").get();
  const run = crypto.randomUUID();
  const inserted = db.prepare("INSERT INTO starts (id, time) VALUES (?, ?)").run(run, now);
  const start = Number(inserted.lastInsertRowid);
  db.prepare("DELETE FROM starts WHERE start <= ?").run(start - MAX_STARTS);
  db.prepare("DELETE FROM room_starts WHERE start <= ?").run(start - MAX_STARTS);
  return { start, run, previousRun: previous && String(previous["id"]) };
}

/** Reads how far rooms had got in each run. */
export class StartReader {
  #epoch: StatementSync;
  #startOf: StatementSync;
  #nextOf: StatementSync;

  constructor(db: DatabaseSync) {
    this.#epoch = db.prepare("SELECT value FROM meta WHERE key = 'epoch'");
    this.#startOf = db.prepare("SELECT start FROM starts WHERE id = ?");
    this.#nextOf = db.prepare(
      "SELECT last, change FROM room_starts WHERE room = ? AND start > ? ORDER BY start LIMIT 1",
    );
  }

  /**
   * How far a room certainly got in the run of a position; without a run, how far it has got now.
   *
   * @returns `undefined` if the epoch or the run is unknown
   */
  reached(room: RoomRow, { epoch, run }: Position): Progress | undefined {
    if (epoch !== undefined && epoch !== this.#epoch.get()?.["value"]) return undefined;
    if (run === undefined) return room;
    const start = this.#startOf.get(run)?.["start"];
    if (start === undefined) return undefined;
    const next = this.#nextOf.get(room.id, Number(start));
    return next === undefined
      ? room
      : { last: Number(next["last"]), change: Number(next["change"]) };
  }
}
