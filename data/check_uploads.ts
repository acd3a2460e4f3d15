/**
 * Checks uploads: that the bytes of each are there and are what was uploaded, and that the catalog has a record
 * of each to which a message refers.
 *
 * @module
 */
import { join } from "node:path";
import { digestFile, listUploads, uploadPath } from "./durable_copy.ts";
import { isDamage, tablesOf, withDatabase } from "./integrity.ts";
import { CATALOG, MESSAGES, statIfThere, UPLOADS } from "./layout.ts";
import { references } from "./references.ts";
import type { Report } from "./report.ts";
import { readTable } from "./table_reader.ts";

/** What is known of some bytes. */
interface Known {
  readonly size: number;
  /** A message that refers to them, in words; absent: none does. */
  message?: string;
  /** Whether the catalog has a record of them. */
  recorded?: true;
}

/** Checks uploads against catalog and messages, as far as those can be read. */
export function checkUploads(dir: string, report: Report): void {
  const known = new Map<string, Known>();
  // A server may be running: whatever a message refers to was recorded before it.
  const hasMessages = readMessages(dir, known);
  readCatalog(dir, known);
  const catalog = statIfThere(join(dir, CATALOG)) !== undefined && !report.isDamaged(CATALOG);
  for (const [sha256, about] of known) checkUpload(dir, sha256, about, { catalog, report });
  let orphans = 0;
  for (const sha256 of listUploads(dir)) if (!known.has(sha256)) orphans++;
  if (orphans > 0 && hasMessages) {
    report.note(`${UPLOADS}/`, `${orphans} uploads belong to nobody; the server puts them aside`);
  }
}

function readCatalog(dir: string, known: Map<string, Known>): void {
  quietly(join(dir, CATALOG), (path) =>
    withDatabase(path, (db) => {
      if (!tablesOf(db).has("files")) return;
      for (const { sha256, size } of readTable(db, { table: "files", keys: ["id"] })) {
        const about = known.get(String(sha256));
        if (about === undefined) known.set(String(sha256), { size: Number(size), recorded: true });
        else about.recorded = true;
      }
    }));
}

function readMessages(dir: string, known: Map<string, Known>): boolean {
  return quietly(join(dir, MESSAGES), (path) =>
    withDatabase(path, (db) => {
      for (const { room, seq, file: { sha256, size } } of references(db)) {
        const message = `message ${seq} of ${JSON.stringify(room)}`;
        const about = known.get(sha256);
        if (about === undefined) known.set(sha256, { size, message });
        else about.message ??= message;
      }
    }));
}

/** Whether a database could be read to the end. What is wrong with it is said elsewhere. */
function quietly(path: string, read: (path: string) => void): boolean {
  if ((statIfThere(path)?.size ?? 0) === 0) return false;
  try {
    read(path);
    return true;
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}

function checkUpload(
  dir: string,
  sha256: string,
  { size, message, recorded }: Known,
  { catalog, report }: { catalog: boolean; report: Report },
): void {
  const path = uploadPath(dir, sha256);
  const file = `${UPLOADS}/${sha256.slice(0, 2)}/${sha256}`;
  const of = message === undefined ? "" : ` (${message})`;
  if (statIfThere(path) === undefined) {
    // Without a record it may have been removed because of its age.
    if (recorded && isRecorded(dir, sha256)) report.damaged(file, `it is missing${of}`);
    else report.note(file, `it is no longer there${of}`);
    return;
  }
  const found = digestFile(path);
  if (found.size !== size) {
    report.damaged(file, `it has ${found.size} bytes instead of ${size}${of}`);
  } else if (found.sha256 !== sha256) {
    report.damaged(file, `its bytes are not what was uploaded${of}`);
  }
  if (!recorded && catalog) report.damaged(CATALOG, `it has no record of ${file}${of}`);
}

/** Whether the catalog has a record of some bytes now: they may just have been removed together. */
function isRecorded(dir: string, sha256: string): boolean {
  let found = false;
  quietly(join(dir, CATALOG), (path) =>
    withDatabase(path, (db) => {
      found = db.prepare("SELECT 1 FROM files WHERE sha256 = ?").get(sha256) !== undefined;
    }));
  return found;
}
