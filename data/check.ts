/**
 * Checks all of a data directory: every page, message, reference and upload. Reads only, beside a running
 * server too.
 *
 * @module
 */
import { join } from "node:path";
import { reasonOf } from "../sqlite/data_error.ts";
import { checkMessages } from "./check_messages.ts";
import { checkUploads } from "./check_uploads.ts";
import { isInUse } from "./in_use.ts";
import { findProblems, isDamage, tablesOf, withDatabase } from "./integrity.ts";
import {
  cannotUse,
  CATALOG,
  DATABASES,
  MESSAGES,
  namesIn,
  PEOPLE,
  QUARANTINE,
  SEARCH,
  statIfThere,
} from "./layout.ts";
import { Report } from "./report.ts";
import { isSearchAhead } from "./search_position.ts";
import { inspectLog } from "./wal.ts";

/**
 * Checks a data directory.
 *
 * @param logs whether to look at write-ahead logs; not while they are held for a repair
 * @throws {StartError} if there are no data
 */
export function check(dir: string, { logs = true } = {}): Report {
  if (namesIn(dir) === undefined) {
    throw cannotUse(dir, "it does not exist; name the server's --data");
  }
  const names = DATABASES.filter((name) => statIfThere(join(dir, name)) !== undefined);
  if (names.length === 0) {
    throw cannotUse(
      dir,
      "it holds no data; name the directory that the server was given with --data",
    );
  }
  const report = new Report();
  if (logs) checkLogs(dir, names, report);
  for (const name of names) checkDatabase(dir, name, report);
  checkPresence(dir, report);
  const messages = join(dir, MESSAGES);
  if (isReadable(dir, MESSAGES)) {
    reading(report, MESSAGES, () => withDatabase(messages, (db) => checkMessages(db, report)));
  }
  checkUploads(dir, report);
  checkSearch(dir, report);
  listQuarantine(dir, report);
  return report.finish();
}

/** Whether a database is there and has tables. */
export function isReadable(dir: string, name: string): boolean {
  const path = join(dir, name);
  if ((statIfThere(path)?.size ?? 0) === 0) return false;
  try {
    return withDatabase(path, (db) => tablesOf(db).size > 0);
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}

/** Before a database is opened, which may change its log. */
function checkLogs(dir: string, names: readonly string[], report: Report): void {
  if (isInUse(dir)) {
    report.note("*-wal", "not looked at: a server is writing to them");
    return;
  }
  for (const name of names) {
    const { lostFrames, lostBytes } = inspectLog(join(dir, `${name}-wal`));
    if (lostFrames === 0) continue;
    report.damaged(
      `${name}-wal`,
      `damaged: ${lostFrames} pages (${lostBytes} bytes) that were written are lost`,
    );
  }
}

function checkDatabase(dir: string, name: string, report: Report): void {
  reading(report, name, () => {
    if (Deno.statSync(join(dir, name)).size === 0) return;
    withDatabase(join(dir, name), (db) => {
      for (const problem of findProblems(db, "integrity_check")) report.damaged(name, problem);
      if (name !== PEOPLE || report.isDamaged(name)) return;
      const orphans = db.prepare("PRAGMA foreign_key_check").all().length;
      if (orphans > 0) report.damaged(name, `${orphans} records belong to users who are not there`);
    });
  });
}

/** Runs a check; what keeps it from going on is damage too. */
function reading(report: Report, file: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!isDamage(error)) throw error;
    report.damaged(file, reasonOf(error));
  }
}

function checkPresence(dir: string, report: Report): void {
  const has = (name: string) => statIfThere(join(dir, name)) !== undefined;
  if (!isReadable(dir, MESSAGES) && !report.isDamaged(MESSAGES)) {
    report.damaged(MESSAGES, has(MESSAGES) ? "it is empty" : "it is missing");
  }
  if (!has(PEOPLE)) report.note(PEOPLE, "it is missing: nobody who had an account can sign in");
  if (!has(CATALOG)) report.note(CATALOG, "it is missing; the next start rebuilds it");
  if (!has(SEARCH)) report.note(SEARCH, "it is missing; the next start rebuilds it");
}

function checkSearch(dir: string, report: Report): void {
  if (report.isDamaged(SEARCH) || report.isDamaged(MESSAGES)) return;
  if (isSearchAhead(join(dir, MESSAGES), join(dir, SEARCH))) {
    report.damaged(MESSAGES, "the search index has seen messages that are not there");
  }
}

function listQuarantine(dir: string, report: Report): void {
  for (const name of namesIn(join(dir, QUARANTINE)) ?? []) {
    report.note(`${QUARANTINE}/`, `${name} belongs to nobody and is removed in time`);
  }
}
