/**
 * What is looked at before a server starts on a data directory, so that damage is not served as if it were
 * sound. Whatever is found beyond doubt stops the start with one line that says which file, what is wrong with
 * it, and what to do.
 *
 * @module
 */
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { findProblems, isDamage, sizeOf, tablesOf, withDatabase } from "./integrity.ts";
import { isInUse } from "./in_use.ts";
import {
  cannotUse,
  CATALOG,
  hasUploads,
  MESSAGES,
  namesIn,
  PEOPLE,
  SEARCH,
  statIfThere,
  UPLOADS,
} from "./layout.ts";
import { type LogFindings, rescueLogs } from "./log_rescue.ts";
import { PRIVATE_DIRECTORY, tightenModes } from "./modes.ts";
import { checkEnds, type Problems, SegmentWalk } from "./numbering.ts";
import { isSearchAhead } from "./search_position.ts";
import { reasonOf } from "../sqlite/data_error.ts";

/** What a start has to know about the data. */
export interface Findings {
  /** What an operator should know, one line each. */
  readonly warnings: string[];
  /** Whether something that was committed is lost: no copy of a client can be completed from what is left. */
  readonly renewEpoch: boolean;
  /** The databases are too large to be read whole before the start: `checkInBackground` reads the rest. */
  readonly partly?: true;
}

/** Up to this size a database is read whole before the start, in bytes: less than a second. */
const MAX_WHOLE = 256 * 1024 * 1024;

/** How long messages are read before the start, in milliseconds; the rest follows in the background. */
const WALK_MS = 2000;

/**
 * Looks at a data directory before anything else opens it. A directory that is not there is created. Does
 * nothing if a server is using it: opening it will be refused.
 *
 * @throws {StartError} if the data are damaged, or parts of them are missing
 */
export async function checkBeforeStart(dir: string): Promise<Findings> {
  await Promise.resolve();
  try {
    Deno.mkdirSync(dir, { recursive: true, mode: PRIVATE_DIRECTORY });
    if (isInUse(dir)) return { warnings: [], renewEpoch: false };
    return inspect(dir);
  } catch (error) {
    // Whoever opens the files next says what has to be done about that.
    if (isOutOfReach(error)) return { warnings: [], renewEpoch: false };
    throw error;
  }
}

function isOutOfReach(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotCapable ||
    (error instanceof Error && error.name === "Error" && !isDamage(error));
}

function inspect(dir: string): Findings {
  refuseWithout(dir, findMissing(dir));
  // Before SQLite opens anything, because that may change a log.
  const logs = rescueLogs(dir);
  if (!isNew(dir)) return inspectData(dir, logs);
  refuseWithout(dir, "has no tables");
  return { warnings: tightenModes(dir), renewEpoch: false };
}

function inspectData(dir: string, logs: LogFindings): Findings {
  const whole = checkDatabases(dir);
  const warnings = [...logs.warnings, ...missingPeople(dir)];
  const ahead = isSearchAhead(join(dir, MESSAGES), join(dir, SEARCH));
  if (ahead) {
    warnings.push(
      `${MESSAGES} in "${dir}" lacks messages that the search index has seen: the end of it is lost; ` +
        `all clients start over`,
    );
  }
  const renewEpoch = logs.lost || ahead;
  const partly = whole ? {} : { partly: true as const };
  return { warnings: [...warnings, ...tightenModes(dir)], renewEpoch, ...partly };
}

/** Also if the first start was cut off. */
function isNew(dir: string): boolean {
  const path = join(dir, MESSAGES);
  return isEmpty(path) || !hasTables(path);
}

/**
 * Refuses damaged databases of messages or users. The others can be rebuilt.
 *
 * @returns whether they were read whole
 * @throws {StartError}
 */
export function checkDatabases(dir: string): boolean {
  const messages = refuseDamage(dir, MESSAGES, checkMessages);
  return (isEmpty(join(dir, PEOPLE)) || refuseDamage(dir, PEOPLE, checkStructure)) && messages;
}

function isEmpty(path: string): boolean {
  return (statIfThere(path)?.size ?? 0) === 0;
}

/** What can be seen of a missing database without opening it. */
function findMissing(dir: string): string | undefined {
  const path = join(dir, MESSAGES);
  if (statIfThere(path) === undefined) return "is missing";
  return isEmpty(path) ? "is empty" : undefined;
}

