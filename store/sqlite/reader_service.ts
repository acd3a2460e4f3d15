/**
 * The work of the reader's thread: reads history, maintains the search index, searches, and makes
 * checkpoints, so that none of it blocks the server's event loop.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { connectReader } from "../../sqlite/connect.ts";
import { reasonOf } from "../../sqlite/data_error.ts";
import type { Found, RoomsPage, RoomsQuery, Unread, UnreadQuery } from "../store.ts";
import { Checkpointer } from "./checkpoint.ts";
import { History } from "./history.ts";
import type { FromReader, Question, Questions, ReaderOptions } from "./reader_messages.ts";
import { RoomReader } from "./room_reader.ts";
import { isCorrupt, removeSearchDatabase } from "./search_database.ts";
import { SearchIndex } from "./search_index.ts";

/**
 * Share of its time that this thread spends on indexing while messages are being written, so that a
 * flood of messages is committed and sent first and indexed later. With one processor, indexing takes
 * its time from the event loop. A message takes about 8 µs: a tenth of a processor indexes 12,000
 * messages a second.
 */
const BUSY_SHARE = navigator.hardwareConcurrency > 1 ? 0.5 : 0.1;

/** How long {@linkcode BUSY_SHARE} applies after a write, in milliseconds. */
const BUSY_MS = 1000;

/** A question about many rooms yields to others after this time, in milliseconds. */
const MAX_SLICE_MS = 5;

/** The answer to any question. */
type Answer = Questions[keyof Questions]["answer"];

/** Answers questions and indexes what is written. */
export class ReaderService {
  #options: ReaderOptions;
  #post: (message: FromReader) => void;
  #main: DatabaseSync;
  #history: History;
  #rooms: RoomReader;
  #index: SearchIndex | undefined;
  /** Answers that are not finished. */
  #pending = new Set<Promise<unknown>>();
  #checkpointer: Checkpointer;
  #busyUntil = 0;
  #indexing: Promise<void> | undefined;
  /** Whether the last attempt to index or to make a checkpoint failed, and the store was notified. */
  #stuck = false;
  #closed = false;

  /** @param post called with messages other than answers */
  constructor(options: ReaderOptions, post: (message: FromReader) => void) {
    this.#options = options;
    this.#post = post;
    this.#main = connectReader(options.main);
    this.#history = new History(this.#main);
    this.#rooms = new RoomReader(this.#main);
    this.#checkpointer = new Checkpointer(options.main);
  }

  /** Answers a question. What may take long is asynchronous: it yields to the questions after it. */
  answer(question: Question): Answer | Promise<Answer> {
    switch (question.kind) {
      case "open":
        return;
      case "read":
        return this.#history.read(question.ask.room, question.ask.range);
      case "resume":
        return this.#history.resume(question.ask.room, question.ask.position, question.ask.limit);
      case "rooms":
        return this.#listRooms(question.ask);
      case "roomsState":
        return this.#rooms.state();
      case "unread":
        return this.#track(this.#unread(question.ask));
      case "authored":
        return this.#history.authored(question.ask.user, question.ask.after);
      case "search":
        return this.#track(this.#search(question.ask));
      case "close":
        return this.#close();
    }
  }

  /**
   * Indexes rows that were written, and makes a checkpoint when it is due.
   *
   * @returns when all of them are indexed, or indexing has failed
   */
  async written(rows: number): Promise<void> {
    if (rows > 0) this.#busyUntil = performance.now() + BUSY_MS;
    const indexing = this.#indexing ??= this.#updateIndex();
    try {
      this.#checkpointer.written(rows);
      await indexing;
      this.#stuck = false;
    } catch (error) {
      this.#discardIfCorrupt(error);
      if (!this.#stuck) this.#post({ kind: "stuck", message: reasonOf(error) });
      this.#stuck = true;
    } finally {
      if (this.#indexing === indexing) this.#indexing = undefined;
    }
  }

  /** Indexes what is new, in steps, between which questions are answered. */
  async #updateIndex(): Promise<void> {
    const before = this.#openIndex().change;
    while (!this.#closed) {
      const start = performance.now();
      if (!this.#openIndex().update()) break;
      await rest(this.#pause(performance.now() - start));
    }
    const change = this.#index?.change ?? before;
    if (change !== before) this.#post({ kind: "indexed", change });
  }

  /** The pause after a step that took `duration`, both in milliseconds. */
  #pause(duration: number): number {
    return performance.now() < this.#busyUntil ? duration * (1 / BUSY_SHARE - 1) : 0;
  }

  async #search(query: Questions["search"]["ask"]): Promise<Found> {
    try {
      return { messages: await this.#openIndex().search(query), indexed: true };
    } catch (error) {
      this.#discardIfCorrupt(error);
      throw error;
    }
  }

  async #unread(query: UnreadQuery): Promise<Unread[]> {
    const counted: Unread[] = [];
    let sliceStart = performance.now();
    for (const room of query.rooms) {
      counted.push(this.#history.unread(room, query));
      if (performance.now() - sliceStart > MAX_SLICE_MS) {
        await rest(0);
        sliceStart = performance.now();
      }
    }
    return counted;
  }

  /** Has `close` wait for an answer. */
  async #track<T>(answer: Promise<T>): Promise<T> {
    this.#pending.add(answer);
    try {
      return await answer;
    } finally {
      this.#pending.delete(answer);
    }
  }

  /** Opened when first needed, so that history can be read even if the index cannot be opened. */
  #openIndex(): SearchIndex {
    return this.#index ??= new SearchIndex(this.#options, this.#main, this.#history);
  }

  /** A corrupt index is recreated when it is next needed. */
  #discardIfCorrupt(error: unknown): void {
    if (!isCorrupt(error) || this.#index === undefined) return;
    this.#index.close();
    this.#index = undefined;
    removeSearchDatabase(this.#options.search);
  }

  #listRooms({ after = "", limit, containing = "", also = [] }: RoomsQuery): RoomsPage {
    const rows = this.#main.prepare(
      `SELECT name, max(place) AS place, rooms.number AS id FROM rooms
       JOIN runs ON place >= rooms.number * 4294967296 AND place < (rooms.number + 1) * 4294967296
       GROUP BY rooms.number ORDER BY name`,
    ).all();
    const rooms = rows.flatMap(({ name, place }) => {
      const room = String(name);
      const listed = also === "all" || also.includes(room) || !this.#rooms.isHidden(room);
      if (room <= after || !listed || !room.includes(containing)) return [];
      const row = this.#main.prepare("SELECT count, time FROM runs WHERE place = ?").get(place!);
      const last = Number(place) % 2 ** 32 + Number(row?.["count"]) - 1;
      return [{ room, last, time: Number(row?.["time"]) }];
    });
    rooms.sort((a, b) => a.room < b.room ? -1 : 1);
    return { rooms: rooms.slice(0, limit), complete: rooms.length <= limit };
  }

  async #close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#pending, this.#indexing]);
    this.#index?.close();
    this.#checkpointer.close();
    this.#main.close();
  }
}

function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
