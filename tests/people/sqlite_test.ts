/** The SQLite backend against the people contract, and its own behaviour: files, restarts, other processes. */
import { join } from "node:path";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../support/assert.ts";
import { Condition } from "../support/condition.ts";
import { DataError, LostWriteError } from "../../sqlite/data_error.ts";
import { LogSync } from "../../sqlite/log_sync.ts";
import { GroupCommit } from "../../people/sqlite/group_commit.ts";
import { MIGRATIONS } from "../../people/sqlite/schema.ts";
import { openSqlitePeople } from "../../people/sqlite/store.ts";
import {
  addAll,
  digest,
  invite,
  member,
  passkey,
  record,
  session,
  testConformance,
  user,
} from "./conformance.ts";
import { administrationCases, sanction } from "./administration_cases.ts";
import { credentialCases } from "./credential_cases.ts";
import { openPeople, withDir } from "./harness.ts";
import { userCases } from "./user_cases.ts";
import { watchCases } from "./watch_cases.ts";

testConformance(
  "openSqlitePeople()",
  (run) =>
    withDir(async (dir) => {
      await using people = await openPeople(dir);
      await run(people);
    }),
  [...userCases, ...credentialCases, ...watchCases, ...administrationCases],
);

/** Runs SQL on a directory's database. */
function exec(dir: string, sql: string): void {
  const db = new DatabaseSync(join(dir, "people.db"));
  db.exec(sql);
  db.close();
}

/** Records whom a watcher is told of. */
class Told {
  readonly users: string[] = [];
  readonly #condition = new Condition();
  readonly changed = (id: string): void => {
    this.users.push(id);
    this.#condition.notify();
  };
  until(id: string): Promise<boolean> {
    const what = () => `${id} to be told, were told: ${this.users}`;
    return this.#condition.until(what, () => this.users.includes(id) || undefined);
  }
}

Deno.test("openSqlitePeople() keeps everything across a restart, with each kind of sync", async () => {
  for (const sync of ["full", "normal", "off"] as const) {
    await withDir(async (dir) => {
      const ann = member("Ann");
      {
        await using people = await openPeople(dir, { sync });
        await addAll(people, ann, user("Bob"));
        await people.visit("id-Bob", "Bob", 2000);
        await people.setPassword(ann.id, "hash");
        await people.addPasskey(passkey("k", ann.id));
        await people.addIdentity("issuer", "subject", ann.id);
        await people.addSession(session("s", ann.id), digest("s"));
        await people.addInvite(invite("i", { by: ann.id }), digest("i"));
        await people.putCeremony("c", "value", 9000);
      }
      await using people = await openPeople(dir, { sync });
      assertEquals(await people.find(ann.id), record(ann));
      assertEquals(await people.findByName("bob"), record(user("Bob"), { seen: 2000, visit: 1 }));
      assertEquals(await people.password(ann.id), "hash");
      assertEquals(await people.passkeys(ann.id), [passkey("k", ann.id)]);
      assertEquals(await people.findIdentity("issuer", "subject"), ann.id);
      assertEquals((await people.findSession(digest("s")))?.session, session("s", ann.id));
      assertEquals(await people.invites(0), [invite("i", { by: ann.id })]);
      assertEquals(await people.takeCeremony("c", 0), "value");
    });
  }
});

Deno.test("openSqlitePeople() ends the visits that a killed server has left, for a server only", () =>
  withDir(async (dir) => {
    {
      await using people = await openPeople(dir);
      await addAll(people, user("Bob"), user("Cid", { remembered: true }), user("Dan"));
      for (const name of ["Bob", "Cid"]) await people.visit(`id-${name}`, name, 2000);
    }
    {
      await using command = await openPeople(dir);
      assertEquals((await command.findByName("Bob"))?.seen, 2000);
    }
    await using people = await openPeople(dir, { serve: true, now: () => 7000 });
    assertEquals(await people.findByName("Bob"), undefined);
    assertEquals(await people.find("id-Bob"), record(user("Bob"), { seen: 7000, visit: 1 }));
    assertEquals((await people.findByName("Cid"))?.seen, 7000);
    assertEquals((await people.find("id-Dan"))?.seen, 1000);
    assertEquals(await people.expire({ away: 7001, seen: 7000 }), ["id-Bob", "id-Dan"]);
    assertEquals(await people.expire({ away: 0, seen: 7001 }), ["id-Cid"]);
  }));

