/**
 * The statements that write batches to `hubbub.db`.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { BulkInsert } from "./bulk_insert.ts";
import type { OpenRoom } from "./counters.ts";
import { RoomWriter } from "./room_writer.ts";

/** The author of messages without one in the table of ids; no user has this id. */
export const NOBODY = "";

/** The statements, prepared. */
export class WriteStatements {
  readonly insertRoom: StatementSync;
  readonly updateRoom: StatementSync;
  readonly insertSegments: BulkInsert;
  readonly updateSegment: StatementSync;
  readonly findId: StatementSync;
  readonly insertIds: BulkInsert;
  readonly saveDigest: StatementSync;
  readonly insertChange: StatementSync;
  readonly insertAmendments: BulkInsert;
  readonly rooms: RoomWriter;
  #insertStart: StatementSync;
  /** Number of the present run. */
  #start: number;

  constructor(db: DatabaseSync, start: number) {
    this.#start = start;
    this.insertRoom = db.prepare("INSERT INTO rooms (name, last) VALUES (?, 0)");
    this.updateRoom = db.prepare(
      "UPDATE rooms SET change = ?, last = max(last, ?) WHERE number = ?",
    );
    this.insertSegments = new BulkInsert(
      db,
      "INSERT INTO runs (number, place, count, time, messages)",
      5,
    );
    this.updateSegment = db.prepare("UPDATE runs SET messages = ? WHERE number = ?");
    this.findId = db.prepare(
      "SELECT seq, digest FROM ids WHERE room = ? AND author = ? AND id = ?",
    );
    this.insertIds = new BulkInsert(db, "INSERT OR IGNORE INTO ids (room, author, id, seq)", 4);
    this.saveDigest = db.prepare(
      "UPDATE ids SET digest = ? WHERE room = ? AND author = ? AND id = ? AND seq = ?",
    );
    this.insertChange = db.prepare("INSERT INTO changes (number, count) VALUES (?, 1)");
    this.insertAmendments = new BulkInsert(
      db,
      "INSERT OR REPLACE INTO amendments (room, seq, change)",
      3,
    );
    this.#insertStart = db.prepare(
      "INSERT OR IGNORE INTO room_starts (room, start, last, change) VALUES (?, ?, ?, ?)",
    );
    this.rooms = new RoomWriter(db);
  }

  /** Records, before the first write to a room in this run, how far the room has got. */
  startRoom(room: OpenRoom): void {
    if (room.started) return;
    this.#insertStart.run(room.id, this.#start, room.last, room.change);
    room.started = true;
  }
}

/** A client's id as the database stores it: escaped if it has lone surrogates, which SQLite replaces. */
export function encodeId(id: string): string {
  return id.isWellFormed() && !id.startsWith('"') ? id : JSON.stringify(id);
}