/** The database of messages is the first file that is created: without it, the others are remains. */
function refuseWithout(dir: string, problem: string | undefined): void {
  const others = problem === undefined ? [] : othersIn(dir);
  // Without its database a log is of no use, but it shows that there was one.
  if (problem === "is missing" && !isEmpty(join(dir, `${MESSAGES}-wal`))) {
    others.unshift(`${MESSAGES}-wal`);
  }
  if (others.length === 0) return;
  throw cannotUse(
    dir,
    `${MESSAGES} ${problem}, but ${others.join(", ")} ${
      others.length > 1 ? "are" : "is"
    } there; put ` +
      `${MESSAGES} back (hubbub restore), or move the rest away to start anew`,
  );
}

/** A database that cannot be read is no empty one: what is wrong with it is found later. */
function hasTables(path: string): boolean {
  try {
    return withDatabase(path, (db) => tablesOf(db).size > 0);
  } catch (error) {
    if (isDamage(error)) return true;
    throw error;
  }
}

/** What shows that there were data. */
function othersIn(dir: string): string[] {
  const names = new Set(namesIn(dir) ?? []);
  const databases = [PEOPLE, CATALOG, SEARCH].filter((name) =>
    names.has(name) && !isEmpty(join(dir, name))
  );
  return hasUploads(dir) ? [...databases, `${UPLOADS}/`] : databases;
}

/** What was found in a database. */
interface Checked {
  readonly problems: string[];
  /** Whether all of it was read. */
  readonly whole: boolean;
}

function refuseDamage(dir: string, name: string, check: (db: DatabaseSync) => Checked): boolean {
  const { problems: [problem, ...more], whole } = findDamage(join(dir, name), check);
  if (problem === undefined) return whole;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  throw cannotUse(
    dir,
    `${name} is damaged: ${problem}${others}; see what is lost with hubbub check, then ` +
      `restore a backup (hubbub restore), or save what can be read (hubbub check --repair)`,
  );
}

function findDamage(path: string, check: (db: DatabaseSync) => Checked): Checked {
  try {
    return withDatabase(path, check);
  } catch (error) {
    if (isDamage(error)) return { problems: [reasonOf(error)], whole: false };
    throw error;
  }
}

/** Whole if the database is small; else only its schema. */
function checkStructure(db: DatabaseSync): Checked {
  tablesOf(db);
  const whole = sizeOf(db) <= MAX_WHOLE;
  return { problems: whole ? findProblems(db, "quick_check") : [], whole };
}

function checkMessages(db: DatabaseSync): Checked {
  const { problems, whole } = checkStructure(db);
  if (problems.length > 0) return { problems, whole };
  const missing = ["meta", "rooms", "runs"].filter((name) => !tablesOf(db).has(name));
  if (missing.length > 0) return { problems: [`it lacks the table ${missing.join(", ")}`], whole };
  return whole ? walk(db) : { problems: listed(checkEnds(db)), whole };
}

/** Walks as many segments as time allows, and looks at the ends of all rooms in any case. */
function walk(db: DatabaseSync): Checked {
  const segments = new SegmentWalk(db);
  const end = performance.now() + WALK_MS;
  while (segments.step()) {
    if (performance.now() < end) continue;
    const found = segments.problems.count > 0 ? segments.problems : checkEnds(db);
    return { problems: listed(found), whole: false };
  }
  return { problems: listed(segments.finish()), whole: true };
}

function listed({ lines, count }: Problems): string[] {
  return [...lines, ...Array<string>(count - lines.length).fill("")];
}

/** Messages can be read without their authors, but whoever had an account cannot come back. */
function missingPeople(dir: string): string[] {
  const path = join(dir, PEOPLE);
  if (!isEmpty(path) && hasTables(path)) return [];
  const members = withDatabase(join(dir, MESSAGES), (db) =>
    tablesOf(db).has("members") &&
    db.prepare("SELECT 1 FROM members LIMIT 1").get() !== undefined);
  if (!members) return [];
  return [
    `${PEOPLE} is missing from "${dir}": nobody who had an account can sign in; stop the server and ` +
    `put it back if you have a backup`,
  ];
}