Deno.test("two stores on one directory see each other's changes, and watch() tells of them once", () =>
  withDir(async (dir) => {
    await using server = await openPeople(dir, { serve: true, lookMs: 1 });
    await using command = await openPeople(dir);
    const told = new Told();
    server.watch(told.changed);
    await addAll(server, member("Ann"), member("Bob"), member("Cid"));
    assertEquals((await command.findByName("ann"))?.id, "id-Ann");
    await server.rename("id-Cid", "Cyd");
    assertEquals(told.users, ["id-Cid"]);
    await command.change("id-Ann", { disabled: true });
    assertEquals((await server.find("id-Ann"))?.disabled, true);
    await told.until("id-Ann");
    await command.remove("id-Bob");
    await told.until("id-Bob");
    assertEquals(told.users, ["id-Cid", "id-Ann", "id-Bob"]);
  }));

Deno.test("watchSanctions() tells of what another process has imposed or lifted", () =>
  withDir(async (dir) => {
    await using server = await openPeople(dir, { serve: true, lookMs: 1 });
    await using command = await openPeople(dir);
    let told = 0;
    const condition = new Condition();
    server.watchSanctions(() => {
      told++;
      condition.notify();
    });
    await command.addSanction(sanction("a"));
    await condition.until("to be told of a ban", () => told >= 1 || undefined);
    assertEquals(await server.sanctions(), [sanction("a")]);
    const before = told;
    await command.removeSanction("a");
    await condition.until("to be told that it was lifted", () => told > before || undefined);
    assertEquals(await server.sanctions(), []);
  }));

Deno.test("openSqlitePeople() computes skeletons of another version anew; names of old that look alike stay", () =>
  withDir(async (dir) => {
    {
      await using people = await openPeople(dir);
      await addAll(people, member("Ann"), member("Bob"), user("Cid"));
    }
    exec(
      dir,
      `UPDATE facts SET value = 'old'; UPDATE users SET skeleton = 'x' WHERE key > '';
      UPDATE users SET name = '\u0410nn', key = '\u0430nn' WHERE id = 'id-Bob'`,
    );
    await using people = await openPeople(dir);
    for (const name of ["\u0410nn", "Ann"]) assert(await people.findByName(name), name);
    assertEquals(await people.visit("id-Ann", "ANN", 2000), 1);
    assertEquals(await people.visit("id-Bob", "\u0410nn", 2000), 1);
    assertEquals(await people.visit("id-Cid", "\u0410\u0578\u0578", 2000), "name_taken");
    assertEquals(await people.visit("id-Cid", "x", 2000), 1);
  }));

Deno.test("watch() misses nothing when there are very many changes, of which few are kept", () =>
  withDir(async (dir) => {
    await using server = await openPeople(dir, { sync: "off", lookMs: 1 });
    await using command = await openPeople(dir, { sync: "off" });
    const many = Array.from({ length: 12_000 }, (_, index) => user(`guest${index}`));
    await Promise.all([...many.map((one) => server.add(one)), server.add(member("Ann"))]);
    await command.change("id-Ann", { disabled: true });
    assertEquals((await server.expire({ away: 9999, seen: 0 })).length, many.length);
    const told = new Told();
    server.watch(told.changed);
    await told.until("id-Ann");
    assertEquals(told.users, ["id-Ann"]);
    for (let round = 0; round < 2; round++) {
      await Promise.all(many.map((one) => server.add(one)));
      await server.expire({ away: 9999, seen: 0 });
    }
    const db = new DatabaseSync(join(dir, "people.db"), { readOnly: true });
    const kept = Number(db.prepare("SELECT count(*) AS kept FROM changed").get()?.["kept"]);
    db.close();
    assert(kept > 1000 && kept < 11_000, `${kept} changes are kept`);
  }));

