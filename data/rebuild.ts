/**
 * Makes a new `hubbub.db` of what could be read of a damaged one.
 *
 * Messages keep their numbers. A number whose message is lost is given to a deleted message of nobody, so that
 * the room can be read to its end, and says honestly that something was there.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { migrate } from "../sqlite/migrate.ts";
import { MIGRATIONS } from "../store/sqlite/schema.ts";
import {
  decodeSegment,
  encodeSegment,
  MAX_SEGMENT_LENGTH,
  ROOM_SPAN,
  roomKey,
} from "../store/sqlite/segments.ts";
import type { StoredMessage } from "../store/store.ts";
import { encodeId } from "../store/sqlite/write_statements.ts";
import { columnsOf } from "./integrity.ts";
import { decodeAll } from "./references.ts";
import { type Finds, type RoomRow, salvage, type SegmentRow } from "./salvage.ts";

/** What a rebuilt room is called whose name is lost. */
const NAMELESS = "recovered";

/** The name under which nobody has written the messages that are lost. */
const NOBODY = "nobody";

/** The format in which rows are inserted: the first that knows users. Later steps derive what they add. */
const BASE = 2;

/** What came of it. */
export interface Rebuilt {
  /** One line for each room in which something is lost. */
  readonly lost: string[];
  /** One line for each thing that was made anew. */
  readonly recovered: string[];
}

/**
 * Makes a new database.
 *
 * @param from the damaged database
 * @param to a path at which there is none
 */
export function rebuild(from: string, to: string): Rebuilt {
  const db = new DatabaseSync(to);
  try {
    db.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA synchronous = OFF");
    migrate(db, to, MIGRATIONS.slice(0, BASE));
    db.exec("BEGIN");
    const result = new Rebuilder(db).run(from);
    db.exec("COMMIT");
    return result;
  } finally {
    db.close();
  }
}

class Rebuilder {
  readonly #db: DatabaseSync;
  readonly #lost: string[] = [];
  readonly #recovered: string[] = [];
  readonly #rooms = new Map<number, RoomRow>();
  /** Up to which `seq` rooms are known to have had messages. */
  readonly #reached = new Map<number, number>();
  /** Who made rooms, of which the first formats know nothing. */
  readonly #makers: [room: string, user: string, network: string, time: number][] = [];
  #numbered = 0;
  #unreadable = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  run(from: string): Rebuilt {
    salvage(from, this.#finds());
    if (this.#unreadable > 0) {
      this.#recovered.push(`${this.#unreadable} segments were found that cannot be decoded`);
    }
    this.#dropOverlaps();
    this.#nameRooms();
    for (const room of this.#rooms.values()) this.#completeRoom(room);
    this.#limitReading();
    this.#rebuildIds();
    this.#finish();
    return { lost: this.#lost, recovered: this.#recovered };
  }

  #finds(): Finds {
    const db = this.#db;
    const segment = db.prepare(
      "INSERT OR IGNORE INTO runs (number, place, count, time, messages) VALUES (?, ?, ?, ?, ?)",
    );
    const meta = db.prepare("INSERT OR IGNORE INTO meta VALUES (?, ?)");
    const settings = db.prepare("INSERT OR IGNORE INTO room_settings VALUES (?, ?, ?)");
    const member = db.prepare("INSERT OR IGNORE INTO members VALUES (?, ?, ?, ?)");
    return {
      segment: (row) => {
        if (!isSound(row)) this.#unreadable++;
        else segment.run(row.number, row.place, row.count, row.time, row.messages);
      },
      room: (row) => {
        if (row.number > 0 && !this.#rooms.has(row.number)) this.#rooms.set(row.number, row);
      },
      settings: (...values) => settings.run(...values),
      member: (...values) => member.run(...values),
      maker: (...values) => void this.#makers.push(values),
      reached: (id, last) => this.#reached.set(id, Math.max(last, this.#reached.get(id) ?? 0)),
      meta: (key, value) => meta.run(key, value),
      numbered: (id) => this.#numbered = Math.max(this.#numbered, id),
    };
  }

  /** What was read from pages may be from before a change: the first of two that claim a number stays. */
  #dropOverlaps(): void {
    const remove = this.#db.prepare("DELETE FROM runs WHERE number = ?");
    for (const order of ["number", "place"] as const) {
      let end = 0;
      const rows = this.#db.prepare(`SELECT number, place, count FROM runs ORDER BY ${order}`)
        .all();
      for (const row of rows) {
        if (Number(row[order]) < end) remove.run(Number(row["number"]));
        else end = Number(row[order]) + Number(row["count"]);
      }
    }
  }

  /** Every message belongs to a room. One without a name is private, because the lost one may have been. */
  #nameRooms(): void {
    const names = new Set<string>();
    for (const [id, room] of this.#rooms) {
      if (names.has(room.name)) this.#rooms.set(id, { ...room, name: `${NAMELESS}-${id}` });
      names.add(room.name);
    }
    const rows = this.#db.prepare(`SELECT DISTINCT place / ${ROOM_SPAN} AS id FROM runs`).all();
    const nameless = rows.map(({ id }) => Number(id)).filter((id) => !this.#rooms.has(id));
    const unused = this.#readNames().filter((name) => !names.has(name));
    for (const number of nameless) {
      const certain = nameless.length === 1 && unused.length === 1 ? unused[0] : undefined;
      const name = certain ?? this.#inventName(number, names);
      names.add(name);
      this.#rooms.set(number, { number, name, last: 0 });
    }
    const insert = this.#db.prepare("INSERT INTO rooms (number, name, last) VALUES (?, ?, ?)");
    for (const [number, room] of this.#rooms) {
      const last = Math.max(room.last, this.#reached.get(number) ?? 0);
      this.#rooms.set(number, { ...room, last });
      insert.run(number, room.name, last);
    }
  }

  /** Names of rooms in which somebody has read messages. */
  #readNames(): string[] {
    const rows = this.#db.prepare("SELECT DISTINCT room FROM members WHERE read > 0").all();
    return rows.map(({ room }) => String(room));
  }

  #inventName(number: number, taken: ReadonlySet<string>): string {
    let name = `${NAMELESS}-${number}`;
    while (taken.has(name)) name += "-";
    this.#db.prepare("INSERT OR REPLACE INTO room_settings VALUES (?, 1, '')").run(name);
    this.#recovered.push(`the room of number ${number}, whose name is lost, is ${name} (private)`);
    return name;
  }

