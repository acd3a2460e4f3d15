import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartError } from "../../config/errors.ts";
import { check } from "../../data/check.ts";
import { exportData } from "../../data/export.ts";
import { checkBeforeStart } from "../../data/guard.ts";
import { importData } from "../../data/import.ts";
import { openPeople } from "../../people/open.ts";
import { openSqliteStore } from "../../store/sqlite/store.ts";
import { assert, assertEquals, assertFalse, assertMatch, assertThrows } from "../support/assert.ts";
import { audited, sanction } from "../people/administration_cases.ts";
import { makeData, message, NOW, UPLOAD, UPLOAD_SHA256, withFolder } from "./fixture.ts";

const linesOf = (dir: string) =>
  Deno.readTextFileSync(join(dir, "export.jsonl")).trimEnd().split("\n");

const names = (dir: string) => [...Deno.readDirSync(dir)].map(({ name }) => name).sort();

/** Data with whatever a message can have. */
async function makeRichData(dir: string): Promise<void> {
  await makeData(dir);
  const store = await openSqliteStore({ dir, sync: "off" });
  await store.commit([
    message("kitchen", "lone \ud800 surrogate, \0 and \u2028", { id: '"\udfff' }),
    message("kitchen", "an answer", { reply_to: 2, by: "id-of-bob", from: "bob" }),
    { kind: "message", room: "old", from: "somebody", content: "of nobody", time: 5 },
    message("@id-of-ann:id-of-bob", "in private"),
    { kind: "room", room: "empty", private: true, topic: "no message yet" },
    { kind: "member", room: "kitchen", user: "id-of-bob", role: "moderator" },
    { kind: "read", room: "kitchen", user: "id-of-bob", seq: 100 },
  ]);
  await store.retain({ maxMessages: 150 }, NOW);
  await store.close();
  const people = await openPeople({ data: { kind: "directory", path: dir }, sync: "off" });
  await people.add({ id: "gus", name: "Gus", role: "guest", remembered: false, created: NOW });
  await people.addSanction(sanction("ban", { until: NOW }));
  await people.addSanction(sanction("closed", { kind: "close", target: { room: "attic" } }));
  for (const act of ["kick", "ban"]) await people.addAudit(audited(act));
  await people.close();
  const db = new DatabaseSync(join(dir, "people.db"));
  db.prepare("INSERT INTO passkeys VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
    .run("key-1", "id-of-bob", new Uint8Array([0, 255, 62, 63]), 7, '["usb"]', "blue", NOW, NOW);
  db.exec("INSERT INTO identities VALUES ('https://issuer.example', 'subject', 'id-of-bob')");
  db.close();
}

for (const withSecrets of [true, false]) {
  Deno.test(`what was imported is exported as it was, ${withSecrets ? "with" : "without"} secrets`, () =>
    withFolder(async (folder) => {
      const [dir, first, back, second] = ["data", "first", "back", "second"].map((name) =>
        join(folder, name)
      ) as [string, string, string, string];
      await makeRichData(dir);
      const counts = exportData(dir, first, { withSecrets });
      assertEquals(counts, {
        ...counts,
        hubbub: 1,
        room: 4,
        user: 3,
        file: 1,
        message: 302,
        sanction: 2,
        audit: 2,
      });
      assertEquals(importData(first, back), counts);
      exportData(back, second, { withSecrets });
      const [was, is] = [linesOf(first), linesOf(second)];
      assertEquals(is.filter((line, index) => line !== was[index]), []);
      assertEquals(is.length, was.length);
      const text = linesOf(first).join("\n");
      assertEquals(text.includes("the hash of a password"), withSecrets);
      assertEquals(text.includes("public_key"), withSecrets);
      assertEquals(names(folder), ["back", "data", "first", "second"]);
      const uploaded = join("files", UPLOAD_SHA256.slice(0, 2), UPLOAD_SHA256);
      assertEquals(await Deno.readFile(join(back, uploaded)), UPLOAD);
      assertEquals(check(back).damage, []);
      assertEquals(await checkBeforeStart(back), { warnings: [], renewEpoch: false });
    }));
}

Deno.test("imported data are read, searched and resent to like those that were exported", () =>
  withFolder(async (folder) => {
    const [dir, out, back] = [join(folder, "data"), join(folder, "out"), join(folder, "back")];
    await makeRichData(dir);
    exportData(dir, out, { withSecrets: true });
    importData(out, back);
    const [before, after] = [
      await openSqliteStore({ dir, sync: "off" }),
      await openSqliteStore({ dir: back, sync: "off" }),
    ];
    try {
      assert(before.epoch !== after.epoch);
      for (const room of ["kitchen", "attic", "old", "@id-of-ann:id-of-bob"]) {
        const range = { limit: 1000 };
        const [expected, found] = [await before.read(room, range), await after.read(room, range)];
        assertEquals([found.messages, found.last], [expected.messages, expected.last]);
      }
      const state = (rooms: { room: string }[]) => rooms.map(({ room }) => room).sort();
      const [was, is] = [await before.roomsState(), await after.roomsState()];
      assertEquals(state(is.rooms), state(was.rooms));
      assertEquals(is.members, was.members);
      assertEquals(is.makers, was.makers);
      assertEquals(is.makers.map(({ room }) => room), ["kitchen"]);
      const again = message("kitchen", "lone \ud800 surrogate, \0 and \u2028", { id: '"\udfff' });
      const [outcome] = await after.commit([again]);
      assert(typeof outcome === "object" && "duplicate" in outcome, JSON.stringify(outcome));
      assertEquals(await after.commit([message("kitchen", "new")]), [203]);
    } finally {
      await before.close();
      await after.close();
    }
    const people = await openPeople({ data: { kind: "directory", path: back }, sync: "off" });
    assertEquals(await people.password("id-of-ann"), "the hash of a password");
    assertEquals((await people.findByName("BOB"))?.id, "id-of-bob");
    const [passkey] = await people.passkeys("id-of-bob");
    assertEquals([...passkey?.publicKey ?? []], [0, 255, 62, 63]);
    const closed = sanction("closed", { kind: "close", target: { room: "attic" } });
    assertEquals(await people.sanctions(), [sanction("ban", { until: NOW }), closed]);
    assertEquals(await people.audit({ limit: 1 }), [{ number: 2, ...audited("ban") }]);
    await people.close();
  }));

Deno.test("importData() refuses what is no export, and leaves nothing behind", () =>
  withFolder(async (folder) => {
    const [dir, out, back] = [join(folder, "data"), join(folder, "out"), join(folder, "back")];
    await makeData(dir, { messages: 20 });
    exportData(dir, out, { withSecrets: false });
    const lines = linesOf(out);
    const refused = (changed: readonly string[]) => {
      Deno.writeTextFileSync(join(out, "export.jsonl"), `${changed.join("\n")}\n`);
      return assertThrows(() => importData(out, back), StartError).message;
    };
    const at = lines.findIndex((line) => line.includes('"seq":5'));
    assertMatch(
      refused(lines.toSpliced(at, 1)),
      /line \d+: message 6 of "attic" does not follow 4/,
    );
    assertMatch(refused(lines.toSpliced(at, 0, "{nothing")), /line \d+ is no JSON object/);
    assertMatch(refused(lines.with(at, '{"type":"message"}')), /line \d+: "seq" must be a whole/);
    assertMatch(refused(lines.with(at, '{"type":"joke"}')), /unknown type "joke"/);
    assertMatch(refused(lines.slice(1)), /the first line must be \{"type":"hubbub","format":1\}/);
    assertMatch(refused([]), /no JSON object|is empty|first line must be/);
    assertThrows(() => importData(folder, back), StartError, "it holds no export.jsonl");
    assertThrows(() => importData(out, dir), StartError, "is not empty");
    assertEquals(names(folder), ["data", "out"]);
    assertFalse(names(folder).some((name) => name.includes("partial")));
  }));
