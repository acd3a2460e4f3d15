/**
 * The messages between the store and its readers, which run on other threads.
 *
 * @module
 */
import type { UserId } from "../../protocol.ts";
import type {
  Authored,
  Found,
  Missed,
  Page,
  Position as RoomPosition,
  Query,
  Range,
  RoomsPage,
  RoomsQuery,
  RoomsState,
  StoreFigures,
  Unread,
  UnreadQuery,
} from "../store.ts";
import type { Position } from "./position.ts";

/**
 * What a reader does: `history` reads history, `search` all that can take long, so that history never waits
 * for it.
 */
export type ReaderRole = "history" | "search";

/** What a reader opens. */
export interface ReaderOptions {
  role: ReaderRole;
  /** Path of `hubbub.db`. */
  main: string;
  /** Path of `search.db`. */
  search: string;
  epoch: string;
  /** The position of `hubbub.db` when it was opened. */
  start: Position;
}

/** The questions to the reader of history, with their parameters and answers. */
interface HistoryQuestions {
  read: { ask: { room: string; range: Range }; answer: Page };
  resume: {
    ask: { room: string; position: RoomPosition; limit: number };
    answer: Missed | undefined;
  };
  roomsState: { ask: void; answer: RoomsState };
  unread: { ask: UnreadQuery; answer: Unread[] };
}

/** The questions to the reader that searches. */
interface SearchQuestions {
  search: { ask: Query; answer: Found };
  rooms: { ask: RoomsQuery; answer: RoomsPage };
  authored: { ask: { user: UserId; after: number | undefined }; answer: Authored };
  figures: { ask: void; answer: Pick<StoreFigures, "rooms" | "unindexed"> };
}

/** All questions. */
export interface Questions extends HistoryQuestions, SearchQuestions {
  open: { ask: ReaderOptions; answer: void };
  close: { ask: void; answer: void };
}

type Numbered<Q extends { [kind in keyof Q]: { ask: unknown } }> = {
  [K in keyof Q]: { id: number; kind: K; ask: Q[K]["ask"] };
}[keyof Q];

/** A numbered question to the reader of history. */
export type HistoryQuestion = Numbered<HistoryQuestions>;

/** A numbered question to the reader that searches. */
export type SearchQuestion = Numbered<SearchQuestions>;

/** A numbered question. */
export type Question = Numbered<Questions>;

/** An answer to any question. */
export type Answer = Questions[keyof Questions]["answer"];

/** About so many pages were written to `hubbub.db` since the last such message. Not answered. */
export interface Written {
  kind: "written";
  pages: number;
}

/** To a reader. */
export type ToReader = Question | Written;

/** From a reader. */
export type FromReader =
  | { kind: "answer"; id: number; answer: Answer }
  /** `damaged`: what is asked for is damaged. */
  | { kind: "failure"; id: number; message: string; damaged: boolean }
  /** All changes to earlier messages up to this one are indexed. */
  | { kind: "indexed"; change: number }
  /** Indexing or a checkpoint failed. */
  | { kind: "stuck"; message: string };
