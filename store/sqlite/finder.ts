/**
 * Finds rooms and segments in `hubbub.db`, over any connection to it.
 *
 * @module
 */
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { roomsMissing } from "./failures.ts";
import { endOf, MAX_SEGMENT_LENGTH, ROOM_SPAN, roomKey, type Segment } from "./segments.ts";

/** A room in the database. */
export interface RoomRow {
  name: string;
  /** 1, 2, 3, … in order of the rooms' first messages. */
  id: number;
  /** Greatest `seq` assigned; 0 if none was. */
  last: number;
  /** Number of the last change to its messages; 0 if there was none. */
  change: number;
  /** Smallest `seq` that retention has not removed. */
  first: number;
  /** Number of the last change that was a removal by retention; 0 if there was none. */
  trimmed: number;
}

/** The statements that find rooms and segments. */
export class Finder {
  #roomByName: StatementSync;
  #roomAfter: StatementSync;
  #roomById: StatementSync;
  #newestSegment: StatementSync;
  #oldestSegment: StatementSync;
  #segmentOfId: StatementSync;
  #segmentsFrom: StatementSync;
  #segmentsContaining: StatementSync;
  #segmentsBetween: StatementSync;
  #countRooms: StatementSync;
  #newestOfAll: StatementSync;
  /** Greatest room id up to which no room is known to be missing. */
  #checkedId = 0;

  constructor(db: DatabaseSync) {
    const rooms = "SELECT number, name, last, change, first, trimmed FROM rooms";
    const segments = "SELECT number, place, count, time, messages FROM runs";
    const inRoom = `${segments} WHERE place >= ? AND place < ?`;
    this.#roomByName = db.prepare(`${rooms} WHERE name = ?`);
    this.#roomById = db.prepare(`${rooms} WHERE number = ?`);
    this.#roomAfter = db.prepare(`${rooms} WHERE number > ? ORDER BY number LIMIT 1`);
    this.#newestSegment = db.prepare(`${inRoom} ORDER BY place DESC LIMIT 1`);
    this.#oldestSegment = db.prepare(`${inRoom} ORDER BY place LIMIT 1`);
    this.#segmentOfId = db.prepare(`${segments} WHERE number <= ? ORDER BY number DESC LIMIT 1`);
    this.#segmentsFrom = db.prepare(`${segments} WHERE number >= ? ORDER BY number LIMIT ?`);
    this.#segmentsBetween = db.prepare(`${inRoom} ORDER BY place LIMIT ?`);
    this.#countRooms = db.prepare(
      "SELECT count(*) AS count, max(number) AS last FROM rooms WHERE number > ?",
    );
    this.#newestOfAll = db.prepare("SELECT max(place) AS place FROM runs");
    this.#segmentsContaining = db.prepare(
      `${segments} WHERE number > ? - ${MAX_SEGMENT_LENGTH} AND number < ? AND number + count > ?
       AND instr(messages, ?) > 0 ORDER BY number`,
    );
  }

  /** A room by its name. */
  room(name: string): RoomRow | undefined {
    return this.#toRoom(this.#roomByName.get(name));
  }

  /** A room by its id. */
  roomById(id: number): RoomRow | undefined {
    return this.#toRoom(this.#roomById.get(id));
  }

  /** The room with the next greater id. */
  roomAfter(id: number): RoomRow | undefined {
    return this.#toRoom(this.#roomAfter.get(id));
  }

  /** The newest segment of a room that begins before `seq`. */
  newestSegment(roomId: number, seq = ROOM_SPAN): Segment | undefined {
    const end = roomKey(roomId, Math.min(Math.max(seq, 0), ROOM_SPAN));
    return toSegment(this.#newestSegment.get(roomKey(roomId, 0), end));
  }

  /** The oldest segment of a room that begins at `seq` or later. */
  oldestSegment(roomId: number, seq = 0): Segment | undefined {
    const start = roomKey(roomId, Math.min(Math.max(seq, 0), ROOM_SPAN));
    return toSegment(this.#oldestSegment.get(start, roomKey(roomId, ROOM_SPAN)));
  }

  /** The segment that contains a message of a room. */
  segmentOf(roomId: number, seq: number): Segment | undefined {
    const segment = this.newestSegment(roomId, seq + 1);
    return segment !== undefined && seq < endOf(segment) ? segment : undefined;
  }

  /** The oldest `limit` segments of a room that begin at `start` or later and before `end`, both `seq`s. */
  segmentsBetween(roomId: number, start: number, end: number, limit: number): Segment[] {
    const [from, to] = [start, end].map((seq) => roomKey(roomId, Math.min(seq, ROOM_SPAN)));
    return this.#segmentsBetween.all(from ?? 0, to ?? 0, limit)
      .flatMap((row) => toSegment(row) ?? []);
  }

  /**
   * Checks that no room is missing, before a name is taken for that of no room: room ids have no gaps, and
   * every message is in a room.
   *
   * @throws {DamageError} if a room is missing
   */
  checkRooms(): void {
    const counted = this.#countRooms.get(this.#checkedId);
    const last = Number(counted?.["last"] ?? this.#checkedId);
    const newest = Math.floor(Number(this.#newestOfAll.get()?.["place"] ?? 0) / ROOM_SPAN);
    if (last - this.#checkedId !== Number(counted?.["count"]) || newest > last) {
      throw roomsMissing();
    }
    this.#checkedId = last;
  }

  /** The segment that contains the message with a global id. */
  segmentOfId(id: number): Segment | undefined {
    const segment = toSegment(this.#segmentOfId.get(id));
    return segment !== undefined && id < segment.firstId + segment.count ? segment : undefined;
  }

  /** The segments whose first message has this global id or a greater one. */
  segmentsFrom(id: number, limit: number): Segment[] {
    return this.#segmentsFrom.all(id, limit).flatMap((row) => toSegment(row) ?? []);
  }

  /** The segment that contains the message with a global id; if none does, the next one. */
  segmentAt(id: number): Segment | undefined {
    return this.segmentOfId(id) ?? this.segmentsFrom(id, 1)[0];
  }

  /** The segments with messages from one global id to before another in whose text a word occurs anywhere. */
  segmentsContaining(word: string, start: number, end: number): Segment[] {
    return this.#segmentsContaining.all(start, end, start, word)
      .flatMap((row) => toSegment(row) ?? []);
  }

  /** The newest segment of all rooms. */
  lastSegment(): Segment | undefined {
    return toSegment(this.#segmentOfId.get(Number.MAX_SAFE_INTEGER));
  }

  #toRoom(row: Row | undefined): RoomRow | undefined {
    if (row === undefined) return undefined;
    const id = Number(row["number"]);
    const newest = this.newestSegment(id);
    const stored = newest === undefined ? 0 : endOf(newest) - 1;
    return {
      name: String(row["name"]),
      id,
      last: Math.max(Number(row["last"]), stored),
      change: Number(row["change"]),
      first: Number(row["first"]),
      trimmed: Number(row["trimmed"]),
    };
  }
}

type Row = Record<string, SQLOutputValue>;

function toSegment(row: Row | undefined): Segment | undefined {
  if (row === undefined) return undefined;
  const key = Number(row["place"]);
  return {
    firstId: Number(row["number"]),
    roomId: Math.floor(key / ROOM_SPAN),
    firstSeq: key % ROOM_SPAN,
    count: Number(row["count"]),
    time: Number(row["time"]),
    text: String(row["messages"]),
  };
}
