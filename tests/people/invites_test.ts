import type { NewInvite } from "../../people/invites.ts";
import type { ErrorCode } from "../../protocol.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import {
  arrival,
  assertRefused,
  DAY,
  DEVICE,
  PASSWORD,
  PeopleHarness,
  type PeopleOptions,
} from "./people_harness.ts";

/** An admin and what they invite with. */
async function withAdmin(options?: PeopleOptions) {
  const people = new PeopleHarness(options);
  const admin = await people.addSignedIn("Ruth", "admin");
  const invite = async (wanted: NewInvite = {}) =>
    (await people.invites.make(admin.principal, wanted)).code;
  return { people, admin, invite };
}

Deno.test("Invites.make() makes a secret code, good once and for a week", async () => {
  const { people, admin } = await withAdmin();
  const { code, invite } = await people.invites.make(admin.principal, {});
  assertMatch(code, /^[\w-]{22}$/);
  assertEquals(invite, {
    id: invite.id,
    role: "member",
    rooms: [],
    uses: 1,
    expires: people.time + 7 * DAY,
    by: admin.user.id,
    created: people.time,
  });
  assertEquals(await people.invites.list(admin.principal), [invite]);
});

Deno.test("Invites.make() checks what is asked for", async () => {
  const { people, admin } = await withAdmin({ mayInviteTo: (_, room) => room !== "hidden" });
  const { time } = people;
  const cases: [NewInvite, ErrorCode | undefined][] = [
    [{ uses: 0 }, "bad_message"],
    [{ uses: 1001 }, "bad_message"],
    [{ uses: 1.5 }, "bad_message"],
    [{ uses: 1000 }, undefined],
    [{ expires: time }, "bad_message"],
    [{ expires: time + 90 * DAY + 1 }, "bad_message"],
    [{ expires: time + 90 * DAY }, undefined],
    [{ role: "owner" }, "bad_message"],
    [{ role: "admin" }, undefined],
    [{ rooms: ["Not a room"] }, "bad_room"],
    [{ rooms: ["hidden"] }, "no_such_room"],
    [{ rooms: ["one", "two"] }, undefined],
    [{ rooms: Array.from({ length: 51 }, (_, i) => `room-${i}`) }, "bad_message"],
  ];
  for (const [wanted, code] of cases) {
    const make = () => people.invites.make(admin.principal, wanted);
    if (code === undefined) await make();
    else await assertRefused(code, make);
  }
  assertEquals((await people.invites.list(admin.principal)).length, 4);
});

Deno.test("Invites.make() lets members invite members, and guests and programs nobody", async () => {
  const { people } = await withAdmin();
  const { principal: member } = await people.addSignedIn("Ann");
  const { principal: guest } = await people.addSignedIn("Guest", "guest");
  const { principal: bot } = await people.addSignedIn("Bot", "bot");
  await people.invites.make(member, {});
  await assertRefused("forbidden", () => people.invites.make(member, { role: "admin" }));
  await assertRefused("forbidden", () => people.invites.make(guest, {}));
  await assertRefused("forbidden", () => people.invites.make(bot, {}));
  await assertRefused("unauthorized", () => people.invites.make({}, {}));
  await assertRefused("forbidden", () => people.invites.make({ ...member, rooms: ["a"] }, {}));
});

Deno.test("Invites.make() is for admins alone where nobody else may let members in", async () => {
  const { people, admin } = await withAdmin({ register: "off" });
  const { principal } = await people.addSignedIn("Ann");
  await assertRefused("forbidden", () => people.invites.make(principal, {}));
  await people.invites.make(admin.principal, {});
});

Deno.test("Invites.make() lets a user have a hundred", async () => {
  const { people, admin, invite } = await withAdmin();
  for (let i = 0; i < 100; i++) await invite();
  await assertRefused("too_many", invite);
  const [one] = await people.invites.list(admin.principal);
  await people.invites.revoke(admin.principal, one!.id);
  await invite();
});

Deno.test("Invites.list() and revoke() show a member their own, an admin all", async () => {
  const { people, admin, invite } = await withAdmin();
  await invite();
  const { principal: member } = await people.addSignedIn("Ann");
  const { invite: own } = await people.invites.make(member, {});
  assertEquals(await people.invites.list(member), [own]);
  const all = await people.invites.list(admin.principal);
  assertEquals(all.length, 2);
  const other = all.find(({ id }) => id !== own.id)!;
  assert(!await people.invites.revoke(member, other.id));
  assert(await people.invites.revoke(admin.principal, own.id));
  assert(!await people.invites.revoke(admin.principal, own.id));
  assertEquals(await people.invites.list(member), []);
});

Deno.test("Invites.use() makes a member with a session, in the rooms", async () => {
  const { people, invite } = await withAdmin();
  const code = await invite({ rooms: ["team", "team", "lobby"] });
  const use = { invite: code, name: "Ann", password: PASSWORD };
  const { user, secret } = await people.invites.use({}, use, DEVICE);
  assertEquals([user.name, user.role], ["Ann", "member"]);
  assert(await people.isValid(secret!));
  assertEquals(people.joined, [["Ann", ["team", "lobby"]]]);
  await people.accounts.signIn({ name: "Ann", password: PASSWORD }, DEVICE);
});

Deno.test("Invites.use() needs no password: a passkey may follow", async () => {
  const { people, invite } = await withAdmin();
  const { user } = await people.invites.use({}, { invite: await invite(), name: "Ann" }, DEVICE);
  assertEquals(await people.store.password(user.id), undefined);
});

