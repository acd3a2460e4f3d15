/**
 * The messages between the store and its reader, which runs on another thread.
 *
 * @module
 */
import type { UserId } from "../../protocol.ts";
import type {
  Authored,
  Found,
  Missed,
  Page,
  Position as Seen,
  Query,
  Range,
  RoomsPage,
  RoomsQuery,
  RoomsState,
  Unread,
  UnreadQuery,
} from "../store.ts";
import type { Position } from "./position.ts";

/** What the reader opens. */
export interface ReaderOptions {
  role: "history" | "search";
  /** Path of `hubbub.db`. */
  main: string;
  /** Path of `search.db`. */
  search: string;
  epoch: string;
  /** The position of `hubbub.db` when it was opened. */
  start: Position;
}

/** The questions to the reader, with their parameters and answers. */
export interface Questions {
  open: { ask: ReaderOptions; answer: void };
  read: { ask: { room: string; range: Range }; answer: Page };
  resume: { ask: { room: string; position: Seen; limit: number }; answer: Missed | undefined };
  search: { ask: Query; answer: Found };
  rooms: { ask: RoomsQuery; answer: RoomsPage };
  roomsState: { ask: void; answer: RoomsState };
  unread: { ask: UnreadQuery; answer: Unread[] };
  authored: { ask: { user: UserId; after: number | undefined }; answer: Authored };
  close: { ask: void; answer: void };
}

/** A numbered question. */
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
  | { kind: "failure"; id: number; message: string; damaged: boolean }
  /** All changes to earlier messages up to this one are indexed. */
  | { kind: "indexed"; change: number }
  /** Indexing or a checkpoint failed. */
  | { kind: "stuck"; message: string };
