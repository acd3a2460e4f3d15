/**
 * Puts a backup back, or a plain copy of a data directory.
 *
 * Everything is copied beside the data directory and checked there; what was in the directory is touched only
 * when that is done, and then moved aside. The messages get a new epoch, so that every client starts over
 * instead of believing that it has seen what is no longer there.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { StartError } from "../config/errors.ts";
import { BACKUP_FORMAT, COPIED, MANIFEST, type Manifest } from "./backup.ts";
import { copyDurably, copyUploads, digestFile, settleFile } from "./durable_copy.ts";
import { checkDatabases } from "./guard.ts";
import { isInUse, lockData } from "./in_use.ts";
import { open } from "./integrity.ts";
import {
  COMPANIONS,
  MESSAGES,
  namesIn,
  removeIfThere,
  stamp,
  statIfThere,
  toStartError,
  unusedPath,
} from "./layout.ts";
import { stageBeside } from "./staging.ts";
import { inspectLog } from "./wal.ts";

/** Settings of {@linkcode restore}. */
export interface RestoreOptions {
  /** Whether to move away what is in the directory. */
  readonly replace: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What became of a restore. */
export interface RestoreReport {
  /** Where the data are that were there before; absent: there were none. */
  readonly replaced: string | undefined;
  readonly warnings: string[];
}

/**
 * Restores.
 *
 * @param source a backup, or a copy of a data directory that was made while no server ran on it
 * @param dir the data directory
 * @throws {StartError} if it cannot be done; nothing is changed then
 */
export function restore(
  source: string,
  dir: string,
  { replace, now }: RestoreOptions,
): RestoreReport {
  const target = resolve(dir);
  assertReplaceable(target, replace);
  try {
    const manifest = readManifest(source);
    return stageBeside(target, (staged) => {
      const warnings = stage(resolve(source), staged, manifest);
      return { warnings, replaced: moveAway(target, now) };
    });
  } catch (error) {
    throw toStartError(`restore "${source}" to "${dir}"`, error);
  }
}

function assertReplaceable(target: string, replace: boolean): void {
  const state = statIfThere(target);
  if (state === undefined) return;
  if (!state.isDirectory) throw new StartError(`Cannot restore to "${target}": it is no directory`);
  const used = isInUse(target);
  if (used) {
    throw new StartError(`Cannot restore to "${target}": a server is using it; stop it first`);
  }
  if (replace || (namesIn(target) ?? []).length === 0) return;
  throw new StartError(
    `Cannot restore to "${target}": it is not empty; give --replace to move what is there away`,
  );
}

/** Returns `undefined` for a copy that was made without `hubbub backup`. */
function readManifest(source: string): Manifest | undefined {
  const refuse = (problem: string) => new StartError(`Cannot restore "${source}": ${problem}`);
  if (statIfThere(join(source, MESSAGES)) === undefined) {
    throw refuse(`it holds no ${MESSAGES}; name a backup, or a copy of a data directory`);
  }
  if (isInUse(source)) throw refuse("a server is using it; name a backup of it");
  const path = join(source, MANIFEST);
  if (statIfThere(path) === undefined) return undefined;
  const manifest: Manifest = parse(Deno.readTextFileSync(path), refuse);
  if (manifest.format !== BACKUP_FORMAT) {
    throw refuse(
      `its ${MANIFEST} has format ${manifest.format}; this version reads ${BACKUP_FORMAT}`,
    );
  }
  for (const { name, size, sha256 } of manifest.databases) verify(source, name, { size, sha256 });
  return manifest;
}

function parse(text: string, refuse: (problem: string) => StartError): Manifest {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "databases" in value) {
      return value as Manifest;
    }
  } catch {
    // Said below.
  }
  throw refuse(`its ${MANIFEST} cannot be read; use another backup`);
}

function verify(source: string, name: string, noted: { size: number; sha256: string }): void {
  const path = join(source, name);
  const found = statIfThere(path) === undefined ? undefined : digestFile(path);
  if (found?.size === noted.size && found.sha256 === noted.sha256) return;
  const problem = found === undefined ? "is missing" : "is not what was backed up";
  throw new StartError(`Cannot restore "${source}": its ${name} ${problem}; use another backup`);
}

/** Copies and checks. Returns warnings. */
function stage(source: string, staged: string, manifest: Manifest | undefined): string[] {
  const warnings: string[] = [];
  const names = manifest?.databases.map(({ name }) => name) ?? COPIED;
  for (const name of names) {
    if (statIfThere(join(source, name)) === undefined) continue;
    const { lostFrames } = copyDatabase(join(source, name), join(staged, name));
    if (lostFrames > 0) {
      warnings.push(
        `The log of ${name} is damaged: ${lostFrames} pages that were written are lost`,
      );
    }
  }
  copyUploads(source, staged, { link: false });
  checkDatabases(staged);
  renewEpoch(join(staged, MESSAGES));
  return warnings;
}

/** With what its log holds; no log is left beside the copy. */
function copyDatabase(from: string, to: string): { lostFrames: number } {
  const report = inspectLog(`${from}-wal`);
  copyDurably(from, to);
  if (statIfThere(`${from}-wal`) !== undefined) Deno.copyFileSync(`${from}-wal`, `${to}-wal`);
  const db = open(to, { readOnly: false });
  try {
    // The last connection in this mode takes the log into the database and removes it.
    db.exec("PRAGMA journal_mode = DELETE");
  } finally {
    db.close();
  }
  for (const suffix of COMPANIONS) removeIfThere(to + suffix);
  settleFile(to);
  return report;
}

/** Makes every client start over. */
export function renewEpoch(path: string): void {
  const db = open(path, { readOnly: false });
  try {
    db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('epoch', ?)").run(randomUUID());
  } finally {
    db.close();
  }
  settleFile(path);
}

/** Moves what is there away, and returns where it is now. */
function moveAway(target: string, now: number): string | undefined {
  if ((namesIn(target) ?? []).length === 0) return undefined;
  const replaced = unusedPath(`${target}.replaced-${stamp(now)}`);
  lockData(target).close();
  Deno.renameSync(target, replaced);
  return replaced;
}
