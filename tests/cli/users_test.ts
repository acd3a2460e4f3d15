import { COMMANDS } from "../../cli/commands.ts";
import { parseInput } from "../../cli/parse.ts";
import { withPeople } from "../../cli/people_data.ts";
import { formatTable } from "../../cli/table.ts";
import { users } from "../../cli/users.ts";
import { StartError, UsageError } from "../../config/errors.ts";
import { digestOf } from "../../people/secrets.ts";
import type { PeopleStore } from "../../people/store.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
} from "../support/assert.ts";
import { NOW, withDirectory, withUsers } from "./people_fixture.ts";

const usersWith = (people: PeopleStore, ...args: string[]) =>
  users(people, parseInput("users", COMMANDS.users, args, {}));

async function addSession(people: PeopleStore, id: string, agent = ""): Promise<void> {
  const times = { created: NOW, seen: NOW, expires: NOW + 86_400_000 };
  const session = { id, user: "id-of-ann", ...times, agent, ip: "192.0.2.7" };
  await people.addSession(session, digestOf(id));
}

Deno.test("hubbub users lists everybody in columns as wide as they look", () =>
  withUsers(async (people) => {
    await people.change("id-of-bot", { disabled: true });
    const table = await usersWith(people);
    assertEquals(await usersWith(people, "list"), table);
    const [head = "", ...rows] = table.split("\n");
    assertEquals(head, "NAME  ID          ROLE    CREATED            SEEN               STATE");
    assertEquals(rows.map((row) => row.replace(/ {2,}/g, "|").split("|").slice(0, 4).join("|")), [
      "ann|@id-of-ann|member|2026-01-02 03:04Z",
      "ci|@id-of-bot|bot|2026-01-02 03:04Z",
      "Zoë|@id-of-zoe|admin|2026-01-02 03:04Z",
      "日本|@id-of-gus|guest|2026-01-02 03:04Z",
    ]);
    assert(rows[1]?.endsWith("  disabled"));
    // Two columns each: the third one begins where it does elsewhere.
    assertEquals([rows[2]?.indexOf("@"), rows[3]?.indexOf("@")], [6, 4]);
  }));

Deno.test("hubbub users lists more than one page of the store", () =>
  withUsers(async (people) => {
    for (let i = 0; i < 1200; i++) {
      const user = { id: `id${i}`, name: `member ${i}`, role: "member" } as const;
      await people.add({ ...user, remembered: true, created: NOW });
    }
    const listed = JSON.parse(await usersWith(people, "--json"));
    assertEquals(new Set(listed.map(({ id }: { id: string }) => id)).size, 1204);
    assertEquals(listed.length, 1204);
  }));

Deno.test("hubbub users --json gives what is known, as JSON that is safe on a terminal", () =>
  withUsers(async (people) => {
    await addSession(people, "s1", "phone\x1b[2J");
    const [ann] = JSON.parse(await usersWith(people, "--json"));
    const known = { id: "id-of-ann", name: "ann", role: "member", disabled: false };
    assertEquals(ann, { ...known, remembered: true, created: NOW, seen: ann.seen });
    const shown = JSON.parse(await usersWith(people, "show", "ann", "--json"));
    assertEquals(shown, { ...ann, password: false, passkeys: 0, sessions: 1, sanctions: [] });
    const text = await usersWith(people, "sessions", "ann", "--json");
    assertFalse(/\p{Cc}/u.test(text), text);
    assertEquals(JSON.parse(text), [{
      id: "s1",
      created: NOW,
      seen: NOW,
      expires: NOW + 86_400_000,
      agent: "phone\x1b[2J",
      ip: "192.0.2.7",
    }]);
  }));

Deno.test("hubbub users finds a user by name in any case, and by @ID", () =>
  withUsers(async (people) => {
    for (const reference of ["zoë", "ZOË", "@id-of-zoe"]) {
      const text = await usersWith(people, "show", reference);
      assert(text.startsWith("Name      Zoë\nID        @id-of-zoe\nRole      admin\n"), text);
    }
  }));

Deno.test("hubbub users shows whether there is a password, and not the hash", () =>
  withUsers(async (people) => {
    await people.setPassword("id-of-ann", "the hash");
    for (const json of [[], ["--json"]]) {
      const text = await usersWith(people, "show", "ann", ...json);
      assertFalse(text.includes("the hash"), text);
      assert(/Password {2}yes|"password":true/.test(text), text);
    }
  }));

Deno.test("hubbub users disable and enable keep somebody out and let them in again", () =>
  withUsers(async (people) => {
    assertEquals(await usersWith(people, "disable", "ann"), "ann (@id-of-ann) is disabled");
    assertEquals((await people.find("id-of-ann"))?.disabled, true);
    const enabled = JSON.parse(await usersWith(people, "enable", "ann", "--json"));
    assertEquals([enabled.id, enabled.disabled], ["id-of-ann", false]);
    assertEquals((await people.find("id-of-ann"))?.disabled, false);
  }));

Deno.test("hubbub users role makes admins and members, and a member of a guest for good", () =>
  withUsers(async (people) => {
    await people.change("id-of-gus", { remembered: false });
    await usersWith(people, "role", "@id-of-gus", "member");
    await usersWith(people, "role", "ann", "admin");
    await usersWith(people, "role", "Zoë", "member");
    const found = await people.findMany(["id-of-gus", "id-of-ann", "id-of-zoe"]);
    assertEquals(
      new Map(found.map(({ id, role, remembered }) => [id, `${role} ${remembered}`])),
      new Map([
        ["id-of-gus", "member true"],
        ["id-of-ann", "admin true"],
        ["id-of-zoe", "member true"],
      ]),
    );
  }));

