/**
 * `files.db`: the record of each file, and which messages refer to it. All calls are synchronous and
 * take microseconds; none waits for the disk.
 *
 * @module
 */
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { FileInfo, UserId } from "../protocol.ts";
import type { Uploader } from "./uploader.ts";

/** The tables, as steps from one format to the next; see `migrate`. A released step never changes. */
export const CATALOG_MIGRATIONS: readonly string[] = [
  `
  -- epoch: of the message store whose messages the announcements are.
  -- noted: all messages of this time (milliseconds since 1970) or earlier are in announcements.
  -- clean: whether the program ended in good order, so that nothing else is in announcements.
  CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

  -- uploader: the SHA-256 of its session. created: milliseconds since 1970.
  -- announced: how many messages refer to it.
  CREATE TABLE files (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    uploader TEXT NOT NULL,
    created INTEGER NOT NULL,
    announced INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  CREATE INDEX files_by_sha256 ON files (sha256);
  CREATE INDEX files_by_created ON files (created);
  CREATE INDEX files_unannounced ON files (created) WHERE announced = 0;

  -- The messages that refer to files.
  CREATE TABLE announcements (
    room TEXT NOT NULL,
    seq INTEGER NOT NULL,
    file TEXT NOT NULL,
    PRIMARY KEY (room, seq)
  ) WITHOUT ROWID;
  CREATE INDEX announcements_by_file ON announcements (file);

  CREATE TRIGGER announced AFTER INSERT ON announcements BEGIN
    UPDATE files SET announced = announced + 1 WHERE id = NEW.file;
  END;
  CREATE TRIGGER withdrawn AFTER DELETE ON announcements BEGIN
    UPDATE files SET announced = announced - 1 WHERE id = OLD.file;
  END;
  CREATE TRIGGER removed AFTER DELETE ON files BEGIN
    DELETE FROM announcements WHERE file = OLD.id;
  END;
  `,
  `
  -- uploader: from now on the id of its user. What was uploaded by a session, before there were users,
  -- is nobody's: ''.
  UPDATE files SET uploader = '';
  `,
  `
  -- run: of the message store with which the announcements were last in agreement.
  -- lost: messages that referred to it are gone without a trace, so that nobody has asked to remove it.
  ALTER TABLE files ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
  DROP TRIGGER announced;
  CREATE TRIGGER announced AFTER INSERT ON announcements BEGIN
    UPDATE files SET announced = announced + 1, lost = 0 WHERE id = NEW.file;
  END;
  `,
  `
  -- network: from which a guest uploaded it; '' if it was no guest.
  ALTER TABLE files ADD COLUMN network TEXT NOT NULL DEFAULT '';
  CREATE INDEX files_by_uploader ON files (uploader, announced, lost, size);
  CREATE INDEX files_by_network ON files (network, announced, lost, size) WHERE network <> '';
  DROP INDEX files_unannounced;
  CREATE INDEX files_unannounced ON files (created, lost, size) WHERE announced = 0;
  `,
];

/** A file in the catalog. */
export interface FileRecord extends Omit<FileInfo, "url"> {
  /** Who uploaded it; empty: nobody, because there were no users yet. */
  readonly uploader: UserId;
  /** The network by which it counts: see `countedNetwork`; empty: by none. */
  readonly network: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** How much is stored, in bytes. */
export interface Usage {
  readonly user: number;
  readonly network: number;
  /** Of files that no message refers to. */
  readonly unannounced: { readonly user: number; readonly network: number; readonly all: number };
}

const NO_USAGE = { all: 0, unannounced: 0 };

/** A message that refers to a file. */
export interface Announcement {
  readonly room: string;
  readonly seq: number;
  readonly file: string;
}

/** What is recorded once. */
type MetaKey = "epoch" | "run" | "noted" | "clean";

type Row = Record<string, SQLOutputValue>;

/** The records of all files. */
export class Catalog {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @param db migrated by {@linkcode CATALOG_MIGRATIONS}; `close` closes it */
  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  add({ id, name, size, media_type, sha256, uploader, network, created }: FileRecord): void {
    const insert =
      "INSERT INTO files (id, name, size, media_type, sha256, uploader, network, created) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    this.#prepare(insert).run(id, name, size, media_type, sha256, uploader, network, created);
  }