Deno.test("Invites.use() makes an admin where the invitation says so", async () => {
  const { people, invite } = await withAdmin();
  const code = await invite({ role: "admin" });
  const { user } = await people.invites.use({}, { invite: code, name: "Ann" }, DEVICE);
  assertEquals(user.role, "admin");
  assertEquals((await people.store.find(user.id))?.role, "admin");
});

Deno.test("Invites.use() works as often as the invitation may be used", async () => {
  const { people, invite } = await withAdmin();
  const code = await invite({ uses: 2 });
  const use = (name: string) => people.invites.use({}, { invite: code, name }, DEVICE);
  await use("Ann");
  await use("Ben");
  await assertRefused("forbidden", () => use("Cid"));
  assertEquals(await people.store.findByName("Cid"), undefined);
});

Deno.test("Invites.use() lets one in when several use the last use at once", async () => {
  const { people, invite } = await withAdmin();
  const code = await invite({ role: "admin" });
  const names = ["Ann", "Ben", "Cid"];
  const results = await Promise.allSettled(
    names.map((name) => people.invites.use({}, { invite: code, name }, DEVICE)),
  );
  assertEquals(results.filter(({ status }) => status === "fulfilled").length, 1);
  const found = await Promise.all(names.map((name) => people.store.findByName(name)));
  assertEquals(found.filter((user) => user !== undefined).length, 1);
});

Deno.test("Invites.use() refuses all that cannot be used with the same words, and does nothing", async () => {
  const { people, admin, invite } = await withAdmin();
  const used = await invite();
  await people.invites.use({}, { invite: used, name: "First" }, DEVICE);
  const expired = await invite({ expires: people.time + 1 });
  const revoked = await invite();
  people.time += 1;
  for (const { id } of await people.invites.list(admin.principal)) {
    await people.invites.revoke(admin.principal, id);
  }
  const { principal: guest } = await people.addSignedIn("Guest", "guest");
  const before = people.hashes;
  const words = new Set<string>();
  for (const code of [used, expired, revoked, "unknown", ""]) {
    for (const principal of [{}, guest]) {
      const use = { invite: code, name: "Ann", password: PASSWORD };
      const refused = await assertRefused(
        "forbidden",
        () => people.invites.use(principal, use, DEVICE),
      );
      words.add(refused.message);
    }
  }
  assertEquals([words.size, people.hashes - before], [1, 0]);
  assertEquals(await people.store.findByName("Ann"), undefined);
  assertEquals((await people.store.find(guest.user!.id))?.role, "guest");
});

Deno.test("Invites.use() is not used up by a name or a password that cannot be had", async () => {
  const { people, invite } = await withAdmin();
  const code = await invite();
  const use = (name: string | undefined, password: string = PASSWORD) =>
    people.invites.use({}, { invite: code, name, password }, DEVICE);
  await assertRefused("name_taken", () => use("ruth"));
  await assertRefused("bad_name", () => use(undefined));
  await assertRefused("bad_name", () => use("#1"));
  await assertRefused("bad_message", () => use("Ann", "short"));
  assertEquals(await people.store.findByName("Ann"), undefined);
  await use("Ann");
});

Deno.test("Invites.use() makes a member of the guest who uses it, who keeps the session", async () => {
  const { people, invite } = await withAdmin();
  const { user, secret, session } = await people.visits.enter(arrival({ name: "Ann" }));
  const principal = { user, session: session! };
  const taken = { invite: await invite({ rooms: ["team"] }), name: "Ruth" };
  await assertRefused("name_taken", () => people.invites.use(principal, taken, DEVICE));
  const use = { ...taken, name: "Anna", password: PASSWORD };
  const invited = await people.invites.use(principal, use, DEVICE);
  assertEquals(invited, { user: { id: user.id, name: "Anna", role: "member" } });
  assertEquals((await people.sessions.find(secret!, ""))?.user, invited.user);
  assertEquals(people.joined, [["Anna", ["team"]]]);
  await people.accounts.signIn({ name: "Anna", password: PASSWORD }, DEVICE);
});

Deno.test("Invites.use() raises a member to admin, or adds rooms, but is never spent on nothing", async () => {
  const { people, admin, invite } = await withAdmin();
  const { principal } = await people.addSignedIn("Ann", "member", PASSWORD);
  const code = await invite();
  await assertRefused("conflict", () => people.invites.use(principal, { invite: code }, DEVICE));
  const rooms = { invite: await invite({ rooms: ["team"] }) };
  assertEquals((await people.invites.use(principal, rooms, DEVICE)).user.role, "member");
  const role = { invite: await invite({ role: "admin" }), password: "another horse" };
  assertEquals((await people.invites.use(principal, role, DEVICE)).user.role, "admin");
  await people.accounts.signIn({ name: "Ann", password: PASSWORD }, DEVICE);
  const other = { invite: await invite({ rooms: ["team"] }) };
  assertEquals((await people.invites.use(admin.principal, other, DEVICE)).user.role, "admin");
  const { principal: bot } = await people.addSignedIn("Bot", "bot");
  await assertRefused("forbidden", () => people.invites.use(bot, { invite: code }, DEVICE));
});

Deno.test("Invites.use() gives a guest no name that somebody took while they were away", async () => {
  const { people, invite } = await withAdmin();
  const ann = await people.visits.enter(arrival({ name: "Ann" }));
  people.visits.leave(ann.user.id, ann.visit);
  await people.visits.enter(arrival({ name: "Ann" }));
  const code = await invite();
  await assertRefused("name_taken", () => people.invites.use(ann, { invite: code }, DEVICE));
  const { user } = await people.invites.use(ann, { invite: code, name: "Ann 2" }, DEVICE);
  assertEquals(user, { id: ann.user.id, name: "Ann 2", role: "member" });
});
