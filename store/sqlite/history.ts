/**
 * Reads history from `hubbub.db`. What is read is checked for gaps: it is whole, or the read fails.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { UserId } from "../../protocol.ts";
import { canComplete } from "../resume.ts";
import type {
  Authored,
  Missed,
  Page,
  Position,
  Range,
  StoredMessage,
  Unread,
  UnreadQuery,
} from "../store.ts";
import { countUnread } from "../unread.ts";
import { DamageError, isDamage } from "../../sqlite/data_error.ts";
import { damage } from "./failures.ts";
import { Finder, type RoomRow } from "./finder.ts";
import { decodeSegment, endOf, MAX_SEGMENT_LENGTH, messagesOf, type Segment } from "./segments.ts";
import { StartReader } from "./starts.ts";

/** Maximum number of messages in an answer of {@linkcode History.authored}. */
const MAX_AUTHORED = 200;

/** How many global ids {@linkcode History.authored} searches at a time: a few milliseconds. */
const AUTHORED_SPAN = 4096;

/** Reads pages, rooms and single messages. */
export class History {
  #db: DatabaseSync;
  #finder: Finder;
  #starts: StartReader;
  #changedSince: StatementSync;

  /** @param db any connection; owned by the history from now on */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#finder = new Finder(db);
    this.#starts = new StartReader(db);
    this.#changedSince = db.prepare(
      `SELECT seq FROM (SELECT seq FROM amendments WHERE room = ? AND change > ? AND seq <= ? LIMIT ?)
       ORDER BY seq`,
    );
  }

  /**
   * See `Store.read`.
   *
   * @throws {DamageError} if a message of the page is missing or cannot be decoded
   */
  read(name: string, range: Range): Page {
    return this.#snapshot(name, () => {
      const room = this.#room(name);
      if (room === undefined) return { messages: [], last: 0, change: 0, complete: true };
      const { last, change } = room;
      const { from, to, complete } = pageOf(room, range);
      return { messages: this.#span(room, from, to), last, change, complete };
    });
  }

  /**
   * See `Store.resume`.
   *
   * @throws {DamageError} like {@linkcode read}
   */
  resume(name: string, position: Position, limit: number): Missed | undefined {
    return this.#snapshot(name, () => {
      const known = this.#room(name);
      const room = known ?? { name, id: 0, last: 0, change: 0, first: 1, trimmed: 0 };
      const reached = this.#starts.reached(room, position);
      if (reached === undefined || !canComplete(position, room, reached, limit)) return undefined;
      const { since, at, changes } = position;
      if (at !== undefined && since >= room.first) {
        if (this.#span(room, since, since)[0]?.time !== at) return undefined;
      }
      const seqs = this.#changedSince.all(room.id, changes, since, limit + 1);
      if (seqs.length > limit) return undefined;
      return {
        messages: this.#span(room, since + 1, room.last),
        changed: this.#pick(room, seqs.map(({ seq }) => Number(seq))),
        last: room.last,
        change: room.change,
      };
    });
  }

  /** See `Store.unread`; in one room. */
  unread(asked: UnreadQuery["rooms"][number], reader: Pick<UnreadQuery, "user" | "name">): Unread {
    return this.#snapshot(asked.room, () => {
      const room = this.#room(asked.room);
      if (room === undefined || room.last <= asked.read) {
        return { room: asked.room, last: room?.last ?? 0, unread: 0, mentions: 0 };
      }
      return countUnread(this.#newestFirst(room), room.last, asked, reader);
    });
  }

  /** See `Store.authored`; the cursor is a global id. Searches a part of all messages, so a page may be empty. */
  authored(user: UserId, after = 0): Authored {
    return this.#snapshot("", () => {
      const start = Math.max(after, this.#finder.segmentAt(after)?.firstId ?? Infinity);
      if (start === Infinity) return { messages: [] };
      const end = start + AUTHORED_SPAN;
      const messages: Authored["messages"] = [];
      for (const segment of this.#finder.segmentsContaining(user, start, end)) {
        const room = this.#roomOf(segment).name;
        for (const [index, { seq, by, deleted }] of decodeSegment(room, segment).entries()) {
          const id = segment.firstId + index;
          if (id < start || id >= end || by !== user || deleted) continue;
          if (messages.length === MAX_AUTHORED) return { messages, next: id };
          messages.push({ room, seq });
        }
      }
      const isLast = this.#finder.segmentAt(end) === undefined;
      return isLast ? { messages } : { messages, next: end };
    });
  }

  /** Closes the database. */
  close(): void {
    this.#db.close();
  }

  /** A room that has, or had, messages; `undefined` if there never was one of this name. */
  #room(name: string): RoomRow | undefined {
    const room = this.#finder.room(name);
    if (room === undefined) this.#finder.checkRooms();
    // A room begins with its first message, so that all of them are missing here.
    else if (room.last === 0) throw damage(messagesOf(name, 1, 1), "it is missing");
    return room;
  }

  #roomOf(segment: Segment): RoomRow {
    const room = this.#finder.roomById(segment.roomId);
    if (room !== undefined) return room;
    throw damage(`room ${segment.roomId}`, "the list of rooms lacks it");
  }

  *#newestFirst(room: RoomRow): Iterable<StoredMessage> {
    for (let end = room.last + 1; end > room.first;) {
      const segment = this.#finder.newestSegment(room.id, end);
      if (segment === undefined || endOf(segment) !== end) throw missing(room, end - 1, end - 1);
      yield* decodeSegment(room.name, segment).reverse();
      end = segment.firstSeq;
    }
  }

  /** The messages from `from` to `to`, all of which have to be there; none if `to` is smaller. */
  #span(room: RoomRow, from: number, to: number): StoredMessage[] {
    const found: StoredMessage[] = [];
    let next = from;
    // The first of them may be in the middle of a segment.
    let segments = to < from ? [] : [this.#finder.segmentOf(room.id, from)];
    while (next <= to) {
      for (const segment of segments) {
        if (segment === undefined || segment.firstSeq > next) break;
        const messages = decodeSegment(room.name, segment);
        found.push(...messages.slice(next - segment.firstSeq, to + 1 - segment.firstSeq));
        next = endOf(segment);
      }
      if (next > to) break;
      const count = Math.min(to + 1 - next, MAX_SEGMENT_LENGTH);
      segments = this.#finder.segmentsBetween(room.id, next, to + 1, count);
      if (segments[0]?.firstSeq !== next) {
        throw missing(room, next, (segments[0]?.firstSeq ?? to + 1) - 1);
      }
    }
    return found;
  }

  /** Single messages, all of which have to be there; `seqs` are ascending. */
  #pick(room: RoomRow, seqs: readonly number[]): StoredMessage[] {
    let segment: Segment | undefined;
    let messages: StoredMessage[] = [];
    return seqs.map((seq) => {
      if (segment === undefined || seq >= endOf(segment)) {
        segment = this.#finder.segmentOf(room.id, seq);
        messages = segment === undefined ? [] : decodeSegment(room.name, segment);
      }
      const message = messages[seq - (segment?.firstSeq ?? 0)];
      if (message === undefined) throw missing(room, seq, seq);
      return message;
    });
  }

  /** Runs `act` in a read transaction, so that everything it reads is consistent. */
  #snapshot<T>(room: string, act: () => T): T {
    try {
      this.#db.exec("BEGIN");
      try {
        return act();
      } finally {
        this.#db.exec("COMMIT");
      }
    } catch (error) {
      if (error instanceof DamageError || !isDamage(error)) throw error;
      const what = room === "" ? "messages" : `room ${JSON.stringify(room)}`;
      throw damage(what, "the database is malformed", error);
    }
  }
}

function missing(room: RoomRow, first: number, last: number): Error {
  return damage(
    messagesOf(room.name, first, last),
    first === last ? "it is missing" : "they are missing",
  );
}

/** The first and the last message of a page. */
function pageOf(
  room: RoomRow,
  { after, before = Infinity, limit }: Range,
): { from: number; to: number; complete: boolean } {
  const newest = Math.min(before - 1, room.last);
  if (after === undefined) {
    const from = Math.max(room.first, newest - limit + 1);
    return { from, to: newest, complete: from === room.first };
  }
  const from = Math.max(room.first, after + 1);
  const to = Math.min(newest, from + limit - 1);
  return { from, to, complete: to === newest || newest < from };
}
