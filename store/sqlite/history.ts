/**
 * Reads history from `hubbub.db`.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Page, Range, RoomSummary, StoredMessage } from "../store.ts";
import { Finder, type RoomRow } from "./finder.ts";
import { decodeSegment, endOf, ROOM_SPAN } from "./segments.ts";

/** Reads pages, rooms and single messages. */
export class History {
  #db: DatabaseSync;
  #finder: Finder;
  #roomIds: StatementSync;

  /** @param db any connection; owned by the history from now on */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#finder = new Finder(db);
    this.#roomIds = db.prepare("SELECT number AS id FROM rooms ORDER BY name");
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
      for (const { id } of this.#roomIds.all()) {
        const newest = this.#finder.newestSegment(Number(id));
        const room = newest && this.#finder.roomById(newest.roomId);
        if (room !== undefined && newest !== undefined) {
          summaries.push({ room: room.name, last: room.last, time: newest.time });
        }
      }
      return summaries;
    });
  }

  /** A message by its global id. */
  message(id: number): StoredMessage | undefined {
    return this.#snapshot(() => {
      const segment = this.#finder.segmentOfId(id);
      const room = segment && this.#finder.roomById(segment.roomId);
      if (segment === undefined || room === undefined) return undefined;
      return decodeSegment(room.name, segment)[id - segment.firstId];
    });
  }

  /** The id of a room; `undefined` if it never had a message. */
  roomId(name: string): number | undefined {
    return this.#finder.room(name)?.id;
  }

  /** Closes the database. */
  close(): void {
    this.#db.close();
  }

  /** At least `count` of the newest messages before `before`, if there are as many; ascending. */
  #newest(room: RoomRow, before: number, count: number): StoredMessage[] {
    let found: StoredMessage[] = [];
    let end = before;
    while (found.length < count) {
      const segment = this.#finder.newestSegment(room.id, end);
      if (segment === undefined) break;
      const messages = decodeSegment(room.name, segment);
      found = messages.slice(0, before - segment.firstSeq).concat(found);
      end = segment.firstSeq;
    }
    return found;
  }

  /** At least `count` of the oldest messages between the bounds, if there are as many; ascending. */
  #oldest(room: RoomRow, after: number, before: number, count: number): StoredMessage[] {
    const found: StoredMessage[] = [];
    let segment = this.#finder.segmentOf(room.id, after + 1) ??
      this.#finder.oldestSegment(room.id, after + 1);
    while (segment !== undefined && found.length < count && segment.firstSeq < before) {
      for (const message of decodeSegment(room.name, segment)) {
        if (message.seq > after && message.seq < before) found.push(message);
      }
      segment = this.#finder.oldestSegment(room.id, endOf(segment));
    }
    return found;
  }

  /** Runs `act` in a read transaction, so that everything it reads is consistent. */
  #snapshot<T>(act: () => T): T {
    this.#db.exec("BEGIN");
    try {
      return act();
    } finally {
      this.#db.exec("COMMIT");
    }
  }
}
