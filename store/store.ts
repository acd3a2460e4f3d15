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
 * - **Failure.** A batch that was refused, by a full disk for example, has left nothing behind. If the disk
 *   fails while it is being synced, nobody can tell what is on it: `commit` rejects with a `LostWriteError`
 *   (`sqlite/data_error.ts`), every later call rejects, and the process has to end.
 * - **Changes.** The edits, deletions and reactions of each room are numbered 1, 2, 3, … in the order in
 *   which they take effect. A removal by retention takes a number of a room too.
 * - **Damage.** What is read is checked as far as it can be: a gap in the numbers, or a message that cannot
 *   be decoded, rejects the read with a `DamageError` and is never left out in silence.
 * - **Reads** see every batch whose `commit` had resolved when the read was requested, and may see later
 *   ones. Search may lag behind by up to a second, and says so if it is more. Reads of history wait neither
 *   for searches nor for lists.
 *
 * A room whose name begins with `@` is a direct conversation (`protocol/direct_room.ts`): private, without
 * settings, and for the two users in its name.
 *
 * @module
 */
import type { SearchPosition, UserId } from "../protocol.ts";
import type { Change, Maker, Outcome, SetMember, SetRoom, StoredMessage } from "./changes.ts";

export * from "./changes.ts";

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
  /** Number of the room's last change when the page was read; 0 if there was none. */
  change: number;
  /** Whether there are no further messages in the range's direction: older without `after`, newer with it. */
  complete: boolean;
}

/** How far somebody who comes back has seen a room. */
export interface Position {
  /** `seq` of the last message. */
  since: number;
  /** The `time` of that message, if known. */
  at?: number | undefined;
  /** Number of the last change. */
  changes: number;
  /** {@linkcode Store.epoch} then; absent: the present one. */
  epoch?: string | undefined;
  /** {@linkcode Store.run} then, if known. */
  run?: string | undefined;
}

/** What makes a copy that was complete at a {@linkcode Position} complete again. */
export interface Missed extends Omit<Page, "complete"> {
  /** The present form of the messages up to `since` that were changed after `changes`; ascending by `seq`. */
  changed: StoredMessage[];
}

/** What to search for. All that is given must apply. */
export interface Query {
  /** Words and phrases. */
  text: QueryText;
  /** Users of whom the author is one. */
  by?: readonly UserId[];
  /** Names: messages that were sent under one of them are found as well, whoever sent them. */
  from?: readonly string[];
  /** Only messages sent at this time or later, in milliseconds since 1970. */
  after?: number;
  /** Only messages sent before this time, in milliseconds since 1970. */
  before?: number;
  /** Only messages with a file; only messages whose text has a link. */
  has?: readonly ("file" | "link")[];
  /** Rooms to search; default: all public ones, neither private ones nor direct conversations. */
  rooms?: readonly string[];
  /** Without `rooms`: rooms to search besides all public ones. */
  also?: readonly string[];
  /** Without `rooms`: rooms not to search. */
  except?: readonly string[];
  /** Only what comes after this position in the order of the results. */
  position?: SearchPosition;
  limit: number;
  /** Whose search it is: those of different users take turns. Default: nobody's. */
  user?: string;
}

/** The words of a search. */
export interface QueryText {
  /** Words that must all occur, in any order. */
  readonly words: readonly string[];
  /** Words that must occur one after the other. */
  readonly phrases: readonly (readonly string[])[];
}

/** What a search has found. */
export interface Found {
  /** By time, then room, then `seq`, all descending; never deleted ones. */
  messages: StoredMessage[];
  /** Absent if there is nothing further to be found: where the next search goes on. */
  next?: SearchPosition;
  /** Whether the index has everything that was committed a second ago. */
  indexed: boolean;
}

/** Which rooms to list, by name. */
export interface RoomsQuery {
  /** Only rooms after this name; default: from the first. */
  after?: string;
  limit: number;
  /** Only rooms whose name contains this. */
  containing?: string;
  /**
   * Private rooms and direct conversations to list besides all public ones; `private`: all private rooms, no
   * direct conversation; `all`: all of both.
   */
  also?: readonly string[] | "private" | "all";
  /** Rooms not to list. */
  except?: readonly string[];
}

/** Some of the rooms. */
export interface RoomsPage {
  /** By name, as JavaScript compares strings. */
  rooms: RoomSummary[];
  /** Whether there are no further rooms. */
  complete: boolean;
}

/** What a room is: see {@linkcode SetRoom}. */
export type RoomSettings = Omit<SetRoom, "kind">;

