/**
 * The broker contract: how everybody learns what was committed, on one server or on several. Types and
 * promises only, no code. `local.ts` fulfils it for a single server.
 *
 * The hub commits a batch to the store, then publishes what came of it. What is published comes back to
 * the subscriber of every server, the publisher's own included, and members are told nothing that did not
 * come back: there is one path, on one server as on ten.
 *
 * - **Order.** Publications come back in the order of the `publish` calls of one server. The events of a
 *   room come back in one order, the same on all servers, and messages among them in order of `seq`.
 * - **Delivery.** Every server that runs gets every publication once. A server that was cut off reads
 *   what it missed from the store before it delivers anything newer.
 * - **Presence** is what all servers agree on: who is online, and who is in a room, in order of entering.
 *   It counts users, however many connections they have, on however many servers.
 *
 * @module
 */
import type { ServerMessage, User, UserId } from "../protocol.ts";

/** Something that was committed, or that needs no commit, and for whom it is. */
export type Publication =
  /** Events of one room, in order, for its members. */
  | {
    readonly kind: "room";
    readonly room: string;
    readonly events: readonly ServerMessage[];
  }
  /** Messages for single users, in order. */
  | { readonly kind: "direct"; readonly messages: readonly DirectMessage[] }
  /** A message for every connection. */
  | { readonly kind: "everybody"; readonly message: ServerMessage };

/** A message for all connections of one user. */
export interface DirectMessage {
  readonly to: UserId;
  readonly message: ServerMessage;
}

/** Takes publications as they come back: the hub. */
export interface Subscriber {
  /**
   * Delivers a publication to the connections of this server. The next one comes once the promise has
   * resolved; it must not reject.
   */
  deliver(publication: Publication): Promise<void>;
}

/** Who is in one room, on all servers. */
export interface RoomPresence {
  /** Number of users in the room. */
  readonly size: number;
  /** The users, in order of entering. Takes time in proportion to `size`. */
  users(): User[];
  has(user: UserId): boolean;
  /** The user's first connection has entered. */
  enter(user: User): void;
  /** The user has another name or role, and keeps its place in the order. No effect unless it is in the room. */
  update(user: User): void;
  /** The user's last connection has left. No effect unless it is in the room. */
  leave(user: UserId): void;
}

/** What connects the servers. */
export interface Broker {
  /** Sets who gets the publications of this server's share. Called once, before anything else. */
  subscribe(subscriber: Subscriber): void;

  /** Publishes. Resolves once this server has delivered what was published. */
  publish(publication: Publication): Promise<void>;

  /** Who is in a room. The same object each time, for as long as somebody is in the room. */
  presence(room: string): RoomPresence;

  /** The user's first connection to this server has logged in. */
  online(user: UserId): void;

  /** The user's last connection to this server is gone. */
  offline(user: UserId): void;

  /** Whether a user is connected to any server. */
  isOnline(user: UserId): boolean;
}
