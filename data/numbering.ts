/**
 * Checks that messages and rooms of `hubbub.db` fit together, in every format: each message has its room, and
 * the messages of a room are numbered without gaps from the first that was not removed to the last.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { ROOM_SPAN } from "../store/sqlite/segments.ts";
import { columnsOf } from "./integrity.ts";

/** Segments read at a time. */
const STEP = 2048;

/** Problems that are listed, at most; their number is unlimited. */
const MAX_PROBLEMS = 20;

/** A room's numbering as its segments show it. */
interface Extent {
  /** `seq` of the oldest message. */
  first: number;
  /** `seq` after that of the newest message. */
  end: number;
}

/** What is wrong, one line each. */
export class Problems {
  readonly lines: string[] = [];
  /** How many there are, those beyond the list included. */
  count = 0;

  add(line: string): void {
    this.count++;
    if (this.lines.length < MAX_PROBLEMS) this.lines.push(line);
  }
}

/**
 * Walks all segments in the order in which they were written. Reads the whole table, in steps, between which
 * the caller may rest.
 */
export class SegmentWalk {
  readonly problems = new Problems();
  readonly #db: DatabaseSync;
  readonly #extents = new Map<number, Extent>();
  #nextId = 0;

  /** @param db a connection to `hubbub.db` */
  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Looks at the next segments. Returns whether there are more. */
  step(): boolean {
    const rows = this.#db.prepare(
      `SELECT number, place, count,
         CASE WHEN json_valid(messages) THEN json_array_length(messages) ELSE -1 END AS found
       FROM runs WHERE number >= ? ORDER BY number LIMIT ${STEP}`,
    ).all(this.#nextId);
    for (const { number, place, count, found } of rows) {
      this.#take(Number(number), Number(place), Number(count), Number(found));
    }
    return rows.length === STEP;
  }

  /** Compares what was walked with the table of rooms. Returns all problems. */
  finish(): Problems {
    const rooms = readRooms(this.#db);
    for (const [id, extent] of this.#extents) checkRoom(this.problems, id, rooms.get(id), extent);
    for (const [id, room] of rooms) {
      if (!this.#extents.has(id)) checkRoom(this.problems, id, room, undefined);
    }
    return this.problems;
  }

  #take(number: number, place: number, count: number, found: number): void {
    const roomId = Math.floor(place / ROOM_SPAN);
    const seq = place % ROOM_SPAN;
    const where = `messages ${seq} to ${seq + count - 1} of room ${roomId}`;
    if (!(count > 0) || !(seq > 0)) this.problems.add(`segment ${number} has no valid place`);
    else if (found !== count) this.problems.add(`${where} cannot be read`);
    if (number < this.#nextId) this.problems.add(`${where} overlap others`);
    const extent = this.#extents.get(roomId);
    if (extent === undefined) this.#extents.set(roomId, { first: seq, end: seq + count });
    else {
      if (seq > extent.end) {
        this.problems.add(`messages ${extent.end} to ${seq - 1} of room ${roomId} are missing`);
      } else if (seq < extent.end) this.problems.add(`${where} are there twice`);
      extent.end = Math.max(extent.end, seq + count);
    }
    this.#nextId = Math.max(this.#nextId, number + Math.max(1, count));
  }
}

/**
 * Compares rooms and messages by looking only at the first and the last segment of each room. Takes 20 µs a
 * room, however many messages there are.
 */
export function checkEnds(db: DatabaseSync): Problems {
  const problems = new Problems();
  const rooms = readRooms(db);
  const seen = new Set<number>();
  const next = db.prepare("SELECT place FROM runs WHERE place >= ? ORDER BY place LIMIT 1");
  const last = db.prepare(
    "SELECT place, count FROM runs WHERE place < ? ORDER BY place DESC LIMIT 1",
  );
  for (let id = 0;;) {
    const oldest = next.get(id * ROOM_SPAN)?.["place"];
    if (oldest === undefined) break;
    id = Math.floor(Number(oldest) / ROOM_SPAN);
    const newest = last.get((id + 1) * ROOM_SPAN);
    const end = Number(newest?.["place"]) % ROOM_SPAN + Number(newest?.["count"]);
    checkRoom(problems, id, rooms.get(id), { first: Number(oldest) % ROOM_SPAN, end });
    seen.add(id++);
  }
  for (const [id, room] of rooms) if (!seen.has(id)) checkRoom(problems, id, room, undefined);
  return problems;
}

/** A row of the table of rooms. */
interface Room {
  readonly name: string;
  readonly last: number;
  /** `seq` of the oldest message that was not removed; absent in older formats, which do not note it. */
  readonly first: number | undefined;
}

function readRooms(db: DatabaseSync): Map<number, Room> {
  const first = columnsOf(db, "rooms").has("first") ? "first" : "NULL";
  // How far a room had got at its latest start is further than "last", which follows only now and then.
  const reached = columnsOf(db, "room_starts").has("last")
    ? "coalesce((SELECT last FROM room_starts WHERE room = number ORDER BY start DESC LIMIT 1), 0)"
    : "0";
  const rows = db.prepare(
    `SELECT number, name, max(last, ${reached}) AS last, ${first} AS first FROM rooms`,
  ).all();
  return new Map(rows.map(({ number, name, last, first }) => [Number(number), {
    name: String(name),
    last: Number(last),
    first: first === null ? undefined : Number(first),
  }]));
}

function checkRoom(
  problems: Problems,
  id: number,
  room: Room | undefined,
  extent: Extent | undefined,
): void {
  if (room === undefined) {
    if (extent !== undefined) {
      problems.add(
        `room ${id} is missing, but its messages ${extent.first} to ${extent.end - 1} are there`,
      );
    }
    return;
  }
  const name = JSON.stringify(room.name);
  const first = extent?.first ?? room.last + 1;
  if (room.first !== undefined && first > Math.max(1, room.first)) {
    problems.add(
      `messages ${Math.max(1, room.first)} to ${first - 1} of room ${id}, ${name}, are missing`,
    );
  }
  if (room.first !== undefined && first < room.first) {
    problems.add(`room ${id}, ${name}, has messages before its first, ${room.first}`);
  }
  if (extent !== undefined && extent.end <= room.last) {
    problems.add(`messages ${extent.end} to ${room.last} of room ${id}, ${name}, are missing`);
  }
}
