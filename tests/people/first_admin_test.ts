import { ensureFirstAdmin } from "../../people/first_admin.ts";
import { digestOf } from "../../people/secrets.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { DAY, DEVICE, override, PeopleHarness } from "./people_harness.ts";

Deno.test("ensureFirstAdmin() makes an invitation for an admin, good once and for a week", async () => {
  const people = new PeopleHarness();
  const result = await ensureFirstAdmin(people.store, { now: people.time });
  assert(result.kind === "invited");
  assertMatch(result.code, /^[\w-]{22}$/);
  assertEquals(result.expires, people.time + 7 * DAY);
  const invite = await people.store.findInvite(digestOf(result.code));
  assertEquals([invite?.role, invite?.uses, invite?.by], ["admin", 1, undefined]);
  const use = { invite: result.code, name: "Ann", password: "correct horse" };
  assertEquals((await people.invites.use({}, use, DEVICE)).user.role, "admin");
  assertEquals(await ensureFirstAdmin(people.store, { now: people.time }), { kind: "exists" });
});

Deno.test("ensureFirstAdmin() replaces the invitations that it made before, and no others", async () => {
  const people = new PeopleHarness();
  const { store, time: now } = people;
  const member = await people.add("Ann");
  const rest = { rooms: [], uses: 1, expires: now + DAY, created: now };
  await store.addInvite({ id: "one", role: "admin", by: member.id, ...rest }, digestOf("one"));
  await store.addInvite({ id: "two", role: "member", ...rest }, digestOf("two"));
  const first = await ensureFirstAdmin(store, { now });
  const second = await ensureFirstAdmin(store, { now });
  assert(first.kind === "invited" && second.kind === "invited");
  const ids = (await store.invites(now)).map(({ id }) => id);
  assertEquals(ids.length, 3);
  assert(ids.includes("one") && ids.includes("two"));
  assertEquals(await store.findInvite(digestOf(first.code)), undefined);
});

Deno.test("ensureFirstAdmin() says when all admins are disabled, and makes nothing", async () => {
  const people = new PeopleHarness();
  const admin = await people.add("Ann", "admin");
  await people.add("Ben", "admin");
  await people.store.change(admin.id, { disabled: true });
  assertEquals(await ensureFirstAdmin(people.store, { now: people.time }), { kind: "exists" });
  // The store lets nobody disable the last admin; a directory may still come without one.
  const store = override(people.store, {
    countAdmins: () => Promise.resolve({ all: 2, enabled: 0 }),
  });
  assertEquals(await ensureFirstAdmin(store, { now: people.time }), { kind: "all-disabled" });
  assertEquals(await people.store.invites(people.time), []);
});