  find(id: string): FileRecord | undefined {
    const row = this.#prepare("SELECT * FROM files WHERE id = ?").get(id);
    return row === undefined ? undefined : toRecord(row);
  }

  /** Removes a file and its announcements. */
  remove(id: string): void {
    this.#prepare("DELETE FROM files WHERE id = ?").run(id);
  }

  /**
   * Records that a message refers to a file. Idempotent. If another file is recorded there, that record is of
   * a message which is gone without a trace: the file is lost.
   */
  announce({ room, seq, file }: Announcement): void {
    const known = this.fileAt(room, seq);
    if (known === file) return;
    if (known !== undefined) this.lose(room, seq);
    this.#prepare("INSERT INTO announcements VALUES (?, ?, ?)").run(room, seq, file);
  }

  /** The id of the file to which a message refers. */
  fileAt(room: string, seq: number): string | undefined {
    const sql = "SELECT file FROM announcements WHERE room = ? AND seq = ?";
    const row = this.#prepare(sql).get(room, seq);
    return row === undefined ? undefined : String(row["file"]);
  }

  /** Removes the announcement of a message, and returns the id of its file. */
  withdraw(room: string, seq: number): string | undefined {
    const sql = "DELETE FROM announcements WHERE room = ? AND seq = ? RETURNING file";
    const row = this.#prepare(sql).get(room, seq);
    return row === undefined ? undefined : String(row["file"]);
  }

  /** Removes the announcement of a message that is gone without a trace: its file is lost. */
  lose(room: string, seq: number): void {
    const id = this.withdraw(room, seq);
    if (id !== undefined) this.#prepare("UPDATE files SET lost = 1 WHERE id = ?").run(id);
  }

  /** Whether messages that referred to a file are gone without a trace, and none has referred to it since. */
  isLost(id: string): boolean {
    return this.#prepare("SELECT lost FROM files WHERE id = ?").get(id)?.["lost"] === 1;
  }

  /** Records that a file is at least as old as this time. */
  dateBack(id: string, time: number): void {
    this.#prepare("UPDATE files SET created = ? WHERE id = ? AND created > ?").run(time, id, time);
  }

  /** How many messages refer to a file. */
  announced(id: string): number {
    const row = this.#prepare("SELECT announced FROM files WHERE id = ?").get(id);
    return Number(row?.["announced"] ?? 0);
  }

  /** The next room, by name, in which a message refers to a file; start with `""`. */
  roomOfFileAfter(id: string, room: string): string | undefined {
    // One step in the index for each room, however many of its messages refer to the file.
    const sql = "SELECT room FROM announcements WHERE file = ? AND room > ? ORDER BY room LIMIT 1";
    const row = this.#prepare(sql).get(id, room);
    return row === undefined ? undefined : String(row["room"]);
  }

  /** Whether a file has these bytes. */
  hasBytes(sha256: string): boolean {
    return this.#prepare("SELECT 1 FROM files WHERE sha256 = ? LIMIT 1").get(sha256) !== undefined;
  }

  /** The next room, by name, with announcements; start with `""`. */
  roomAfter(room: string): string | undefined {
    const sql = "SELECT room FROM announcements WHERE room > ? ORDER BY room LIMIT 1";
    const row = this.#prepare(sql).get(room);
    return row === undefined ? undefined : String(row["room"]);
  }

