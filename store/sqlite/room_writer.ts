/**
 * Writes what rooms are and who their members are. Runs in the transaction of a batch.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isDirectRoom } from "../../protocol.ts";
import type { MarkRead, RoomChange, SetMaker, SetMember, SetRoom } from "../store.ts";
import { ROOM_SPAN } from "./segments.ts";

/** What came of a change, and approximately how many rows it wrote. */
export interface RoomOutcome {
  outcome: number;
  rows: number;
}

/** The statements that write settings and memberships. */
export class RoomWriter {
  #isPrivate: StatementSync;
  #setRoom: StatementSync;
  #resetRoom: StatementSync;
  #reindexRoom: StatementSync;
  #setMember: StatementSync;
  #removeMember: StatementSync;
  #markRead: StatementSync;
  #setMaker: StatementSync;
  #removeMaker: StatementSync;

  constructor(db: DatabaseSync) {
    this.#isPrivate = db.prepare("SELECT private FROM room_settings WHERE room = ?");
    this.#setRoom = db.prepare(
      "INSERT OR REPLACE INTO room_settings (room, private, topic) VALUES (?, ?, ?)",
    );
    this.#resetRoom = db.prepare("DELETE FROM room_settings WHERE room = ?");
    this.#reindexRoom = db.prepare(
      `INSERT INTO changes (number, count) SELECT runs.number, count FROM rooms
       JOIN runs ON place >= rooms.number * ${ROOM_SPAN} AND place < (rooms.number + 1) * ${ROOM_SPAN}
       WHERE name = ? ORDER BY place`,
    );
    this.#setMember = db.prepare(
      `INSERT INTO members (room, user, role, read) VALUES (?, ?, ?, ?)
       ON CONFLICT (room, user) DO UPDATE SET role = excluded.role RETURNING read`,
    );
    this.#removeMember = db.prepare("DELETE FROM members WHERE room = ? AND user = ?");
    this.#markRead = db.prepare(
      "UPDATE members SET read = max(read, ?) WHERE room = ? AND user = ? RETURNING read",
    );
    this.#setMaker = db.prepare(
      "INSERT OR REPLACE INTO makers (room, user, network, time) VALUES (?, ?, ?, ?)",
    );
    this.#removeMaker = db.prepare("DELETE FROM makers WHERE room = ?");
  }

  /**
   * Makes a change.
   *
   * @param last the greatest `seq` assigned in the change's room so far, this batch included
   */
  apply(change: RoomChange, last: () => number): RoomOutcome {
    switch (change.kind) {
      case "room":
        return { outcome: 0, rows: this.#applySettings(change) };
      case "member":
        return this.#applyMember(change, last());
      case "unmember":
        return {
          outcome: 0,
          rows: Number(this.#removeMember.run(change.room, change.user).changes),
        };
      case "read":
        return this.#applyRead(change, last());
      case "maker":
        return { outcome: 0, rows: this.#applyMaker(change) };
    }
  }

  /** The search index marks the messages of private rooms, so it has to read all of a room's again. */
  #applySettings({ room, private: isPrivate, topic }: SetRoom): number {
    if (isDirectRoom(room)) return 0;
    const wasPrivate = this.#isPrivate.get(room)?.["private"] === 1;
    if (isPrivate || topic !== "") this.#setRoom.run(room, Number(isPrivate), topic);
    else this.#resetRoom.run(room);
    return isPrivate === wasPrivate ? 1 : 1 + Number(this.#reindexRoom.run(room).changes);
  }

  #applyMember({ room, user, role }: SetMember, last: number): RoomOutcome {
    return { outcome: Number(this.#setMember.get(room, user, role, last)?.["read"]), rows: 1 };
  }

  #applyMaker({ room, maker }: SetMaker): number {
    if (maker === undefined) return Number(this.#removeMaker.run(room).changes);
    this.#setMaker.run(room, maker.user, maker.network, maker.time);
    return 1;
  }

  #applyRead({ room, user, seq }: MarkRead, last: number): RoomOutcome {
    const row = this.#markRead.get(Math.min(seq, last), room, user);
    return row === undefined ? { outcome: 0, rows: 0 } : { outcome: Number(row["read"]), rows: 1 };
  }
}
