/** Who may do what in which room, and that every room that had an owner keeps one. */
import { assertEquals, assertObjectMatch } from "../../support/assert.ts";
import { HubHarness, type Person } from "../../support/hub_harness.ts";
import { admit, ask, codeOf, makePrivate, seen } from "./people.ts";

const WHO = ["owner", "moderator", "member", "admin", "stranger"] as const;
type Who = typeof WHO[number];

/** What is asked in the room, of or about `target`, who is a member of it; and who may. */
const RIGHTS: readonly [what: string, request: object, isPrivate: string, isPublic: string][] = [
  ["invites", { type: "invite", user: "new" }, "owner moderator", "owner moderator admin"],
  [
    "removes a member",
    { type: "remove", user: "target" },
    "owner moderator",
    "owner moderator admin",
  ],
  ["removes an owner", { type: "remove", user: "owner2" }, "owner", "owner admin"],
  ["sets the topic", { type: "topic", content: "x" }, "owner moderator", "owner moderator admin"],
  [
    "gives a role",
    { type: "role", user: "target", content: "moderator" },
    "owner",
    "owner admin",
  ],
  [
    "deletes what others said",
    { type: "delete", seq: 1 },
    "owner moderator",
    "owner moderator admin",
  ],
  ["edits what others said", { type: "edit", seq: 1, content: "x" }, "", ""],
  ["edits what nobody said", { type: "edit", seq: 2, content: "x" }, "", "admin"],
];

/** A room with everybody in it who may enter. */
async function gather(harness: HubHarness, isPrivate: boolean): Promise<Record<Who, Person>> {
  const people = {
    owner: await admit(harness, "owner"),
    moderator: await admit(harness, "mona"),
    member: await admit(harness, "member"),
    admin: await admit(harness, "ada"),
    stranger: await admit(harness, "stranger"),
  };
  const { owner, admin } = people;
  await harness.people.change(admin.user.id, { role: "admin" });
  const [target, owner2] = [await admit(harness, "target"), await admit(harness, "owner2")];
  await admit(harness, "new");
  await ask(owner, { type: "create", room: "room", private: isPrivate });
  for (const member of [people.moderator, people.member, target, owner2]) {
    await ask(owner, { type: "invite", room: "room", user: `@${member.user.id}` });
    await ask(member, { type: "join", room: "room" });
  }
  await ask(owner, { type: "role", room: "room", user: "mona", content: "moderator" });
  await ask(owner, { type: "role", room: "room", user: "owner2", content: "owner" });
  if (!isPrivate) await ask(admin, { type: "join", room: "room" });
  await ask(target, { type: "user", room: "room", content: "1" });
  await harness.store.commit([
    { kind: "message", room: "room", from: "old", content: "2", time: 1 },
  ]);
  return people;
}

for (const [what, request, inPrivate, inPublic] of RIGHTS) {
  for (const isPrivate of [true, false]) {
    const allowed = (isPrivate ? inPrivate : inPublic).split(" ").filter((who) => who !== "");
    const name = `${isPrivate ? "private" : "public"} room`;
    Deno.test(`Hub lets ${allowed.join(", ") || "nobody"} of a ${name} do this: ${what}`, async () => {
      for (const who of WHO) {
        await using harness = new HubHarness();
        const person = (await gather(harness, isPrivate))[who];
        const code = await codeOf(person, { ...request, room: "room" });
        assertEquals([who, code === "ok"], [who, allowed.includes(who)], code);
      }
    });
  }
}

Deno.test("Hub lets everybody but guests set the topic of a public room without an owner, and invite to it", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  await admit(harness, "cid");
  await harness.people.change(ann.user.id, { role: "member" });
  await harness.settled();
  for (const person of [ann, bob]) await ask(person, { type: "join", room: "dev" });
  for (
    const request of [{ type: "topic", content: "x" }, { type: "invite", user: "cid" }]
  ) {
    assertEquals(await codeOf(bob, { ...request, room: "dev" }), "forbidden");
    assertEquals(await codeOf(ann, { ...request, room: "dev" }), "ok");
  }
  assertEquals(await codeOf(ann, { type: "remove", room: "dev", user: "bob" }), "forbidden");
});

Deno.test("Hub refuses whatever would leave a room with other members without an owner", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  await makePrivate(harness, ann, "secret", bob);
  const demote = { type: "role", room: "secret", user: "ann", content: "member" };
  for (
    const request of [
      { type: "leave", room: "secret" },
      { type: "remove", room: "secret", user: "ann" },
      demote,
      { ...demote, content: "moderator" },
    ]
  ) {
    const answer = await ask(ann, request);
    assertObjectMatch(answer, { type: "error", code: "conflict" });
  }
  assertEquals(await seen(harness, bob), []);
  assertEquals(await codeOf(ann, { ...demote, user: "bob", content: "owner" }), "ok");
  assertEquals(await codeOf(ann, { type: "leave", room: "secret" }), "ok");
  assertEquals(await codeOf(ann, { type: "join", room: "secret" }), "forbidden");
  assertEquals(await codeOf(bob, { type: "topic", room: "secret", content: "mine" }), "ok");
});

Deno.test("Hub shows a role to everybody in the room, and to the member at the next login", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  await makePrivate(harness, ann, "secret", bob);
  await ask(ann, { type: "role", room: "secret", user: "bob", content: "moderator" });
  assertObjectMatch(await bob.next("role"), {
    room: "secret",
    from: "ann",
    user: { id: bob.user.id },
    content: "moderator",
  });
  bob.send({ type: "users", room: "secret" });
  const { users } = await bob.next("users");
  assertEquals(users.map(({ room_role }) => room_role), ["owner", "moderator"]);
  const again = harness.connect();
  again.send({ type: "login", session: bob.session });
  const { rooms } = await again.loggedIn();
  assertObjectMatch(rooms?.find(({ room }) => room === "secret") ?? {}, { role: "moderator" });
});

Deno.test("Hub lets only who is kept make a room, and only one of a name that is free", async () => {
  await using harness = new HubHarness();
  const [ann, passing] = [await admit(harness, "ann"), await harness.enter("passing")];
  assertEquals(await codeOf(passing, { type: "create", room: "new" }), "forbidden");
  await ask(passing, { type: "join", room: "busy" });
  await ask(passing, { type: "join", room: "used" });
  await ask(passing, { type: "user", room: "used", content: "x" });
  await ask(passing, { type: "leave", room: "used" });
  for (const room of ["lobby", "busy", "used"]) {
    assertEquals(await codeOf(ann, { type: "create", room, private: true }), "conflict");
  }
  assertObjectMatch(await ask(ann, { type: "create", room: "new", topic: "T" }), {
    type: "create",
    room: "new",
    topic: "T",
  });
  assertEquals(await codeOf(passing, { type: "join", room: "new" }), "ok");
});

Deno.test("Hub removes a guest who is no member from a public room, on all connections", async () => {
  await using harness = new HubHarness();
  const [ann, guest] = [await admit(harness, "ann"), await harness.enter("guest")];
  await ask(ann, { type: "create", room: "club" });
  const second = await harness.enterAgain(guest, { room: "club" });
  await ask(guest, { type: "join", room: "club" });
  await ask(ann, { type: "remove", room: "club", user: "guest" });
  for (const person of [guest, second]) {
    await person.next("remove");
    assertEquals(await codeOf(person, { type: "user", room: "club", content: "x" }), "not_in_room");
  }
  const nobody = { type: "remove", room: "club", user: "guest" };
  assertEquals(await codeOf(ann, nobody), "no_such_user");
});
