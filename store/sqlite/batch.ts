/**
 * One batch on its way into `hubbub.db`: applied in memory to the rooms and runs that it touches,
 * then written with few statements.
 *
 * @module
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { amend, type Amendment, copyMessage, toStored } from "../apply.ts";
import type { Change, NewMessage, Outcome, StoredMessage } from "../store.ts";
import { BulkInsert } from "./bulk_insert.ts";
import type { Counters, OpenRoom } from "./counters.ts";
import type { Finder } from "./finder.ts";
import {
  decodeRun,
  encodeRun,
  MAX_ROOMS,
  placeOf,
  ROOM_SPAN,
  type Run,
  splitIntoRuns,
} from "./segments.ts";

/** The statements that write batches. */
export class BatchStatements {
  readonly insertRoom: StatementSync;
  readonly insertRuns: BulkInsert;
  readonly updateRun: StatementSync;
  readonly findId: StatementSync;
  readonly insertIds: BulkInsert;
  readonly insertChange: StatementSync;

  constructor(db: DatabaseSync) {
    this.insertRoom = db.prepare("INSERT INTO rooms (name, last) VALUES (?, 0)");
    this.insertRuns = new BulkInsert(
      db,
      "INSERT INTO runs (number, place, count, time, messages)",
      5,
    );
    this.updateRun = db.prepare("UPDATE runs SET messages = ? WHERE number = ?");
    this.findId = db.prepare("SELECT seq FROM ids WHERE room = ? AND author = ? AND id = ?");
    this.insertIds = new BulkInsert(db, "INSERT OR IGNORE INTO ids (room, author, id, seq)", 4);
    this.insertChange = db.prepare("INSERT INTO changes (number, count) VALUES (?, 1)");
  }
}

/** A run that the batch changes. */
interface ChangedRun {
  run: Run;
  messages: StoredMessage[];
}

/**
 * Thrown by a batch that took resends for new messages: it must be undone and applied again, this
 * time with `expectResends`.
 */
export class ResendError extends Error {
  override readonly name = "ResendError";
}

/** How a batch is applied. */
export interface BatchOptions {
  /**
   * Look every id up before its message is numbered. Without it a batch is a third cheaper, and
   * throws a {@linkcode ResendError} if it holds a resend of an earlier batch's message.
   */
  expectResends: boolean;
}

/** A batch. If anything throws, the counters are no longer right and the transaction must not be kept. */
export class Batch {
  #finder: Finder;
  #statements: BatchStatements;
  #counters: Counters;
  #options: BatchOptions;
  /** Rooms that got messages. */
  #grown: OpenRoom[] = [];
  /** Added messages that carry a client's id, by room, author and id. */
  #added = new Map<string, StoredMessage>();
  /** Rows for `ids`. */
  #ids: SQLInputValue[] = [];
  /** By number. */
  #changed = new Map<number, ChangedRun>();
  /** Numbers of messages whose text is no longer what the search index may have seen. */
  #reworded = new Set<number>();

  constructor(
    finder: Finder,
    statements: BatchStatements,
    counters: Counters,
    options: BatchOptions,
  ) {
    this.#finder = finder;
    this.#statements = statements;
    this.#counters = counters;
    this.#options = options;
  }

  /** Applies the next change, in memory but for new rooms. */
  apply(change: Change): Outcome {
    return change.kind === "message" ? this.#add(change) : this.#amend(change);
  }

  /**
   * Writes what the changes came to.
   *
   * @returns about how many rows
   * @throws {ResendError}
   */
  write(): number {
    const { insertIds, updateRun, insertChange, insertRuns } = this.#statements;
    if (insertIds.run(this.#ids) < this.#added.size) throw new ResendError();
    for (const { run, messages } of this.#changed.values()) {
      updateRun.run(encodeRun(messages), run.number);
    }
    for (const number of this.#reworded) insertChange.run(number);
    const runs = insertRuns.run(this.#grown.flatMap((room) => this.#takeRuns(room)));
    return runs + this.#added.size + this.#changed.size + this.#reworded.size;
  }

  #add(change: NewMessage): Outcome {
    const room = this.#room(change.room) ?? this.#createRoom(change.room);
    if (room.last >= ROOM_SPAN - 1) throw new RangeError(`Room "${room.name}" is full`);
    if (change.id !== undefined) return this.#addOnce(room, change, change.id);
    return this.#push(room, change).seq;
  }

  #addOnce(room: OpenRoom, change: NewMessage, id: string): Outcome {
    const author = this.#counters.fold(change.from);
    const key = `${room.number} ${author.length} ${author}${id}`;
    const earlier = this.#added.get(key) ?? this.#kept(room, author, id);
    if (earlier !== undefined) return { duplicate: copyMessage(earlier) };
    const message = this.#push(room, change);
    this.#added.set(key, message);
    this.#ids.push(room.number, author, idText(id), message.seq);
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
    const found = this.#changedRun(room, change.seq);
    if (found === undefined) return amend(undefined, change);
    const { run, messages } = found;
    const index = change.seq - run.first;
    const outcome = amend(messages[index], change);
    if (typeof outcome === "object" && "refused" in outcome) return outcome;
    this.#changed.set(run.number, found);
    if (change.kind !== "react") this.#reworded.add(run.number + index);
    return outcome;
  }

  #room(name: string): OpenRoom | undefined {
    const known = this.#counters.rooms.get(name);
    if (known !== undefined) return known;
    const found = this.#finder.room(name);
    return found && this.#counters.remember(found);
  }

  #createRoom(name: string): OpenRoom {
    const number = Number(this.#statements.insertRoom.run(name).lastInsertRowid);
    if (number > MAX_ROOMS) throw new RangeError(`There are ${MAX_ROOMS} rooms already`);
    return this.#counters.remember({ name, number, last: 0 });
  }

  /** The message of an earlier batch with this id. */
  #kept(room: OpenRoom, author: string, id: string): StoredMessage | undefined {
    if (!this.#options.expectResends) return undefined;
    const row = this.#statements.findId.get(room.number, author, idText(id));
    if (row === undefined) return undefined;
    const seq = Number(row["seq"]);
    const found = this.#changedRun(room, seq);
    return found?.messages[seq - found.run.first];
  }

  /** The run that holds a message, as this batch has left it so far. */
  #changedRun(room: OpenRoom, seq: number): ChangedRun | undefined {
    const run = this.#finder.runOf(room.number, seq);
    if (run === undefined) return undefined;
    return this.#changed.get(run.number) ?? { run, messages: decodeRun(room.name, run) };
  }

  /** Rows for `runs`, of the messages that a room got. */
  #takeRuns(room: OpenRoom): SQLInputValue[] {
    const rows: SQLInputValue[] = [];
    let seq = room.last - room.added.length + 1;
    for (const messages of splitIntoRuns(room.added)) {
      const time = messages.at(-1)?.time ?? 0;
      const place = placeOf(room.number, seq);
      rows.push(this.#counters.next, place, messages.length, time, encodeRun(messages));
      this.#counters.next += messages.length;
      seq += messages.length;
    }
    room.added = [];
    return rows;
  }
}

/** An id as the database can hold it: lone surrogates, which it would all make the same, escaped. */
export function idText(id: string): string {
  return id.isWellFormed() && !id.startsWith('"') ? id : JSON.stringify(id);
}
