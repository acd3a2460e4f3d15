/**
 * Removes messages that exceed the retention policy, a bounded step at a time.
 *
 * Removal proceeds in each room from its oldest message to the first that stays, so that the remaining
 * messages have no gaps.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { DamageError } from "../../sqlite/data_error.ts";
import type { Retention, StoredMessage } from "../store.ts";
import type { Counters } from "./counters.ts";
import { damage } from "./failures.ts";
import type { Finder, RoomRow } from "./finder.ts";
import {
  decodeSegment,
  encodeSegment,
  MAX_SEGMENT_LENGTH,
  messagesOf,
  roomKey,
  type Segment,
} from "./segments.ts";
import { encodeId, NOBODY, type WriteStatements } from "./write_statements.ts";

/** A step ends after this time, in milliseconds, and blocks everything else on its thread. */
const MAX_STEP_MS = 2;

/** Maximum number of messages, and of segments, that are removed before the time is looked at. */
const MAX_REMOVED = MAX_SEGMENT_LENGTH;

/** The progress of a removal. */
export interface Progress {
  /** Messages removed so far. */
  removed: number;
  /** Id of the last room that is finished. */
  roomId: number;
  done: boolean;
  /** Why a room was left as it is: the last such failure. */
  damage?: DamageError;
}

/** Messages of a room to be removed. */
interface Surplus {
  /** Those that have a client's id. */
  identified: StoredMessage[];
  /** The segments that they are in; the last may have messages that stay. */
  segments: Segment[];
  count: number;
  /** The messages of the last segment that stay. */
  rest: StoredMessage[];
  /** Whether the message after them stays, or there is none. */
  complete: boolean;
}

/** The statements that remove messages. */
export class Retainer {
  #finder: Finder;
  #write: WriteStatements;
  #now: () => number;
  #deleteSegments: StatementSync;
  #deleteId: StatementSync;
  #deleteAmendments: StatementSync;
  #trimRoom: StatementSync;
  #raiseLastId: StatementSync;
  #insertChange: StatementSync;

  /** @param now a monotonic clock, in milliseconds */
  constructor(db: DatabaseSync, finder: Finder, write: WriteStatements, now: () => number) {
    this.#finder = finder;
    this.#write = write;
    this.#now = now;
    this.#deleteSegments = db.prepare("DELETE FROM runs WHERE place >= ? AND place < ?");
    this.#deleteId = db.prepare(
      "DELETE FROM ids WHERE room = ? AND author = ? AND id = ? AND seq = ?",
    );
    this.#deleteAmendments = db.prepare("DELETE FROM amendments WHERE room = ? AND seq < ?");
    this.#trimRoom = db.prepare(
      "UPDATE rooms SET last = max(last, ?), change = ?, trimmed = ?, first = ? WHERE number = ?",
    );
    this.#raiseLastId = db.prepare(
      "UPDATE meta SET value = max(value, ?) WHERE key = 'numbered'",
    );
    this.#insertChange = db.prepare("INSERT INTO changes (number, count) VALUES (?, ?)");
  }

  /**
   * Removes the next few messages, and updates `progress`.
   *
   * @param now milliseconds since 1970
   * @returns the approximate number of pages written
   */
  step(policy: Retention, now: number, progress: Progress, counters: Counters): number {
    const end = this.#now() + MAX_STEP_MS;
    let written = 0;
    do {
      const room = this.#finder.roomAfter(progress.roomId);
      if (room === undefined) {
        progress.done = true;
        break;
      }
      const surplus = this.#surplusOf(room, policy, now, progress);
      if (surplus.complete) progress.roomId = room.id;
      if (surplus.count === 0) continue;
      this.#remove(room, surplus, counters);
      progress.removed += surplus.count;
      written += 2 * surplus.segments.length + surplus.identified.length;
    } while (this.#now() < end);
    return written;
  }

  /** A part of what exceeds the policy in a room. In a damaged room nothing does. */
  #surplusOf(room: RoomRow, policy: Retention, now: number, progress: Progress): Surplus {
    try {
      return this.#findSurplus(room, policy, now);
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      progress.damage = error;
      return { identified: [], segments: [], count: 0, rest: [], complete: true };
    }
  }

  #findSurplus(room: RoomRow, { maxAge, maxMessages }: Retention, now: number): Surplus {
    const newestSurplus = room.last - (maxMessages ?? Infinity);
    const oldestTime = maxAge === undefined ? -Infinity : now - maxAge;
    const found: Surplus = { identified: [], segments: [], count: 0, rest: [], complete: false };
    const { first, last } = room;
    while (found.count < MAX_REMOVED && first + found.count <= last) {
      const next = first + found.count;
      const segment = this.#finder.oldestSegment(room.id, next);
      if (segment?.firstSeq !== next) {
        throw damage(messagesOf(room.name, next, next), "it is missing");
      }
      const messages = decodeSegment(room.name, segment);
      const stays = messages.findIndex(({ seq, time }) =>
        seq > newestSurplus && time >= oldestTime
      );
      const surplus = stays === -1 ? messages : messages.slice(0, stays);
      if (surplus.length > 0) found.segments.push(segment);
      found.identified.push(...surplus.filter(({ id }) => id !== undefined));
      found.count += surplus.length;
      if (stays === -1) continue;
      found.rest = surplus.length > 0 ? messages.slice(stays) : [];
      found.complete = true;
      break;
    }
    found.complete ||= first + found.count > last;
    return found;
  }

  #remove(row: RoomRow, { identified, segments, count, rest }: Surplus, counters: Counters): void {
    const room = counters.addRoom(row);
    this.#write.startRoom(room);
    const first = room.first + count;
    this.#deleteSegments.run(roomKey(room.id, room.first), roomKey(room.id, first));
    const last = segments.at(-1);
    if (rest.length > 0 && last !== undefined) {
      const id = last.firstId + last.count - rest.length;
      const text = encodeSegment(rest);
      this.#write.insertSegments.run([id, roomKey(room.id, first), rest.length, last.time, text]);
    }
    for (const { seq, by = NOBODY, id = "" } of identified) {
      this.#deleteId.run(room.id, by, encodeId(id), seq);
    }
    this.#deleteAmendments.run(room.id, first);
    room.first = first;
    room.trimmed = ++room.change;
    this.#trimRoom.run(room.last, room.change, room.trimmed, first, room.id);
    this.#raiseLastId.run(segments.reduce((max, one) => Math.max(max, endId(one)), 0) - 1);
    for (const { id, count } of spansOf(segments, rest.length)) this.#insertChange.run(id, count);
  }
}

/** Global id after a segment's last message. */
function endId({ firstId, count }: Segment): number {
  return firstId + count;
}

/**
 * The global ids of removed messages, as few spans of at most {@linkcode MAX_SEGMENT_LENGTH}.
 *
 * @param rest how many messages of the last segment stay
 */
function spansOf(segments: readonly Segment[], rest: number): { id: number; count: number }[] {
  const spans: { id: number; count: number }[] = [];
  for (const [index, { firstId, count }] of segments.entries()) {
    const removed = index === segments.length - 1 ? count - rest : count;
    const span = spans.at(-1);
    const fits = span !== undefined && span.id + span.count === firstId &&
      span.count + removed <= MAX_SEGMENT_LENGTH;
    if (fits) span.count += removed;
    else spans.push({ id: firstId, count: removed });
  }
  return spans;
}
