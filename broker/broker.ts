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
 * - **Presence and names** are what all servers agree on: who is in a room, in order of entering, and which
 *   connection has a name. A claim is decided at once and stands until it is released, or until the
 *   server that made it is known to be gone.
 *
 * @module
 */
import type { ServerMessage } from "../protocol.ts";

/** The number of a connection, 1, 2, 3, …: no two connections have the same. */
export type ConnectionNumber = number;

/** Something that was committed, or that needs no commit, and for whom it is. */
export type Publication =
  /** Events of one room, in order, for its members. */
  | {
    readonly kind: "room";
    readonly room: string;
    readonly events: readonly ServerMessage[];
  }
  /** Messages for single connections, in order. */
  | { readonly kind: "direct"; readonly messages: readonly DirectMessage[] }
  /** A message for every connection. */
  | { readonly kind: "everybody"; readonly message: ServerMessage };

/** A message for one connection. */
export interface DirectMessage {
  readonly to: ConnectionNumber;
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
  /** Number of connections in the room. */
  readonly size: number;
  /** The names, in order of entering. Takes time in proportion to `size`. */
  names(): string[];
  enter(connection: ConnectionNumber, name: string): void;
  /** The connection keeps its place in the order. No effect unless it is in the room. */
  rename(connection: ConnectionNumber, name: string): void;
  /** No effect unless the connection is in the room. */
  leave(connection: ConnectionNumber): void;
}

/** What connects the servers. */
export interface Broker {
  /** Sets who gets the publications of this server's share. Called once, before anything else. */
  subscribe(subscriber: Subscriber): void;

  /** Publishes. Resolves once this server has delivered what was published. */
  publish(publication: Publication): Promise<void>;

  /** Who is in a room. The same object each time, for as long as somebody is in the room. */
  presence(room: string): RoomPresence;

  /**
   * Claims a name for a connection, which may have it already.
   *
   * @param key the folded name (`foldName`)
   * @returns whether the connection now has it; false: another one does
   */
  claimName(key: string, connection: ConnectionNumber): boolean;

  /** Gives a name back. No effect unless the connection has it. */
  releaseName(key: string, connection: ConnectionNumber): void;

  /** The connection that has a name. */
  findName(key: string): ConnectionNumber | undefined;
}
