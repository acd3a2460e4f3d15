/**
 * One turn of the hub: what is to be kept, what is answered, and what becomes of it once the store has
 * spoken. Nothing of it is shown to anybody before that.
 *
 * @module
 */
import {
  type Delete,
  type Edit,
  type ErrorMessage,
  type React,
  refuse,
  type ServerMessage,
  type UserMessage,
} from "../protocol.ts";
import type { Change, Outcome, StoredMessage } from "../store/store.ts";

/** Who asked for something and gets the answer: a connection, or a request of the HTTP API. */
export interface Requester {
  answer(messages: readonly ServerMessage[]): void;
  /** Takes the message that a resend made the first time. */
  repeat(message: UserMessage): void;
  /** Whether it would not see an event of this type in the room, so that its own needs an answer. */
  withholds(type: ServerMessage["type"]): boolean;
}

/** An event that only comes about if the store keeps it. */
export type KeptEvent = UserMessage | Edit | Delete | React;

/** A kept message, as it is sent. */
export function toUserMessage(stored: StoredMessage): UserMessage {
  return { type: stored.file === undefined ? "user" : "file", ...stored };
}

const REFUSALS = {
  no_such_message: "there is no such message in this room",
  not_yours: "it is another's message; only its author may change it",
} as const;

/** What happens in one turn. */
export class Turn {
  /** When it began, in milliseconds since 1970: the time of everything that is said in it. */
  readonly now: number;
  /** What the store is to keep, in order. */
  readonly changes: Change[] = [];
  /** Events that did not come about after all. */
  readonly dropped = new Set<ServerMessage>();
  readonly #events: KeptEvent[] = [];
  readonly #requesters: Requester[] = [];
  readonly #answers = new Map<Requester, ServerMessage[]>();
  readonly #afterwards: (() => void)[] = [];

  constructor(now: number) {
    this.now = now;
  }

  /** Has a change kept, and the event that tells of it completed or dropped by what the store says. */
  keep(change: Change, event: KeptEvent, requester: Requester): void {
    this.changes.push(change);
    this.#events.push(event);
    this.#requesters.push(requester);
  }

  /** Sends a message to one requester at the end of the turn, before the turn's events. */
  answer(requester: Requester, message: ServerMessage): void {
    const answers = this.#answers.get(requester);
    if (answers === undefined) this.#answers.set(requester, [message]);
    else answers.push(message);
  }

  /** Has a task done once the turn is over, so that it sees what the turn kept. */
  afterwards(task: () => void): void {
    this.#afterwards.push(task);
  }

  /** Takes what the store made of `changes`, in the same order. */
  settle(outcomes: readonly Outcome[]): void {
    for (let index = 0; index < this.#events.length; index++) {
      const event = this.#events[index];
      const requester = this.#requesters[index];
      const outcome = outcomes[index];
      if (event === undefined || requester === undefined || outcome === undefined) continue;
      this.#settleOne(event, requester, outcome);
    }
  }

  /** Takes that the store could keep nothing. */
  fail(): void {
    for (const [index, event] of this.#events.entries()) {
      const requester = this.#requesters[index];
      if (requester === undefined) continue;
      const reason = "Cannot keep message: the store is unavailable; nothing was kept";
      this.#drop(event, requester, { ...refuse("unavailable", reason, event.id), retry_ms: 1000 });
    }
  }

  /** Sends all answers. */
  sendAnswers(): void {
    for (const [requester, messages] of this.#answers) requester.answer(messages);
  }

  /** Does what waited for the turn's end. */
  end(): void {
    for (const task of this.#afterwards) task();
  }

  #settleOne(event: KeptEvent, requester: Requester, outcome: Outcome): void {
    if (typeof outcome === "number") {
      if (event.type === "user" || event.type === "file") event.seq = outcome;
    } else if ("reactions" in outcome) {
      if (event.type === "react") event.reactions = outcome.reactions;
    } else if ("duplicate" in outcome) {
      this.dropped.add(event);
      if (!this.#isNew(outcome.duplicate, requester)) {
        requester.repeat(toUserMessage(outcome.duplicate));
      }
      return;
    } else {
      const reason = `Cannot ${event.type}: ${REFUSALS[outcome.refused]}`;
      return this.#drop(event, requester, refuse(outcome.refused, reason, event.id));
    }
    if (requester.withholds(event.type)) this.answer(requester, event);
  }

  /**
   * Whether a message was first said in this very turn by the same requester, who therefore is about to
   * see it in its place. Shown ahead of what comes before it, a connection that broke in between would
   * take that for seen.
   */
  #isNew({ room, seq }: StoredMessage, requester: Requester): boolean {
    return this.#events.some((event, index) =>
      (event.type === "user" || event.type === "file") && event.room === room &&
      event.seq === seq && this.#requesters[index] === requester
    );
  }

  #drop(event: KeptEvent, requester: Requester, answer: ErrorMessage): void {
    this.dropped.add(event);
    this.answer(requester, answer);
  }
}
