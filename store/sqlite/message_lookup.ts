/**
 * Looks up messages by their global ids, for searches.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StoredMessage } from "../store.ts";
import { Finder } from "./finder.ts";
import { decodeSegment, ROOM_SPAN } from "./segments.ts";

/** Looks up messages of `hubbub.db`. Neighbours are decoded together, so ids should come in order. */
export class MessageLookup {
  #finder: Finder;
  #roomKey: StatementSync;
  /** The segment that was decoded last. */
  #firstId = 0;
  #messages: StoredMessage[] = [];

  /** @param db any connection, owned by the caller */
  constructor(db: DatabaseSync) {
    this.#finder = new Finder(db);
    this.#roomKey = db.prepare(
      "SELECT place, number + count AS end FROM runs WHERE number <= ? ORDER BY number DESC LIMIT 1",
    );
  }

  /** Has the next message read anew. Until then, an answer may be as old as the last call of this. */
  refresh(): void {
    this.#messages = [];
  }

  /** A message; `undefined` if it was removed. */
  message(id: number): StoredMessage | undefined {
    return this.#messages[id - this.#firstId] ?? this.#decode(id);
  }

  /** The id of the room of a message, which costs far less than the message; `undefined` if it was removed. */
  roomId(id: number): number | undefined {
    const row = this.#roomKey.get(id);
    return row === undefined || Number(row["end"]) <= id
      ? undefined
      : Math.floor(Number(row["place"]) / ROOM_SPAN);
  }

  #decode(id: number): StoredMessage | undefined {
    const segment = this.#finder.segmentOfId(id);
    const room = segment && this.#finder.roomById(segment.roomId);
    if (segment === undefined || room === undefined) return undefined;
    this.#messages = decodeSegment(room.name, segment);
    this.#firstId = segment.firstId;
    return this.#messages[id - segment.firstId];
  }
}
