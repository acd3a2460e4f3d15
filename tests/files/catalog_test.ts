/** Upgrading files.db from earlier formats. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Catalog, CATALOG_MIGRATIONS } from "../../files/catalog.ts";
import { openLocalFiles } from "../../files/local.ts";
import { formatOf, migrate } from "../../sqlite/migrate.ts";
import { createMemoryStore } from "../../store/memory/store.ts";
import { assertEquals } from "../support/assert.ts";

/** What the first format had of the session that uploaded a file. */
const DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

const RECORD = {
  id: "file-1",
  name: "a.txt",
  size: 5,
  media_type: "text/plain",
  sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
  network: "",
  uploader: DIGEST,
  created: 7,
};

/** Makes a database of the first format, with one file that two messages refer to. */
function makeFirstFormat(path: string): void {
  const db = new DatabaseSync(path);
  migrate(db, path, CATALOG_MIGRATIONS.slice(0, 1));
  const { id, name, size, media_type, sha256, uploader, created } = RECORD;
  db.prepare(`
    INSERT INTO files (id, name, size, media_type, sha256, uploader, created)
    VALUES (?, ?, ?, ?, ?, ?, ?)`).run(id, name, size, media_type, sha256, uploader, created);
  const catalog = new Catalog(db);
  catalog.announce({ room: "lobby", seq: 1, file: RECORD.id });
  catalog.announce({ room: "other", seq: 4, file: RECORD.id });
  catalog.writeMeta("epoch", "first");
  catalog.close();
}

async function withFirstFormat(run: (dir: string, path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "hubbub-files-" });
  const path = join(dir, "files.db");
  try {
    makeFirstFormat(path);
    await run(dir, path);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("CATALOG_MIGRATIONS keep the files and announcements of the first format, which are nobody's", () =>
  withFirstFormat((_dir, path) => {
    const db = new DatabaseSync(path);
    assertEquals(formatOf(db), 1);
    migrate(db, path, CATALOG_MIGRATIONS);
    assertEquals(formatOf(db), 4);
    const catalog = new Catalog(db);
    assertEquals(catalog.find(RECORD.id), { ...RECORD, uploader: "" });
    assertEquals(catalog.announced(RECORD.id), 2);
    assertEquals(catalog.roomOfFileAfter(RECORD.id, ""), "lobby");
    assertEquals(catalog.roomOfFileAfter(RECORD.id, "lobby"), "other");
    catalog.close();
    return Promise.resolve();
  }));

Deno.test("openLocalFiles() opens the first format: its files are in their rooms, and from nobody", () =>
  withFirstFormat(async (dir) => {
    const files = openLocalFiles({
      dir,
      messages: createMemoryStore({ epoch: "first" }),
      sync: "full",
      maxFile: 1000,
      maxStorage: Infinity,
      retain: 0,
    });
    try {
      assertEquals(files.find(RECORD.id)?.sha256, RECORD.sha256);
      assertEquals(files.isAnnouncedIn(RECORD.id, (room) => room === "other"), true);
      for (const user of [DIGEST, ""]) assertEquals(files.isFrom(RECORD.id, user), false);
    } finally {
      await files.close();
    }
  }));
