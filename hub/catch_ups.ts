/**
 * The members of a room that wait for missed history: what happens meanwhile is buffered for them.
 *
 * @module
 */
import type { ServerMessage, UserMessage } from "../protocol.ts";

/**
 * Maximum number of live events buffered for a member that catches up; beyond it the member is
 * disconnected.
 */
const MAX_BUFFERED = 10_000;

/** The live events of a member that waits for missed history. */
export interface CatchUp {
  /** Tells this catch-up from one that the same member asked for earlier. */
  readonly id: number;
  readonly events: ServerMessage[];
  /** The member's own entry, if it was not delivered yet. It is delivered without waiting. */
  entry: ServerMessage | undefined;
}

/** What of a room somebody has been sent. */
export interface Shown {
  /** `seq` of the first message; 0: none. */
  readonly first: number;
  /** Greatest `seq`. */
  readonly last: number;
  /** Up to which all changes are in it. */
  readonly change: number;
}

/** The catch-ups in one room, by member. */
export class CatchUps<M> extends Map<M, CatchUp> {
  #last = 0;

  /**
   * Buffers a member's events until `end`. If they are buffered already, for a history that was asked for
   * earlier, they stay so, and only the new catch-up ends it.
   *
   * @param entry the member's own entry, if it was not delivered yet
   * @returns the catch-up's id
   */
  start(member: M, entry: ServerMessage | undefined): number {
    const { events, entry: due } = this.get(member) ?? { events: [], entry };
    const id = ++this.#last;
    this.set(member, { id, events, entry: due });
    return id;
  }

  /**
   * Ends a catch-up.
   *
   * @param shown what the member has been sent: buffered messages and changes that it contains are left out
   * @param isOwn whether a message is a receipt for the member: it is left out only if it was sent
   * @returns the buffered events; `undefined` if the member has left meanwhile or started another one
   */
  end(
    member: M,
    id: number,
    shown: Shown,
    isOwn: (message: UserMessage) => boolean,
  ): ServerMessage[] | undefined {
    const catchUp = this.get(member);
    if (catchUp?.id !== id) return undefined;
    this.delete(member);
    return catchUp.events.filter((event) => isNews(event, shown, isOwn));
  }

  /** Adds an answer to a member's buffered events. Returns false if none are being buffered. */
  buffer(member: M, answer: UserMessage): boolean {
    const catchUp = this.get(member);
    catchUp?.events.push(answer);
    return catchUp !== undefined;
  }

  /** Adds events. Returns false if there are more than may be buffered. */
  add({ events }: CatchUp, more: readonly ServerMessage[]): boolean {
    for (const event of more) events.push(event);
    return events.length <= MAX_BUFFERED;
  }
}

function isNews(
  event: ServerMessage,
  { first, last, change }: Shown,
  isOwn: (message: UserMessage) => boolean,
): boolean {
  switch (event.type) {
    case "user":
    case "file":
      // A page that holds the newest messages only does not tell what became of an older one.
      return event.seq > last || isOwn(event) && (first === 0 || event.seq < first);
    case "edit":
    case "delete":
    case "react":
      return event.change > change;
    default:
      return true;
  }
}
