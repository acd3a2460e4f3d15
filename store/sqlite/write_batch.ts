/**
 * One batch on its way into `hubbub.db`: applied in memory to the rooms and segments that it changes,
 * then written with few statements.
 *
 * @module
 */
import type { SQLInputValue } from "node:sqlite";
import { amend, type Amendment, copyMessage, NO_SUCH_MESSAGE } from "../apply.ts";
import { toStored } from "../messages.ts";
import { digestOf, isOriginal, isResend } from "../resend.ts";
import type { Change, NewMessage, Outcome, RoomChange, StoredMessage } from "../store.ts";
import type { Counters, OpenRoom } from "./counters.ts";
import { damage, roomsMissing } from "./failures.ts";
import type { Finder } from "./finder.ts";
import {
  decodeSegment,
  encodeSegment,
  MAX_ROOMS,
  messagesOf,
  ROOM_SPAN,
  roomKey,
  type Segment,
  splitIntoSegments,
} from "./segments.ts";
import { encodeId, NOBODY, type WriteStatements } from "./write_statements.ts";

/** Size of a page of SQLite, in bytes. */
const PAGE_BYTES = 4096;

/** A segment that the batch changes. */
interface ChangedSegment {
  segment: Segment;
  messages: StoredMessage[];
}

/** A message with a client's id. */
interface Identified {
  message: StoredMessage;
  /** See {@linkcode isResend}. */
  digest: number | undefined;
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
  /** Rooms with changed messages. */
  #amended = new Set<OpenRoom>();
  /** Added messages that have a client's id, by {@linkcode keyOf}. */
  #added = new Map<string, StoredMessage>();
  /** Rows for `ids`. */
  #ids: SQLInputValue[] = [];
  /** Digests of what messages said before this batch changed them, with their rows of `ids`; by the same key. */
  #digests = new Map<string, { digest: number; row: SQLInputValue[] }>();
  /** By global id of their first message. */
  #changed = new Map<number, ChangedSegment>();
  /** Global ids of messages whose text differs from what the search index may have read. */
  #reworded = new Set<number>();
  /** Pages that were written before {@linkcode write}, and those of the segments that it writes. */
  #pages = 0;

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
   * @returns the approximate number of pages written
   * @throws {ResendError}
   */
  write(): number {
    const { insertIds, updateSegment, insertChange, insertSegments } = this.#statements;
    if (insertIds.run(this.#ids) < this.#added.size) throw new ResendError();
    for (const { segment, messages } of this.#changed.values()) {
      updateSegment.run(this.#encode(messages), segment.firstId);
    }
    for (const id of this.#reworded) insertChange.run(id);
    insertSegments.run(this.#grown.flatMap((room) => this.#takeSegments(room)));
    if (this.#amended.size > 0) this.#writeAmendments();
    return this.#pages + this.#added.size + this.#changed.size + this.#amended.size + 2;
  }

  #add(change: NewMessage): Outcome {
    const found = this.#room(change.room);
    // A room is not created for a message that is refused.
    if (found === undefined && change.reply_to !== undefined) return NO_SUCH_MESSAGE;
    const room = found ?? this.#createRoom(change.room);
    if (room.last >= ROOM_SPAN - 1) throw new RangeError(`Room "${room.name}" is full`);
    if (change.id !== undefined) return this.#addOnce(room, change, change.id);
    return canReply(room, change) ? this.#push(room, change).seq : NO_SUCH_MESSAGE;
  }

  #addOnce(room: OpenRoom, change: NewMessage, id: string): Outcome {
    const author = change.by ?? NOBODY;
    const key = keyOf(room, author, id);
    const added = this.#added.get(key);
    if (added !== undefined) {
      return this.#repeat(change, key, { message: added, digest: undefined });
    }
    if (this.#options.expectResends) {
      const earlier = this.#committed(room, author, id);
      if (earlier === "missing") return NO_SUCH_MESSAGE;
      if (earlier !== undefined) return this.#repeat(change, key, earlier);
    }
    if (!canReply(room, change)) {
      // A resend is answered even if what it replies to is no longer there.
      if (!this.#options.expectResends) throw new ResendError();
      return NO_SUCH_MESSAGE;
    }
    const message = this.#push(room, change);
    this.#added.set(key, message);
    this.#ids.push(room.id, author, encodeId(id), message.seq);
    return message.seq;
  }

  #repeat(change: NewMessage, key: string, { message, digest }: Identified): Outcome {
    return isResend(change, message, this.#digests.get(key)?.digest ?? digest)
      ? { duplicate: copyMessage(message) }
      : { refused: "conflict" };
  }

  #push(room: OpenRoom, change: NewMessage): StoredMessage {
    this.#statements.startRoom(room);
    const message = toStored(change, ++room.last);
    if (room.added.push(message) === 1) this.#grown.push(room);
    return message;
  }

  #amend(change: Amendment): Outcome {
    const room = this.#room(change.room);
    if (room === undefined) return NO_SUCH_MESSAGE;
    const { seq } = change;
    const added = room.added[seq - (room.last - room.added.length) - 1];
    const found = added === undefined ? this.#changedSegment(room, seq) : undefined;
    const index = seq - (found?.segment.firstSeq ?? 0);
    const message = added ?? found?.messages[index];
    const before = message !== undefined && this.#digestOf(message, change);
    if (message === undefined) return NO_SUCH_MESSAGE;
    const effect = amend(message, change);
    if ("refused" in effect) return effect;
    if (before !== false) this.#keepDigest(room, message, before);
    if (found !== undefined) {
      const { firstId } = found.segment;
      this.#changed.set(firstId, found);
      if (change.kind !== "react") this.#reworded.add(firstId + index);
    }
    this.#statements.startRoom(room);
    this.#amended.add(room);
    room.amended.set(seq, ++room.change);
    return { change: room.change, ...effect };
  }

  /** What a message says before its first edit or its deletion, if that is to be kept. */
  #digestOf(message: StoredMessage, { kind }: Amendment): number | false {
    return kind !== "react" && message.id !== undefined && isOriginal(message) && digestOf(message);
  }

  #keepDigest(room: OpenRoom, { by = NOBODY, id = "", seq }: StoredMessage, digest: number): void {
    this.#digests.set(keyOf(room, by, id), { digest, row: [room.id, by, encodeId(id), seq] });
  }

  #changeRoom(change: RoomChange): number {
    const { outcome, rows } = this.#statements.rooms.apply(
      change,
      () => this.#room(change.room)?.last ?? 0,
    );
    this.#pages += rows;
    return outcome;
  }

  #room(name: string): OpenRoom | undefined {
    const cached = this.#counters.rooms.get(name);
    if (cached !== undefined) return cached;
    const found = this.#finder.room(name);
    if (found?.last === 0) throw damage(messagesOf(name, 1, 1), "it is missing");
    return found && this.#counters.addRoom(found);
  }

  #createRoom(name: string): OpenRoom {
    const id = Number(this.#statements.insertRoom.run(name).lastInsertRowid);
    if (id > MAX_ROOMS) throw new RangeError(`There are ${MAX_ROOMS} rooms already`);
    this.#finder.checkRooms();
    if (this.#finder.newestSegment(id) !== undefined) throw roomsMissing();
    return this.#counters.addRoom({ name, id, last: 0, change: 0, first: 1, trimmed: 0 });
  }

  /** The message of an earlier batch with this client's id; `missing` if the id is known, but it is not there. */
  #committed(room: OpenRoom, author: string, id: string): Identified | "missing" | undefined {
    const row = this.#statements.findId.get(room.id, author, encodeId(id));
    if (row === undefined) return undefined;
    const seq = Number(row["seq"]);
    const found = this.#changedSegment(room, seq);
    const message = found?.messages[seq - found.segment.firstSeq];
    if (message === undefined) return "missing";
    const digest = row["digest"];
    return { message, digest: digest === null ? undefined : Number(digest) };
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
      rows.push(this.#counters.nextId, key, messages.length, time, this.#encode(messages));
      this.#counters.nextId += messages.length;
      seq += messages.length;
    }
    room.added = [];
    return rows;
  }

  #encode(messages: readonly StoredMessage[]): string {
    const text = encodeSegment(messages);
    // A page of the table, and one of its index.
    this.#pages += 2 + text.length / PAGE_BYTES;
    return text;
  }

  #writeAmendments(): void {
    const { updateRoom, insertAmendments, saveDigest } = this.#statements;
    const rows: SQLInputValue[] = [];
    for (const room of this.#amended) {
      updateRoom.run(room.change, room.last, room.id);
      for (const [seq, change] of room.amended) rows.push(room.id, seq, change);
      room.amended.clear();
    }
    this.#pages += 2 * insertAmendments.run(rows);
    for (const { digest, row } of this.#digests.values()) saveDigest.run(digest, ...row);
  }
}

/** Unambiguous for any room, author and id. */
function keyOf(room: OpenRoom, author: string, id: string): string {
  return `${room.id} ${author.length} ${author}${id}`;
}

/** Whether what a message replies to, if anything, was said and not removed. */
function canReply({ first, last }: OpenRoom, { reply_to }: NewMessage): boolean {
  return reply_to === undefined || (reply_to >= first && reply_to <= last);
}
