/**
 * One batch of the hub: what one tick changes, what it answers, and what becomes of both once the store
 * has committed. Nobody is shown anything of it before that.
 *
 * @module
 */
import type { ConnectionNumber, DirectMessage } from "../broker/broker.ts";
import {
  type ClientRequest,
  type Delete,
  type Edit,
  type ErrorMessage,
  type React,
  refuse,
  type ServerMessage,
  type UserMessage,
} from "../protocol.ts";
import type { Change, Outcome, StoredMessage } from "../store/store.ts";
import { toUserMessage } from "../store/messages.ts";

/**
 * A batch ends after about so many bytes of messages, so that the frame it makes for each member stays
 * well below the smallest useful send queue.
 */
const BATCH_BYTES = 256 * 1024;

/** What a message adds to a frame besides its content, in bytes, for `BATCH_BYTES`. */
const MESSAGE_OVERHEAD = 64;

/**
 * What any other request may add, in bytes. Also bounds how many enter or leave in one batch: each of
 * them sees a part of it that is encoded for it alone.
 */
const REQUEST_OVERHEAD = 1024;

/** Whoever asked for something and gets the answer: a participant, or a request of the HTTP API. */
export interface Requester {
  answer(messages: readonly ServerMessage[]): void;
  /** Answers a resend with the message that it made the first time. */
  repeat(message: UserMessage): void;
  /** Whether the requester is not shown events of this type, so that its own needs an answer. */
  withholds(type: ServerMessage["type"]): boolean;
}

/** An event that happens only if the store commits it. */
export type CommittedEvent = UserMessage | Edit | Delete | React;

const REFUSALS = {
  no_such_message: "there is no such message in this room",
  not_yours: "only the author of a message may change it",
} as const;

/** What happens in one tick. */
export class Batch {
  /** When it began, in milliseconds since 1970: the time of everything that is said in it. */
  readonly now: number;
  /** What the store is to commit, in order. */
  readonly changes: Change[] = [];
  /** Messages to publish to single connections, in order. */
  readonly directMessages: DirectMessage[] = [];
  /** Messages to publish to everybody, in order. */
  readonly announcements: ServerMessage[] = [];
  /** Events that did not happen after all. */
  readonly dropped = new Set<ServerMessage>();
  readonly #events: CommittedEvent[] = [];
  readonly #requesters: Requester[] = [];
  readonly #answers = new Map<Requester, ServerMessage[]>();
  readonly #tasks: (() => void)[] = [];
  #bytes = 0;

  constructor(now: number) {
    this.now = now;
  }

  /** Whether what is left must wait for the next batch. */
  get isFull(): boolean {
    return this.#bytes >= BATCH_BYTES;
  }

  /** Counts about as many bytes as a request adds to the frame of the batch. */
  weigh(request: ClientRequest): void {
    const overhead = request.type === "user" ? MESSAGE_OVERHEAD : REQUEST_OVERHEAD;
    this.#bytes += overhead + ("content" in request ? request.content.length : 0);
  }

  /** Adds a change, and the event that tells of it: the store's outcome completes or drops the event. */
  add(change: Change, event: CommittedEvent, requester: Requester): void {
    this.changes.push(change);
    this.#events.push(event);
    this.#requesters.push(requester);
  }

  /** Has a message sent to one requester after the commit, before the events of the batch. */
  answer(requester: Requester, message: ServerMessage): void {
    const answers = this.#answers.get(requester);
    if (answers === undefined) this.#answers.set(requester, [message]);
    else answers.push(message);
  }

  /** Has a message published to one connection, after the answers and before the events of rooms. */
  direct(to: ConnectionNumber, message: ServerMessage): void {
    this.directMessages.push({ to, message });
  }

  /** Has a message published to everybody, before the events of rooms. */
  announce(message: ServerMessage): void {
    this.announcements.push(message);
  }

  /** Has a task run once the store has committed, before anybody is shown anything. */
  afterCommit(task: () => void): void {
    this.#tasks.push(task);
  }

  /** Applies the store's outcomes of `changes`, in the same order. */
  settle(outcomes: readonly Outcome[]): void {
    for (let index = 0; index < this.#events.length; index++) {
      const event = this.#events[index];
      const requester = this.#requesters[index];
      const outcome = outcomes[index];
      if (event === undefined || requester === undefined || outcome === undefined) continue;
      this.#settleOne(event, requester, outcome);
    }
  }

  /** Fails every change of this batch: the store is unavailable. */
  fail(): void {
    for (const [index, event] of this.#events.entries()) {
      const requester = this.#requesters[index];
      if (requester === undefined) continue;
      const reason = "Cannot commit change: the store is unavailable; nothing was changed";
      this.#drop(event, requester, { ...refuse("unavailable", reason, event.id), retry_ms: 1000 });
    }
  }

  /** Sends all answers. */
  sendAnswers(): void {
    for (const [requester, messages] of this.#answers) requester.answer(messages);
  }

  /** Runs the tasks that waited for the commit. */
  runTasks(): void {
    for (const task of this.#tasks) task();
  }

  #settleOne(event: CommittedEvent, requester: Requester, outcome: Outcome): void {
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
   * Whether a message was first said in this very batch by the same requester, who is therefore about to
   * see it in its place. Shown ahead of what comes before it, it would make a connection that breaks in
   * between believe that it has seen everything up to it.
   */
  #isNew({ room, seq }: StoredMessage, requester: Requester): boolean {
    return this.#events.some((event, index) =>
      (event.type === "user" || event.type === "file") && event.room === room &&
      event.seq === seq && this.#requesters[index] === requester
    );
  }

  #drop(event: CommittedEvent, requester: Requester, answer: ErrorMessage): void {
    this.dropped.add(event);
    this.answer(requester, answer);
  }
}
