/**
 * What the store and its reader, which is another thread, say to each other.
 *
 * @module
 */
import type { Position } from "./position.ts";
import type { Page, Query, Range, RoomSummary, StoredMessage } from "../store.ts";

/** Where the reader finds what it reads. */
export interface ReaderOptions {
  /** Path of `hubbub.db`. */
  main: string;
  /** Path of `search.db`. */
  search: string;
  epoch: string;
  /** Where `hubbub.db` was when it was opened. */
  start: Position;
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

/** About so many rows were written to `hubbub.db` since the last such message. Not answered. */
export interface Written {
  kind: "written";
  rows: number;
}

/** To the reader. */
export type ToReader = Question | Written;

/** From the reader. */
export type FromReader =
  | { kind: "answer"; id: number; answer: Questions[keyof Questions]["answer"] }
  | { kind: "failure"; id: number; message: string }
  /** The search index has taken in all changes up to this one. */
  | { kind: "followed"; change: number }
  /** The search index or the checkpoints could not follow. */
  | { kind: "stuck"; message: string };
