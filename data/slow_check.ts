/**
 * A check of databases of any size beside their server: in small steps, with a rest after each.
 *
 * @module
 */
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { findProblems, isDamage, open, tablesOf } from "./integrity.ts";
import { MESSAGES, PEOPLE, statIfThere } from "./layout.ts";
import { type Problems, SegmentWalk } from "./numbering.ts";
import { reasonOf } from "../sqlite/data_error.ts";

/** Rest after each step, in relation to the time that it took. */
const REST = 3;

/** Longest rest, in milliseconds. */
const MAX_REST_MS = 1000;

/**
 * Checks the databases of messages and users.
 *
 * @returns what is wrong, one line each, with what to do about it
 */
export async function checkSlowly(dir: string): Promise<string[]> {
  const problems: string[] = [];
  for (const name of [MESSAGES, PEOPLE]) {
    if ((statIfThere(join(dir, name))?.size ?? 0) === 0) continue;
    const found = await checkDatabase(join(dir, name), name === MESSAGES);
    const first = found[0];
    if (first === undefined) continue;
    const more = found.length > 1 ? ` (and ${found.length - 1} more)` : "";
    problems.push(
      `${name} in "${dir}" is damaged: ${first}${more}; see what is lost with hubbub check, then stop ` +
        `the server and restore a backup (hubbub restore), or save the rest (hubbub check --repair)`,
    );
  }
  return problems;
}

async function checkDatabase(path: string, hasMessages: boolean): Promise<string[]> {
  const db = open(path);
  try {
    for (const table of tablesOf(db)) {
      const problems = await restAfter(() => findProblems(db, "quick_check", table));
      if (problems.length > 0) return problems;
    }
    return hasMessages ? await walk(db) : [];
  } catch (error) {
    if (!isDamage(error)) throw error;
    return [reasonOf(error)];
  } finally {
    db.close();
  }
}

/** What is removed during a walk may look like a gap, so that a finding is looked at again at once. */
async function walk(db: DatabaseSync): Promise<string[]> {
  const segments = new SegmentWalk(db);
  while (await restAfter(() => segments.step()));
  if (segments.finish().count === 0) return [];
  db.exec("BEGIN");
  try {
    return walkAtOnce(db).lines;
  } finally {
    db.exec("COMMIT");
  }
}

function walkAtOnce(db: DatabaseSync): Problems {
  const segments = new SegmentWalk(db);
  while (segments.step());
  return segments.finish();
}

async function restAfter<T>(act: () => T): Promise<T> {
  const start = performance.now();
  const result = act();
  const rest = Math.min(MAX_REST_MS, REST * (performance.now() - start));
  await new Promise((resolve) => setTimeout(resolve, rest));
  return result;
}