Deno.test("the changes of one tick share one sync, and resolve after it; no lock is held meanwhile", () =>
  withDir(async (dir) => {
    const syncs: PromiseWithResolvers<void>[] = [];
    const condition = new Condition();
    const syncData = () => {
      syncs.push(Promise.withResolvers());
      condition.notify();
      return syncs.at(-1)!.promise;
    };
    await using people = await openPeople(dir, {
      openLog: () => new LogSync({ syncData, close() {} }),
    });
    const done: string[] = [];
    const told: string[] = [];
    people.watch((id) => told.push(id));
    const changes = ["Ann", "Bob", "Cid"].map((name) =>
      people.add(member(name)).then(() => done.push(name))
    );
    changes.push(people.rename("id-Ann", "Anna").then(() => done.push("Anna")));
    await condition.until("a sync", () => syncs[0]);
    assertEquals((await people.findByName("anna"))?.id, "id-Ann");
    exec(dir, "PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; COMMIT");
    assertEquals([done, told], [[], []]);
    syncs[0]!.resolve();
    await Promise.all(changes);
    assertEquals(done.sort(), ["Ann", "Anna", "Bob", "Cid"]);
    assertEquals([told, syncs.length], [["id-Ann"], 1]);
  }));

Deno.test("after a failed sync what waits for it rejects, and so does everything else", () =>
  withDir(async (dir) => {
    let works = true;
    const syncData = () => works ? Promise.resolve() : Promise.reject(new Error("I/O error"));
    await using people = await openPeople(dir, {
      openLog: () => new LogSync({ syncData, close() {} }),
    });
    await addAll(people, member("Ann"));
    works = false;
    const told: string[] = [];
    people.watch((id) => told.push(id));
    const failure =
      "The disk has failed (I/O error): what was written last may or may not have been kept";
    const changes = [people.add(member("Bob")), people.rename("id-Ann", "Anna")];
    for (const change of changes) await assertRejects(() => change, LostWriteError, failure);
    assertEquals((await people.failed).message, failure);
    works = true;
    await assertRejects(() => people.add(member("Cid")), Error, failure);
    await assertRejects(() => people.find("id-Ann"), Error, failure);
    assertEquals(told, []);
  }));

