/**
 * One batch on its way into `hubbub.db`: applied in memory to the rooms and segments that it changes,
 * then written with few statements.
 *
 * @module
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { amend, type Amendment, copyMessage } from "../apply.ts";
import { toStored } from "../messages.ts";
import type { Change, NewMessage, Outcome, RoomChange, StoredMessage } from "../store.ts";
import { BulkInsert } from "./bulk_insert.ts";
import type { Finder, RoomRow } from "./finder.ts";
import { RoomWriter } from "./room_writer.ts";
import {
  decodeSegment,
  encodeSegment,
  MAX_ROOMS,
  ROOM_SPAN,
  roomKey,
  type Segment,
  splitIntoSegments,
} from "./segments.ts";

/** The author of messages without one in the table of ids; no user has this id. */
export const NOBODY = "";

/** Maximum number of cached rooms; above it the cache is cleared. */
const MAX_CACHED = 10_000;

/** The statements that write batches. */
export class WriteStatements {
  readonly insertRoom: StatementSync;
  readonly insertSegments: BulkInsert;
  readonly updateSegment: StatementSync;
  readonly findId: StatementSync;
  readonly insertIds: BulkInsert;
  readonly insertChange: StatementSync;
  readonly rooms: RoomWriter;

  constructor(db: DatabaseSync) {
    this.insertRoom = db.prepare("INSERT INTO rooms (name, last) VALUES (?, 0)");
    this.insertSegments = new BulkInsert(
      db,
      "INSERT INTO runs (number, place, count, time, messages)",
      5,
    );
    this.updateSegment = db.prepare("UPDATE runs SET messages = ? WHERE number = ?");
    this.findId = db.prepare("SELECT seq FROM ids WHERE room = ? AND author = ? AND id = ?");
    this.insertIds = new BulkInsert(db, "INSERT OR IGNORE INTO ids (room, author, id, seq)", 4);
    this.insertChange = db.prepare("INSERT INTO changes (number, count) VALUES (?, 1)");
    this.rooms = new RoomWriter(db);
  }
}

/** A segment that the batch changes. */
interface ChangedSegment {
  segment: Segment;
  messages: StoredMessage[];
}

/**
 * Thrown by a batch that mistook resends for new messages. It has to be rolled back and applied again,
 * this time with `expectResends`.
 */
export class ResendError extends Error {
  override readonly name = "ResendError";
}

/** How a batch is applied. */
export interface WriteOptions {
  /**
   * Look up every id before its message is numbered. Without this a batch is a third cheaper, and throws
   * a {@linkcode ResendError} if it contains a resend of an earlier batch's message.
   */
  expectResends: boolean;
}

/** A batch. If a method throws, the counters are invalid and the transaction must be rolled back. */
export class WriteBatch {
  #finder: Finder;
  #statements: WriteStatements;
  #counters: Counters;
  #options: WriteOptions;
  /** Rooms with added messages. */
  #grown: OpenRoom[] = [];
  /** Added messages that have a client's id, by room, author and id. */
  #added = new Map<string, StoredMessage>();
  /** Rows for `ids`. */
  #ids: SQLInputValue[] = [];
  /** By global id of their first message. */
  #changed = new Map<number, ChangedSegment>();
  /** Global ids of messages whose text differs from what the search index may have read. */
  #reworded = new Set<number>();
  /** Rows that changes to rooms have written. */
  #roomRows = 0;

  constructor(
    finder: Finder,
    statements: WriteStatements,
    counters: Counters,
    options: WriteOptions,
  ) {
    this.#finder = finder;
    this.#statements = statements;
    this.#counters = counters;
    this.#options = options;
  }

  /** Applies the next change: to messages in memory, to rooms and their members at once. */
  apply(change: Change): Outcome {
    switch (change.kind) {
      case "message":
        return this.#add(change);
      case "edit":
      case "delete":
      case "react":
        return this.#amend(change);
      default:
        return this.#changeRoom(change);
    }
  }

