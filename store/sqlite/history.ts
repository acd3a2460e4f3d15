/**
 * Reads history from `hubbub.db`.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { UserId } from "../../protocol.ts";
import type {
  Authored,
  Page,
  Range,
  RoomSummary,
  StoredMessage,
  Unread,
  UnreadQuery,
} from "../store.ts";
import { countUnread } from "../unread.ts";
import { Finder, type RoomRow } from "./finder.ts";
import { decodeSegment, endOf, ROOM_SPAN } from "./segments.ts";

/** Maximum number of messages in an answer of {@linkcode History.authored}. */
const MAX_AUTHORED = 200;

/** How many global ids {@linkcode History.authored} searches at a time: a few milliseconds. */
const AUTHORED_SPAN = 4096;

/** Reads pages, rooms and single messages. */
export class History {
  #db: DatabaseSync;
  #finder: Finder;
  #roomIds: StatementSync;
  #allRoomIds: StatementSync;

  /** @param db any connection; owned by the history from now on */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#finder = new Finder(db);
    this.#allRoomIds = db.prepare("SELECT number AS id FROM rooms ORDER BY name");
    // All but direct conversations, whose names begin with @, which is followed by A in ASCII.
    this.#roomIds = db.prepare(
      `SELECT number AS id, name FROM rooms WHERE name < '@'
       UNION ALL SELECT number, name FROM rooms WHERE name >= 'A' ORDER BY name`,
    );
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
  rooms({ direct = false } = {}): RoomSummary[] {
    return this.#snapshot(() => {
      const summaries: RoomSummary[] = [];
      for (const { id } of (direct ? this.#allRoomIds : this.#roomIds).all()) {
        const newest = this.#finder.newestSegment(Number(id));
        const room = newest && this.#finder.roomById(newest.roomId);
        if (room !== undefined && newest !== undefined) {
          summaries.push({ room: room.name, last: room.last, time: newest.time });
        }
      }
      return summaries;
    });
  }

  /** What a user has not read in one room; see `Store.unread`. */
  unread(asked: UnreadQuery["rooms"][number], reader: Pick<UnreadQuery, "user" | "name">): Unread {
    return this.#snapshot(() => {
      const room = this.#finder.room(asked.room);
      if (room === undefined || room.last <= asked.read) {
        return { room: asked.room, last: room?.last ?? 0, unread: 0, mentions: 0 };
      }
      return countUnread(this.#newestFirst(room), room.last, asked, reader);
    });
  }

  /** See `Store.authored`; the cursor is a global id. Searches a part of all messages, so a page may be empty. */
  authored(user: UserId, after = 0): Authored {
    return this.#snapshot(() => {
      const start = Math.max(after, this.#finder.segmentAt(after)?.firstId ?? Infinity);
      if (start === Infinity) return { messages: [] };
      const end = start + AUTHORED_SPAN;
      const messages: Authored["messages"] = [];
      for (const segment of this.#finder.segmentsContaining(user, start, end)) {
        const room = this.#finder.roomById(segment.roomId)?.name ?? "";
        for (const [index, { seq, by, deleted }] of decodeSegment(room, segment).entries()) {
          const id = segment.firstId + index;
          if (id < start || by !== user || deleted) continue;
          if (messages.length === MAX_AUTHORED) return { messages, next: id };
          messages.push({ room, seq });
        }
      }
      const next = this.#finder.segmentAt(end);
      return next === undefined ? { messages } : { messages, next: Math.max(end, next.firstId) };
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

  *#newestFirst(room: RoomRow): Iterable<StoredMessage> {
    let segment = this.#finder.newestSegment(room.id);
    while (segment !== undefined) {
      yield* decodeSegment(room.name, segment).reverse();
      segment = this.#finder.newestSegment(room.id, segment.firstSeq);
    }
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
