/**
 * Keeps the skeletons in `people.db` those of this version.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { SKELETON_VERSION, skeletonOf } from "../../text/skeleton.ts";

/**
 * Computes the skeletons of all names anew if they are of another version, or are not there yet. Names that
 * look alike now stay. Several processes may do so at the same time.
 */
export function refreshSkeletons(db: DatabaseSync): void {
  if (isFresh(db)) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    const update = db.prepare("UPDATE users SET skeleton = ? WHERE id = ?");
    if (!isFresh(db)) {
      for (const { id, name } of db.prepare("SELECT id, name FROM users WHERE key > ''").all()) {
        update.run(skeletonOf(String(name)), String(id));
      }
      db.prepare("INSERT OR REPLACE INTO facts VALUES ('skeletons', ?)").run(SKELETON_VERSION);
    }
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

function isFresh(db: DatabaseSync): boolean {
  const row = db.prepare("SELECT value FROM facts WHERE name = 'skeletons'").get();
  return row?.["value"] === SKELETON_VERSION;
}
