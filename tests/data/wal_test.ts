import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { backUp } from "../../data/backup.ts";
import { check } from "../../data/check.ts";
import { checkBeforeStart } from "../../data/guard.ts";
import { inspectLog } from "../../data/wal.ts";
import { assert, assertEquals, assertMatch, assertNotEquals } from "../support/assert.ts";
import { makeData, overwrite, withFolder } from "./fixture.ts";

const HEADER = 32;
const FRAME = 24 + 4096;

/** Makes a log of 12 transactions of at least a page each. Returns the bytes that it has then. */
async function makeLog(dir: string): Promise<Uint8Array> {
  const path = join(dir, "hubbub.db");
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE notes (a)");
  for (let i = 0; i < 11; i++) db.prepare("INSERT INTO notes VALUES (?)").run(`${i}`.repeat(3000));
  const log = await Deno.readFile(`${path}-wal`);
  db.close();
  return log;
}

/** Puts a log beside the database, as a server that was killed leaves it. */
function putLog(dir: string, log: Uint8Array): string {
  const path = join(dir, "hubbub.db-wal");
  Deno.writeFileSync(path, log);
  return path;
}

/** Calls a function with sound data and a log that has something of them. */
const withLog = (run: (dir: string, log: Uint8Array) => Promise<void>) =>
  withFolder(async (folder) => {
    const dir = join(folder, "data");
    await makeData(dir);
    const before = await Deno.readFile(join(dir, "hubbub.db"));
    const log = await makeLog(dir);
    await Deno.writeFile(join(dir, "hubbub.db"), before);
    await run(dir, log);
  });

/** Reads without changing anything. */
function epochOf(dir: string): unknown {
  const db = new DatabaseSync(join(dir, "hubbub.db"), { readOnly: true });
  const epoch = db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get()?.["value"];
  db.close();
  return epoch;
}

Deno.test("inspectLog() takes a sound log, an empty one and none", () =>
  withLog((dir, log) => {
    const frames = (log.length - HEADER) / FRAME;
    assert(frames >= 12, `${frames}`);
    assertEquals(inspectLog(putLog(dir, log)), { frames, lostFrames: 0, lostBytes: 0 });
    const nothing = { frames: 0, lostFrames: 0, lostBytes: 0 };
    assertEquals(inspectLog(putLog(dir, new Uint8Array())), nothing);
    assertEquals(inspectLog(join(dir, "not-there")), nothing);
    return Promise.resolve();
  }));

Deno.test("inspectLog() takes every log that a crash can have cut off", () =>
  withLog((dir, log) => {
    for (let length = 1; length < log.length; length += 997) {
      assertEquals(inspectLog(putLog(dir, log.slice(0, length))).lostFrames, 0, `${length}`);
    }
    return Promise.resolve();
  }));

Deno.test("inspectLog() finds bytes that were altered anywhere before the last frames", () =>
  withLog((dir, log) => {
    const frames = (log.length - HEADER) / FRAME;
    for (let at = HEADER; at < log.length - 4 * FRAME; at += 1111) {
      const altered = log.slice();
      altered[at]! ^= 0x40;
      const damaged = Math.floor((at - HEADER) / FRAME);
      const { frames: taken, lostFrames } = inspectLog(putLog(dir, altered));
      assert(taken <= damaged, `${at}: ${taken}`);
      assertEquals(taken + lostFrames, frames, `${at}`);
    }
    return Promise.resolve();
  }));

Deno.test("inspectLog() finds a log whose header was altered", () =>
  withLog((dir, log) => {
    for (let at = 0; at < HEADER; at++) {
      const altered = log.slice();
      altered[at]! ^= 0x40;
      assertNotEquals(inspectLog(putLog(dir, altered)).lostFrames, 0, `${at}`);
    }
    return Promise.resolve();
  }));

Deno.test("inspectLog() passes over what an earlier use of the log has left", () =>
  withFolder(async (dir) => {
    const path = join(dir, "hubbub.db");
    const db = new DatabaseSync(path);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE notes (a)");
    const insert = db.prepare("INSERT INTO notes VALUES (?)");
    for (let i = 0; i < 9; i++) insert.run(`${i}`.repeat(3000));
    db.exec("PRAGMA wal_checkpoint(RESTART)");
    insert.run("again");
    const log = await Deno.readFile(`${path}-wal`);
    db.close();
    const report = inspectLog(putLog(dir, log));
    assert(report.frames < (log.length - HEADER) / FRAME);
    assertEquals(report.lostFrames, 0);
  }));

Deno.test("checkBeforeStart() takes a log that a crash has cut off without a word", () =>
  withLog(async (dir, log) => {
    putLog(dir, log.slice(0, log.length - 100));
    assertEquals(await checkBeforeStart(dir), { warnings: [], renewEpoch: false });
  }));

Deno.test("checkBeforeStart() keeps a damaged log, says what is lost and renews the epoch, once", () =>
  withLog(async (dir, log) => {
    overwrite(putLog(dir, log), HEADER + 5 * FRAME + 2000, new Uint8Array(16));
    const damaged = await Deno.readFile(join(dir, "hubbub.db-wal"));
    const epoch = epochOf(dir);
    assertMatch(check(dir).damage[0]?.problem ?? "", /^damaged: \d+ pages/);
    assertMatch(
      (await backUp(dir, `${dir}-copy`, 1)).warnings[0] ?? "",
      /^The log of hubbub\.db is damaged/,
    );
    const { warnings, renewEpoch } = await checkBeforeStart(dir);
    assertEquals([warnings.length, renewEpoch], [1, true]);
    assertMatch(
      warnings[0] ?? "",
      /log of hubbub\.db .* is damaged: \d+ pages \(\d+ bytes\) .* are lost.*; all clients start over/,
    );
    assertNotEquals(epochOf(dir), epoch);
    const kept = /kept as (\S+);/.exec(warnings[0] ?? "")?.[1] ?? "";
    assertEquals(await Deno.readFile(kept), damaged);
    assertEquals(await checkBeforeStart(dir), { warnings: [], renewEpoch: false });
    const db = new DatabaseSync(join(dir, "hubbub.db"));
    assert(Number(db.prepare("SELECT count(*) AS n FROM notes").get()?.["n"]) < 11);
    db.close();
  }));
