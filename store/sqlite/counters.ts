/**
 * What the writer remembers from one batch to the next, so that a batch need not ask the database.
 *
 * @module
 */
import { foldName } from "../../protocol.ts";
import type { StoredMessage } from "../store.ts";
import type { Room } from "./finder.ts";

/** Most rooms and most names that are remembered; above this all are forgotten and asked for anew. */
const MAX_REMEMBERED = 10_000;

/** A room with what the batch under way adds to it. */
export interface OpenRoom extends Room {
  added: StoredMessage[];
}

/** Right as long as no batch fails; then they have to be made anew. */
export class Counters {
  /** Rooms that were written to lately, by name. */
  readonly rooms = new Map<string, OpenRoom>();
  /** Number for the next message, among those of all rooms. */
  next: number;
  #folded = new Map<string, string>();

  constructor(next: number) {
    this.next = next;
  }

  /** Takes a room in. */
  remember(room: Room): OpenRoom {
    const open = { ...room, added: [] };
    this.rooms.set(room.name, open);
    return open;
  }

  /** `foldName`, which is slow, of a name that is likely to come again. */
  fold(name: string): string {
    let folded = this.#folded.get(name);
    if (folded === undefined) this.#folded.set(name, folded = foldName(name));
    return folded;
  }

  /** Forgets what has become too much. Between batches only. */
  trim(): void {
    if (this.rooms.size > MAX_REMEMBERED) this.rooms.clear();
    if (this.#folded.size > MAX_REMEMBERED) this.#folded.clear();
  }
}
