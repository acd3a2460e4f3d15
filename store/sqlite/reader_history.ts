/**
 * The reader of history: reads pages and what somebody missed, and counts what is unread. Nothing here takes
 * long.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { connectReader } from "../../sqlite/connect.ts";
import type { Unread, UnreadQuery } from "../store.ts";
import { History } from "./history.ts";
import type { Answer, HistoryQuestion, ReaderOptions } from "./reader_messages.ts";
import { RoomReader } from "./room_reader.ts";
import { pause } from "./turns.ts";

/** A question about many rooms yields to others after this time, in milliseconds. */
const MAX_SLICE_MS = 5;

/** Answers questions about history. */
export class HistoryReader {
  #main: DatabaseSync;
  #history: History;
  #rooms: RoomReader;
  /** Answers that are not finished. */
  #pending = new Set<Promise<unknown>>();

  constructor({ main }: Pick<ReaderOptions, "main">) {
    this.#main = connectReader(main);
    this.#history = new History(this.#main);
    this.#rooms = new RoomReader(this.#main);
  }

  /** Answers a question. What may take long is asynchronous: it yields to the questions after it. */
  answer(question: HistoryQuestion): Answer | Promise<Answer> {
    switch (question.kind) {
      case "read":
        return this.#history.read(question.ask.room, question.ask.range);
      case "resume": {
        const { room, position, limit } = question.ask;
        return this.#history.resume(room, position, limit);
      }
      case "roomsState":
        return this.#rooms.state();
      case "unread":
        return this.#track(this.#unread(question.ask));
    }
  }

  /** Closes the database after pending answers. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#pending);
    this.#main.close();
  }

  async #unread(query: UnreadQuery): Promise<Unread[]> {
    const counted: Unread[] = [];
    let sliceStart = performance.now();
    for (const room of query.rooms) {
      counted.push(this.#history.unread(room, query));
      if (performance.now() - sliceStart > MAX_SLICE_MS) {
        await pause();
        sliceStart = performance.now();
      }
    }
    return counted;
  }

  async #track<T>(answer: Promise<T>): Promise<T> {
    this.#pending.add(answer);
    try {
      return await answer;
    } finally {
      this.#pending.delete(answer);
    }
  }
}