Deno.test("hubbub users leaves an admin who can enter, and says how to make another", () =>
  withUsers(async (people) => {
    for (const args of [["disable", "Zoë"], ["role", "Zoë", "member"], ["remove", "Zoë"]]) {
      const attempt = () => usersWith(people, ...args);
      await assertRejects(attempt, StartError, "hubbub users role NAME admin");
    }
    const { role, disabled } = await people.find("id-of-zoe") ?? {};
    assertEquals([role, disabled], ["admin", false]);
  }));

Deno.test("hubbub users does not change the role of a bot", () =>
  withUsers(async (people) => {
    await assertRejects(() => usersWith(people, "role", "ci", "admin"), StartError, "it is a bot");
    assertEquals((await people.find("id-of-bot"))?.role, "bot");
  }));

Deno.test("hubbub users sessions and end-sessions show and end them all", () =>
  withUsers(async (people) => {
    assertEquals(await usersWith(people, "sessions", "ann"), "ann has no sessions.");
    await addSession(people, "s1", "Firefox\x1b[2J");
    await addSession(people, "s2");
    const text = await usersWith(people, "sessions", "ann");
    assert(text.includes("192.0.2.7  Firefox␛[2J"), text);
    assertEquals(text.split("\n").length, 3);
    assertEquals(await usersWith(people, "end-sessions", "ann"), "2 sessions of ann ended");
    assertEquals(await people.sessions("id-of-ann"), []);
    assertEquals(await usersWith(people, "end-sessions", "ann", "--json"), '{"ended":0}');
  }));

Deno.test("hubbub users remove removes one user", () =>
  withUsers(async (people) => {
    assertEquals(await usersWith(people, "remove", "ann"), "ann (@id-of-ann) is removed");
    assertEquals(await people.find("id-of-ann"), undefined);
    assert(await people.find("id-of-zoe"));
  }));

Deno.test("hubbub users suggests who was probably meant", () =>
  withUsers(async (people) => {
    const table: [string, string][] = [
      ["anm", 'Cannot find user "anm": did you mean ann?'],
      ["@id-of-nobody", "hubbub users shows all"],
      ["somebody else", "hubbub users shows all"],
    ];
    for (const [reference, expected] of table) {
      await assertRejects(() => usersWith(people, "remove", reference), StartError, expected);
    }
  }));

Deno.test("hubbub users refuses what it cannot do", () =>
  withUsers(async (people) => {
    const table: [string[], string][] = [
      [["sho"], "did you mean show?"],
      [["show"], "Missing argument NAME"],
      [["list", "ann"], 'Surplus argument "ann"'],
      [["show", "ann", "admin"], 'Surplus argument "admin"'],
      [["role", "ann"], "must be member or admin, received nothing"],
      [["role", "ann", "guest"], 'must be member or admin, received "guest"'],
    ];
    for (const [args, expected] of table) {
      await assertRejects(() => usersWith(people, ...args), UsageError, expected);
    }
  }));

Deno.test("hubbub users changes what a running server sees", () =>
  withDirectory(async (dir) => {
    const data = { kind: "directory", path: dir } as const;
    await withPeople(data, async (server) => {
      await withPeople(data, (people) => usersWith(people, "disable", "ann"));
      assertEquals((await server.find("id-of-ann"))?.disabled, true);
    });
  }));

Deno.test("formatTable() aligns by what a terminal shows, and shows no controls", () => {
  assertEquals(
    formatTable([["A", "B"], ["日本", "x"], ["👩‍👩‍👧", "y"], ["\x1b[1m", "z\n"]]),
    "A     B\n日本  x\n👩‍👩‍👧    y\n␛[1m  z",
  );
});

Deno.test("hubbub users show tells how a user is banned, and each change is in the audit log", () =>
  withUsers(async (people) => {
    const ban = {
      id: "b",
      kind: "ban",
      label: "ann",
      reason: "spam\x1b",
      by: "",
      created: NOW,
    } as const;
    await people.addSanction({ ...ban, target: { user: "id-of-ann" } });
    await people.addSanction({ ...ban, id: "old", target: { user: "id-of-ann" }, until: NOW });
    const text = await usersWith(people, "show", "ann");
    assertMatch(text, /Banned +for ever: spam/);
    assertFalse(text.includes("\x1b"), text);
    const [{ sanctions }] = [JSON.parse(await usersWith(people, "show", "ann", "--json"))];
    assertEquals(sanctions, [{ id: "b", kind: "ban", reason: "spam\x1b" }]);
    for (const args of [["disable", "ann"], ["role", "ann", "admin"], ["remove", "ann"]]) {
      await usersWith(people, ...args);
    }
    await assertRejects(() => usersWith(people, "remove", "Zoë"), StartError);
    const noted = (await people.audit({ limit: 9 }))
      .map(({ by, act, target, detail }) => [by, act, target, detail]);
    const target = "ann (@id-of-ann)";
    assertEquals(
      noted,
      [["remove", ""], ["role", "admin"], ["disable", ""]]
        .map(([act, detail]) => ["", act, target, detail]),
    );
  }));
