/**
 * Writes the entries of messages into the shards of the search index.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import type { StoredMessage } from "../store.ts";
import { Finder } from "./finder.ts";
import { indexEntries } from "./index_terms.ts";
import { RoomReader } from "./room_reader.ts";
import type { Shard, Shards } from "./search_shards.ts";
import { decodeSegment, type Segment } from "./segments.ts";

/** Reads messages from `hubbub.db` and writes their entries. */
export class EntryWriter {
  #shards: Shards;
  #finder: Finder;
  #rooms: RoomReader;
  #onUnreadable: (reason: unknown) => void;

  /**
   * @param main a connection to `hubbub.db`
   * @param onUnreadable called if messages cannot be decoded; they are left out
   */
  constructor(shards: Shards, main: DatabaseSync, onUnreadable: (reason: unknown) => void) {
    this.#shards = shards;
    this.#finder = new Finder(main);
    this.#rooms = new RoomReader(main);
    this.#onUnreadable = onUnreadable;
  }

  /**
   * The segments whose first message has this global id or a greater one.
   *
   * @param limit their maximum number
   */
  segmentsFrom(id: number, limit: number): Segment[] {
    return this.#finder.segmentsFrom(id, limit);
  }

  /** Adds the messages of a segment to a shard, which does not have them yet. */
  add(shard: Shard, segment: Segment): void {
    for (const { id, time, entries } of this.#entriesOf(segment)) {
      this.#shards.insert(shard, id, time, entries);
    }
  }

  /** Brings the entries of a range of global ids up to date. */
  update(shard: Shard, first: number, end: number): void {
    const present = new Map<number, string>();
    for (const segment of this.#segmentsIn(first, end)) {
      for (const { id, entries } of this.#entriesOf(segment)) present.set(id, entries);
    }
    for (let id = first; id < end; id++) this.#shards.replace(shard, id, present.get(id));
  }

  /** The segments that contain messages of a range, which is no longer than a segment can be. */
  #segmentsIn(first: number, end: number): Segment[] {
    const begun = this.#finder.segmentOfId(first);
    const later = this.#finder.segmentsFrom(first + 1, end - first);
    return [...(begun === undefined ? [] : [begun]), ...later]
      .filter(({ firstId }) => firstId < end);
  }

  /** The entries of a segment's messages that are not deleted. */
  *#entriesOf(segment: Segment): Iterable<{ id: number; time: number; entries: string }> {
    const room = { id: segment.roomId, hidden: this.#rooms.isHiddenId(segment.roomId) };
    for (const [index, message] of this.#decode(segment).entries()) {
      if (message.deleted) continue;
      const entries = indexEntries(room, message);
      yield { id: segment.firstId + index, time: message.time, entries };
    }
  }

  #decode(segment: Segment): StoredMessage[] {
    try {
      return decodeSegment("", segment);
    } catch (error) {
      this.#onUnreadable(error);
      return [];
    }
  }
}
