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
 * A room whose name begins with `@` is a direct conversation (`protocol/direct_room.ts`): private, without
 * settings, and for the two users in its name.
 *
 * @module
 */
import type { AuthorField, RoomRole, UserId, UserMessage } from "../protocol.ts";

/**
 * A committed message, as history, search and resends return it. A field that it lacks is absent, never
 * `undefined`.
 */
export type StoredMessage = Omit<UserMessage, "type" | "reactions"> & {
  /** Absent if there are none. */
  reactions?: StoredReactions;
};

/** Emoji → who reacted with it, in order of arrival. Without a prototype, which no emoji can then reach. */
export type StoredReactions = Record<string, Reactor[]>;

/** Who reacted, under which name. */
export interface Reactor {
  /** Absent in reactions from before there were users: they belong to nobody. */
  by?: UserId;
  from: string;
}

/** A message to commit. An optional field may be absent or `undefined`. */
export type NewMessage =
  & { kind: "message" }
  & Pick<UserMessage, "room" | "from" | "content" | "time">
  & { [K in AuthorField]?: UserMessage[K] | undefined };

/** Who changes a message, and whose messages they may change. */
export interface Authority {
  by: UserId;
  /**
   * Whose messages besides their own: those of `nobody`, which are from before there were users, or
   * `anybody`'s.
   */
  also?: "nobody" | "anybody" | undefined;
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

/** Adds the reaction of the user `by`, or removes it if it exists. */
export interface ReactToMessage {
  kind: "react";
  room: string;
  seq: number;
  by: UserId;
  /** The user's name. */
  from: string;
  emoji: string;
}

/**
 * Sets what a room is. A room of which nothing is set is public and has no topic. No effect on a direct
 * conversation.
 */
export interface SetRoom {
  kind: "room";
  room: string;
  private: boolean;
  /** Empty: none. */
  topic: string;
}

/** Makes a user a member of a room, or gives a member another role. A new member has read everything. */
export interface SetMember {
  kind: "member";
  room: string;
  user: UserId;
  role: RoomRole;
}

/** Ends a membership. No effect if there is none. */
export interface RemoveMember {
  kind: "unmember";
  room: string;
  user: UserId;
}

/** Records up to where a member has read a room. No effect if there is no membership. */
export interface MarkRead {
  kind: "read";
  room: string;
  user: UserId;
  seq: number;
}

/** A change to a room and its members rather than to its messages. */
export type RoomChange = SetRoom | SetMember | RemoveMember | MarkRead;

/** One entry of a batch. */
export type Change = NewMessage | EditMessage | DeleteMessage | ReactToMessage | RoomChange;

/** Why a change was not made. The other changes of the batch are made nevertheless. */
export interface Refusal {
  refused: "no_such_message" | "not_yours";
}

/**
 * The result of one change:
 *
 * - a number: the `seq` of the message that was added, edited or deleted; of a `member` or `read`, the
 *   `seq` up to which the member has now read, which never goes back nor beyond the room's last message;
 *   0 of any other change to a room;
 * - `duplicate`: nothing was added, because this room already has a message with this `id` by this
 *   author. The value is that message in its current state; it may be of the same batch;
 * - `reactions`: all reactions to the message after a `react`;
 * - `refused`: nothing was changed. A deleted message can be neither edited nor reacted to
 *   (`no_such_message`); deleting it again is not an error.
 */
export type Outcome =
  | number
  | { duplicate: StoredMessage }
  | { reactions: StoredReactions }
  | Refusal;

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
  /** Rooms to search; default: all public ones, neither private ones nor direct conversations. */
  rooms?: readonly string[];
  /** Without `rooms`: rooms to search besides all public ones. */
  also?: readonly string[];
  limit: number;
}

/** What a room is: see {@linkcode SetRoom}. */
export type RoomSettings = Omit<SetRoom, "kind">;

/** A membership. */
export interface StoredMember extends Omit<SetMember, "kind"> {
  /** `seq` up to which the member has read. */
  read: number;
}

/** All that is known of rooms besides their messages. */
export interface RoomsState {
  rooms: RoomSettings[];
  members: StoredMember[];
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

  /**
   * Lists all rooms that contain messages, sorted by name. Private ones are listed too; direct
   * conversations only if `direct` is set.
   */
  rooms(options?: { direct?: boolean }): Promise<RoomSummary[]>;

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
