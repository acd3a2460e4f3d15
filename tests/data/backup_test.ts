import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { backUp } from "../../data/backup.ts";
import { StartError } from "../../config/errors.ts";
import { checkBeforeStart } from "../../data/guard.ts";
import { restore } from "../../data/restore.ts";
import { openSqliteStore } from "../../store/sqlite/store.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "../support/assert.ts";
import { makeData, message, NOW, overwrite, UPLOAD, UPLOAD_SHA256, withFolder } from "./fixture.ts";

const UPLOADED = join("files", UPLOAD_SHA256.slice(0, 2), UPLOAD_SHA256);

const names = (dir: string) => [...Deno.readDirSync(dir)].map(({ name }) => name).sort();

async function contents(dir: string, room: string): Promise<string[]> {
  const store = await openSqliteStore({ dir, sync: "off" });
  try {
    const { messages } = await store.read(room, { limit: 1000 });
    return messages.map(({ content }) => content);
  } finally {
    await store.close();
  }
}

function epochOf(dir: string): unknown {
  const db = new DatabaseSync(join(dir, "hubbub.db"));
  const epoch = db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get()?.["value"];
  db.close();
  return epoch;
}

Deno.test("backUp() takes messages, people and files of a server that goes on writing", () =>
  withFolder(async (folder) => {
    const [dir, dest] = [join(folder, "data"), join(folder, "copy")];
    await makeData(dir);
    const store = await openSqliteStore({ dir, sync: "full" });
    let written = 0;
    let stop = false;
    const writing = (async () => {
      while (!stop) {
        await store.commit([message("attic", `live ${++written}`)]);
        await new Promise((resolve) => setTimeout(resolve));
      }
    })();
    try {
      while (written < 10) await new Promise((resolve) => setTimeout(resolve));
      const { manifest, warnings } = await backUp(dir, dest, NOW);
      assertEquals(warnings, []);
      assertEquals([manifest.epoch, manifest.uploads, manifest.time], [store.epoch, 1, NOW]);
      assertEquals(manifest.databases.map(({ name }) => name), [
        "hubbub.db",
        "people.db",
        "files.db",
      ]);
    } finally {
      stop = true;
      await writing;
      await store.close();
    }
    assertEquals(names(dest), ["backup.json", "files", "files.db", "hubbub.db", "people.db"]);
    assertEquals(names(folder), ["copy", "data"]);
    assertEquals(await Deno.readFile(join(dest, UPLOADED)), UPLOAD);
    if (Deno.build.os !== "windows") {
      const modes = ["", ...names(dest)].map((name) =>
        Deno.statSync(join(dest, name)).mode! & 0o077
      );
      assertEquals(modes.filter((mode) => mode !== 0), []);
    }
    const copied = await contents(dest, "attic");
    const live = copied.filter((text) => text.startsWith("live"));
    assertEquals(live, Array.from(live, (_, index) => `live ${index + 1}`));
    assert(live.length >= 10);
  }));

Deno.test("backUp() refuses a target with something in it, and a directory without messages", () =>
  withFolder(async (folder) => {
    const dir = join(folder, "data");
    await makeData(dir);
    await assertRejects(
      () => backUp(dir, dir, NOW),
      StartError,
      "it is not empty; name a new directory",
    );
    await assertRejects(
      () => backUp(folder, join(folder, "copy"), NOW),
      StartError,
      "no hubbub.db",
    );
    assertEquals(names(folder), ["data"]);
  }));

Deno.test("backUp() leaves nothing behind when the data cannot be read", () =>
  withFolder(async (folder) => {
    const dir = join(folder, "data");
    await makeData(dir);
    overwrite(join(dir, "hubbub.db"), 4096, new Uint8Array(8192).fill(7));
    await assertRejects(() => backUp(dir, join(folder, "copy"), NOW), StartError, "hubbub check");
    assertEquals(names(folder), ["data"]);
  }));

