/** What becomes of connected users who are changed elsewhere. */
import { assertEquals, assertObjectMatch } from "../support/assert.ts";
import { GatedVisits } from "../support/gated_visits.ts";
import { HubHarness, type Person } from "../support/hub_harness.ts";

/** One more session of a user, and a connection with it. */
async function enterOnOtherDevice(harness: HubHarness, { user }: Person): Promise<Person> {
  const { secret } = await harness.sessions.start(user, { agent: "other device", ip: "" });
  const person = harness.connect();
  person.send({ type: "login", session: secret });
  await person.loggedIn();
  await harness.settled();
  person.take();
  return person;
}

/** The public id of the session that a person logged in with. */
async function sessionId({ sessions }: HubHarness, { session }: Person): Promise<string> {
  const principal = await sessions.find(session, "");
  return principal?.session ?? "";
}

Deno.test("UserChanges.apply() shows a new name in all rooms of a user, once to each connection", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const again = await harness.enterAgain(ann, { room: "den" });
  const bob = await harness.enter("bob");
  await harness.settled();
  ann.take();
  await harness.people.rename(ann.user.id, "Anne");
  await harness.settled();
  assertEquals([ann, again, bob].map((person) => person.takeBrief()), [
    ["rename lobby ann to Anne"],
    ["rename den ann to Anne"],
    ["rename lobby ann to Anne"],
  ]);
  again.say("hi", "den");
  assertObjectMatch(await again.next("user"), { from: "Anne" });
});

Deno.test("UserChanges.apply() gives a connected user its new role", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  bob.say("spam");
  await ann.next("user");
  ann.send({ type: "delete", seq: 1 });
  assertObjectMatch(await ann.next("error"), { code: "not_yours" });
  await harness.people.change(ann.user.id, { role: "admin", remembered: true });
  await harness.settled();
  ann.send({ type: "delete", seq: 1 }, { type: "users" });
  assertObjectMatch(await ann.next("delete"), { seq: 1, by: ann.user.id });
  assertObjectMatch((await ann.next("users")).users[0] ?? {}, { name: "ann", role: "admin" });
  await harness.people.add({
    id: "AdminAdmin12",
    name: "other",
    role: "admin",
    remembered: true,
    created: 1,
  });
  await harness.people.change(ann.user.id, { role: "member" });
  await harness.settled();
  bob.say("more");
  await ann.next("user");
  ann.send({ type: "delete", seq: 2 });
  assertObjectMatch(await ann.next("error"), { code: "not_yours" });
});

for (const what of ["disabled", "removed"] as const) {
  Deno.test(`UserChanges.apply() closes all connections of a user who was ${what}`, async () => {
    await using harness = new HubHarness();
    const bob = await harness.enter("bob");
    const ann = await harness.enter("ann", { remember: true });
    const other = await enterOnOtherDevice(harness, ann);
    bob.take();
    if (what === "removed") await harness.people.remove(ann.user.id);
    else await harness.people.change(ann.user.id, { disabled: true });
    for (const person of [ann, other]) {
      assertEquals(await person.closed(), { code: 4504, reason: "The session has ended" });
    }
    await harness.settled();
    assertEquals(bob.takeBrief(), ["logout lobby ann of 1"]);
    assertEquals(bob.socket.closed, undefined);
    const back = harness.connect();
    back.send({ type: "login", session: ann.session });
    assertObjectMatch(await back.next("error"), { code: "unauthorized" });
  });
}

Deno.test("UserChanges.apply() closes only the connections whose session has ended", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann", { remember: true });
  const again = await harness.enterAgain(ann);
  const other = await enterOnOtherDevice(harness, ann);
  const bob = await harness.enter("bob");
  await harness.sessions.end(ann.user.id, await sessionId(harness, ann));
  for (const person of [ann, again]) assertEquals((await person.closed()).code, 4504);
  other.say("still here");
  assertObjectMatch(await bob.next("user"), { from: "ann", content: "still here" });
  assertEquals([other.socket.closed, bob.takeBrief()], [undefined, []]);
});

Deno.test("UserChanges.apply() makes who is kept from now on a member of the rooms it is in", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann", { room: "den" });
  ann.send({ type: "join", room: "attic" });
  await harness.settled();
  await harness.people.change(ann.user.id, { remembered: true });
  await harness.settled();
  ann.socket.hangUp();
  const back = harness.connect();
  back.send({ type: "login", session: ann.session });
  const { rooms } = await back.loggedIn();
  assertEquals(rooms?.map(({ room }) => room), ["attic", "den"]);
});

Deno.test("UserChanges.apply() ends the memberships of who was removed, and leaves no room without an owner", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann", { remember: true });
  const [bob, cid] = [
    await harness.enter("bob", { remember: true }),
    await harness.enter("cid", { remember: true }),
  ];
  ann.send({ type: "create", room: "den", private: true });
  await ann.next("create");
  ann.send({ type: "invite", room: "den", user: "bob" });
  ann.send({ type: "invite", room: "den", user: "cid" });
  for (const person of [bob, cid]) {
    await person.next("invite");
    person.send({ type: "join", room: "den" });
    await person.next("login", ({ room }) => room === "den");
  }
  ann.send({ type: "role", room: "den", user: "cid", content: "moderator" });
  await ann.next("role");
  await harness.people.remove(ann.user.id);
  await ann.closed();
  await harness.settled();
  cid.send({ type: "users", room: "den", all: true });
  const { users } = await cid.next("users");
  assertEquals(users.map(({ name, room_role }) => [name, room_role]), [
    ["bob", "member"],
    ["cid", "owner"],
  ]);
});

Deno.test("UserChanges.lookAgain() leaves connections alone that logged in since it looked", async () => {
  const visits = new GatedVisits();
  await using harness = new HubHarness({ visits, people: visits.people });
  const ann = await harness.enter("ann", { remember: true });
  visits.held.add("state");
  await visits.people.rename(ann.user.id, "anne");
  const look = await visits.gates.receive();
  await look?.pass(); // sees one session; the hub takes it after the login with another
  visits.held.clear();
  const other = await enterOnOtherDevice(harness, ann);
  await harness.settled();
  assertEquals([ann.socket.closed, other.socket.closed], [undefined, undefined]);
});

Deno.test("UserChanges.lookAgain() catches a change that came while a login was looked up", async () => {
  const visits = new GatedVisits();
  await using harness = new HubHarness({ visits, people: visits.people });
  const ann = await harness.enter("ann", { remember: true });
  ann.socket.hangUp();
  await harness.settled();
  visits.held.add("describe");
  const back = harness.connect();
  back.send({ type: "login", session: ann.session });
  const login = await visits.gates.receive();
  assertEquals(login?.asked, "describe users", "who it is has been found out");
  await visits.people.endSessions(ann.user.id);
  await harness.settled();
  await login?.pass();
  assertEquals((await back.closed()).code, 4504);
});
