import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartError } from "../../config/errors.ts";
import { check } from "../../data/check.ts";
import { checkBeforeStart } from "../../data/guard.ts";
import { repair } from "../../data/repair.ts";
import { openPeople } from "../../people/open.ts";
import { openSqliteStore } from "../../store/sqlite/store.ts";
import type { StoredMessage } from "../../store/store.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../support/assert.ts";
import { alter, makeData, message, NOW, overwrite, withFolder } from "./fixture.ts";

const ROOMS = ["attic", "kitchen"];

/** Numbers that look random and are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** All messages of some rooms. */
async function readAll(dir: string, rooms: readonly string[] = ROOMS): Promise<StoredMessage[]> {
  const store = await openSqliteStore({ dir, sync: "off" });
  try {
    const all: StoredMessage[] = [];
    for (const room of rooms) {
      const page = await store.read(room, { after: 0, limit: 10_000 });
      assert(page.complete);
      assertEquals(page.messages.map(({ seq }) => seq), page.messages.map((_, index) => index + 1));
      assertEquals(page.messages.length, page.last);
      all.push(...page.messages);
    }
    return all;
  } finally {
    await store.close();
  }
}

const problems = (dir: string) =>
  check(dir).damage.map(({ file, problem }) => `${file}: ${problem}`);

const isRefused = (dir: string) =>
  checkBeforeStart(dir).then(() => false, (error) => {
    assert(error instanceof StartError, String(error));
    return true;
  });

for (
  const [kind, makeBytes] of [
    ["noise", (random: () => number) => Uint8Array.from({ length: 16_384 }, () => random() * 256)],
    ["zeros", () => new Uint8Array(16_384)],
  ] as const
) {
  Deno.test(`16 KiB of ${kind} anywhere in hubbub.db are refused, and the rest is saved`, () =>
    withFolder(async (folder) => {
      const sound = join(folder, "sound");
      await makeData(sound, { messages: 500, length: 700 });
      const expected = await readAll(sound);
      const bytes = await Deno.readFile(join(sound, "hubbub.db"));
      let refused = 0;
      for (let seed = 1; seed <= 12; seed++) {
        const random = seeded(seed);
        const dir = join(folder, `${seed}`);
        await Deno.mkdir(dir);
        await Deno.writeFile(join(dir, "hubbub.db"), bytes);
        await Deno.copyFile(join(sound, "people.db"), join(dir, "people.db"));
        const start = Math.floor(random() * (bytes.length - 16_384));
        overwrite(join(dir, "hubbub.db"), start, makeBytes(random));
        if (!await isRefused(dir)) {
          assertEquals(await readAll(dir), expected, `seed ${seed}`);
          continue;
        }
        refused++;
        const { kept } = repair(dir, NOW);
        assertEquals(kept, [join(dir, "hubbub.db.damaged-20260102T030405Z")]);
        assertEquals(await checkBeforeStart(dir), { warnings: [], renewEpoch: false });
        const rooms = roomsOf(dir);
        const found = await readAll(dir, rooms);
        assertEquals(found.length, expected.length, `seed ${seed}: ${rooms}`);
        const intact = found.filter(({ deleted }) => !deleted);
        const texts = new Set(expected.map(({ seq, content }) => `${seq} ${content}`));
        for (const one of intact) assert(texts.has(`${one.seq} ${one.content}`), `seed ${seed}`);
        assert(intact.length >= 0.9 * expected.length, `seed ${seed}: ${intact.length}`);
      }
      assert(refused >= 9, `${refused}`);
    }));
}

/** Names of all rooms in the order of their first messages. */
function roomsOf(dir: string): string[] {
  const db = new DatabaseSync(join(dir, "hubbub.db"));
  const rows = db.prepare("SELECT name FROM rooms ORDER BY number").all();
  db.close();
  return rows.map(({ name }) => String(name));
}

Deno.test("check() finds nothing wrong with sound data, beside a server too", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    assertEquals(problems(dir), []);
    const store = await openSqliteStore({ dir, sync: "full" });
    await store.commit([message("attic", "more")]);
    assertEquals(problems(dir), []);
    assertThrows(() => repair(dir, NOW), StartError, "a server is using it; stop it first");
    await store.close();
    const { kept, lost, after } = repair(dir, NOW);
    assertEquals([kept, lost, after.damage], [[], [], []]);
  }));

