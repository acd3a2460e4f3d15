/**
 * Finds rooms and runs in `hubbub.db`. Works on any connection to it.
 *
 * @module
 */
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { endOf, placeOf, ROOM_SPAN, type Run } from "./segments.ts";

/** A room as the database knows it. */
export interface Room {
  name: string;
  /** Its place in the order of first messages: 1, 2, 3, … */
  number: number;
  /** Greatest `seq` given; 0 if none was. */
  last: number;
}

/** The statements that look things up. */
export class Finder {
  #roomByName: StatementSync;
  #roomAfter: StatementSync;
  #roomByNumber: StatementSync;
  #newestRun: StatementSync;
  #oldestRun: StatementSync;
  #runOfNumber: StatementSync;
  #runsFrom: StatementSync;

  constructor(db: DatabaseSync) {
    const rooms = "SELECT number, name, last FROM rooms";
    const runs = "SELECT number, place, count, time, messages FROM runs";
    const inRoom = `${runs} WHERE place >= ? AND place < ?`;
    this.#roomByName = db.prepare(`${rooms} WHERE name = ?`);
    this.#roomByNumber = db.prepare(`${rooms} WHERE number = ?`);
    this.#roomAfter = db.prepare(`${rooms} WHERE number > ? ORDER BY number LIMIT 1`);
    this.#newestRun = db.prepare(`${inRoom} ORDER BY place DESC LIMIT 1`);
    this.#oldestRun = db.prepare(`${inRoom} ORDER BY place LIMIT 1`);
    this.#runOfNumber = db.prepare(`${runs} WHERE number <= ? ORDER BY number DESC LIMIT 1`);
    this.#runsFrom = db.prepare(`${runs} WHERE number >= ? ORDER BY number LIMIT ?`);
  }

  /** A room by its name. */
  room(name: string): Room | undefined {
    return this.#toRoom(this.#roomByName.get(name));
  }

  /** A room by its number. */
  roomByNumber(number: number): Room | undefined {
    return this.#toRoom(this.#roomByNumber.get(number));
  }

  /** The room with the next greater number. */
  roomAfter(number: number): Room | undefined {
    return this.#toRoom(this.#roomAfter.get(number));
  }

  /** The newest run of a room that begins before `seq`. */
  newestRun(room: number, seq = ROOM_SPAN): Run | undefined {
    const end = placeOf(room, Math.min(Math.max(seq, 0), ROOM_SPAN));
    return toRun(this.#newestRun.get(placeOf(room, 0), end));
  }

  /** The oldest run of a room that begins at `seq` or later. */
  oldestRun(room: number, seq = 0): Run | undefined {
    const start = placeOf(room, Math.min(Math.max(seq, 0), ROOM_SPAN));
    return toRun(this.#oldestRun.get(start, placeOf(room, ROOM_SPAN)));
  }

  /** The run that holds a message of a room. */
  runOf(room: number, seq: number): Run | undefined {
    const run = this.newestRun(room, seq + 1);
    return run !== undefined && seq < endOf(run) ? run : undefined;
  }

  /** The run that holds a message, by its number among those of all rooms. */
  runOfNumber(number: number): Run | undefined {
    const run = toRun(this.#runOfNumber.get(number));
    return run !== undefined && number < run.number + run.count ? run : undefined;
  }

  /** The runs whose first message has this number or a greater one. */
  runsFrom(number: number, limit: number): Run[] {
    return this.#runsFrom.all(number, limit).flatMap((row) => toRun(row) ?? []);
  }

  /** The newest run of all. */
  lastRun(): Run | undefined {
    return toRun(this.#runOfNumber.get(Number.MAX_SAFE_INTEGER));
  }

  #toRoom(row: Row | undefined): Room | undefined {
    if (row === undefined) return undefined;
    const number = Number(row["number"]);
    const newest = this.newestRun(number);
    const seen = newest === undefined ? 0 : endOf(newest) - 1;
    return { name: String(row["name"]), number, last: Math.max(Number(row["last"]), seen) };
  }
}

type Row = Record<string, SQLOutputValue>;

function toRun(row: Row | undefined): Run | undefined {
  if (row === undefined) return undefined;
  const place = Number(row["place"]);
  return {
    number: Number(row["number"]),
    room: Math.floor(place / ROOM_SPAN),
    first: place % ROOM_SPAN,
    count: Number(row["count"]),
    time: Number(row["time"]),
    text: String(row["messages"]),
  };
}
