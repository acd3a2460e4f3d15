/**
 * Data directories for the tests of what is done with whole ones.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { CATALOG_MIGRATIONS } from "../../files/catalog.ts";
import { openPeople } from "../../people/open.ts";
import { migrate } from "../../sqlite/migrate.ts";
import { openSqliteStore } from "../../store/sqlite/store.ts";
import type { NewMessage } from "../../store/store.ts";
import { DEADLINE, within } from "../support/within.ts";

/** When everything happens. */
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

/** The bytes of the upload in {@linkcode makeData}. */
export const UPLOAD = new TextEncoder().encode("hello from a file\n");

/** Their SHA-256. */
export const UPLOAD_SHA256 = createHash("sha256").update(UPLOAD).digest("hex");

/** Calls a function with a temporary directory that is removed afterwards. */
export async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hubbub-data-" });
  try {
    await within(DEADLINE, "a test with data to end", run(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A message of Ann's. */
export function message(room: string, content: string, more: Partial<NewMessage> = {}): NewMessage {
  return { kind: "message", room, from: "ann", by: "id-of-ann", content, time: NOW, ...more };
}

/** What {@linkcode makeData} makes. */
export interface DataOptions {
  /** Messages in each of the rooms `attic` and `kitchen`. */
  messages?: number;
  /** Length of the text of each. */
  length?: number;
}

/** Makes a data directory as a server leaves it that was stopped: messages, a member, users, an upload. */
export async function makeData(
  dir: string,
  { messages = 200, length = 40 }: DataOptions = {},
): Promise<void> {
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  const store = await openSqliteStore({ dir, sync: "off" });
  for (let start = 0; start < messages; start += 20) {
    for (const room of ["attic", "kitchen"]) {
      const count = Math.min(20, messages - start);
      await store.commit(Array.from({ length: count }, (_, index) => {
        const text = `${room} ${start + index + 1} `.padEnd(length, "and so on ");
        return message(room, text, { id: `id-${start + index + 1}` });
      }));
    }
  }
  const url = "/files/file-1/hello.txt";
  const file = { id: "file-1", name: "hello.txt", size: UPLOAD.length, media_type: "text/plain" };
  await store.commit([
    message("attic", "", { file: { ...file, url, sha256: UPLOAD_SHA256 } }),
    { kind: "room", room: "attic", private: true, topic: "up here" },
    { kind: "member", room: "attic", user: "id-of-ann", role: "owner" },
    {
      kind: "maker",
      room: "kitchen",
      maker: { user: "id-of-bob", network: "192.0.2.7", time: NOW },
    },
    { kind: "edit", room: "kitchen", seq: 2, by: "id-of-ann", content: "edited", time: NOW + 5 },
    { kind: "delete", room: "kitchen", seq: 3, by: "id-of-ann" },
    { kind: "react", room: "kitchen", seq: 1, by: "id-of-bob", from: "bob", emoji: "🎉" },
  ]);
  await store.close();
  await addPeople(dir);
  addUpload(dir);
}

async function addPeople(dir: string): Promise<void> {
  const people = await openPeople({ data: { kind: "directory", path: dir }, sync: "off" });
  for (const [id, name] of [["id-of-ann", "ann"], ["id-of-bob", "bob"]] as const) {
    await people.add({ id, name, role: "member", remembered: true, created: NOW });
  }
  await people.setPassword("id-of-ann", "the hash of a password");
  await people.close();
}

function addUpload(dir: string): void {
  const folder = join(dir, "files", UPLOAD_SHA256.slice(0, 2));
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeFileSync(join(folder, UPLOAD_SHA256), UPLOAD);
  const path = join(dir, "files.db");
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = WAL");
  migrate(db, path, CATALOG_MIGRATIONS);
  db.prepare(
    "INSERT INTO files (id, name, size, media_type, sha256, uploader, created) VALUES (?,?,?,?,?,?,?)",
  ).run("file-1", "hello.txt", UPLOAD.length, "text/plain", UPLOAD_SHA256, "id-of-ann", NOW);
  db.prepare("INSERT INTO announcements (room, seq, file) SELECT 'attic', ?, 'file-1'").run(201);
  db.close();
}

/** Runs a statement on `hubbub.db`. */
export function alter(dir: string, sql: string): void {
  const db = new DatabaseSync(join(dir, "hubbub.db"));
  db.exec(sql);
  db.close();
}

/** Overwrites a part of a file. */
export function overwrite(path: string, start: number, bytes: Uint8Array): void {
  const file = Deno.openSync(path, { write: true });
  file.seekSync(start, Deno.SeekMode.Start);
  file.writeSync(bytes);
  file.close();
}
