/**
 * Reads history from `hubbub.db`.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Page, Range, RoomSummary, StoredMessage } from "../store.ts";
import { Finder, type Room } from "./finder.ts";
import { decodeRun, endOf, ROOM_SPAN } from "./segments.ts";

/** The reading side of the store. */
export class History {
  #db: DatabaseSync;
  #finder: Finder;
  #roomNumbers: StatementSync;

  /** @param db any connection; the history owns it */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#finder = new Finder(db);
    this.#roomNumbers = db.prepare("SELECT number FROM rooms ORDER BY name");
  }

  /** See `Store.read`. */
  read(name: string, range: Range): Page {
    return this.#snapshot(() => {
      const room = this.#finder.room(name);
      if (room === undefined) return { messages: [], last: 0, complete: true };
      const found = range.after === undefined
        ? this.#newest(room, range.before ?? ROOM_SPAN, range.limit + 1)
        : this.#oldest(room, range.after, range.before ?? ROOM_SPAN, range.limit + 1);
      const complete = found.length <= range.limit;
      const messages = range.after === undefined
        ? found.slice(Math.max(0, found.length - range.limit))
        : found.slice(0, range.limit);
      return { messages, last: room.last, complete };
    });
  }

  /** See `Store.rooms`. */
  rooms(): RoomSummary[] {
    return this.#snapshot(() => {
      const summaries: RoomSummary[] = [];
      for (const { number } of this.#roomNumbers.all()) {
        const newest = this.#finder.newestRun(Number(number));
        const room = newest && this.#finder.roomByNumber(newest.room);
        if (room !== undefined && newest !== undefined) {
          summaries.push({ room: room.name, last: room.last, time: newest.time });
        }
      }
      return summaries;
    });
  }

  /** A message by its number among those of all rooms. */
  message(number: number): StoredMessage | undefined {
    return this.#snapshot(() => {
      const run = this.#finder.runOfNumber(number);
      const room = run && this.#finder.roomByNumber(run.room);
      if (run === undefined || room === undefined) return undefined;
      return decodeRun(room.name, run)[number - run.number];
    });
  }

  /** Number of a room; `undefined` if nothing was ever said in it. */
  roomNumber(name: string): number | undefined {
    return this.#finder.room(name)?.number;
  }

  /** Closes the database. */
  close(): void {
    this.#db.close();
  }

  /** At least `count` of the newest messages before `before`, if there are as many; ascending. */
  #newest(room: Room, before: number, count: number): StoredMessage[] {
    let found: StoredMessage[] = [];
    let end = before;
    while (found.length < count) {
      const run = this.#finder.newestRun(room.number, end);
      if (run === undefined) break;
      const messages = decodeRun(room.name, run);
      found = messages.slice(0, before - run.first).concat(found);
      end = run.first;
    }
    return found;
  }

  /** At least `count` of the oldest messages between the bounds, if there are as many; ascending. */
  #oldest(room: Room, after: number, before: number, count: number): StoredMessage[] {
    const found: StoredMessage[] = [];
    let run = this.#finder.runOf(room.number, after + 1) ??
      this.#finder.oldestRun(room.number, after + 1);
    while (run !== undefined && found.length < count && run.first < before) {
      for (const message of decodeRun(room.name, run)) {
        if (message.seq > after && message.seq < before) found.push(message);
      }
      run = this.#finder.oldestRun(room.number, endOf(run));
    }
    return found;
  }

  /** Lets everything that `act` reads be of one moment. */
  #snapshot<T>(act: () => T): T {
    this.#db.exec("BEGIN");
    try {
      return act();
    } finally {
      this.#db.exec("COMMIT");
    }
  }
}
