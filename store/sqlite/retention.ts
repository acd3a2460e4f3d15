/**
 * Removes messages that exceed the retention policy, a bounded step at a time.
 *
 * Removal proceeds in each room from its oldest message to the first that stays, so that the remaining
 * messages have no gaps.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Retention, StoredMessage } from "../store.ts";
import type { Finder, RoomRow } from "./finder.ts";
import { decodeSegment, encodeSegment, endOf, roomKey, type Segment } from "./segments.ts";
import { encodeId, NOBODY } from "./write_batch.ts";

/** Maximum number of segments, or of rooms without any, that one step examines. */
const MAX_STEP = 32;

/** The progress of a removal. */
export interface Progress {
  /** Messages removed so far. */
  removed: number;
  /** Id of the last room that is finished. */
  roomId: number;
  done: boolean;
}

/** The statements that remove messages. */
export class Retainer {
  #finder: Finder;
  #deleteSegment: StatementSync;
  #insertSegment: StatementSync;
  #deleteId: StatementSync;
  #raiseLastSeq: StatementSync;
  #raiseLastId: StatementSync;
  #insertChange: StatementSync;

  constructor(db: DatabaseSync, finder: Finder) {
    this.#finder = finder;
    this.#deleteSegment = db.prepare("DELETE FROM runs WHERE number = ?");
    this.#insertSegment = db.prepare(
      "INSERT INTO runs (number, place, count, time, messages) VALUES (?, ?, ?, ?, ?)",
    );
    this.#deleteId = db.prepare(
      "DELETE FROM ids WHERE room = ? AND author = ? AND id = ? AND seq = ?",
    );
    this.#raiseLastSeq = db.prepare("UPDATE rooms SET last = max(last, ?) WHERE number = ?");
    this.#raiseLastId = db.prepare(
      "UPDATE meta SET value = max(value, ?) WHERE key = 'numbered'",
    );
    this.#insertChange = db.prepare("INSERT INTO changes (number, count) VALUES (?, ?)");
  }

  /**
   * Removes the next few messages, and updates `progress`.
   *
   * @returns the approximate number of rows written
   */
  step({ maxAge, maxMessages }: Retention, now: number, progress: Progress): number {
    let written = 0;
    for (let steps = 0; steps < MAX_STEP; steps++) {
      const room = this.#finder.roomAfter(progress.roomId);
      if (room === undefined) {
        progress.done = true;
        break;
      }
      const segment = this.#finder.oldestSegment(room.id);
      const messages = segment === undefined ? [] : decodeSegment(room.name, segment);
      const newestSurplus = room.last - (maxMessages ?? Infinity);
      const oldestTime = maxAge === undefined ? -Infinity : now - maxAge;
      const keep = messages.findIndex(({ seq, time }) => seq > newestSurplus && time >= oldestTime);
      const count = keep === -1 ? messages.length : keep;
      if (segment !== undefined && count > 0) this.#removeOldest(room, segment, messages, count);
      if (count < messages.length || messages.length === 0) progress.roomId = room.id;
      progress.removed += count;
      written += count;
    }
    return written;
  }

  #removeOldest(
    room: RoomRow,
    segment: Segment,
    messages: readonly StoredMessage[],
    count: number,
  ): void {
    const { firstId, firstSeq, time } = segment;
    this.#deleteSegment.run(firstId);
    for (const { seq, by = NOBODY, id } of messages.slice(0, count)) {
      if (id !== undefined) this.#deleteId.run(room.id, by, encodeId(id), seq);
    }
    const rest = messages.slice(count);
    if (rest.length > 0) {
      const key = roomKey(room.id, firstSeq + count);
      this.#insertSegment.run(firstId + count, key, rest.length, time, encodeSegment(rest));
    }
    this.#raiseLastSeq.run(endOf(segment) - 1, room.id);
    this.#raiseLastId.run(firstId + segment.count - 1);
    this.#insertChange.run(firstId, count);
  }
}
