/**
 * What a message in a room is, and who says it: what the store keeps and what most events are about. Times
 * are milliseconds since 1970.
 *
 * @module
 */

/**
 * The id of a user: opaque, of `A` to `Z`, `a` to `z`, `0` to `9`, `-` and `_`, never given again. What
 * somebody says, reacts and uploads belongs to it; the name is only what is shown.
 */
export type UserId = string;

/** What a user is, from which follows what they may do. */
export type Role =
  /** Anybody who has taken a name. */
  | "guest"
  /** A person with a password, a passkey or an account elsewhere. */
  | "member"
  /** A member who may administer the server. */
  | "admin"
  /** A program with a token. */
  | "bot";

/** A person or a program. */
export interface User {
  id: UserId;
  name: string;
  role: Role;
}

/** Who reacted to a message with one emoji. */
export interface Reaction {
  /** How many users. */
  count: number;
  /** The first of them by name, in order of arrival, up to {@linkcode MAX_REACTION_NAMES}. */
  names: string[];
  /** The reader is one of them. */
  mine?: true;
}

/** Maximum number of names in a {@linkcode Reaction}. */
export const MAX_REACTION_NAMES = 20;

/**
 * Emoji → who reacted with it. The server creates it without a prototype. A decoded frame has one: look up
 * untrusted keys with `Object.hasOwn`.
 */
export type Reactions = Record<string, Reaction>;

/** An uploaded file, as it is announced in a room. */
export interface FileInfo {
  /** Unguessable: it is enough to download a file of a public room; any other takes a member of its room. */
  id: string;
  name: string;
  /** In bytes. */
  size: number;
  /** Sniffed from the bytes, never taken from the uploader. */
  media_type: string;
  /** `/files/ID/NAME`, relative to the server. */
  url: string;
  /** Hexadecimal. */
  sha256: string;
}

/**
 * A message, or an announced file, in a room. The one definition of a message's shape: what the store
 * takes and returns is derived from it. Optional fields are listed in `MESSAGE_FIELDS`
 * (`message_fields.ts`).
 */
export interface UserMessage {
  /** `file` if `file` is present. */
  type: "user" | "file";
  room: string;
  /** The author's name: the present one when read, while there is such a user, else the one it was sent under. */
  from: string;
  /** The text; empty once deleted. Of a file: its name. */
  content: string;
  /** Position in the room's order; the first message of a room has 1. */
  seq: number;
  /** When the hub received it, in milliseconds since 1970. */
  time: number;
  /** The author. Absent in messages from before there were users: they belong to nobody. */
  by?: UserId;
  /** The author's own id for it, by which a resend is recognised. */
  id?: string;
  /** `seq` of the message in the same room that this one answers. */
  reply_to?: number;
  /** When it was last edited, in milliseconds since 1970. */
  edited?: number;
  deleted?: true;
  /** Absent if there are none. */
  reactions?: Reactions;
  file?: FileInfo;
  /** In the answer to a resend: this is the message that the same `id` made the first time. */
  repeat?: true;
}