Deno.test("check() finds ids, memberships and numbers that lead nowhere", () =>
  withFolder(async (folder) => {
    const cases: [sql: string, problem: RegExp][] = [
      ["UPDATE members SET read = 999", /1 members have read messages that there never were/],
      ["UPDATE ids SET seq = 999 WHERE id = 'id-7'", /2 ids belong to messages that there never/],
      ["DELETE FROM runs WHERE number = 41", /messages \d+ to \d+ of room 1 are missing/],
      ["DELETE FROM rooms WHERE number = 2", /room 2 is missing/],
      ["UPDATE runs SET messages = '[1]', count = 1 WHERE number = 1", /cannot be decoded|missing/],
    ];
    for (const [index, [sql, problem]] of cases.entries()) {
      const dir = join(folder, `${index}`);
      await makeData(dir);
      alter(dir, sql);
      assertMatch(problems(dir).join("\n"), problem);
    }
  }));

Deno.test("check() finds uploads that are missing, altered, unrecorded or nobody's", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    const { damage, notes } = check(dir);
    assertEquals([damage, notes], [[], []]);
    const folder = [...Deno.readDirSync(join(dir, "files"))][0]?.name ?? "";
    const name = [...Deno.readDirSync(join(dir, "files", folder))][0]?.name ?? "";
    const path = join(dir, "files", folder, name);
    const orphan = `${folder}${"0".repeat(62)}`;
    await Deno.writeTextFile(join(dir, "files", folder, orphan), "nobody's");
    overwrite(path, 3, new Uint8Array([1]));
    const file = `files/${folder}/${name}`;
    const where = `(message 201 of "attic")`;
    assertEquals(problems(dir), [`${file}: its bytes are not what was uploaded ${where}`]);
    assertMatch(check(dir).notes[0]?.problem ?? "", /1 uploads belong to nobody/);
    await Deno.truncate(path, 5);
    assertEquals(problems(dir), [`${file}: it has 5 bytes instead of 18 ${where}`]);
    await Deno.remove(path);
    assertEquals(problems(dir), [`${file}: it is missing ${where}`]);
    const db = new DatabaseSync(join(dir, "files.db"));
    db.exec("DELETE FROM files");
    db.close();
    assertEquals(problems(dir), []);
    assertMatch(check(dir).notes[0]?.problem ?? "", /it is no longer there \(message 201/);
  }));

Deno.test("check() lists what is in quarantine, and what will be made anew", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    await Deno.mkdir(join(dir, "quarantine"));
    await Deno.writeTextFile(join(dir, "quarantine", "something"), "");
    for (const name of ["search.db", "files.db"]) await Deno.remove(join(dir, name));
    const { damage, notes } = check(dir);
    assertEquals(damage, []);
    const files = notes.map(({ file }) => file);
    assertEquals(files.sort(), ["files.db", "quarantine/", "search.db"]);
  }));

Deno.test("repair() gives the numbers of lost messages to deleted ones, and says which they are", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    const before = await readAll(dir);
    alter(
      dir,
      "DELETE FROM runs WHERE number IN (SELECT number FROM runs ORDER BY number LIMIT 2 OFFSET 2)",
    );
    assert(await isRefused(dir));
    const { lost, after } = repair(dir, NOW);
    assertEquals(after.damage, []);
    assertEquals(lost, ['room "attic": messages 21 to 40', 'room "kitchen": messages 21 to 40']);
    const found = await readAll(dir);
    const gone = found.filter(({ from }) => from === "nobody");
    assertEquals(gone.length, 40);
    assert(
      gone.every(({ seq, content, deleted, by }) =>
        seq > 20 && seq <= 40 && content === "" && deleted && by === undefined
      ),
    );
    const expected = before.map((one) =>
      one.seq > 20 && one.seq <= 40
        ? { room: one.room, seq: one.seq, time: NOW, from: "nobody", content: "", deleted: true }
        : one
    );
    assertEquals(found, expected as StoredMessage[]);
    const store = await openSqliteStore({ dir, sync: "off" });
    const outcomes = await store.commit([
      message("attic", "attic 25 ".padEnd(40, "and so on "), { id: "id-25" }),
      message("attic", "attic 45 ".padEnd(40, "and so on "), { id: "id-45" }),
    ]);
    await store.close();
    assertEquals(outcomes[0], 202);
    assert(typeof outcomes[1] === "object" && "duplicate" in outcomes[1]);
  }));

