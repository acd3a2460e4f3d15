/**
 * How far each room was seen, so that a returning connection gets what it missed, and everything
 * once. Knows no sockets.
 *
 * @module
 */
import type { History, UserMessage } from "../../protocol.ts";

/**
 * An epoch that no server has. A first visit claims to return from it, and so gets the room's newest
 * page, joined to the live events without a gap, where a login without `since` would get nothing.
 */
const NO_EPOCH = "none";

interface Mark {
  last: number;
  epoch: string;
  /** The answer to the claim is still to come. */
  awaited: boolean;
}

/** The rooms that a connection is in or wants to be in again, in the order of entering. */
export class Marks {
  readonly #marks = new Map<string, Mark>();
  #epoch = NO_EPOCH;

  /** The epoch of the server as it is now, from its handshake. */
  set epoch(epoch: string) {
    this.#epoch = epoch;
  }

  /** In the order of entering. */
  get rooms(): string[] {
    return [...this.#marks.keys()];
  }

  /** What to claim when entering a room. */
  claim(room: string): { since: number; epoch: string } {
    let mark = this.#marks.get(room);
    if (mark === undefined) {
      mark = { last: 0, epoch: NO_EPOCH, awaited: true };
      this.#marks.set(room, mark);
    }
    mark.awaited = true;
    return { since: mark.last, epoch: mark.epoch };
  }

  /** The room was left for good. */
  forget(room: string): void {
    this.#marks.delete(room);
  }

  /** Whether a live message is new; it counts as seen from here on. */
  see({ room, seq }: UserMessage): boolean {
    const mark = this.#marks.get(room);
    if (mark === undefined) return true;
    if (mark.epoch === this.#epoch && seq <= mark.last) return false;
    mark.last = seq;
    mark.epoch = this.#epoch;
    return true;
  }

  /**
   * Takes the answer to a claim in.
   *
   * @returns the answer without what was seen before; any other history as it is
   */
  caughtUp(history: History): History {
    const mark = this.#marks.get(history.room);
    if (history.id !== undefined || mark?.awaited !== true) return history;
    const known = mark.epoch === this.#epoch ? mark.last : 0;
    mark.awaited = false;
    mark.last = Math.max(known, history.last);
    mark.epoch = this.#epoch;
    return { ...history, messages: history.messages.filter(({ seq }) => seq > known) };
  }
}
