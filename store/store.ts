/**
 * The store contract: what the hub can rely on, whichever backend holds the messages. Types and
 * promises only, no code. Each backend has a folder of its own beside this file, and one conformance
 * suite (`tests/store/conformance.ts`) tests them all.
 *
 * - **Order.** Changes take effect in the order of their batch, and batches in the order of the
 *   `commit` calls. The messages of each room are numbered 1, 2, 3, … without gaps, across restarts and
 *   across removals by retention.
 * - **Atomicity.** A batch is committed as a whole or not at all.
 * - **Durability.** When `commit` resolves, the batch survives what the store promises to survive:
 *   with `sync: "full"` a power cut, with `"normal"` a crash of the process.
 * - **Reads** see every batch whose `commit` had resolved when the read was requested, and may see later
 *   ones. Search may lag behind by up to a second.
 *
 * @module
 */
import type { AuthorField, Reactions, UserMessage } from "../protocol.ts";

/**
 * A committed message, as history, search and resends return it. A field that it lacks is absent, never
 * `undefined`.
 */
export type StoredMessage = Omit<UserMessage, "type">;

/** A message to commit. An optional field may be absent or `undefined`. */
export type NewMessage =
  & { kind: "message" }
  & Pick<UserMessage, "room" | "from" | "content" | "time">
  & { [K in AuthorField]?: UserMessage[K] | undefined };

/** Whose messages an edit or a deletion may change. */
export interface Authority {
  /** Folded names (`foldName`) that count as the author's; `"any"` for an admin. */
  by: readonly string[] | "any";
}

/** Replaces the text of a message. */
export interface EditMessage extends Authority {
  kind: "edit";
  room: string;
  seq: number;
  content: string;
  time: number;
}

/** Removes the text, file and reactions of a message; its `seq` remains taken. */
export interface DeleteMessage extends Authority {
  kind: "delete";
  room: string;
  seq: number;
}

/** Adds `from`'s reaction, or removes it if it exists. */
export interface ReactToMessage {
  kind: "react";
  room: string;
  seq: number;
  from: string;
  emoji: string;
}

/** One entry of a batch. */
export type Change = NewMessage | EditMessage | DeleteMessage | ReactToMessage;

/** Why a change was not made. The other changes of the batch are made nevertheless. */
export interface Refusal {
  refused: "no_such_message" | "not_yours";
}

/**
 * The result of one change:
 *
 * - a number: the `seq` of the message that was added, edited or deleted;
 * - `duplicate`: nothing was added, because this room already has a message with this `id` by this
 *   (folded) name. The value is that message in its current state; it may be of the same batch;
 * - `reactions`: all reactions to the message after a `react`;
 * - `refused`: nothing was changed. A deleted message can be neither edited nor reacted to
 *   (`no_such_message`); deleting it again is not an error.
 */
export type Outcome = number | { duplicate: StoredMessage } | { reactions: Reactions } | Refusal;

/**
 * Which messages of a room to read.
 *
 * - `after`: the oldest `limit` messages with a greater `seq`;
 * - `before`: the newest `limit` messages with a smaller `seq`;
 * - both: the oldest `limit` messages in between;
 * - neither: the newest `limit`.
 */
export interface Range {
  after?: number;
  before?: number;
  limit: number;
}

/** A page of history. */
export interface Page {
  /** Ascending by `seq`. */
  messages: StoredMessage[];
  /** Greatest `seq` ever assigned in the room when the page was read; 0 in an unknown room. */
  last: number;
  /** Whether there are no further messages in the range's direction: older without `after`, newer with it. */
  complete: boolean;
}

/** What to search for. */
export interface Query {
  /** Words that must all occur, in any order and letter case; quotes and operators have no meaning. */
  words: string;
  /** Rooms to search; default: all. */
  rooms?: readonly string[];
  limit: number;
}

/** A room that contains messages. */
export interface RoomSummary {
  room: string;
  /** Greatest `seq` assigned. */
  last: number;
  /** `time` of its newest message, in milliseconds since 1970. */
  time: number;
}

/** How many messages to retain. An absent member sets no limit. */
export interface Retention {
  /** Maximum age of a message, in milliseconds. */
  maxAge?: number;
  /** Maximum number of messages in each room; the oldest are removed. */
  maxMessages?: number;
}

/** Stores messages. A method that rejects has changed nothing, and the next call may succeed. */
export interface Store {
  /**
   * Random; generated with the data and stored with it. The `seq`s of a client with another epoch are
   * meaningless here.
   */
  readonly epoch: string;

  /**
   * Commits a batch and numbers its messages.
   *
   * @returns one outcome for each change, in the same order
   */
  commit(batch: readonly Change[]): Promise<Outcome[]>;

  /** Reads a page of a room's history; empty for an unknown room. */
  read(room: string, range: Range): Promise<Page>;

  /** Finds messages that contain all the words, newest first; never deleted ones. */
  search(query: Query): Promise<StoredMessage[]>;

  /** Lists all rooms that contain messages, sorted by name. */
  rooms(): Promise<RoomSummary[]>;

  /**
   * Removes the messages that exceed the policy's limits.
   *
   * @param now milliseconds since 1970
   * @returns the number of messages removed
   */
  retain(policy: Retention, now: number): Promise<number>;

  /** Finishes pending work and releases all resources. Idempotent; every later call rejects. */
  close(): Promise<void>;
}
