/**
 * Compares how far the search index has read with how far the messages go. The index is written after the
 * messages, so it can be ahead of them only if messages were lost.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { columnsOf, withDatabase } from "./integrity.ts";
import { statIfThere } from "./layout.ts";

/** Whether the index of these data has read what is no longer there. An index that cannot be read has not. */
export function isSearchAhead(messages: string, search: string): boolean {
  if ((statIfThere(search)?.size ?? 0) === 0) return false;
  try {
    return withDatabase(messages, (main) => withDatabase(search, (index) => isAhead(main, index)));
  } catch {
    // The index is rebuilt if it is damaged; the messages are checked by themselves.
    return false;
  }
}

function isAhead(main: DatabaseSync, index: DatabaseSync): boolean {
  const columns = columnsOf(index, "state");
  if (!["epoch", "next", "change"].every((name) => columns.has(name))) return false;
  const epoch = main.prepare("SELECT value FROM meta WHERE key = 'epoch'").get()?.["value"];
  const state = index.prepare("SELECT next, change FROM state WHERE epoch = ?").get(epoch ?? null);
  if (state === undefined) return false;
  return Number(state["next"]) > nextId(main) || Number(state["change"]) > lastChange(main);
}

/** Global id of the next message. */
function nextId(main: DatabaseSync): number {
  const row = main.prepare("SELECT number + count AS next FROM runs ORDER BY number DESC LIMIT 1")
    .get();
  const numbered = main.prepare("SELECT value FROM meta WHERE key = 'numbered'").get();
  return Math.max(Number(row?.["next"] ?? 0), Number(numbered?.["value"] ?? 0) + 1);
}

function lastChange(main: DatabaseSync): number {
  const row = main.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").get();
  return Number(row?.["seq"] ?? 0);
}
