/**
 * The log of one room, in memory.
 *
 * @module
 */
import type { UserId } from "../../protocol.ts";
import { amend, type Amendment, copyMessage, NO_SUCH_MESSAGE } from "../apply.ts";
import { toStored } from "../messages.ts";
import { digestOf, isOriginal, isResend } from "../resend.ts";
import { canComplete, type RoomBounds } from "../resume.ts";
import type {
  Missed,
  NewMessage,
  Outcome,
  Page,
  Position,
  Range,
  Retention,
  StoredMessage,
} from "../store.ts";

/** A message with a client's id. */
interface Identified {
  message: StoredMessage;
  /** See {@linkcode isResend}. */
  digest: number | undefined;
}

/** Messages and changes of a room. */
export class RoomLog {
  /** The one with `seq` s is `messages[s - first]`. */
  readonly messages: StoredMessage[] = [];
  /** Of each message its position among the messages of all rooms. */
  readonly positions: number[] = [];
  #removed = 0;
  #change = 0;
  #trimmed = 0;
  /** By author and id. */
  #byId = new Map<string, Identified>();
  /** The last change of each message that was changed, by `seq`. */
  #amendments = new Map<number, number>();

  /** Greatest `seq` assigned. */
  get last(): number {
    return this.#removed + this.messages.length;
  }

  /** Smallest `seq` that was not removed. */
  get first(): number {
    return this.#removed + 1;
  }

  /** Adds a message, unless it is a resend; `position` is its position among the messages of all rooms. */
  add(change: NewMessage, position: number): Outcome {
    const key = change.id === undefined ? undefined : idKey(change.by, change.id);
    const earlier = key === undefined ? undefined : this.#byId.get(key);
    if (earlier !== undefined) {
      return isResend(change, earlier.message, earlier.digest)
        ? { duplicate: copyMessage(earlier.message) }
        : { refused: "conflict" };
    }
    const { reply_to } = change;
    if (reply_to !== undefined && (reply_to < this.first || reply_to > this.last)) {
      return NO_SUCH_MESSAGE;
    }
    const message = toStored(change, this.last + 1);
    this.messages.push(message);
    this.positions.push(position);
    if (key !== undefined) this.#byId.set(key, { message, digest: undefined });
    return message.seq;
  }

  /** Applies an edit, a deletion or a reaction. */
  amend(change: Amendment): Outcome {
    const message = this.messages[change.seq - this.first];
    if (message === undefined) return NO_SUCH_MESSAGE;
    const identified = message.id === undefined || change.kind === "react" || !isOriginal(message)
      ? undefined
      : this.#byId.get(idKey(message.by, message.id));
    const digest = identified && digestOf(message);
    const effect = amend(message, change);
    if ("refused" in effect) return effect;
    if (identified !== undefined) identified.digest = digest;
    this.#amendments.set(message.seq, ++this.#change);
    return { change: this.#change, ...effect };
  }

  /** See `Store.read`. */
  read({ after, before = Infinity, limit }: Range): Page {
    const newest = Math.min(before - 1, this.last);
    const { last } = this;
    const change = this.#change;
    if (after === undefined) {
      const from = Math.max(this.first, newest - limit + 1);
      return { messages: this.#copy(from, newest), last, change, complete: from === this.first };
    }
    const from = Math.max(this.first, after + 1);
    const to = Math.min(newest, from + limit - 1);
    return { messages: this.#copy(from, to), last, change, complete: to >= newest };
  }

  /** See `Store.resume`; the epoch and the run are right. */
  resume(position: Position, limit: number): Missed | undefined {
    const { since, at, changes } = position;
    const { first, last } = this;
    const bounds: RoomBounds = { first, last, change: this.#change, trimmed: this.#trimmed };
    if (!canComplete(position, bounds, bounds, limit)) return undefined;
    if (at !== undefined && since >= first && this.messages[since - first]?.time !== at) {
      return undefined;
    }
    const changed = [...this.#amendments]
      .filter(([seq, change]) => change > changes && seq <= since)
      .flatMap(([seq]) => this.#copy(seq, seq))
      .sort((a, b) => a.seq - b.seq);
    if (changed.length > limit) return undefined;
    return { messages: this.#copy(since + 1, last), changed, last, change: this.#change };
  }

  /** Removes what exceeds a policy; returns how many messages. */
  retain({ maxAge = Infinity, maxMessages = Infinity }: Retention, now: number): number {
    const surplus = this.messages.length - maxMessages;
    const keep = this.messages.findIndex(({ time }, index) =>
      index >= surplus && time >= now - maxAge
    );
    const count = keep === -1 ? this.messages.length : keep;
    if (count === 0) return 0;
    for (const { by, id, seq } of this.messages.splice(0, count)) {
      if (id !== undefined) this.#byId.delete(idKey(by, id));
      this.#amendments.delete(seq);
    }
    this.positions.splice(0, count);
    this.#removed += count;
    this.#trimmed = ++this.#change;
    return count;
  }

  /** The messages, from the newest to the oldest. */
  *newestFirst(): Iterable<StoredMessage> {
    for (let index = this.messages.length - 1; index >= 0; index--) {
      const message = this.messages[index];
      if (message !== undefined) yield message;
    }
  }

  #copy(from: number, to: number): StoredMessage[] {
    if (to < from) return [];
    return this.messages.slice(from - this.first, to + 1 - this.first).map(copyMessage);
  }
}

/** Unambiguous for any two strings. Messages without an author have one and the same. */
function idKey(author: UserId | undefined, id: string): string {
  return JSON.stringify([author ?? "", id]);
}
