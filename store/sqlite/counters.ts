/**
 * What the writer caches from one batch to the next, so that a batch seldom queries the database.
 *
 * @module
 */
import { foldName } from "../../protocol.ts";
import type { StoredMessage } from "../store.ts";
import type { RoomRow } from "./finder.ts";

/** Maximum number of cached rooms and of cached names; above it the cache is cleared. */
const MAX_CACHED = 10_000;

/** A room with the messages that the current batch adds to it. */
export interface OpenRoom extends RoomRow {
  added: StoredMessage[];
}

/** Valid until a batch fails; then new counters have to be read. */
export class Counters {
  /** Rooms written to recently, by name. */
  readonly rooms = new Map<string, OpenRoom>();
  /** Global id of the next message. */
  nextId: number;
  #folded = new Map<string, string>();

  constructor(nextId: number) {
    this.nextId = nextId;
  }

  /** Adds a room to the cache. */
  addRoom(room: RoomRow): OpenRoom {
    const open = { ...room, added: [] };
    this.rooms.set(room.name, open);
    return open;
  }

  /** `foldName`, which is slow, cached: most names occur again. */
  fold(name: string): string {
    let folded = this.#folded.get(name);
    if (folded === undefined) this.#folded.set(name, folded = foldName(name));
    return folded;
  }

  /** Clears caches that are too large. Only between batches. */
  trim(): void {
    if (this.rooms.size > MAX_CACHED) this.rooms.clear();
    if (this.#folded.size > MAX_CACHED) this.#folded.clear();
  }
}