Deno.test("backUp() says which uploads were missing in the data already", () =>
  withFolder(async (folder) => {
    const dir = join(folder, "data");
    await makeData(dir);
    await Deno.remove(join(dir, UPLOADED));
    const { warnings } = await backUp(dir, join(folder, "copy"), NOW);
    assertEquals(warnings, ["1 uploads to which messages refer are not in the data"]);
  }));

Deno.test("restore() puts a backup back as it was, under a new epoch, without an old log", () =>
  withFolder(async (folder) => {
    const [dir, copy] = [join(folder, "data"), join(folder, "copy")];
    await makeData(dir);
    const before = await contents(dir, "kitchen");
    await backUp(dir, copy, NOW);
    const store = await openSqliteStore({ dir, sync: "off" });
    await store.commit([message("kitchen", "lost again")]);
    await store.close();
    await Deno.writeTextFile(join(dir, "hubbub.db-wal"), "an old log");
    const { replaced, warnings } = restore(copy, dir, { replace: true, now: NOW });
    assertEquals([replaced, warnings], [`${dir}.replaced-20260102T030405Z`, []]);
    assertEquals(names(dir), ["files", "files.db", "hubbub.db", "people.db"]);
    assert(epochOf(dir) !== epochOf(copy));
    assertEquals(await checkBeforeStart(dir), { warnings: [], renewEpoch: false });
    assertEquals(await contents(dir, "kitchen"), before);
    assertEquals(await Deno.readFile(join(dir, UPLOADED)), UPLOAD);
    assertEquals(names(folder), ["copy", "data", "data.replaced-20260102T030405Z"]);
  }));

Deno.test("restore() takes a plain copy with the log of a server that was killed", () =>
  withFolder(async (folder) => {
    const [dir, copy, back] = ["data", "copy", "back"].map((name) => join(folder, name));
    assert(dir !== undefined && copy !== undefined && back !== undefined);
    await makeData(dir);
    const store = await openSqliteStore({ dir, sync: "full" });
    await store.commit([message("kitchen", "only in the log")]);
    await Deno.mkdir(copy);
    for (const name of ["hubbub.db", "hubbub.db-wal", "people.db"]) {
      await Deno.copyFile(join(dir, name), join(copy, name));
    }
    await store.close();
    await Deno.mkdir(back);
    assertEquals(restore(copy, back, { replace: false, now: NOW }).replaced, undefined);
    assertEquals(names(back), ["files", "hubbub.db", "people.db"]);
    assertEquals((await contents(back, "kitchen")).at(-1), "only in the log");
  }));

Deno.test("restore() refuses what it cannot vouch for, and changes nothing then", () =>
  withFolder(async (folder) => {
    const [dir, copy] = [join(folder, "data"), join(folder, "copy")];
    await makeData(dir);
    await backUp(dir, copy, NOW);
    const options = { replace: true, now: NOW };
    const refused = (replace: boolean) =>
      assertThrows(() => restore(copy, dir, { ...options, replace }), StartError).message;
    assertMatch(refused(false), /is not empty; give --replace/);
    const store = await openSqliteStore({ dir, sync: "off" });
    assertMatch(refused(true), /a server is using it/);
    await store.close();
    const before = await Deno.readFile(join(dir, "hubbub.db"));
    const sound = await Deno.readFile(join(copy, "people.db"));
    overwrite(join(copy, "people.db"), 5000, new Uint8Array([1, 2, 3]));
    assertMatch(refused(true), /its people\.db is not what was backed up/);
    await Deno.remove(join(copy, "people.db"));
    assertMatch(refused(true), /its people\.db is missing/);
    await Deno.writeFile(join(copy, "people.db"), sound);
    await Deno.remove(join(copy, "backup.json"));
    overwrite(join(copy, "hubbub.db"), 4096, new Uint8Array(8192).fill(7));
    assertMatch(refused(true), /hubbub\.db is damaged/);
    assertEquals(await Deno.readFile(join(dir, "hubbub.db")), before);
    assertEquals(names(folder), ["copy", "data"]);
  }));
