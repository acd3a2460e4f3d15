/**
 * What a client has said: what is not acknowledged yet and has to be sent again, and what is.
 *
 * @module
 */
import type { ErrorMessage, UserMessage } from "../../protocol.ts";
import type { ChangeRequest } from "./copy_traffic.ts";

/** A message that the server has acknowledged. */
export interface Acknowledged {
  readonly id: string;
  readonly room: string;
  readonly by: string;
  readonly seq: number;
  readonly text: string;
  /** What was sent; sent again, it must be answered with the same message. */
  readonly request: Pending["request"];
  /** Number of the last edit that was acknowledged; 0: none. */
  edit: number;
  deleted: boolean;
}

/** Something said or announced that was not acknowledged. */
export interface Pending {
  readonly request: {
    type: "user" | "file";
    room: string;
    content: string;
    id: string;
    reply_to?: number;
  };
  /** What {@linkcode Said.damages} was when its file was uploaded. */
  readonly damages: number;
}

/** A change that was not acknowledged. */
export interface PendingChange {
  readonly request: ChangeRequest;
  readonly id: string;
  /** Id of the message. */
  readonly of: string;
  /** Number of the edit. */
  readonly edit: number;
}

/** See above. */
export class Said {
  readonly pending = new Map<string, Pending>();
  readonly acknowledged = new Map<string, Acknowledged>();
  /** Ids of what was refused for good: it may have been sent twice. */
  readonly #refused = new Set<string>();
  /** Where messages were that the server did not know when they were sent again: they must have been removed. */
  gone: { id: string; room: string; seq: number; isFile: boolean }[] = [];
  readonly counts = { conflicts: 0, refused: 0, abandoned: 0, repeats: 0, returns: 0 };
  /** One at a time, so that edits take effect in the order in which they are made. */
  change: PendingChange | undefined;
  /** How often uploads may have been lost: whoever does that counts it. */
  damages = 0;

  /** What is to be sent again, in order. */
  get again(): object[] {
    return Array.from(this.pending.values(), ({ request }) => request);
  }

  /**
   * Takes a message that may be one's own.
   *
   * @param me the client's own user
   * @returns whether it waited for it; or what is wrong with it
   */
  acknowledge(message: UserMessage, me: string): boolean | string {
    const { id = "", by, seq, room } = message;
    const pending = by === me ? this.pending.get(id) : undefined;
    if (pending === undefined || pending.request.room !== room) {
      this.#noteNewPlace(message);
      return false;
    }
    this.pending.delete(id);
    const { type, content } = pending.request;
    const text = type === "file" ? message.content : content;
    const { request } = pending;
    this.acknowledged.set(id, { id, room, by: me, seq, text, request, edit: 0, deleted: false });
    if (message.edited || message.deleted || message.content === text) return true;
    return `${id} was said as ${content} and became ${message.content}`;
  }

  /** A message that was removed by retention is a new one if it is sent again. */
  #noteNewPlace({ id = "", by, seq, room, repeat, content }: UserMessage): void {
    const before = this.acknowledged.get(id);
    if (before?.by !== by || before?.room !== room || repeat || seq <= before.seq) return;
    this.gone.push({ id, room, seq: before.seq, isFile: false });
    this.acknowledged.set(id, { ...before, seq, text: content, edit: 0, deleted: false });
  }

  /** Takes an event of a change with this id. */
  changed(id: string | undefined): void {
    if (this.change === undefined || this.change.id !== id) return;
    const { request, of, edit } = this.change;
    const message = this.acknowledged.get(of);
    if (message !== undefined && request.type === "edit") message.edit = edit;
    if (message !== undefined && request.type === "delete") message.deleted = true;
    this.change = undefined;
  }

  /** Gives up a change to a room whose messages may be others now. */
  forgetChange(room: string): void {
    if (this.change?.request.room === room) this.change = undefined;
  }

  /**
   * Takes the final refusal of what was sent.
   *
   * @returns whether it may be refused: a reply to what has gone, a change to it, or a file that was lost or
   *   removed with its message
   */
  refused({ code, id = "" }: ErrorMessage): boolean {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (id === this.change?.id) this.change = undefined;
    if (code === "conflict") this.counts.conflicts++;
    const isFile = pending?.request.type === "file";
    const before = pending === undefined ? this.acknowledged.get(id) : undefined;
    const isGone = before?.request.type === "file" && code === "bad_message";
    if (isGone) this.gone.push({ id, room: before.room, seq: before.seq, isFile: true });
    const isExpected = isGone || code === "no_such_message" || this.#refused.has(id) ||
      (isFile && code !== "conflict" && pending.damages !== this.damages);
    if (isExpected) this.counts.refused++;
    if (isExpected && pending !== undefined) this.#refused.add(id);
    return isExpected;
  }

  /** Gives up everything: the user is not known any more. */
  abandon(): void {
    this.counts.abandoned += this.pending.size;
    this.pending.clear();
    this.change = undefined;
  }
}
