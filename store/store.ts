/**
 * The store contract: what the hub may rely on, whoever keeps the messages. Types and promises
 * only, no code. `sqlite.ts` and `memory.ts` fulfil it, and one conformance suite
 * (`tests/store/conformance.ts`) holds both to it.
 *
 * - **Order.** Changes take effect in the order of the batch, and batches in the order of the
 *   `commit` calls. Each room's messages are numbered 1, 2, 3, … without a gap, across restarts and
 *   removals by retention too.
 * - **Atomicity.** A batch is kept as a whole or not at all.
 * - **Durability.** When `commit` resolves, the batch survives what the store promises to survive:
 *   with `sync: "full"` a power cut, with `"normal"` a crash of the process.
 * - **Reads** see every batch whose `commit` had resolved when they were asked for, and may see
 *   later ones. Search may lag behind by up to a second.
 *
 * @module
 */
import type { FileInfo, Reactions } from "../protocol.ts";

/** A kept message, as history, search and resends give it back. */
export interface StoredMessage {
  room: string;
  /** Place in the room's order; the first message of a room has 1. */
  seq: number;
  /** When the hub took it, in milliseconds since 1970. */
  time: number;
  /** The author's name when it was said. */
  from: string;
  /** The text; empty once deleted. For a file: its name. */
  content: string;
  /** The author's own id for it. */
  id?: string;
  /** The message of the same room that this one answers. */
  reply_to?: number;
  /** When it was last edited, in milliseconds since 1970. */
  edited?: number;
  deleted?: true;
  /** Emoji → the names that reacted with it, in order of arrival. Absent if nobody did. */
  reactions?: Reactions;
  file?: FileInfo;
}

/** Something new to keep. */
export interface NewMessage {
  kind: "message";
  room: string;
  from: string;
  content: string;
  time: number;
  id?: string;
  reply_to?: number;
  file?: FileInfo;
}

/** Whose messages an edit or a delete may touch. */
export interface Authority {
  /** Folded names (`foldName`) that count as the author; `"any"` for an admin. */
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

/** Removes the text of a message (and its file and reactions); its place in the order stays. */
export interface DeleteMessage extends Authority {
  kind: "delete";
  room: string;
  seq: number;
}

/** Adds `from`'s reaction, or takes it back if it is there. */
export interface ReactToMessage {
  kind: "react";
  room: string;
  seq: number;
  from: string;
  emoji: string;
}

/** One entry of a batch. */
export type Change = NewMessage | EditMessage | DeleteMessage | ReactToMessage;

/** Why a change was not made. The rest of the batch is made all the same. */
export interface Refusal {
  refused: "no_such_message" | "not_yours";
}

/**
 * What became of one change:
 *
 * - a number: the `seq` of the message that was added, or that was edited or deleted;
 * - `duplicate`: a message with this `id` by this name (folded) was already kept in this room, as it
 *   now stands; nothing was added. The earlier one may be in the same batch;
 * - `reactions`: all reactions on the message after a `react`;
 * - `refused`: nothing was changed. A deleted message can be neither edited nor reacted to
 *   (`no_such_message`); deleting it again is no error.
 */
export type Outcome = number | { duplicate: StoredMessage } | { reactions: Reactions } | Refusal;

/**
 * Which messages of a room to read.
 *
 * - `after`: those with a greater `seq`, the oldest `limit` of them;
 * - `before`: those with a smaller `seq`, the newest `limit` of them;
 * - both: those in between, the oldest `limit` of them;
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
  /** Greatest `seq` ever given in the room when the page was read; 0 in an unknown room. */
  last: number;
  /** No further messages in the direction of the range: older without `after`, newer with it. */
  complete: boolean;
}

/** What to look for. */
export interface Query {
  /** Words that must all occur, in any order and any letter case; quotes or operators mean nothing. */
  words: string;
  /** Rooms to look in; all rooms if absent. */
  rooms?: readonly string[];
  limit: number;
}

/** A room that holds messages. */
export interface RoomSummary {
  room: string;
  /** Greatest `seq` given. */
  last: number;
  /** When its newest message was kept, in milliseconds since 1970. */
  time: number;
}

/** How much to keep. An absent member sets no limit. */
export interface Retention {
  /** Messages older than this are removed, in milliseconds. */
  maxAge?: number;
  /** Of each room only this many newest messages stay. */
  maxMessages?: number;
}

/** Keeps messages. A method that rejects has changed nothing, and the next call may succeed. */
export interface Store {
  /**
   * Random; made with the data and kept with it. A client that returns with another epoch holds
   * `seq`s that mean nothing here.
   */
  readonly epoch: string;

  /**
   * Keeps a batch and numbers its messages.
   *
   * @returns one outcome for each change, in the same order
   */
  commit(batch: readonly Change[]): Promise<Outcome[]>;

  /** Reads a page of a room's history. An unknown room has an empty one. */
  read(room: string, range: Range): Promise<Page>;

  /** Finds messages that hold all the words, newest first; deleted ones never. */
  search(query: Query): Promise<StoredMessage[]>;

  /** All rooms that hold messages, in order of name. */
  rooms(): Promise<RoomSummary[]>;

  /**
   * Removes what is no longer to be kept.
   *
   * @param now milliseconds since 1970
   * @returns how many messages were removed
   */
  retain(policy: Retention, now: number): Promise<number>;

  /** Finishes what is under way and lets go of everything. Idempotent; nothing may be asked after it. */
  close(): Promise<void>;
}
