import { COMMANDS } from "../../cli/commands.ts";
import { invite, run } from "../../cli/invite.ts";
import { inviteLink } from "../../cli/invite_link.ts";
import { type Environment, parseInput } from "../../cli/parse.ts";
import { withPeople } from "../../cli/people_data.ts";
import { StartError, UsageError } from "../../config/errors.ts";
import { digestOf } from "../../people/secrets.ts";
import type { PeopleStore } from "../../people/store.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../support/assert.ts";
import { NOW, withDirectory, withUsers } from "./people_fixture.ts";

const parse = (args: string[], environment: Environment = {}) =>
  parseInput("invite", COMMANDS.invite, args, environment);

const inviteWith = (people: PeopleStore, ...args: string[]) => invite(people, parse(args), NOW);

/** The code in a link. */
function codeIn(link: string): string {
  const read = inviteLink.read(link);
  assert(read !== undefined, link);
  return read.code.reveal();
}

Deno.test("hubbub invite prints a link whose code opens what it says", () =>
  withUsers(async (people) => {
    const { stdout, stderr = "" } = await inviteWith(
      people,
      "--role=admin",
      "--rooms=kitchen, attic,kitchen",
      "--uses=3",
      "--expires=1d",
      "--url=https://chat.example.org/talk",
    );
    assert(stdout.startsWith("https://chat.example.org/talk/#invite="), stdout);
    const code = codeIn(stdout);
    assertFalse(stderr.includes(code), stderr);
    const found = await people.findInvite(digestOf(code));
    assertEquals(found, {
      id: found?.id ?? "",
      role: "admin",
      rooms: ["kitchen", "attic"],
      uses: 3,
      created: NOW,
      expires: NOW + 86_400_000,
    });
    assertEquals(
      stderr.replace(/revoke .*$/, "revoke ID"),
      "Makes an admin, 3 times, until 2026-01-03 03:04Z; end it with hubbub invite revoke ID",
    );
  }));

Deno.test("hubbub invite makes one member within a week by default, each with a code of its own", () =>
  withUsers(async (people) => {
    const [one, other] = [await inviteWith(people), await inviteWith(people)];
    assert(one.stdout.startsWith("http://localhost:8080/#invite="), one.stdout);
    assertFalse(one.stdout === other.stdout);
    const found = await people.findInvite(digestOf(codeIn(one.stdout)));
    assertEquals(
      [found?.role, found?.rooms, found?.uses, found?.expires],
      ["member", [], 1, NOW + 604_800_000],
    );
  }));

Deno.test("hubbub invite takes the URL from --url, else from the server's own variable", () =>
  withUsers(async (people) => {
    const environment = { HUBBUB_PUBLIC_URL: "https://chat.example.org" };
    const link = async (...args: string[]) =>
      (await invite(people, parse(args, environment), NOW)).stdout.split("#")[0];
    assertEquals(await link(), "https://chat.example.org/");
    assertEquals(await link("--url=http://a.example"), "http://a.example/");
  }));

Deno.test("hubbub invite list shows what can still be used, and no code", () =>
  withUsers(async (people) => {
    const empty = await inviteWith(people, "list");
    assertEquals(empty.stdout, "There are no invitations that can still be used.");
    const { stdout: link } = await inviteWith(people, "--rooms=kitchen,attic", "--expires=1m");
    const made = {
      role: "admin",
      rooms: [],
      uses: 2,
      created: NOW,
      expires: NOW + 60_000,
    } as const;
    await people.addInvite({ ...made, id: "by-zoe", by: "id-of-zoe" }, digestOf("one"));
    await people.addInvite({ ...made, id: "over", expires: NOW - 1 }, digestOf("two"));
    const { stdout } = await inviteWith(people, "list");
    const rows = stdout.split("\n").map((line) => line.split(/ {2,}/).slice(1).join("|"));
    assertEquals(rows[0], "ROLE|USES|EXPIRES|MADE BY|ROOMS");
    assertEquals(rows.slice(1).sort(), [
      "admin|2|2026-01-02 03:05Z|Zoë",
      "member|1|2026-01-02 03:05Z|the server|kitchen,attic",
    ]);
    assertFalse(stdout.includes(codeIn(link)));
  }));

Deno.test("hubbub invite revoke ends one invitation", () =>
  withUsers(async (people) => {
    const codes = [
      codeIn((await inviteWith(people)).stdout),
      codeIn((await inviteWith(people)).stdout),
    ];
    const [one, other] = await Promise.all(codes.map((code) => people.findInvite(digestOf(code))));
    assert(one !== undefined && other !== undefined);
    const revoke = () => inviteWith(people, "revoke", "--", one.id);
    assertStringIncludes((await revoke()).stdout, one.id);
    assertEquals((await people.invites(NOW)).map(({ id }) => id), [other.id]);
    await assertRejects(revoke, StartError, "there is no such invitation");
  }));

Deno.test("hubbub invite refuses what it cannot do", () =>
  withUsers(async (people) => {
    const table: [string[], string][] = [
      [["lst"], "did you mean list?"],
      [["revoke"], "Missing argument ID"],
      [["list", "x"], 'Surplus argument "x"'],
      [["--role=guest"], "Cannot read --role"],
      [["--rooms=Kitchen"], "Cannot read --rooms"],
      [["--rooms=a,,b"], "Cannot read --rooms"],
      [["--uses=0"], "Cannot read --uses"],
      [["--expires=366d"], "Cannot read --expires"],
      [["--url=chat.example.org"], "Cannot read --url"],
    ];
    for (const [args, expected] of table) {
      await assertRejects(async () => await inviteWith(people, ...args), UsageError, expected);
    }
    assertEquals(await people.invites(NOW), []);
  }));

Deno.test("hubbub invite works in a directory that a server has open", () =>
  withDirectory(async (dir) => {
    const data = { kind: "directory", path: dir } as const;
    await withPeople(data, async (server) => {
      const { stdout } = await withPeople(data, (people) => inviteWith(people));
      assertEquals((await server.findInvite(digestOf(codeIn(stdout))))?.role, "member");
    });
  }));

Deno.test("hubbub invite creates nothing where no server has been", async () => {
  const dir = await Deno.makeTempDir();
  const at = (path: string) => run({ ...parse(["--data", path]), warnings: [] });
  await assertRejects(() => at(`${dir}/none`), StartError, "it does not exist");
  await assertRejects(() => at(dir), StartError, "it holds no people.db");
  assertEquals([...Deno.readDirSync(dir)], []);
  await Deno.remove(dir);
});

Deno.test("hubbub invite says why it cannot reach users in a server's memory", async () => {
  const ran = () => run({ ...parse(["--data=:memory:"]), warnings: [] });
  await assertRejects(ran, UsageError, "within the server's process");
});

Deno.test("inviteLink reads what invite prints, and nothing else", () => {
  const code = "0123456789abcdefghi-_Z";
  const read = inviteLink.read(`chat.example.org/#invite=${code}`);
  assertEquals([read?.url.base, read?.code.reveal()], ["http://chat.example.org/", code]);
  for (const text of [code, `http://a/${code}`, `http://a/#invite=${code}#invite=${code}`, ""]) {
    assertEquals(inviteLink.read(text), undefined, text);
  }
  const refused = assertThrows(() => parseInput("login", COMMANDS.login, [`--invite=${code}`], {}));
  assert(refused instanceof UsageError && !refused.message.includes(code));
});