  /**
   * Writes the result of the changes.
   *
   * @returns the approximate number of rows written
   * @throws {ResendError}
   */
  write(): number {
    const { insertIds, updateSegment, insertChange, insertSegments } = this.#statements;
    if (insertIds.run(this.#ids) < this.#added.size) throw new ResendError();
    for (const { segment, messages } of this.#changed.values()) {
      updateSegment.run(encodeSegment(messages), segment.firstId);
    }
    for (const id of this.#reworded) insertChange.run(id);
    const rows = insertSegments.run(this.#grown.flatMap((room) => this.#takeSegments(room)));
    return rows + this.#added.size + this.#changed.size + this.#reworded.size + this.#roomRows;
  }

  #add(change: NewMessage): Outcome {
    const room = this.#room(change.room) ?? this.#createRoom(change.room);
    if (room.last >= ROOM_SPAN - 1) throw new RangeError(`Room "${room.name}" is full`);
    if (change.id !== undefined) return this.#addOnce(room, change, change.id);
    return this.#push(room, change).seq;
  }

  #addOnce(room: OpenRoom, change: NewMessage, id: string): Outcome {
    const author = change.by ?? NOBODY;
    const key = `${room.id} ${author.length} ${author}${id}`;
    const earlier = this.#added.get(key) ?? this.#committed(room, author, id);
    if (earlier !== undefined) return { duplicate: copyMessage(earlier) };
    const message = this.#push(room, change);
    this.#added.set(key, message);
    this.#ids.push(room.id, author, encodeId(id), message.seq);
    return message.seq;
  }

  #push(room: OpenRoom, change: NewMessage): StoredMessage {
    const message = toStored(change, ++room.last);
    if (room.added.push(message) === 1) this.#grown.push(room);
    return message;
  }

  #amend(change: Amendment): Outcome {
    const room = this.#room(change.room);
    const added = room?.added[change.seq - (room.last - room.added.length) - 1];
    if (room === undefined || added !== undefined) return amend(added, change);
    const found = this.#changedSegment(room, change.seq);
    if (found === undefined) return amend(undefined, change);
    const { segment, messages } = found;
    const index = change.seq - segment.firstSeq;
    const outcome = amend(messages[index], change);
    if (typeof outcome === "object" && "refused" in outcome) return outcome;
    this.#changed.set(segment.firstId, found);
    if (change.kind !== "react") this.#reworded.add(segment.firstId + index);
    return outcome;
  }

  #changeRoom(change: RoomChange): number {
    const { outcome, rows } = this.#statements.rooms.apply(
      change,
      () => this.#room(change.room)?.last ?? 0,
    );
    this.#roomRows += rows;
    return outcome;
  }

  #room(name: string): OpenRoom | undefined {
    const cached = this.#counters.rooms.get(name);
    if (cached !== undefined) return cached;
    const found = this.#finder.room(name);
    return found && this.#counters.addRoom(found);
  }

  #createRoom(name: string): OpenRoom {
    const id = Number(this.#statements.insertRoom.run(name).lastInsertRowid);
    if (id > MAX_ROOMS) throw new RangeError(`There are ${MAX_ROOMS} rooms already`);
    return this.#counters.addRoom({ name, id, last: 0 });
  }

  /** The message of an earlier batch with this client's id. */
  #committed(room: OpenRoom, author: string, id: string): StoredMessage | undefined {
    if (!this.#options.expectResends) return undefined;
    const row = this.#statements.findId.get(room.id, author, encodeId(id));
    if (row === undefined) return undefined;
    const seq = Number(row["seq"]);
    const found = this.#changedSegment(room, seq);
    return found?.messages[seq - found.segment.firstSeq];
  }

  /** The segment that contains a message, with this batch's changes so far. */
  #changedSegment(room: OpenRoom, seq: number): ChangedSegment | undefined {
    const segment = this.#finder.segmentOf(room.id, seq);
    if (segment === undefined) return undefined;
    return this.#changed.get(segment.firstId) ??
      { segment, messages: decodeSegment(room.name, segment) };
  }

  /** Takes a room's added messages as rows for `runs`. */
  #takeSegments(room: OpenRoom): SQLInputValue[] {
    const rows: SQLInputValue[] = [];
    let seq = room.last - room.added.length + 1;
    for (const messages of splitIntoSegments(room.added)) {
      const time = messages.at(-1)?.time ?? 0;
      const key = roomKey(room.id, seq);
      rows.push(this.#counters.nextId, key, messages.length, time, encodeSegment(messages));
      this.#counters.nextId += messages.length;
      seq += messages.length;
    }
    room.added = [];
    return rows;
  }
}

/** A client's id as the database stores it: escaped if it has lone surrogates, which SQLite replaces. */
export function encodeId(id: string): string {
  return id.isWellFormed() && !id.startsWith('"') ? id : JSON.stringify(id);
}

/** A room with the messages that the current batch adds to it. */
export interface OpenRoom extends RoomRow {
  added: StoredMessage[];
}

/**
 * What the writer caches from one batch to the next, so that a batch seldom queries the database. Valid until
 * a batch fails; then new counters have to be read.
 */
export class Counters {
  /** Rooms written to recently, by name. */
  readonly rooms = new Map<string, OpenRoom>();
  /** Global id of the next message. */
  nextId: number;

  constructor(nextId: number) {
    this.nextId = nextId;
  }

  /** Adds a room to the cache. */
  addRoom(room: RoomRow): OpenRoom {
    const open = { ...room, added: [] };
    this.rooms.set(room.name, open);
    return open;
  }

  /** Clears the cache if it is too large. Only between batches. */
  trim(): void {
    if (this.rooms.size > MAX_CACHED) this.rooms.clear();
  }
}
