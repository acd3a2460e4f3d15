/**
 * One batch of the hub: what one tick changes, what it answers, and what becomes of both once the store
 * has committed. Nobody is shown anything of it before that.
 *
 * @module
 */
import type { DirectMessage } from "../broker/broker.ts";
import {
  type ClientRequest,
  type Create,
  type Delete,
  type Edit,
  type ErrorMessage,
  type Membership,
  type React,
  type Read,
  refuse,
  type RoleChange,
  type ServerMessage,
  type Topic,
  type UserId,
  type UserMessage,
  verbOf,
} from "../protocol.ts";
import {
  type Amended,
  type Change,
  MAX_EMOJI,
  MAX_OWN_EMOJI,
  type Outcome,
  type Refusal,
  type RoomChange,
  type StoredMessage,
} from "../store/store.ts";
import { LostWriteError } from "../sqlite/data_error.ts";
import { toUserMessage } from "../store/messages.ts";
import type { Memberships } from "./memberships.ts";
import type { Room } from "./room.ts";

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

/** When to ask again after a failed commit, in milliseconds. */
const RETRY_MS = 1000;

/** Whoever asked for something and gets the answer: a participant, or a request of the HTTP API. */
export interface Requester {
  answer(messages: readonly ServerMessage[]): void;
  /**
   * Answers a resend with the message that it made the first time.
   *
   * @param room where it was said, while anybody is there
   */
  repeat(message: UserMessage, room: Room | undefined): void;
  /** Whether the requester is not shown events of this type, so that its own needs an answer. */
  withholds(type: ServerMessage["type"]): boolean;
}

/** An event that happens only if the store commits it. */
export type CommittedEvent =
  | UserMessage
  | Create
  | Edit
  | Delete
  | React
  | Membership
  | Topic
  | RoleChange
  | Read;

/** What a change to a room and its members comes with. */
export interface RoomChangeOptions {
  /** Tells of it. */
  readonly event?: CommittedEvent;
  /** Who asked for it; absent: nobody, it follows from something else. */
  readonly requester?: Requester;
  /** The requester's own id for it, if there is no event that has it. */
  readonly id?: string | undefined;
}

