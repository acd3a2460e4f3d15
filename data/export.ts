/**
 * Writes a data directory as JSON lines, which other programs can read: docs/export.md describes them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StartError } from "../config/errors.ts";
import { assertVacant } from "./backup.ts";
import { copyUploads, makePrivately, settleDirectory, settleFile } from "./durable_copy.ts";
import { columnsOf, isDamage, tablesOf, withDatabase } from "./integrity.ts";
import { CATALOG, MESSAGES, PEOPLE, statIfThere, toStartError } from "./layout.ts";
import { LineWriter } from "./line_writer.ts";
import { ROOM_SPAN, roomKey } from "../store/sqlite/segments.ts";
import { decodeAll } from "./references.ts";
import { readTable, type Row } from "./table_reader.ts";

/** The file of lines in an export. */
export const LINES = "export.jsonl";

/** The form of the lines. */
export const EXPORT_FORMAT = 1;

/** Tables of secrets, by the member of a user in which they are. */
const SECRETS = {
  password: { table: "passwords", columns: ["hash"] },
  passkeys: {
    table: "passkeys",
    columns: ["id", "public_key", "counter", "transports", "label", "created", "used"],
  },
  identities: { table: "identities", columns: ["issuer", "subject"] },
} as const;

/** How many lines of each type were written. */
export type Counts = Record<string, number>;

/**
 * Exports. The result appears under its name when it is complete and on the disk.
 *
 * @param dest a directory that does not exist, or is empty
 * @param withSecrets whether to write password hashes, passkeys and who people are to their providers
 * @throws {StartError} if it cannot be done
 */
export function exportData(
  dir: string,
  dest: string,
  { withSecrets }: { withSecrets: boolean },
): Counts {
  if (statIfThere(join(dir, MESSAGES)) === undefined) {
    throw new StartError(
      `Cannot export "${dir}": it holds no ${MESSAGES}; name the server's --data`,
    );
  }
  const target = resolve(dest);
  assertVacant(target, "export to");
  const partial = `${target}.partial-${randomUUID()}`;
  try {
    makePrivately(partial);
    const counts = writeLines(dir, join(partial, LINES), withSecrets);
    copyUploads(dir, partial, { link: false });
    settleDirectory(partial);
    if (statIfThere(target) !== undefined) Deno.removeSync(target);
    Deno.renameSync(partial, target);
    settleDirectory(dirname(target));
    return counts;
  } catch (error) {
    if (statIfThere(partial) !== undefined) Deno.removeSync(partial, { recursive: true });
    if (isDamage(error) && !(error instanceof StartError)) {
      throw toStartError(`export "${dir}" (see what is damaged with hubbub check)`, error);
    }
    throw toStartError(`export "${dir}"`, error);
  }
}

/** Messages first: users and files of a message are recorded before it, so they are there later. */
function writeLines(dir: string, path: string, withSecrets: boolean): Counts {
  using writer = new LineWriter(path);
  writer.write({ type: "hubbub", format: EXPORT_FORMAT });
  inSnapshot(dir, MESSAGES, (db) => writeMessages(db, writer));
  inSnapshot(dir, PEOPLE, (db) => {
    writeUsers(db, writer, withSecrets);
    writeAdministration(db, writer);
  });
  inSnapshot(dir, CATALOG, (db) => writeFiles(db, writer));
  writer.flush();
  settleFile(path);
  return writer.counts;
}

/** Runs `work` on a database if it is there, in one read transaction. */
function inSnapshot(dir: string, name: string, work: (db: DatabaseSync) => void): void {
  const path = join(dir, name);
  if ((statIfThere(path)?.size ?? 0) === 0) return;
  withDatabase(path, (db) => {
    db.exec("BEGIN");
    if (tablesOf(db).size > 0) work(db);
  });
}

function writeMessages(db: DatabaseSync, writer: LineWriter): void {
  const tables = tablesOf(db);
  const first = columnsOf(db, "rooms").has("first");
  const newest = db.prepare(
    "SELECT place + count - 1 AS key FROM runs WHERE place < ? ORDER BY place DESC LIMIT 1",
  );
  for (const row of readTable(db, { table: "rooms", keys: ["number"] })) {
    const start = roomKey(Number(row["number"]), 0);
    const key = Number(newest.get(start + ROOM_SPAN)?.["key"] ?? 0);
    const bounds = {
      last: Math.max(Number(row["last"]), key - start),
      ...first && { first: row["first"] },
    };
    writer.write({ type: "room", room: row["name"], ...bounds });
  }
  if (tables.has("room_settings")) {
    for (const row of readTable(db, { table: "room_settings", keys: ["room"] })) {
      const { room, topic } = row;
      writer.write({ type: "settings", room, private: row["private"] === 1, topic });
    }
  }
  if (tables.has("members")) {
    for (const row of readTable(db, { table: "members", keys: ["room", "user"] })) {
      writer.write({ type: "member", ...row });
    }
  }
  if (tables.has("makers")) {
    for (const row of readTable(db, { table: "makers", keys: ["room"] })) {
      writer.write({ type: "maker", ...row });
    }
  }
  const failed = (number: number) => {
    throw new StartError(
      `Cannot export: segment ${number} of ${MESSAGES} cannot be decoded; see hubbub check`,
    );
  };
  for (const { messages } of decodeAll(db, failed)) {
    for (const message of messages) writer.write({ type: "message", ...message });
  }
}

function writeUsers(db: DatabaseSync, writer: LineWriter, withSecrets: boolean): void {
  const secrets = Object.entries(SECRETS).map(([member, { table, columns }]) => ({
    member,
    select: db.prepare(`SELECT ${columns.join(", ")} FROM ${table} WHERE user = ?`),
  }));
  for (const row of readTable(db, { table: "users", keys: ["id"] })) {
    const { id, name, role, created, seen } = row;
    const user: Record<string, unknown> = {
      ...{ type: "user", id, name, role, created, seen },
      named: row["key"] !== null,
      remembered: row["remembered"] === 1,
      disabled: row["disabled"] === 1,
    };
    for (const { member, select } of withSecrets ? secrets : []) {
      const found = select.all(id ?? null).map(toJson);
      if (found.length > 0) user[member] = member === "password" ? found[0]?.["hash"] : found;
    }
    writer.write(user);
  }
}

/** Only databases of format 2 have these tables. */
function writeAdministration(db: DatabaseSync, writer: LineWriter): void {
  const tables = tablesOf(db);
  if (tables.has("sanctions")) {
    for (const { until, ...row } of readTable(db, { table: "sanctions", keys: ["id"] })) {
      writer.write({ type: "sanction", ...row, ...until !== null && { until } });
    }
  }
  if (tables.has("audit")) {
    for (const row of readTable(db, { table: "audit", keys: ["number"] })) {
      writer.write({ type: "audit", ...row });
    }
  }
}

/** Bytes become base64url. */
function toJson(row: Row): Record<string, unknown> {
  const entries = Object.entries(row).map(([column, value]) => [
    column,
    value instanceof Uint8Array ? Buffer.from(value).toString("base64url") : value,
  ]);
  return Object.fromEntries(entries);
}

function writeFiles(db: DatabaseSync, writer: LineWriter): void {
  for (const row of readTable(db, { table: "files", keys: ["id"] })) {
    const { id, name, size, media_type, sha256, uploader, created } = row;
    writer.write({ type: "file", id, name, size, media_type, sha256, uploader, created });
  }
}
