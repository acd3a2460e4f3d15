/**
 * What the writer caches from one transaction to the next.
 *
 * @module
 */
import type { StoredMessage } from "../store.ts";
import type { RoomRow } from "./finder.ts";

/** Maximum number of cached rooms; above it the cache is cleared. */
const MAX_CACHED = 10_000;

/** A room with what the current batch does to it. */
export interface OpenRoom extends RoomRow {
  /** Messages that the batch adds. */
  added: StoredMessage[];
  /** The last change of each message that the batch changes. */
  amended: Map<number, number>;
  /** Whether `room_starts` has the room's row of this run. */
  started: boolean;
}

/**
 * What the writer caches, so that a batch seldom queries the database. Valid until a transaction fails; then
 * new counters have to be read.
 */
export class Counters {
  /** Rooms written to recently, by name. */
  readonly rooms = new Map<string, OpenRoom>();
  /** Global id of the next message. */
  nextId: number;

  constructor(nextId: number) {
    this.nextId = nextId;
  }

  /** Adds a room to the cache, unless it is there. */
  addRoom(room: RoomRow): OpenRoom {
    const cached = this.rooms.get(room.name);
    if (cached !== undefined) return cached;
    const open = { ...room, added: [], amended: new Map(), started: false };
    this.rooms.set(room.name, open);
    return open;
  }

  /** Clears the cache if it is too large. Only between transactions. */
  trim(): void {
    if (this.rooms.size > MAX_CACHED) this.rooms.clear();
  }
}
