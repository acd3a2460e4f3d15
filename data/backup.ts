/**
 * Makes a backup of a data directory, whether a server runs on it or not.
 *
 * Each database is copied in one read transaction, which a writer neither waits for nor interrupts, so it takes as long as the data are large, whatever is written meanwhile. The messages come
 * first: users and uploads of a message exist before it does, so that whatever the copied messages refer to is
 * in what is copied later, unless it is removed in between. Then the snapshot is taken again.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { backup as backUpDatabase, DatabaseSync } from "node:sqlite";
import { StartError } from "../config/errors.ts";
import { reasonOf } from "../sqlite/data_error.ts";
import { formatOf } from "../sqlite/migrate.ts";
import {
  copyUploads,
  digestFile,
  listUploads,
  makePrivately,
  settleDirectory,
  settleFile,
  uploadPath,
  writeDurably,
} from "./durable_copy.ts";
import { isInUse } from "./in_use.ts";
import { inspectLog } from "./wal.ts";
import { findProblems, isDamage, open, withDatabase } from "./integrity.ts";
import { CATALOG, MESSAGES, namesIn, PEOPLE, removeIfThere, statIfThere } from "./layout.ts";
import { SegmentWalk } from "./numbering.ts";
import { readEpoch, references } from "./references.ts";

/** The description of a backup, beside its files. */
export const MANIFEST = "backup.json";

/** The form of the manifest. */
export const BACKUP_FORMAT = 1;

/** What is copied, in this order. */
export const COPIED = [MESSAGES, PEOPLE, CATALOG] as const;

/** More pages than any database has that fits on a disk of 4 TiB. */
const ALL_PAGES = 2 ** 30;

/** How often a snapshot is taken, at most, while uploads go as it is taken. */
const MAX_ATTEMPTS = 5;

/** A database of a backup. */
export interface CopiedFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

/** The content of {@linkcode MANIFEST}. */
export interface Manifest {
  readonly format: number;
  /** Milliseconds since 1970, when the snapshot of the messages was taken. */
  readonly time: number;
  /** Of the messages. */
  readonly epoch: string;
  /** The format of `hubbub.db`. */
  readonly messages: number;
  readonly databases: readonly CopiedFile[];
  /** How many uploads are in it. */
  readonly uploads: number;
}

/** What became of a backup. */
export interface BackupReport {
  readonly manifest: Manifest;
  /** What is wrong with the data that were copied, one line each. */
  readonly warnings: string[];
}

/**
 * Makes a backup. It appears under its name when it is complete and on the disk.
 *
 * @param dir the data directory
 * @param dest a directory that does not exist, or is empty
 * @param now milliseconds since 1970
 * @throws {StartError} if it cannot be made
 */
export async function backUp(dir: string, dest: string, now: number): Promise<BackupReport> {
  if (statIfThere(join(dir, MESSAGES)) === undefined) {
    throw new StartError(
      `Cannot back up "${dir}": it holds no ${MESSAGES}; name the server's --data`,
    );
  }
  const target = resolve(dest);
  assertVacant(target, "back up to");
  const partial = `${target}.partial-${randomUUID()}`;
  try {
    makePrivately(partial);
    const logs = describeLogs(dir);
    const { manifest, warnings } = await takeSnapshot(dir, partial, now);
    finish(partial, target);
    return { manifest, warnings: [...logs, ...warnings] };
  } catch (error) {
    if (statIfThere(partial) !== undefined) Deno.removeSync(partial, { recursive: true });
    if (error instanceof StartError) throw error;
    const hint = isDamage(error) ? "; see what is damaged with hubbub check" : "";
    throw new StartError(`Cannot back up "${dir}" to "${dest}": ${reasonOf(error)}${hint}`, {
      cause: error,
    });
  }
}

/** A log that no server is writing to may be damaged: what it held is not in the backup either. */
function describeLogs(dir: string): string[] {
  if (isInUse(dir)) return [];
  return COPIED.flatMap((name) => {
    const { lostFrames } = inspectLog(join(dir, `${name}-wal`));
    const problem = `The log of ${name} is damaged: ${lostFrames} pages that were written are lost`;
    return lostFrames === 0 ? [] : [problem];
  });
}

/** Refuses a directory in which there is something. */
export function assertVacant(dir: string, action: string): void {
  const state = statIfThere(dir);
  if (state === undefined || (state.isDirectory && (namesIn(dir) ?? []).length === 0)) return;
  const problem = state.isDirectory ? "is not empty" : "is no directory";
  throw new StartError(`Cannot ${action} "${dir}": it ${problem}; name a new directory`);
}

async function takeSnapshot(dir: string, partial: string, now: number): Promise<BackupReport> {
  let missing: string[] = [];
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    for (const name of COPIED) {
      removeIfThere(join(partial, name));
      if (statIfThere(join(dir, name)) !== undefined) {
        await copyDatabase(join(dir, name), join(partial, name));
      }
    }
    copyUploads(dir, partial, { link: true });
    const before = missing.join();
    missing = findMissing(partial);
    // What is missing twice is missing in the data.
    if (missing.length === 0 || missing.join() === before) break;
  }
  return describe(partial, missing, now);
}

/**
 * Copies a database as it is at one moment. All pages in one step, within one transaction: in several, SQLite would
 * begin again with each commit of others (<https://sqlite.org/c3ref/backup_finish.html>). `VACUUM INTO` needs
 * permissions that the executable does not have.
 */
async function copyDatabase(from: string, to: string): Promise<void> {
  const db = open(from);
  try {
    await backUpDatabase(db, to, { rate: ALL_PAGES });
  } finally {
    db.close();
  }
  const copy = new DatabaseSync(to);
  try {
    // A log would appear beside it when it is read.
    copy.exec("PRAGMA journal_mode = DELETE");
    const [problem] = findProblems(copy, "quick_check");
    if (problem !== undefined) throw new Error(`${basename(from)} is damaged: ${problem}`);
  } finally {
    copy.close();
  }
  settleFile(to);
}

/** SHA-256 of uploads that messages refer to and that are not there, sorted. */
function findMissing(dir: string): string[] {
  return withDatabase(join(dir, MESSAGES), (db) => {
    const missing = new Set<string>();
    for (const { file: { sha256 } } of references(db)) {
      if (statIfThere(uploadPath(dir, sha256)) === undefined) missing.add(sha256);
    }
    return [...missing].sort();
  });
}

function describe(partial: string, missing: readonly string[], now: number): BackupReport {
  const { epoch, format, problems } = withDatabase(join(partial, MESSAGES), (db) => {
    const walk = new SegmentWalk(db);
    while (walk.step());
    return { epoch: readEpoch(db), format: formatOf(db), problems: walk.finish().lines };
  });
  const databases = COPIED.filter((name) => statIfThere(join(partial, name)) !== undefined)
    .map((name) => ({ name, ...digestFile(join(partial, name)) }));
  const uploads = [...listUploads(partial)].length;
  const head = { format: BACKUP_FORMAT, time: now, epoch, messages: format };
  const manifest = { ...head, databases, uploads };
  writeDurably(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  const warnings = problems.map((problem) => `${MESSAGES}: ${problem}`);
  if (missing.length > 0) {
    warnings.push(`${missing.length} uploads to which messages refer are not in the data`);
  }
  return { manifest, warnings };
}

function finish(partial: string, target: string): void {
  settleDirectory(partial);
  if (statIfThere(target) !== undefined) Deno.removeSync(target);
  Deno.renameSync(partial, target);
  settleDirectory(dirname(target));
}