/** Why the store refused a change; see `Outcome`. */
const REFUSALS: Readonly<Record<Refusal["refused"], string>> = {
  no_such_message: "there is no such message in this room",
  not_yours: "only the author of a message may change it",
  conflict: "you have used this id in this room for something else; every message needs its own",
  too_many: `a message may have ${MAX_EMOJI} different emoji, ${MAX_OWN_EMOJI} of them by one user`,
};

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
  /** By the index of the change; `undefined` where nothing tells of it or nobody asked for it. */
  readonly #events: (CommittedEvent | undefined)[] = [];
  readonly #requesters: (Requester | undefined)[] = [];
  /** The requesters' own ids, by the index of a change that no event tells of. */
  readonly #ids = new Map<number, string>();
  /** Undo changes to what the hub holds in memory. */
  readonly #undo: (() => void)[] = [];
  readonly #failureTasks: (() => void)[] = [];
  readonly #outcomeTasks: ((outcomes: readonly Outcome[]) => void)[] = [];
  readonly #findRoom: (name: string) => Room | undefined;
  readonly #answers = new Map<Requester, ServerMessage[]>();
  readonly #tasks: (() => void)[] = [];
  /** Changes whose outcome is a read marker. */
  readonly #marks: {
    index: number;
    memberships: Memberships;
    change: Extract<RoomChange, { user: UserId }>;
  }[] = [];
  #bytes = 0;

  /** @param findRoom finds a room that somebody is in */
  constructor(now: number, findRoom: (name: string) => Room | undefined = () => undefined) {
    this.now = now;
    this.#findRoom = findRoom;
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

  /** Makes a change to a room and its members, in memory at once. */
  changeRoom(
    memberships: Memberships,
    change: RoomChange,
    { event, requester, id }: RoomChangeOptions = {},
  ): void {
    if (id !== undefined) this.#ids.set(this.changes.length, id);
    this.#undo.push(memberships.apply(change));
    this.changes.push(change);
    this.#events.push(event);
    this.#requesters.push(requester);
    if (change.kind !== "member" && change.kind !== "read") return;
    this.#marks.push({ index: this.changes.length - 1, memberships, change });
  }

  /** Has a message sent to one requester after the commit, before the events of the batch. */
  answer(requester: Requester, message: ServerMessage): void {
    const answers = this.#answers.get(requester);
    if (answers === undefined) this.#answers.set(requester, [message]);
    else answers.push(message);
  }

  /** Has a message published to one user, after the answers and before the events of rooms. */
  direct(to: UserId, message: ServerMessage): void {
    this.directMessages.push({ to, message });
  }

  /** Has a message published to everybody, before the events of rooms. */
  announce(message: ServerMessage): void {
    this.announcements.push(message);
  }

  /** Has a task given the store's outcomes of `changes`, if it has committed them. */
  afterOutcomes(task: (outcomes: readonly Outcome[]) => void): void {
    this.#outcomeTasks.push(task);
  }

  /** Has a task run once the store has committed, before anybody is shown anything. */
  afterCommit(task: () => void): void {
    this.#tasks.push(task);
  }

  /** Has a task run if the store has not committed, once everything in memory is undone. */
  afterFailure(task: () => void): void {
    this.#failureTasks.push(task);
  }

  /** Applies the store's outcomes of `changes`, in the same order. */
  settle(outcomes: readonly Outcome[]): void {
    for (const task of this.#outcomeTasks) task(outcomes);
    for (let index = 0; index < this.#events.length; index++) {
      const event = this.#events[index];
      const requester = this.#requesters[index];
      const outcome = outcomes[index];
      if (event === undefined || outcome === undefined) continue;
      this.#settleOne(event, requester, outcome);
    }
    for (const { index, memberships, change: { room, user } } of this.#marks) {
      const member = memberships.member(room, user);
      const outcome = outcomes[index];
      if (member !== undefined && typeof outcome === "number") member.read = outcome;
    }
  }

  /**
   * Fails every change of this batch: the store is unavailable.
   *
   * @param error why; after a `LostWriteError` nobody knows what was kept
   */
  fail(error: unknown): void {
    for (const undo of this.#undo.toReversed()) undo();
    for (const task of this.#failureTasks) task();
    for (const [index, event] of this.#events.entries()) {
      const requester = this.#requesters[index];
      const id = event === undefined ? this.#ids.get(index) : event.id;
      if (event !== undefined) this.dropped.add(event);
      if (requester !== undefined) this.answer(requester, unavailable(error, id));
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

  #settleOne(event: CommittedEvent, requester: Requester | undefined, outcome: Outcome): void {
    if (typeof outcome === "number") {
      if (event.type === "user" || event.type === "file" || event.type === "read") {
        event.seq = outcome;
      }
    } else if ("change" in outcome) {
      setChange(event, outcome);
    } else if ("duplicate" in outcome) {
      this.dropped.add(event);
      if (requester !== undefined && !this.#isNew(outcome.duplicate, requester)) {
        const message = toUserMessage(outcome.duplicate, { viewer: outcome.duplicate.by });
        requester.repeat({ ...message, repeat: true }, this.#findRoom(message.room));
      }
      return;
    } else {
      const reason = `Cannot ${verbOf(event.type)}: ${REFUSALS[outcome.refused]}`;
      return this.#drop(event, requester, refuse(outcome.refused, reason, event.id));
    }
    if (requester === undefined) return;
    // Nobody else is told of a new room.
    if (event.type === "create" || requester.withholds(event.type)) this.answer(requester, event);
  }

  /**
   * Whether a message was first said in this very batch by the same requester, who is therefore about to
   * see it in its place. Shown ahead of what comes before it, it would make a connection that breaks in
   * between believe that it has seen everything up to it.
   */
  #isNew({ room, seq }: StoredMessage, requester: Requester): boolean {
    return this.#events.some((event, index) =>
      (event?.type === "user" || event?.type === "file") && event.room === room &&
      event.seq === seq && this.#requesters[index] === requester
    );
  }

  #drop(event: CommittedEvent, requester: Requester | undefined, answer: ErrorMessage): void {
    this.dropped.add(event);
    if (requester !== undefined) this.answer(requester, answer);
  }
}

/** Completes an event that tells of a change to a message. */
function setChange(event: CommittedEvent, { change, reaction }: Amended): void {
  if (event.type !== "edit" && event.type !== "delete" && event.type !== "react") return;
  event.change = change;
  if (event.type === "react" && reaction !== undefined) Object.assign(event, reaction);
}

/** The answer to a change that the store did not commit. */
function unavailable(error: unknown, id: string | undefined): ErrorMessage {
  const outcome = error instanceof LostWriteError
    ? "it may or may not have been kept; send it again with the same id"
    : "nothing was changed";
  const reason = `Cannot commit change: the store is unavailable; ${outcome}`;
  return { ...refuse("unavailable", reason, id), retry_ms: RETRY_MS };
}