/** A membership. */
export interface StoredMember extends Omit<SetMember, "kind"> {
  /** `seq` up to which the member has read. */
  read: number;
}

/** Who made a room. */
export interface StoredMaker extends Maker {
  room: string;
}

/** All that is known of rooms besides their messages. */
export interface RoomsState {
  rooms: RoomSettings[];
  members: StoredMember[];
  makers: StoredMaker[];
  /** The rooms in which anything was ever said, direct conversations too. */
  spoken: string[];
}

/** Whose unread messages to count, and where. */
export interface UnreadQuery {
  /** Their own messages do not count. */
  user: UserId;
  /** Messages that mention this name (`mentions` of `protocol/wire.js`) are counted apart. */
  name: string;
  rooms: readonly { room: string; read: number }[];
}

/** What a user has not read in a room. */
export interface Unread {
  room: string;
  /** Greatest `seq` assigned; 0 if there is no message yet. */
  last: number;
  /**
   * Messages by others after `read` that are not deleted, from the newest on up to `MAX_UNREAD`. Also
   * `MAX_UNREAD` if there are too many other messages after `read` to look at all of them.
   */
  unread: number;
  /** Those of them that mention the name. */
  mentions: number;
}

/** Some of the messages that a user has written. */
export interface Authored {
  messages: { room: string; seq: number }[];
  /** Where to go on; absent: there are no more. */
  next?: number;
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

/** What a store tells of itself. */
export interface StoreFigures {
  /** Rooms in which something was said, direct conversations included. */
  readonly rooms: number;
  /** Messages that the search index lacks. */
  readonly unindexed: number;
  /** Writes that wait, because the database is busy. */
  readonly waiting: number;
}

/** Stores messages. A method that rejects has changed nothing, and the next call may succeed. */
export interface Store {
  /**
   * Random; generated with the data and stored with it, and replaced when a backup is restored or a loss of
   * messages is noticed. The `seq`s of a client with another epoch are meaningless here.
   */
  readonly epoch: string;

  /**
   * Random; generated each time the store is opened. A copy of a room that was up to date during a run can be
   * completed exactly, even if its data are those of an older backup now.
   */
  readonly run: string;

  /** The run before this one on the same data; absent: this is the first. */
  readonly previousRun: string | undefined;

  /** Milliseconds since 1970 of the last `noteTime`, before the store was opened; absent: never. */
  readonly lastNoted: number | undefined;

  /** Resolves, with a `LostWriteError`, if the store has failed for good. Never rejects. */
  readonly failed: Promise<Error>;

  /**
   * Commits a batch and numbers its messages.
   *
   * @returns one outcome for each change, in the same order
   */
  commit(batch: readonly Change[]): Promise<Outcome[]>;

  /** Reads a page of a room's history; empty for an unknown room. */
  read(room: string, range: Range): Promise<Page>;

  /**
   * Reads what makes a copy of a room complete that was so at a position: then it equals what a reader without
   * a copy would read.
   *
   * @param limit maximum number of `messages`, and of `changed`
   * @returns `undefined` if that cannot be vouched for: the position is of another epoch, or of data that are
   *   no longer there, something was removed by retention after it, or more than `limit` were missed
   */
  resume(room: string, position: Position, limit: number): Promise<Missed | undefined>;

  /**
   * Finds messages, newest first. Takes a bounded time: if it does not suffice, what was found so far is the
   * answer, and `next` says where to go on.
   */
  search(query: Query): Promise<Found>;

  /** Reads what is known of all rooms and memberships; for the start of a server. */
  roomsState(): Promise<RoomsState>;

  /** Counts what a user has not read, in the order of the query's rooms. */
  unread(query: UnreadQuery): Promise<Unread[]>;

  /**
   * Finds messages of a user that are not deleted, whatever room they are in.
   *
   * @param after the `next` of an earlier call; absent: from the beginning
   */
  authored(user: UserId, after?: number): Promise<Authored>;

  /** Lists rooms in which something was said and is still there. */
  rooms(query: RoomsQuery): Promise<RoomsPage>;

  /**
   * Removes the messages that exceed the policy's limits.
   *
   * @param now milliseconds since 1970
   * @returns the number of messages removed
   */
  retain(policy: Retention, now: number): Promise<number>;

  /**
   * Records the time, and so proves that the store can be written to.
   *
   * @param now milliseconds since 1970
   */
  noteTime(now: number): Promise<void>;

  /** Absent: the store has nothing to tell. */
  figures?(): Promise<StoreFigures>;

  /** Finishes pending work and releases all resources. Idempotent; every later call rejects. */
  close(): Promise<void>;
}