Deno.test("repair() finds the name of a room whose row is lost by what its members have read", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    const before = await readAll(dir);
    alter(dir, "DELETE FROM rooms WHERE name = 'attic'; INSERT INTO meta VALUES ('future', 7)");
    const { lost, after } = repair(dir, NOW);
    assertEquals([after.damage, lost], [[], []]);
    assertEquals(await readAll(dir), before);
    const db = new DatabaseSync(join(dir, "hubbub.db"));
    assertEquals(db.prepare("SELECT value FROM meta WHERE key = 'future'").get()?.["value"], 7);
    db.close();
  }));

Deno.test("repair() saves who made rooms, from the pages of a broken database too", () =>
  withFolder(async (folder) => {
    for (const lost of ["a table", "the first page"]) {
      const dir = join(folder, lost);
      await makeData(dir);
      if (lost === "a table") alter(dir, "DELETE FROM rooms WHERE name = 'attic'");
      else overwrite(join(dir, "hubbub.db"), 0, new Uint8Array(200));
      repair(dir, NOW);
      const store = await openSqliteStore({ dir, sync: "off" });
      const { makers } = await store.roomsState();
      await store.close();
      const maker = { user: "id-of-bob", network: "192.0.2.7", time: NOW };
      assertEquals(makers, [{ room: "kitchen", ...maker }], lost);
    }
  }));

Deno.test("repair() hides the messages of a room whose name is lost", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    alter(dir, "DELETE FROM rooms WHERE name = 'kitchen'");
    const { recovered, after } = repair(dir, NOW);
    assertEquals(after.damage, []);
    assertMatch(recovered.join(), /whose name is lost, is recovered-2 \(private\)/);
    assertEquals((await readAll(dir, ["recovered-2"])).length, 200);
    const store = await openSqliteStore({ dir, sync: "off" });
    const { rooms } = await store.roomsState();
    await store.close();
    assertEquals(rooms.find(({ room }) => room === "recovered-2")?.private, true);
  }));

Deno.test("repair() saves the users that can be read", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    const people = join(dir, "people.db");
    const size = (await Deno.stat(people)).size;
    // The last page is one of an index or of a table that is empty here, or holds users: all are tried.
    let saved = 0;
    const sound = await Deno.readFile(people);
    for (let start = 4096; start < size; start += 4096) {
      await Deno.writeFile(people, sound);
      overwrite(people, start, new Uint8Array(4096).fill(0x5a));
      assert(await isRefused(dir), `${start}`);
      const { after, kept } = repair(dir, NOW);
      assertEquals([after.damage, kept.length], [[], 1], `${start}`);
      const store = await openPeople({ data: { kind: "directory", path: dir }, sync: "off" });
      if (await store.find("id-of-ann") !== undefined) saved++;
      await store.close();
    }
    // But for the first page, those of the schema, and that of the users.
    assert(saved >= size / 4096 - 5, `${saved} of ${size / 4096}`);
  }));

Deno.test("repair() renews the epoch and makes the index anew if messages are gone from the end", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    const store = await openSqliteStore({ dir, sync: "off" });
    const { epoch } = store;
    await store.close();
    const search = new DatabaseSync(join(dir, "search.db"));
    search.exec("UPDATE state SET next = next + 100000");
    search.close();
    assertMatch(problems(dir).join(), /search index has seen messages that are not there/);
    assertEquals(repair(dir, NOW).after.damage, []);
    const again = await openSqliteStore({ dir, sync: "off" });
    assert(again.epoch !== epoch);
    await again.close();
  }));
