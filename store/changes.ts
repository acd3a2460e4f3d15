/**
 * What can be committed to a store, and what comes of it: a part of the store contract (`store.ts`). Types and
 * promises only, no code.
 *
 * @module
 */
import type { AuthorField, RoomRole, UserId, UserMessage } from "../protocol.ts";

/** Different emoji on one message, at most. */
export const MAX_EMOJI = 50;

/** Different emoji of one user on one message, at most. */
export const MAX_OWN_EMOJI = 20;

/**
 * A committed message, as history, search and resends return it. A field that it lacks is absent, never
 * `undefined`.
 */
export type StoredMessage = Omit<UserMessage, "type" | "reactions" | "repeat"> & {
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

/**
 * Adds the reaction of the user `by`, or removes it if it exists. At most {@linkcode MAX_EMOJI} different
 * emoji on a message, {@linkcode MAX_OWN_EMOJI} of them by one user.
 */
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

/** Who made a room, as the bounds on rooms count it. */
export interface Maker {
  /** Empty: it counts for nobody but the network, and the room does not expire. */
  user: UserId;
  /** Network of the address that it came from (`networkOf`); empty: it had none. */
  network: string;
  /** When, in milliseconds since 1970. */
  time: number;
}

/** Records who made a room, which may be a direct conversation; without a `maker`, that nobody counts for it. */
export interface SetMaker {
  kind: "maker";
  room: string;
  maker?: Maker;
}

/** A change to a room and its members rather than to its messages. */
export type RoomChange = SetRoom | SetMember | RemoveMember | MarkRead | SetMaker;

/** One entry of a batch. */
export type Change = NewMessage | EditMessage | DeleteMessage | ReactToMessage | RoomChange;

/** Why a change was not made. The other changes of the batch are made nevertheless. */
export interface Refusal {
  refused: "no_such_message" | "not_yours" | "conflict" | "too_many";
}

/** A message was edited, deleted or reacted to. */
export interface Amended {
  /** Number of this change among those of its room. */
  change: number;
  /** Of a `react`: whether the reaction was added or removed, and how many users now have the same. */
  reaction?: { on: boolean; count: number };
}

/**
 * The result of one change:
 *
 * - a number: the `seq` of the message that was added; of a `member` or `read`, the `seq` up to which the
 *   member has now read, which never goes back nor beyond the room's last message; 0 of any other change to a
 *   room;
 * - `duplicate`: nothing was added, because this room already has a message with this `id` by this
 *   author, and it was the same: the same text or file when it was added, whatever became of it since. The
 *   value is that message in its current state; it may be of the same batch;
 * - `change`: what a change to a message did;
 * - `refused`: nothing was changed.
 *   - `conflict`: this author has used the `id` in this room for another text or file;
 *   - `no_such_message`: there is no such message, or, of a message, none that it could reply to. A deleted
 *     message can be neither edited nor reacted to, but it can be replied to and deleted again;
 *   - `not_yours`: it is somebody else's;
 *   - `too_many`: it would have too many reactions.
 */
export type Outcome =
  | number
  | { duplicate: StoredMessage }
  | Amended
  | Refusal;
