/**
 * The reader's thread: reads history, keeps the search index up to date, and searches, so that the
 * server's loop waits for none of it.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { checkpoint, connectReader } from "./connection.ts";
import { History } from "./history.ts";
import type {
  FromReader,
  Question,
  Questions,
  ReaderOptions,
  ToReader,
} from "./reader_messages.ts";
import { SearchIndex } from "./search_index.ts";

/**
 * How many rows are written before what is in the write-ahead log is copied into `hubbub.db`. A row
 * takes two to four pages of the log, so that it stays at a few dozen megabytes.
 */
const CHECKPOINT_ROWS = 4000;

/** How long following rests after each step, as a multiple of the step's own duration. */
const REST = 1;

/** What the thread has open. */
class Reader {
  #options: ReaderOptions;
  #main: DatabaseSync;
  #history: History;
  #index: SearchIndex | undefined;
  /** Rows written since the last checkpoint. */
  #rows = 0;
  #following = false;
  #closed = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#main = connectReader(options.main);
    this.#history = new History(this.#main);
  }

  answer(question: Question): Questions[keyof Questions]["answer"] {
    switch (question.kind) {
      case "read":
        return this.#history.read(question.ask.room, question.ask.range);
      case "search":
        return this.#openIndex().search(question.ask);
      case "rooms":
        return this.#history.rooms();
      case "close":
        return this.#close();
      case "open":
        return;
    }
  }

  /** Takes notice of rows that were written. */
  async written(rows: number): Promise<void> {
    this.#rows += rows;
    try {
      if (this.#rows >= CHECKPOINT_ROWS) this.#checkpoint();
      await this.#follow();
    } catch (error) {
      post({ kind: "stuck", message: text(error) });
    }
  }

  /** Takes in what is new, in steps, between which questions are answered. */
  async #follow(): Promise<void> {
    if (this.#following) return;
    this.#following = true;
    try {
      const before = this.#openIndex().change;
      while (!this.#closed) {
        const start = performance.now();
        if (!this.#openIndex().follow()) break;
        await rest((performance.now() - start) * REST);
      }
      const after = this.#index?.change;
      if (after !== undefined && after !== before) post({ kind: "followed", change: after });
    } finally {
      this.#following = false;
    }
  }

  /** The index is opened when it is first needed, so that history can be read without it. */
  #openIndex(): SearchIndex {
    return this.#index ??= new SearchIndex(this.#options, this.#main, this.#history);
  }

  /** Here, because it waits for the disk. It keeps neither the writer nor any reader waiting. */
  #checkpoint(): void {
    checkpoint(this.#options.main);
    this.#rows = 0;
  }

  #close(): void {
    this.#closed = true;
    this.#index?.close();
    this.#index = undefined;
    this.#main.close();
  }
}

let reader: Reader | undefined;

self.onmessage = ({ data }: MessageEvent<ToReader>) => {
  if (data.kind === "written") {
    reader?.written(data.rows);
    return;
  }
  try {
    if (data.kind === "open") reader = new Reader(data.ask);
    if (reader === undefined) throw new Error("The reader is not open");
    post({ kind: "answer", id: data.id, answer: reader.answer(data) });
  } catch (error) {
    post({ kind: "failure", id: data.id, message: text(error) });
  }
};

function post(message: FromReader): void {
  self.postMessage(message);
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
