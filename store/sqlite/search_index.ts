/**
 * The search index: a database of its own, `search.db`, derived from `hubbub.db`. It is recreated
 * whenever it is unusable.
 *
 * @module
 */
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { connectReader } from "../../sqlite/connect.ts";
import type { Query, StoredMessage } from "../store.ts";
import { matches, parseQuery, type Term } from "../terms.ts";
import { Finder } from "./finder.ts";
import type { History } from "./history.ts";
import { indexEntries, indexQuery, type Scope } from "./index_terms.ts";
import type { ReaderOptions } from "./reader_messages.ts";
import { RoomReader } from "./room_reader.ts";
import { decodeSegment, type Segment } from "./segments.ts";
import type { Position } from "./position.ts";
import { openSearchDatabase } from "./search_database.ts";

/** Maximum number of segments that one step indexes; a step blocks everything else on its thread. */
const MAX_STEP = 4;

/** Maximum number of changes to earlier messages that one step indexes. */
const MAX_CHANGES = 64;

/** A search yields after this time, in milliseconds, except before its first candidate. */
const MAX_SLICE_MS = 5;

/** Newest first. */
const QUERY = "SELECT rowid AS id FROM entries WHERE entries MATCH ? ORDER BY rowid DESC";

/** Indexes the messages of `hubbub.db` and finds them. */
export class SearchIndex {
  #db: DatabaseSync;
  /** Its queries see the index as it was when they began, while `#db` writes. */
  #reader: DatabaseSync;
  #history: History;
  #finder: Finder;
  #rooms: RoomReader;
  #changesAfter: StatementSync;
  #insert: StatementSync;
  #remove: StatementSync;
  #savePosition: StatementSync;
  #position: Position;
  /** Statements of running searches: Deno 2.5 may collect a statement that is only being iterated. */
  #running = new Set<StatementSync>();

  /** @param main a connection to `hubbub.db`, owned by the caller */
  constructor({ search, epoch, start }: ReaderOptions, main: DatabaseSync, history: History) {
    const { db, position } = openSearchDatabase(search, epoch, start, main);
    this.#db = db;
    this.#reader = connectReader(search);
    this.#position = position;
    this.#history = history;
    this.#finder = new Finder(main);
    this.#rooms = new RoomReader(main);
    this.#changesAfter = main.prepare(
      "SELECT change, number, count FROM changes WHERE change > ? ORDER BY change LIMIT ?",
    );
    this.#insert = db.prepare("INSERT INTO entries (rowid, text) VALUES (?, ?)");
    this.#remove = db.prepare("DELETE FROM entries WHERE rowid >= ? AND rowid < ?");
    this.#savePosition = db.prepare("UPDATE state SET next = ?, change = ?");
  }

  /** The last indexed change to an earlier message. */
  get change(): number {
    return this.#position.change;
  }

  /**
   * Indexes a part of what is new in `hubbub.db`.
   *
   * @returns whether there may be more
   */
  update(): boolean {
    // Changes are read before segments: what changes in between is in the segments, or read next time.
    const changes = this.#changesAfter.all(this.#position.change, MAX_CHANGES);
    const segments = this.#finder.segmentsFrom(this.#position.nextId, MAX_STEP);
    if (changes.length === 0 && segments.length === 0) return false;
    const position = { ...this.#position };
    this.#db.exec("BEGIN");
    try {
      for (const { change, number, count } of changes) {
        this.#reindex(Number(number), Number(count));
        position.change = Number(change);
      }
      for (const segment of segments) {
        const end = segment.firstId + segment.count;
        this.#insertEntries(segment, segment.firstId, end);
        position.nextId = end;
      }
      this.#savePosition.run(position.nextId, position.change);
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#rollBack();
      throw error;
    }
    this.#position = position;
    return true;
  }

  /**
   * See `Store.search`. Yields to other work every few milliseconds; the index must not be closed
   * meanwhile.
   */
  async search(asked: Query): Promise<StoredMessage[]> {
    const terms = parseQuery([...asked.text.words, ...asked.text.phrases.flat()].join(" "));
    const scope = this.#scopeOf(asked);
    if (terms.length === 0 || ("only" in scope && scope.only.length === 0)) return [];
    // A statement of its own because searches overlap.
    const query = this.#reader.prepare(QUERY);
    this.#running.add(query);
    try {
      const candidates = query.iterate(indexQuery(terms, scope));
      return await this.#collect(candidates, terms, asked);
    } finally {
      this.#running.delete(query);
    }
  }

  /** Closes `search.db`. */
  close(): void {
    this.#reader.close();
    this.#db.close();
  }

  #scopeOf({ rooms, also = [] }: Query): Scope {
    const idsOf = (names: readonly string[]) =>
      [...new Set(names)].flatMap((room) => this.#history.roomId(room) ?? []);
    return rooms === undefined ? { also: idsOf(also) } : { only: idsOf(rooms) };
  }

  /** Reads the candidates and returns those that still match. */
  async #collect(
    candidates: Iterable<{ [column: string]: SQLOutputValue }>,
    terms: readonly Term[],
    { rooms, also, limit }: Query,
  ): Promise<StoredMessage[]> {
    const found: StoredMessage[] = [];
    // A room may have become private since the index has read it.
    const isCovered = (room: string) =>
      rooms !== undefined || !this.#rooms.isHidden(room) || also?.includes(room);
    let sliceStart = performance.now();
    for (const { id } of candidates) {
      const message = this.#history.message(Number(id));
      if (message !== undefined && matches(message.content, terms) && isCovered(message.room)) {
        found.push(message);
      }
      if (found.length >= limit) break;
      if (performance.now() - sliceStart > MAX_SLICE_MS) {
        await new Promise((resolve) => setTimeout(resolve));
        sliceStart = performance.now();
      }
    }
    return found.sort((a, b) => b.time - a.time);
  }

  /** Updates the entries of messages that are already indexed. */
  #reindex(firstId: number, count: number): void {
    if (firstId >= this.#position.nextId) return;
    this.#remove.run(firstId, firstId + count);
    const segment = this.#finder.segmentOfId(firstId);
    if (segment !== undefined) this.#insertEntries(segment, firstId, firstId + count);
  }

  /** Indexes the messages of a segment with global ids from `start` to before `end`. */
  #insertEntries(segment: Segment, start: number, end: number): void {
    const hidden = this.#rooms.isHiddenId(segment.roomId);
    for (const [index, { content }] of decodeSegment("", segment).entries()) {
      const id = segment.firstId + index;
      if (content === "" || id < start || id >= end) continue;
      this.#insert.run(id, indexEntries(segment.roomId, content, hidden));
    }
  }

  #rollBack(): void {
    try {
      this.#db.exec("ROLLBACK");
    } catch {
      // SQLite has already rolled back, as it does when the disk is full.
    }
  }
}
