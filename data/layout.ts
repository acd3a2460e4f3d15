/**
 * What a data directory contains, by name, and how to ask whether it is there.
 *
 * @module
 */
import { join } from "node:path";
import { reasonOf } from "../sqlite/data_error.ts";
import { StartError } from "../config/errors.ts";

/** The messages, the rooms and who is a member of them. The first file that a server creates. */
export const MESSAGES = "hubbub.db";

/** Users and their credentials. */
export const PEOPLE = "people.db";

/** The catalog of uploads. Can be rebuilt from the messages. */
export const CATALOG = "files.db";

/** The search index. Can be rebuilt from the messages. */
export const SEARCH = "search.db";

/** The lock that excludes a second server. */
export const LOCK = "hubbub.lock";

/** The bytes of uploads. */
export const UPLOADS = "files";

/** Bytes that nobody refers to, until they are removed. */
export const QUARANTINE = "quarantine";

/** All databases, in the order in which a snapshot takes them: no message without author and file. */
export const DATABASES = [MESSAGES, PEOPLE, CATALOG, SEARCH] as const;

/** What SQLite keeps beside a database: the write-ahead log and its index. */
export const COMPANIONS = ["-wal", "-shm"] as const;

/** The state of a file or directory; `undefined` if it is not there. */
export function statIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The names in a directory, sorted; `undefined` if it is not there. */
export function namesIn(dir: string): string[] | undefined {
  try {
    return [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Removes a file, unless it is not there. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Whether there is an upload in the folder of uploads. */
export function hasUploads(dir: string): boolean {
  const folders = (namesIn(join(dir, UPLOADS)) ?? []).filter((name) => /^[0-9a-f]{2}$/.test(name));
  return folders.some((name) => (namesIn(join(dir, UPLOADS, name)) ?? []).length > 0);
}

/** A time as a part of a file's name: `20261128T161300Z`. */
export function stamp(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}

/** A path based on `path` that does not exist: with `-2`, `-3` … if there are several of one second. */
export function unusedPath(path: string): string {
  for (let number = 1;; number++) {
    const candidate = number === 1 ? path : `${path}-${number}`;
    if (statIfThere(candidate) === undefined) return candidate;
  }
}

/** An error that says why a data directory cannot be used. */
export function cannotUse(dir: string, problem: string, cause?: unknown): StartError {
  return new StartError(`Cannot use the data directory "${dir}": ${problem}`, { cause });
}

/** Turns whatever went wrong into an error that ends a command. */
export function toStartError(action: string, error: unknown): StartError {
  if (error instanceof StartError) return error;
  return new StartError(`Cannot ${action}: ${reasonOf(error)}`, { cause: error });
}
