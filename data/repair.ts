/**
 * Repairs a data directory on which no server runs: saves what can be read, rebuilds what can be rebuilt, and
 * keeps what was there under another name.
 *
 * @module
 */
import { join } from "node:path";
import { check, isReadable } from "./check.ts";
import { settleDirectory, settleFile } from "./durable_copy.ts";
import { lockData } from "./in_use.ts";
import { isSearchAhead } from "./search_position.ts";
import {
  cannotUse,
  CATALOG,
  COMPANIONS,
  MESSAGES,
  PEOPLE,
  removeIfThere,
  SEARCH,
  stamp,
  statIfThere,
  unusedPath,
} from "./layout.ts";
import { rescueLogs } from "./log_rescue.ts";
import { tightenModes } from "./modes.ts";
import { rebuildPeople } from "./rebuild_people.ts";
import { rebuild, type Rebuilt } from "./rebuild.ts";
import type { Report } from "./report.ts";
import { renewEpoch } from "./restore.ts";

/** What was repaired. */
export interface Repaired extends Rebuilt {
  /** Paths of what was there before. */
  readonly kept: string[];
  /** What is found afterwards. */
  readonly after: Report;
}

/**
 * Repairs a data directory.
 *
 * @param now milliseconds since 1970
 * @throws {StartError} if a server runs on it, or nothing is there that could be repaired
 */
export function repair(dir: string, now: number): Repaired {
  if (statIfThere(join(dir, MESSAGES)) === undefined) {
    throw cannotUse(dir, `it holds no ${MESSAGES} that could be repaired; restore a backup`);
  }
  const before = findBefore(dir);
  const held = lockData(dir);
  try {
    const work = new Repair(dir, now);
    work.run(before);
    tightenModes(dir);
    settleDirectory(dir);
    return { ...work.result, after: check(dir, { logs: false }) };
  } finally {
    held.close();
  }
}

/** A damaged log is kept before anything opens its database. */
function findBefore(dir: string): Before {
  const { warnings, lost } = rescueLogs(dir);
  const ahead = isSearchAhead(join(dir, MESSAGES), join(dir, SEARCH));
  return { report: check(dir), logs: warnings, stale: lost || ahead };
}

interface Before {
  readonly report: Report;
  readonly logs: readonly string[];
  /** Whether messages are lost that clients have seen. */
  readonly stale: boolean;
}

class Repair {
  readonly result: Rebuilt & { kept: string[] } = { lost: [], recovered: [], kept: [] };
  readonly #dir: string;
  readonly #suffix: string;

  constructor(dir: string, now: number) {
    this.#dir = dir;
    this.#suffix = `.damaged-${stamp(now)}`;
  }

  run({ report, logs, stale }: Before): void {
    this.result.lost.push(...logs);
    // What is ahead of the messages is no damage of their file.
    const isDamaged = report.damage.some(({ file, problem }) =>
      file === MESSAGES && !problem.startsWith("the search index")
    );
    if (isDamaged) this.#replace(MESSAGES, rebuild);
    else if (stale) renewEpoch(join(this.#dir, MESSAGES));
    if (report.isDamaged(PEOPLE)) this.#replace(PEOPLE, rebuildPeople);
    if (report.isDamaged(CATALOG) && !isSoundFile(report, this.#dir)) {
      this.#moveAway(CATALOG);
      this.result.recovered.push(`${CATALOG} is made anew at the next start`);
    }
    if (isDamaged || stale || report.isDamaged(SEARCH)) {
      for (const suffix of ["", ...COMPANIONS]) removeIfThere(join(this.#dir, SEARCH + suffix));
      this.result.recovered.push(`${SEARCH} is made anew at the next start`);
    }
  }

  /** Makes a new database beside the old one, and then takes its place. */
  #replace(name: string, make: (from: string, to: string) => Rebuilt): void {
    const path = join(this.#dir, name);
    const copy = unusedPath(path + this.#suffix);
    // What follows may change the log, and the database by it.
    for (const suffix of ["", "-wal"]) {
      if (statIfThere(path + suffix) === undefined) continue;
      Deno.copyFileSync(path + suffix, copy + suffix);
      settleFile(copy + suffix);
    }
    const made = `${path}.repairing`;
    for (const suffix of ["", "-journal"]) removeIfThere(made + suffix);
    const { lost, recovered } = make(path, made);
    settleFile(made);
    for (const suffix of COMPANIONS) removeIfThere(path + suffix);
    Deno.renameSync(made, path);
    this.result.kept.push(copy);
    this.result.lost.push(...lost);
    this.result.recovered.push(`${name}: what could be read`, ...recovered);
  }

  #moveAway(name: string): void {
    const path = join(this.#dir, name);
    const kept = unusedPath(path + this.#suffix);
    for (const suffix of ["", "-wal"]) {
      if (statIfThere(path + suffix) !== undefined) Deno.renameSync(path + suffix, kept + suffix);
    }
    removeIfThere(`${path}-shm`);
    this.result.kept.push(kept);
  }
}

/** A catalog that only lacks records is completed by the server itself. */
function isSoundFile(report: Report, dir: string): boolean {
  return isReadable(dir, CATALOG) &&
    report.damage.every(({ file, problem }) =>
      file !== CATALOG || problem.startsWith("it has no record") || problem.startsWith("and ")
    );
}
