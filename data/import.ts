/**
 * Makes a data directory of an export. Numbers, ids, times, authors, reactions, edits and memberships stay what
 * they were; the epoch is new.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { StartError } from "../config/errors.ts";
import { assertVacant } from "./backup.ts";
import { copyUploads, digestFile, listUploads, uploadPath } from "./durable_copy.ts";
import { EXPORT_FORMAT, LINES } from "./export.ts";
import { Importer, ImportError } from "./importer.ts";
import { isInUse } from "./in_use.ts";
import { namesIn, statIfThere, toStartError } from "./layout.ts";
import { readLines } from "./line_writer.ts";
import { stageBeside } from "./staging.ts";

/**
 * Imports.
 *
 * @param source a directory that `exportData` has made
 * @param dir a data directory that does not exist, or is empty
 * @returns how many lines of each type were read
 * @throws {StartError} if it cannot be done; the directory is as it was then
 */
export function importData(source: string, dir: string): Record<string, number> {
  const path = join(source, LINES);
  if (statIfThere(path) === undefined) {
    throw new StartError(`Cannot import "${source}": it holds no ${LINES}; name an export`);
  }
  const target = resolve(dir);
  if (namesIn(target) !== undefined && isInUse(target)) {
    throw new StartError(`Cannot import to "${dir}": a server is using it; name a new directory`);
  }
  assertVacant(target, "import to");
  try {
    return stageBeside(target, (staged) => {
      copyUploads(source, staged, { link: false });
      assertIntact(staged);
      return readAll(path, staged);
    });
  } catch (error) {
    if (error instanceof StartError) throw error;
    const at = error instanceof ImportError ? `, line ${error.line}` : "";
    throw toStartError(`import "${source}"${at}`, error);
  }
}

function assertIntact(dir: string): void {
  for (const sha256 of listUploads(dir)) {
    if (digestFile(uploadPath(dir, sha256)).sha256 !== sha256) {
      throw new Error(`the upload ${sha256} is not what was exported; export again`);
    }
  }
}

function readAll(path: string, staged: string): Record<string, number> {
  using importer = new Importer(staged);
  const counts: Record<string, number> = {};
  for (const { number, line } of readLines(path)) {
    const type = String(line["type"]);
    if (number === 1) assertFormat(type, line["format"]);
    else importer.take(line, number);
    counts[type] = (counts[type] ?? 0) + 1;
  }
  if (counts["hubbub"] === undefined) throw new Error(`${LINES} is empty; export again`);
  importer.finish();
  return counts;
}

function assertFormat(type: string, format: unknown): void {
  if (type === "hubbub" && format === EXPORT_FORMAT) return;
  throw new Error(
    `the first line must be {"type":"hubbub","format":${EXPORT_FORMAT}}; it is no export, or one of ` +
      `another version`,
  );
}
