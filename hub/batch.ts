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
export interface Asker {
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
  readonly #askers: Asker[] = [];
  readonly #answers = new Map<Asker, ServerMessage[]>();
  readonly #afterwards: (() => void)[] = [];

  constructor(now: number) {
    this.now = now;
  }

  /** Has a change kept, and the event that tells of it completed or dropped by what the store says. */
  keep(change: Change, event: KeptEvent, asker: Asker): void {
    this.changes.push(change);
    this.#events.push(event);
    this.#askers.push(asker);
  }

  /** Sends a message to one asker at the end of the turn, before the turn's events. */
  answer(asker: Asker, message: ServerMessage): void {
    const answers = this.#answers.get(asker);
    if (answers === undefined) this.#answers.set(asker, [message]);
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
      const asker = this.#askers[index];
      const outcome = outcomes[index];
      if (event === undefined || asker === undefined || outcome === undefined) continue;
      this.#settleOne(event, asker, outcome);
    }
  }

  /** Takes that the store could keep nothing. */
  fail(): void {
    for (const [index, event] of this.#events.entries()) {
      const asker = this.#askers[index];
      if (asker === undefined) continue;
      const reason = "Cannot keep message: the store is unavailable; nothing was kept";
      this.#drop(event, asker, { ...refuse("unavailable", reason, event.id), retry_ms: 1000 });
    }
  }

  /** Sends all answers. */
  sendAnswers(): void {
    for (const [asker, messages] of this.#answers) asker.answer(messages);
  }

  /** Does what waited for the turn's end. */
  end(): void {
    for (const task of this.#afterwards) task();
  }

  #settleOne(event: KeptEvent, asker: Asker, outcome: Outcome): void {
    if (typeof outcome === "number") {
      if (event.type === "user" || event.type === "file") event.seq = outcome;
    } else if ("reactions" in outcome) {
      if (event.type === "react") event.reactions = outcome.reactions;
    } else if ("duplicate" in outcome) {
      this.dropped.add(event);
      if (!this.#isNew(outcome.duplicate, asker)) asker.repeat(toUserMessage(outcome.duplicate));
      return;
    } else {
      const reason = `Cannot ${event.type}: ${REFUSALS[outcome.refused]}`;
      return this.#drop(event, asker, refuse(outcome.refused, reason, event.id));
    }
    if (asker.withholds(event.type)) this.answer(asker, event);
  }

  /**
   * Whether a message was first said in this very turn by the same asker, who therefore is about to
   * see it in its place. Shown ahead of what comes before it, a connection that broke in between would
   * take that for seen.
   */
  #isNew({ room, seq }: StoredMessage, asker: Asker): boolean {
    return this.#events.some((event, index) =>
      (event.type === "user" || event.type === "file") && event.room === room &&
      event.seq === seq && this.#askers[index] === asker
    );
  }

  #drop(event: KeptEvent, asker: Asker, answer: ErrorMessage): void {
    this.dropped.add(event);
    this.answer(asker, answer);
  }
}