  /** Nobody has read what there never was. */
  #limitReading(): void {
    this.#db.exec(`
      UPDATE members SET read = min(read, coalesce((
        SELECT max(place + count - 1) - rooms.number * ${ROOM_SPAN} FROM rooms JOIN runs
        ON place >= rooms.number * ${ROOM_SPAN} AND place < (rooms.number + 1) * ${ROOM_SPAN}
        WHERE rooms.name = members.room), (SELECT last FROM rooms WHERE name = room), 0))`);
  }

  /** Fills the gaps of a room. */
  #completeRoom({ number: roomId, name, last, first }: RoomRow): void {
    const rows = this.#db.prepare(
      "SELECT number, place, count, time FROM runs WHERE place >= ? AND place < ? ORDER BY place",
    ).all(roomKey(roomId, 0), roomKey(roomId + 1, 0));
    const report = (from: number, to: number) =>
      this.#lost.push(
        `room ${JSON.stringify(name)}: ${
          from === to ? `message ${from}` : `messages ${from} to ${to}`
        }`,
      );
    const oldest = rows[0] === undefined ? last + 1 : Number(rows[0]["place"]) % ROOM_SPAN;
    if (first !== undefined && first < oldest) report(Math.max(1, first), oldest - 1);
    let end = oldest;
    let endId = 0;
    let time = Number(rows[0]?.["time"] ?? 0);
    const fill = (to: number, beforeId: number) => {
      report(end, to - 1);
      this.#fill({ roomId, seq: end, count: to - end, time, afterId: endId, beforeId });
    };
    for (const row of rows) {
      const seq = Number(row["place"]) % ROOM_SPAN;
      if (seq > end) fill(seq, Number(row["number"]));
      end = seq + Number(row["count"]);
      endId = Number(row["number"]) + Number(row["count"]);
      time = Number(row["time"]);
    }
    if (rows.length > 0 && end <= last) fill(last + 1, Infinity);
  }

  /** Gives the numbers of a gap to deleted messages. Their global ids are among those that are free there. */
  #fill(gap: Gap): void {
    let { seq, count } = gap;
    const insert = this.#db.prepare("INSERT INTO runs VALUES (?, ?, ?, ?, ?)");
    for (const { from, to } of [...this.#freeIds(gap)]) {
      for (let id = from; id < to && count > 0;) {
        const part = Math.min(count, to - id, MAX_SEGMENT_LENGTH);
        const texts = encodeSegment(placeholders(seq, part, gap.time));
        insert.run(id, roomKey(gap.roomId, seq), part, gap.time, texts);
        [id, seq, count] = [id + part, seq + part, count - part];
      }
    }
  }

  /** Ranges of global ids that no segment has. */
  *#freeIds({ afterId, beforeId }: Gap): Generator<{ from: number; to: number }> {
    let from = Math.max(1, afterId);
    if (beforeId === Infinity) from = Math.max(from, this.#nextId());
    else {
      const rows = this.#db.prepare(
        "SELECT number, count FROM runs WHERE number >= ? AND number < ? ORDER BY number",
      ).all(from, beforeId);
      for (const row of rows) {
        const number = Number(row["number"]);
        if (number > from) yield { from, to: number };
        from = number + Number(row["count"]);
      }
    }
    if (beforeId > from) yield { from, to: beforeId };
  }

  #nextId(): number {
    const row = this.#db.prepare(
      "SELECT number + count AS next FROM runs ORDER BY number DESC LIMIT 1",
    )
      .get();
    return Math.max(Number(row?.["next"] ?? 1), this.#numbered + 1);
  }

  /** So that a message that is sent again is recognised. One that is lost can be sent again. */
  #rebuildIds(): void {
    const insert = this.#db.prepare(
      "INSERT OR IGNORE INTO ids (room, author, id, seq) VALUES (?, ?, ?, ?)",
    );
    for (const { roomId, messages } of decodeAll(this.#db, () => {})) {
      for (const { by, id, seq } of messages) {
        if (by !== undefined && id !== undefined) insert.run(roomId, by, encodeId(id), seq);
      }
    }
  }

  #finish(): void {
    const db = this.#db;
    db.prepare("INSERT OR REPLACE INTO meta VALUES ('numbered', ?)").run(this.#nextId() - 1);
    db.prepare("INSERT OR REPLACE INTO meta VALUES ('epoch', ?)").run(randomUUID());
    db.exec("COMMIT");
    migrate(db, "hubbub.db", MIGRATIONS);
    db.exec("BEGIN");
    if (!columnsOf(db, "rooms").has("change")) return;
    // Nobody's copy can be completed by changes from before.
    const raise = db.prepare("UPDATE rooms SET change = max(change, ?) WHERE number = ?");
    for (const { number, change } of this.#rooms.values()) raise.run((change ?? 0) + 1, number);
    if (columnsOf(db, "rooms").has("trimmed")) db.exec("UPDATE rooms SET trimmed = change");
    const maker = db.prepare("INSERT OR IGNORE INTO makers VALUES (?, ?, ?, ?)");
    for (const values of this.#makers) maker.run(...values);
  }
}

/** Numbers of a room that have no message, and between which global ids. */
interface Gap {
  readonly roomId: number;
  readonly seq: number;
  readonly count: number;
  readonly time: number;
  readonly afterId: number;
  readonly beforeId: number;
}

function placeholders(seq: number, count: number, time: number): StoredMessage[] {
  return Array.from({ length: count }, (_, index) => {
    const fields = { room: "", seq: seq + index, time, from: NOBODY, content: "" };
    return { ...fields, deleted: true as const };
  });
}

function isSound({ number, place, count, time, messages }: SegmentRow): boolean {
  const firstSeq = place % ROOM_SPAN;
  if (!(number > 0 && place >= ROOM_SPAN && firstSeq > 0 && count > 0 && time >= 0)) return false;
  try {
    const roomId = Math.floor(place / ROOM_SPAN);
    const segment = { firstId: number, roomId, firstSeq, count, time, text: messages };
    const decoded = decodeSegment("", segment);
    return decoded.length === count &&
      decoded.every(({ time, from, content }) =>
        typeof time === "number" && typeof from === "string" && typeof content === "string"
      );
  } catch {
    return false;
  }
}
