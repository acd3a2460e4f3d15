/**
 * What a room knows of those in it, and of the events that not everybody sees alike. Types only.
 *
 * @module
 */
import type { Delivery } from "../client/outgoing.ts";
import type { Presence, ServerMessage, User } from "../protocol.ts";

/** What a room knows of a connection in it. */
export interface Member {
  readonly user: User & { readonly participants: Iterable<Member>; toUser(): User };
  readonly connection: {
    readonly number: number;
    readonly codec: { readonly direct: boolean; readonly maxEventList: number };
    /** Whether nothing is sent on it any more. */
    readonly isClosed: boolean;
    /** Sends events; returns how many bytes of them the runtime has copied and not yet written. */
    deliver(delivery: Delivery): number;
    /** Disconnects a member that does not read fast enough. */
    fallBehind(): void;
  };
}

/** What a member's own entry tells it besides what the others see. */
export type OwnEntry = Pick<Presence, "id" | "user" | "session" | "rooms">;

/** An event that not everybody sees, or not alike. */
export interface Special {
  readonly member: Member;
  /** The member's user: the member may have logged out since. */
  readonly user: Member["user"];
  /** `others`: everybody but the connections of the member's user; `all`; `own`: the member alone. */
  readonly seenBy: "others" | "all" | "own";
  /** What the member itself sees in its place. */
  readonly own?: ServerMessage;
}

/** An entry or an exit that was recorded and not delivered yet. */
export interface Move {
  readonly event: ServerMessage;
  readonly kind: "entry" | "exit";
  /** Of an exit: the event up to which the member sees what happened before; default: its own exit. */
  readonly upTo?: ServerMessage | undefined;
  /**
   * Of an exit: the member was still catching up, so it sees nothing of what lies between its entry and
   * this. It would look like all there was, and the member could not resume from it.
   */
  readonly isCatchingUp?: boolean;
}