Deno.test("a change that fails is undone alone; the others of its transaction are committed", () =>
  withDir(async (dir) => {
    {
      await using people = await openPeople(dir);
      const changes = [
        people.add(member("Ann")),
        people.addSession(session("s", "nobody"), digest("s")),
        people.add(member("Bob")),
      ];
      const results = await Promise.allSettled(changes);
      assertEquals(results.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
    }
    await using people = await openPeople(dir);
    assertEquals((await people.list({ limit: 9 })).length, 2);
  }));

Deno.test("a full disk fails the transaction, and changes succeed again when there is space", () =>
  withDir(async (dir) => {
    await using people = await openPeople(dir, { sync: "off" });
    await addAll(people, member("Ann"));
    exec(
      dir,
      "CREATE TRIGGER full BEFORE INSERT ON passwords BEGIN SELECT raise(ROLLBACK, 'full'); END",
    );
    const changes = [people.rename("id-Ann", "Anna"), people.setPassword("id-Ann", "hash")];
    const results = await Promise.allSettled(changes);
    assertEquals(results.map(({ status }) => status), ["rejected", "rejected"]);
    assertEquals((await people.find("id-Ann"))?.name, "Ann");
    assertEquals(await people.rename("id-Ann", "Anna"), undefined);
    assertEquals((await people.find("id-Ann"))?.name, "Anna");
  }));

Deno.test("the write-ahead log does not grow without bound", () =>
  withDir(async (dir) => {
    await using people = await openPeople(dir, { sync: "normal" });
    await addAll(people, member("Ann"));
    const agent = "x".repeat(100_000);
    for (let round = 0; round < 200; round++) {
      await people.addSession(session(`s${round}`, "id-Ann", { agent }), digest(`${round}`));
    }
    const { size } = Deno.statSync(join(dir, "people.db-wal"));
    assert(size < 8 * 1024 * 1024, `${size} bytes`);
  }));

Deno.test({
  name: "openSqlitePeople() makes files that only this user can read",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withDir(async (dir) => {
      await using people = await openPeople(dir);
      await addAll(people, member("Ann"));
      const files = [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
      assertEquals(files, ["people.db", "people.db-shm", "people.db-wal"]);
      for (const name of files) {
        assertEquals((Deno.statSync(join(dir, name)).mode ?? 0) & 0o777, 0o600, name);
      }
    }),
});

/** Opens a directory that cannot be used, and returns the error's message. */
async function refusal(dir: string): Promise<string> {
  const error = await assertRejects(() => openSqlitePeople({ dir, sync: "full" }), DataError);
  return error.message;
}

Deno.test("openSqlitePeople() refuses a newer format", () =>
  withDir(async (dir) => {
    await (await openPeople(dir)).close();
    exec(dir, `PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    assertStringIncludes(await refusal(dir), "it was written by a newer version");
  }));

Deno.test("openSqlitePeople() refuses a database of another program, and leaves it as it was", () =>
  withDir(async (dir) => {
    exec(dir, "CREATE TABLE users (name); PRAGMA user_version = 1");
    const path = join(dir, "people.db");
    assertEquals(
      await refusal(dir),
      `Cannot open "${path}": it is the database of another program; move it away, or choose ` +
        `another directory`,
    );
    exec(dir, "SELECT name FROM users");
  }));

Deno.test("openSqlitePeople() refuses a file that is damaged or no database", () =>
  withDir(async (dir) => {
    const path = join(dir, "people.db");
    Deno.writeTextFileSync(path, "Not a database. ".repeat(1000));
    assertEquals(
      await refusal(dir),
      `Cannot open "${path}": it is damaged (file is not a database); restore it from a backup, ` +
        `or choose another directory`,
    );
    Deno.removeSync(path);
    await (await openPeople(dir)).close();
    const bytes = Deno.readFileSync(path);
    Deno.writeFileSync(path, bytes.fill(0xff, 100, 4000));
    assertStringIncludes(await refusal(dir), "Cannot ");
  }));

Deno.test("openSqlitePeople() says what is wrong with a directory", () =>
  withDir(async (dir) => {
    const file = join(dir, "file");
    Deno.writeTextFileSync(file, "");
    assertStringIncludes(await refusal(file), `Cannot use the data directory "${file}": `);
    Deno.mkdirSync(join(dir, "people.db"));
    assertStringIncludes(await refusal(dir), `Cannot use the data directory "${dir}": `);
  }));

Deno.test("people.db-wal stays small under single changes, and nobody else can read the files", () =>
  withDir(async (dir) => {
    await using people = await openPeople(dir, { sync: "normal" });
    await addAll(people, member("Ann"));
    let largest = 0;
    for (let change = 0; change < 500; change++) {
      await people.setPassword("id-Ann", `${change}`.padEnd(20_000));
      largest = Math.max(largest, (await Deno.stat(join(dir, "people.db-wal"))).size);
    }
    assert(largest < 8 * 1024 * 1024, `the log had ${largest} bytes`);
    assert(largest > 1024 * 1024, `the log had only ${largest} bytes: it was not tested`);
    if (Deno.build.os === "windows") return;
    for (const file of ["people.db", "people.db-wal", "people.db-shm"]) {
      assertEquals((await Deno.stat(join(dir, file))).mode! & 0o777, 0o600, file);
    }
  }));

Deno.test("a commit that the disk fails is a lost write, and one that has no room is not", () =>
  withDir(async (dir) => {
    const db = new DatabaseSync(join(dir, "lost.db"));
    db.exec("CREATE TABLE kept (value)");
    let problem: Error | undefined;
    const prepare = db.prepare.bind(db);
    // What SQLite says at the commit is up to the test.
    db.prepare = (sql) => {
      const statement = prepare(sql);
      const run = () => {
        if (problem !== undefined) throw problem;
        return Reflect.apply(StatementSync.prototype.run, statement, []);
      };
      return Object.assign(statement, { run });
    };
    const commits = new GroupCommit(db, undefined);
    const insert = () => db.exec("INSERT INTO kept VALUES (1)");
    await commits.write(insert);
    problem = Object.assign(new Error("database or disk is full"), { errcode: 13 });
    await assertRejects(() => commits.write(insert), Error, "disk is full");
    problem = undefined;
    await commits.write(insert);
    problem = Object.assign(new Error("disk I/O error"), { errcode: 1034 });
    await assertRejects(() => commits.write(insert), LostWriteError, "may or may not");
    problem = undefined;
    assert(await commits.failed instanceof LostWriteError);
    await assertRejects(() => commits.write(insert), LostWriteError);
    await commits.close();
  }));
