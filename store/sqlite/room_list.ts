/**
 * Lists rooms, a page at a time, over any connection to `hubbub.db`.
 *
 * @module
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { isDirectRoom } from "../../protocol.ts";
import type { RoomsPage, RoomsQuery, RoomSummary } from "../store.ts";
import { ROOM_SPAN } from "./segments.ts";
import type { Task } from "./turns.ts";

/** Maximum number of rooms on a page. */
const MAX_ROOMS = 200;

/** Rooms that are examined at a time: about a millisecond. */
const CHUNK = 256;

/** After the names of all direct conversations, which begin with `@`, and before all other names after those. */
const LAST_DIRECT = "@\u{10ffff}";

/** After all names. */
const LAST = "\u{10ffff}";

/** A room that may be listed. */
interface Candidate {
  id: number;
  name: string;
  /** Greatest `seq` that retention has removed, or so. */
  last: number;
  hidden: boolean;
}

/** Rooms of a part of the names, ascending; in portions, so that the work can be interrupted. */
type Portions = Generator<Candidate[]>;

/** The statements that list rooms. Room names are ASCII, so SQLite and JavaScript order them alike. */
export class RoomList {
  #range: StatementSync;
  #byName: StatementSync;
  #newest: StatementSync;
  #count: StatementSync;

  /** @param db any connection, owned by the caller */
  constructor(db: DatabaseSync) {
    const rooms = `SELECT number, name, last, coalesce(private, 0) AS private
                   FROM rooms LEFT JOIN room_settings ON room = name`;
    this.#range = db.prepare(`${rooms} WHERE name > ? AND name < ? ORDER BY name LIMIT ${CHUNK}`);
    this.#byName = db.prepare(`${rooms} WHERE name = ?`);
    this.#count = db.prepare("SELECT count(*) AS count FROM rooms");
    this.#newest = db.prepare(
      `SELECT place % ${ROOM_SPAN} + count - 1 AS seq, time FROM runs
       WHERE place >= ? AND place < ? ORDER BY place DESC LIMIT 1`,
    );
  }

  /** Number of rooms in which something was said, direct conversations included. */
  count(): number {
    return Number(this.#count.get()?.["count"]);
  }

  /** See `Store.rooms`. */
  *page(query: RoomsQuery): Task<RoomsPage> {
    const { containing = "" } = query;
    const limit = Math.min(query.limit, MAX_ROOMS);
    const also = typeof query.also === "string" ? query.also : new Set(query.also);
    const except = new Set(query.except);
    const rooms: RoomSummary[] = [];
    for (const portion of this.#portions(query.after ?? "", also)) {
      for (const candidate of portion) {
        const { name, hidden } = candidate;
        const isWanted = !hidden || typeof also === "string" || also.has(name);
        const isListed = isWanted && !except.has(name);
        const room = isListed && name.includes(containing) && this.#summarize(candidate);
        if (!room) continue;
        if (rooms.length === limit) return { rooms, complete: false };
        rooms.push(room);
      }
      yield;
    }
    return { rooms, complete: true };
  }

  /** The rooms after a name: of the direct conversations only those that are to be listed also. */
  *#portions(after: string, also: ReadonlySet<string> | "private" | "all"): Portions {
    if (also === "all") return yield* this.#between(after, LAST);
    yield* this.#between(after, "@");
    const direct = also === "private"
      ? []
      : [...also].filter((name) => isDirectRoom(name) && name > after).sort();
    for (let index = 0; index < direct.length; index += CHUNK) {
      yield direct.slice(index, index + CHUNK).flatMap((name) => this.#named(name));
    }
    yield* this.#between(after > LAST_DIRECT ? after : LAST_DIRECT, LAST);
  }

  *#between(after: string, before: string): Portions {
    for (let from = after;;) {
      const portion = this.#read(this.#range, from, before);
      if (portion.length > 0) yield portion;
      const last = portion.at(-1);
      if (last === undefined || portion.length < CHUNK) return;
      from = last.name;
    }
  }

  #named(name: string): Candidate[] {
    return this.#read(this.#byName, name);
  }

  #read(statement: StatementSync, ...values: SQLInputValue[]): Candidate[] {
    return statement.all(...values).map((row) => {
      const name = String(row["name"]);
      const hidden = isDirectRoom(name) || row["private"] === 1;
      return { id: Number(row["number"]), name, last: Number(row["last"]), hidden };
    });
  }

  /** `undefined` of a room in which nothing is left. */
  #summarize({ id, name, last }: Candidate): RoomSummary | undefined {
    const newest = this.#newest.get(id * ROOM_SPAN, (id + 1) * ROOM_SPAN);
    if (newest === undefined) return undefined;
    const { seq, time } = newest;
    return { room: name, last: Math.max(last, Number(seq)), time: Number(time) };
  }
}
