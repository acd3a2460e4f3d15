/**
 * What the store and its reader, which is another thread, say to each other.
 *
 * @module
 */
import type { Page, Query, Range, RoomSummary, StoredMessage } from "../store.ts";

/** Where the reader finds what it reads. */
export interface ReaderOptions {
  /** Path of `hubbub.db`. */
  main: string;
  /** Path of `search.db`. */
  search: string;
  epoch: string;
}

/** What can be asked, and what is answered. */
export interface Questions {
  open: { ask: ReaderOptions; answer: void };
  read: { ask: { room: string; range: Range }; answer: Page };
  search: { ask: Query; answer: StoredMessage[] };
  rooms: { ask: void; answer: RoomSummary[] };
  close: { ask: void; answer: void };
}

/** A question, numbered. */
export type Question = {
  [K in keyof Questions]: { id: number; kind: K; ask: Questions[K]["ask"] };
}[keyof Questions];

/** To the reader. `follow`: there is something new for the search index; not answered. */
export type ToReader = Question | { kind: "follow" };

/** From the reader. */
export type FromReader =
  | { kind: "answer"; id: number; answer: Questions[keyof Questions]["answer"] }
  | { kind: "failure"; id: number; message: string }
  /** The search index has taken in all changes up to this one. */
  | { kind: "followed"; change: number }
  /** The search index could not follow. */
  | { kind: "stuck"; message: string };
