/**
 * Gives the messages of a data directory a new epoch, so that every client starts over.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { settleFile } from "./durable_copy.ts";
import { open } from "./integrity.ts";

/** Renews the epoch over an open connection. */
export function renewEpochOf(db: DatabaseSync): void {
  db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('epoch', ?)").run(randomUUID());
}

/** Renews the epoch of a database that nobody else has open, and waits until that is on the disk. */
export function renewEpoch(path: string): void {
  const db = open(path, { readOnly: false });
  try {
    renewEpochOf(db);
  } finally {
    db.close();
  }
  settleFile(path);
}
