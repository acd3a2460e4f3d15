/**
 * Checks the contents of `hubbub.db`: that every message can be decoded, that numbers have no gaps, and that
 * what refers to a message or a change refers to one that there was.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { ROOM_SPAN } from "../store/sqlite/segments.ts";
import { columnsOf, tablesOf } from "./integrity.ts";
import { MESSAGES } from "./layout.ts";
import { SegmentWalk } from "./numbering.ts";
import { decodeAll } from "./references.ts";
import type { Report } from "./report.ts";

/** The greatest `seq` of each room, as SQL. */
const LASTS = `
  SELECT rooms.number AS room, rooms.name AS name, max(rooms.last, coalesce((
    SELECT place + count - 1 - rooms.number * ${ROOM_SPAN} FROM runs
    WHERE place < (rooms.number + 1) * ${ROOM_SPAN} AND place >= rooms.number * ${ROOM_SPAN}
    ORDER BY place DESC LIMIT 1
  ), 0)) AS last FROM rooms`;

/** A rule: the rows that break it, and how to say that there are some. */
interface Rule {
  /** Tables that it is about; without one of them it does not apply. */
  readonly tables: readonly string[];
  /** Columns of \`rooms\` that it is about. */
  readonly columns?: readonly string[];
  readonly count: string;
  readonly problem: (count: number) => string;
}

const RULES: readonly Rule[] = [
  {
    tables: ["ids"],
    count: `SELECT count(*) AS n FROM ids LEFT JOIN lasts USING (room)
      WHERE seq > coalesce(last, 0) OR seq < 1`,
    problem: (n) => `${n} ids belong to messages that there never were`,
  },
  {
    tables: ["members"],
    count: `SELECT count(*) AS n FROM members LEFT JOIN lasts ON members.room = lasts.name
      WHERE read > coalesce(last, 0)`,
    problem: (n) => `${n} members have read messages that there never were`,
  },
  {
    tables: ["amendments"],
    columns: ["change"],
    count: `SELECT count(*) AS n FROM amendments LEFT JOIN rooms ON rooms.number = room
      LEFT JOIN lasts USING (room)
      WHERE rooms.number IS NULL OR amendments.change > rooms.change OR seq > lasts.last OR seq < 1`,
    problem: (n) => `${n} changes are of messages that there never were, or beyond the last change`,
  },
  {
    tables: ["room_starts"],
    columns: ["change"],
    count: `SELECT count(*) AS n FROM room_starts LEFT JOIN rooms ON rooms.number = room
      LEFT JOIN lasts USING (room)
      WHERE rooms.number IS NULL OR room_starts.change > rooms.change OR room_starts.last > lasts.last`,
    problem: (n) => `${n} rooms had more messages or changes at an earlier start`,
  },
  {
    tables: ["rooms"],
    columns: ["change", "trimmed"],
    count: "SELECT count(*) AS n FROM rooms WHERE trimmed > change OR change < 0",
    problem: (n) => `${n} rooms have a removal after their last change`,
  },
];

/** Checks messages and what refers to them. */
export function checkMessages(db: DatabaseSync, report: Report): void {
  const tables = tablesOf(db);
  const missing = ["meta", "rooms", "runs"].filter((name) => !tables.has(name));
  if (missing.length > 0) {
    report.damaged(MESSAGES, `it lacks the table ${missing.join(", ")}`);
    return;
  }
  db.exec("BEGIN");
  try {
    const walk = new SegmentWalk(db);
    while (walk.step());
    const { lines, count } = walk.finish();
    for (const line of lines) report.damaged(MESSAGES, line);
    if (count > lines.length) {
      report.damaged(MESSAGES, `and ${count - lines.length} more like these`);
    }
    checkTexts(db, report);
    checkRules(db, tables, report);
  } finally {
    db.exec("COMMIT");
  }
}

/** Every message has an author's name, a text and a time. */
function checkTexts(db: DatabaseSync, report: Report): void {
  const failed = (number: number) =>
    report.damaged(MESSAGES, `segment ${number} cannot be decoded`);
  for (const { number, messages } of decodeAll(db, failed)) {
    const isSound = messages.every(({ time, from, content }) =>
      typeof time === "number" && typeof from === "string" && typeof content === "string"
    );
    if (!isSound) failed(number);
  }
}

function checkRules(db: DatabaseSync, tables: ReadonlySet<string>, report: Report): void {
  const columns = columnsOf(db, "rooms");
  for (const rule of RULES) {
    if (!rule.tables.every((name) => tables.has(name))) continue;
    if (rule.columns?.some((name) => !columns.has(name))) continue;
    const row = db.prepare(`WITH lasts AS MATERIALIZED (${LASTS}) ${rule.count}`).get();
    const count = Number(row?.["n"]);
    if (count > 0) report.damaged(MESSAGES, rule.problem(count));
  }
}
