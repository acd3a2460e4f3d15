/**
 * One batch on its way into `hubbub.db`: applied in memory to the rooms and runs that it touches,
 * then written with few statements.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { foldName } from "../../protocol.ts";
import { amend, type Amendment, copyMessage, toStored } from "../apply.ts";
import type { Change, NewMessage, Outcome, StoredMessage } from "../store.ts";
import type { Finder, Room } from "./finder.ts";
import {
  decodeRun,
  encodeRun,
  MAX_ROOMS,
  placeOf,
  ROOM_SPAN,
  type Run,
  splitIntoRuns,
} from "./runs.ts";

/** A room with what the batch under way adds to it. */
export interface OpenRoom extends Room {
  added: StoredMessage[];
}

/** What is remembered from one batch to the next. */
export interface Counters {
  /** Rooms that were written to lately, by name. */
  rooms: Map<string, OpenRoom>;
  /** Number for the next message, among those of all rooms. */
  next: number;
}

/** The statements that write batches. */
export class BatchStatements {
  readonly insertRoom: StatementSync;
  readonly insertRun: StatementSync;
  readonly updateRun: StatementSync;
  readonly findId: StatementSync;
  readonly insertId: StatementSync;
  readonly insertChange: StatementSync;

  constructor(db: DatabaseSync) {
    this.insertRoom = db.prepare("INSERT INTO rooms (name, last) VALUES (?, 0)");
    this.insertRun = db.prepare(
      "INSERT INTO runs (number, place, count, time, messages) VALUES (?, ?, ?, ?, ?)",
    );
    this.updateRun = db.prepare("UPDATE runs SET messages = ? WHERE number = ?");
    this.findId = db.prepare("SELECT seq FROM ids WHERE room = ? AND author = ? AND id = ?");
    this.insertId = db.prepare("INSERT INTO ids (room, author, id, seq) VALUES (?, ?, ?, ?)");
    this.insertChange = db.prepare("INSERT INTO changes (number, count) VALUES (?, 1)");
  }
}

/** A run that the batch changes. */
interface ChangedRun {
  run: Run;
  messages: StoredMessage[];
}

/** A batch. If anything throws, the counters are no longer right and the transaction must not be kept. */
export class Batch {
  #finder: Finder;
  #statements: BatchStatements;
  #counters: Counters;
  /** Rooms that got messages. */
  #grown: OpenRoom[] = [];
  /** Messages that carry a client's id, by room, author and id. */
  #withId = new Map<string, StoredMessage>();
  /** By number. */
  #changed = new Map<number, ChangedRun>();
  /** Numbers of messages whose text is no longer what the search index may have seen. */
  #reworded = new Set<number>();

  constructor(finder: Finder, statements: BatchStatements, counters: Counters) {
    this.#finder = finder;
    this.#statements = statements;
    this.#counters = counters;
  }

  /** Applies the next change, in memory but for new rooms. */
  apply(change: Change): Outcome {
    return change.kind === "message" ? this.#add(change) : this.#amend(change);
  }

  /** Writes what the changes came to. */
  write(): void {
    for (const { run, messages } of this.#changed.values()) {
      this.#statements.updateRun.run(encodeRun(messages), run.number);
    }
    for (const number of this.#reworded) this.#statements.insertChange.run(number);
    for (const room of this.#grown) {
      this.#writeRuns(room);
      room.added = [];
    }
  }

  #add(change: NewMessage): Outcome {
    const room = this.#room(change.room) ?? this.#createRoom(change.room);
    if (room.last >= ROOM_SPAN - 1) throw new RangeError(`Room "${room.name}" is full`);
    if (change.id !== undefined) {
      const earlier = this.#messageWithId(room, foldName(change.from), change.id);
      if (earlier !== undefined) return { duplicate: copyMessage(earlier) };
    }
    const message = toStored(change, ++room.last);
    if (room.added.push(message) === 1) this.#grown.push(room);
    if (change.id !== undefined) {
      this.#withId.set(idKey(room, foldName(change.from), change.id), message);
    }
    return message.seq;
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
    return found && this.#remember(found);
  }

  #createRoom(name: string): OpenRoom {
    const number = Number(this.#statements.insertRoom.run(name).lastInsertRowid);
    if (number > MAX_ROOMS) throw new RangeError(`There are ${MAX_ROOMS} rooms already`);
    return this.#remember({ name, number, last: 0 });
  }

  #remember(room: Room): OpenRoom {
    const open = { ...room, added: [] };
    this.#counters.rooms.set(room.name, open);
    return open;
  }

  #messageWithId(room: OpenRoom, author: string, id: string): StoredMessage | undefined {
    const inBatch = this.#withId.get(idKey(room, author, id));
    if (inBatch !== undefined) return inBatch;
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

  #writeRuns(room: OpenRoom): void {
    const { insertRun, insertId } = this.#statements;
    for (const messages of splitIntoRuns(room.added)) {
      const first = messages[0]?.seq ?? 0;
      const time = messages.at(-1)?.time ?? 0;
      const place = placeOf(room.number, first);
      insertRun.run(this.#counters.next, place, messages.length, time, encodeRun(messages));
      this.#counters.next += messages.length;
      for (const { from, id, seq } of messages) {
        if (id !== undefined) insertId.run(room.number, foldName(from), idText(id), seq);
      }
    }
  }
}

/** Unambiguous, whatever the author and the id hold. */
function idKey(room: Room, author: string, id: string): string {
  return JSON.stringify([room.number, author, id]);
}

/** An id as the database can hold it: lone surrogates, which it would all make the same, escaped. */
export function idText(id: string): string {
  return id.isWellFormed() && !id.startsWith('"') ? id : JSON.stringify(id);
}
