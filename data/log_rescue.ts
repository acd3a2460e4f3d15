/**
 * Looks for damage in the write-ahead logs of a data directory, and keeps a copy of a damaged log before
 * SQLite overwrites it.
 *
 * @module
 */
import { join } from "node:path";
import { renewEpochOf } from "./epoch.ts";
import { isDamage, open } from "./integrity.ts";
import { lockData } from "./in_use.ts";
import { CATALOG, MESSAGES, PEOPLE, stamp, unusedPath } from "./layout.ts";
import { PRIVATE_FILE } from "./modes.ts";
import { inspectLog, type LogReport } from "./wal.ts";

/** What was found in the logs. */
export interface LogFindings {
  readonly warnings: string[];
  /** Whether messages are lost. */
  readonly lost: boolean;
}

/** Databases whose log is looked at. */
const LOGGED = [MESSAGES, PEOPLE, CATALOG] as const;

/** Looks at all logs of a directory that no server uses. */
export function rescueLogs(dir: string): LogFindings {
  const warnings: string[] = [];
  let lost = false;
  for (const name of LOGGED) {
    const path = join(dir, name);
    const report = inspectQuietLog(`${path}-wal`);
    if (report.lostFrames === 0) continue;
    const copy = keepLog(dir, path, name === MESSAGES);
    warnings.push(
      `The log of ${name} in "${dir}" is damaged: ${report.lostFrames} pages (${report.lostBytes} bytes) ` +
        `that were written are lost, and what they held; the damaged log is kept as ${copy}` +
        (name === MESSAGES ? "; all clients start over" : ""),
    );
    lost ||= name === MESSAGES;
  }
  return { warnings, lost };
}

/** Another process may be writing to a log, that of `people.db` for example: then two looks differ. */
function inspectQuietLog(path: string): LogReport {
  const first = inspectLog(path);
  if (first.lostFrames === 0) return first;
  const second = inspectLog(path);
  return second.frames === first.frames ? second : { frames: 0, lostFrames: 0, lostBytes: 0 };
}

/**
 * Copies a log, and then empties it into the database: otherwise what is left of its end would be found again
 * after the next crash.
 *
 * @returns the path of the copy
 */
function keepLog(dir: string, path: string, isMessages: boolean): string {
  const held = lockData(dir);
  try {
    const copy = unusedPath(`${path}-wal.damaged-${stamp(Date.now())}`);
    Deno.copyFileSync(`${path}-wal`, copy);
    if (Deno.build.os !== "windows") Deno.chmodSync(copy, PRIVATE_FILE);
    emptyLog(path, isMessages);
    return copy;
  } finally {
    held.close();
  }
}

/** The epoch first: the log shows the loss until it is empty, should this process end in between. */
function emptyLog(path: string, isMessages: boolean): void {
  try {
    const db = open(path, { readOnly: false });
    try {
      if (isMessages) renewEpochOf(db);
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      db.close();
    }
  } catch (error) {
    // The check of the database itself, which follows, says so.
    if (!isDamage(error)) throw error;
  }
}