  /** The greatest `seq` of an announcement in a room; 0 if there is none. */
  lastAnnounced(room: string): number {
    const sql = "SELECT max(seq) AS last FROM announcements WHERE room = ?";
    return Number(this.#prepare(sql).get(room)?.["last"] ?? 0);
  }

  /** Announcements in a room, ascending by `seq`, between two `seq`s exclusively. */
  announcements(
    room: string,
    { above, below = Number.MAX_SAFE_INTEGER, limit }: {
      above: number;
      below?: number;
      limit: number;
    },
  ): Announcement[] {
    const sql = "SELECT * FROM announcements WHERE room = ? AND seq > ? AND seq < ? " +
      "ORDER BY seq LIMIT ?";
    return this.#prepare(sql).all(room, above, below, limit).map((row) => ({
      room,
      seq: Number(row["seq"]),
      file: String(row["file"]),
    }));
  }

  /** Ids of files uploaded before a time, oldest first. */
  createdBefore(time: number, limit: number): string[] {
    const sql = "SELECT id FROM files WHERE created < ? ORDER BY created LIMIT ?";
    return toIds(this.#prepare(sql).all(time, limit));
  }

  /** Like `createdBefore`, but only files without announcements. */
  unannouncedBefore(time: number, limit: number): string[] {
    const sql = "SELECT id FROM files WHERE created < ? AND announced = 0 " +
      "ORDER BY created LIMIT ?";
    return toIds(this.#prepare(sql).all(time, limit));
  }

  /** Total size of all stored bytes; identical ones count once. */
  bytes(): number {
    const sql = "SELECT total(size) AS bytes FROM (SELECT size FROM files GROUP BY sha256)";
    return Number(this.#prepare(sql).get()?.["bytes"]);
  }

  /** Sizes of files, added up, each as at least a page of the disk; those that are lost count as announced. */
  usage({ user, network = "" }: Uploader): Usage {
    const own = this.#total("uploader = ?", user);
    const near = network === "" ? NO_USAGE : this.#total("network <> '' AND network = ?", network);
    const all = this.#prepare(
      "SELECT total(max(size, 4096)) AS bytes FROM files WHERE announced = 0 AND lost = 0",
    ).get();
    return {
      user: own.all,
      network: near.all,
      unannounced: {
        user: own.unannounced,
        network: near.unannounced,
        all: Number(all?.["bytes"]),
      },
    };
  }

  #total(condition: string, value: string): typeof NO_USAGE {
    const row = this.#prepare(
      `SELECT total(max(size, 4096)) AS bytes,
          total(max(size, 4096)) FILTER (WHERE announced = 0 AND lost = 0) AS unannounced
        FROM files WHERE ${condition}`,
    ).get(value);
    return { all: Number(row?.["bytes"]), unannounced: Number(row?.["unannounced"]) };
  }

  /** Number of files, and of those to which no message refers. */
  count(): { readonly files: number; readonly unannounced: number } {
    const of = "SELECT count(*) AS count FROM files INDEXED BY";
    const files = this.#prepare(`${of} files_by_created`).get();
    const unannounced = this.#prepare(`${of} files_unannounced WHERE announced = 0`).get();
    return { files: Number(files?.["count"]), unannounced: Number(unannounced?.["count"]) };
  }

  readMeta(key: MetaKey): SQLOutputValue | undefined {
    return this.#prepare("SELECT value FROM meta WHERE key = ?").get(key)?.["value"];
  }

  writeMeta(key: MetaKey, value: string | number): void {
    this.#prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)").run(key, value);
  }

  close(): void {
    this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = this.#db.prepare(sql));
    return statement;
  }
}

function toRecord(row: Row): FileRecord {
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    size: Number(row["size"]),
    media_type: String(row["media_type"]),
    sha256: String(row["sha256"]),
    uploader: String(row["uploader"]),
    network: String(row["network"]),
    created: Number(row["created"]),
  };
}

function toIds(rows: readonly Row[]): string[] {
  return rows.map((row) => String(row["id"]));
}
