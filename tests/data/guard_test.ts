import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { check } from "../../data/check.ts";
import { checkBeforeStart } from "../../data/guard.ts";
import { StartError } from "../../config/errors.ts";
import { openSqliteStore } from "../../store/sqlite/store.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { alter, makeData, message, overwrite, withFolder } from "./fixture.ts";

const SOUND = { warnings: [], renewEpoch: false };

/** The line with which a start on the directory is refused. */
async function refusal(dir: string): Promise<string> {
  const error = await assertRejects(() => checkBeforeStart(dir), StartError);
  assert(!error.message.includes("\n"), error.message);
  assert(!error.message.includes("that this user can write to"), error.message);
  return error.message;
}

const modeOf = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;

Deno.test("checkBeforeStart() creates a directory that is not there, for its owner only", () =>
  withFolder(async (folder) => {
    const dir = join(folder, "new");
    assertEquals(await checkBeforeStart(dir), SOUND);
    assertEquals(await checkBeforeStart(dir), SOUND);
    if (Deno.build.os !== "windows") assertEquals(modeOf(dir), 0o700);
  }));

Deno.test("checkBeforeStart() finds nothing wrong with sound data, of any format", () =>
  withFolder(async (folder) => {
    const dir = join(folder, "data");
    await makeData(dir);
    assertEquals(await checkBeforeStart(dir), SOUND);
    for (const format of ["format-1", "format-2", "format-3", "format-4"]) {
      const from = new URL(`../fixtures/${format}/data/`, import.meta.url).pathname;
      const copy = join(folder, format);
      await Deno.mkdir(copy);
      for await (const { name, isFile } of Deno.readDir(from)) {
        if (isFile) await Deno.copyFile(join(from, name), join(copy, name));
      }
      assertEquals(await checkBeforeStart(copy), SOUND, format);
      const damage = check(copy).damage.map(({ file }) => file.split("/")[0]);
      assertEquals(damage.filter((file) => file !== "files"), [], format);
    }
  }));

Deno.test("checkBeforeStart() finds nothing wrong after a first start that was cut off", () =>
  withFolder(async (dir) => {
    new DatabaseSync(join(dir, "hubbub.db")).close();
    assertEquals(await checkBeforeStart(dir), SOUND);
    const db = new DatabaseSync(join(dir, "hubbub.db"));
    db.exec("PRAGMA journal_mode = WAL");
    db.close();
    assertEquals(await checkBeforeStart(dir), SOUND);
  }));

Deno.test({
  name: "checkBeforeStart() takes modes from others that let them read",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (dir) => {
      await makeData(dir);
      const files = ["hubbub.db", "people.db", "files.db", "search.db", "hubbub.lock"];
      for (const name of files) Deno.chmodSync(join(dir, name), 0o644);
      for (const name of ["", "files"]) Deno.chmodSync(join(dir, name), 0o755);
      assertEquals(await checkBeforeStart(dir), SOUND);
      assertEquals(files.map((name) => modeOf(join(dir, name))), files.map(() => 0o600));
      assertEquals([modeOf(dir), modeOf(join(dir, "files"))], [0o700, 0o700]);
    }),
});

Deno.test("checkBeforeStart() refuses a directory whose hubbub.db is missing, empty or blank", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    const path = join(dir, "hubbub.db");
    await Deno.remove(path);
    assertMatch(
      await refusal(dir),
      /hubbub\.db is missing, but people\.db, files\.db, search\.db, files\/ are there; put .* back/,
    );
    await Deno.writeFile(path, new Uint8Array());
    assertMatch(await refusal(dir), /hubbub\.db is empty, but/);
    const db = new DatabaseSync(path);
    db.exec("CREATE TABLE t (a); DROP TABLE t");
    db.close();
    assertMatch(await refusal(dir), /hubbub\.db has no tables, but/);
    await Deno.remove(path);
    for (const name of ["people.db", "files.db", "search.db"]) await Deno.remove(join(dir, name));
    assertMatch(await refusal(dir), /hubbub\.db is missing, but files\/ is there/);
    await Deno.remove(join(dir, "files"), { recursive: true });
    assertEquals(await checkBeforeStart(dir), SOUND);
  }));

Deno.test("checkBeforeStart() says that people.db is missing if somebody had an account", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    await Deno.remove(join(dir, "people.db"));
    const { warnings, renewEpoch } = await checkBeforeStart(dir);
    assertEquals([warnings.length, renewEpoch], [1, false]);
    assertMatch(warnings[0] ?? "", /people\.db is missing .*nobody who had an account can sign in/);
  }));

for (const name of ["hubbub.db", "people.db"]) {
  Deno.test(`checkBeforeStart() refuses a ${name} whose header, first pages or end are damaged`, () =>
    withFolder(async (dir) => {
      await makeData(dir);
      const path = join(dir, name);
      const sound = await Deno.readFile(path);
      const noise = crypto.getRandomValues(new Uint8Array(6000));
      for (const start of [0, 30, 4096]) {
        overwrite(path, start, noise);
        assertMatch(
          await refusal(dir),
          new RegExp(`${name} is damaged: .*hubbub check`),
          `${start}`,
        );
        await Deno.writeFile(path, sound);
      }
      await Deno.truncate(path, sound.length - 8192);
      assertMatch(await refusal(dir), new RegExp(`${name} is damaged: .*hubbub restore`));
    }));
}

Deno.test("checkBeforeStart() refuses messages without a room, and gaps in their numbers", () =>
  withFolder(async (folder) => {
    const cases: [sql: string, problem: RegExp][] = [
      [
        "DELETE FROM rooms WHERE name = 'attic'",
        /room 1 is missing, but its messages 1 to 201 are/,
      ],
      ["DELETE FROM runs WHERE number = (SELECT number FROM runs LIMIT 1 OFFSET 5)", /are missing/],
      ["UPDATE runs SET messages = substr(messages, 1, 30) WHERE number = 41", /cannot be read/],
      ["UPDATE runs SET count = count - 1 WHERE number = 41", /cannot be read/],
      ["DROP TABLE meta", /lacks the table meta/],
    ];
    for (const [index, [sql, problem]] of cases.entries()) {
      const dir = join(folder, `${index}`);
      await makeData(dir);
      alter(dir, sql);
      assertMatch(await refusal(dir), problem);
    }
  }));

Deno.test("checkBeforeStart() does not disturb a server, nor judge what it is writing", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    const store = await openSqliteStore({ dir, sync: "full" });
    try {
      await store.commit([message("attic", "said meanwhile")]);
      assertEquals(await checkBeforeStart(dir), SOUND);
      await store.commit([message("attic", "and afterwards")]);
      const { messages } = await store.read("attic", { limit: 2 });
      assertEquals(messages.map(({ content }) => content), ["said meanwhile", "and afterwards"]);
    } finally {
      await store.close();
    }
  }));

Deno.test("checkBeforeStart() renews the epoch if the search index has seen more messages", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    const search = new DatabaseSync(join(dir, "search.db"));
    search.exec("UPDATE state SET next = next + 100000");
    search.close();
    const { warnings, renewEpoch } = await checkBeforeStart(dir);
    assertEquals([warnings.length, renewEpoch], [1, true]);
    assertMatch(warnings[0] ?? "", /lacks messages that the search index has seen/);
  }));
