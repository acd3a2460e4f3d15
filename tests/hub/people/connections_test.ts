/** One user on many connections at once. */
import { assertEquals, assertObjectMatch } from "../../support/assert.ts";
import { HubHarness, type Person } from "../../support/hub_harness.ts";
import { admit, ask, codeOf, makePrivate, seen } from "./people.ts";

/** The same user on another device: with a session of its own. */
async function onPhone(harness: HubHarness, person: Person, plain = false): Promise<Person> {
  const { secret } = await harness.sessions.start(person.user, { agent: "phone", ip: "" });
  const phone = harness.connect({ plain });
  phone.send({ type: "login", session: secret });
  await phone.loggedIn();
  await harness.settled();
  phone.take();
  return phone;
}

/** Two tabs and a phone of ann's, and bob. */
async function meet(harness: HubHarness) {
  const bob = await admit(harness, "bob");
  const tab = await admit(harness, "ann");
  await harness.people.change(tab.user.id, { role: "member" });
  const second = await harness.enterAgain(tab);
  const phone = await onPhone(harness, tab);
  const anns = [tab, second, phone];
  await harness.settled();
  for (const person of [bob, ...anns]) person.take();
  return { bob, tab, second, phone, anns };
}

Deno.test("Hub shows every connection of a user everything, what the user itself says included", async () => {
  await using harness = new HubHarness();
  const { bob, tab, phone, anns } = await meet(harness);
  assertEquals(phone.user.id, tab.user.id);
  tab.send({ type: "user", content: "hi", id: "1" });
  bob.send({ type: "user", content: "hello" }, { type: "react", seq: 1, content: "👍" });
  for (const ann of anns) {
    assertEquals(await seen(harness, ann), [
      "user lobby 1 ann: hi",
      "user lobby 2 bob: hello",
      "react lobby 1 bob: 👍",
    ]);
  }
});

Deno.test("Hub counts a user once, and tells others of its first connection and its last only", async () => {
  await using harness = new HubHarness();
  const { bob, tab, second, phone } = await meet(harness);
  assertEquals(await seen(harness, bob), []);
  bob.send({ type: "users" });
  assertObjectMatch(await bob.next("users"), { user_count: 2, user_list: ["bob", "ann"] });
  tab.socket.hangUp();
  second.send({ type: "logout" });
  assertObjectMatch(await second.next("logout"), { content: "ann", user_count: 2 });
  assertEquals(await seen(harness, bob), []);
  phone.socket.hangUp();
  assertEquals(await seen(harness, bob), ["logout lobby ann of 1"]);
});

Deno.test("Hub answers each connection's own entry and exit, and tells no other of them", async () => {
  await using harness = new HubHarness();
  // Guests who are not kept have no memberships, of which the other connections are told.
  const bob = await harness.enter("bob");
  const tab = await harness.enter("ann");
  const second = await harness.enterAgain(tab);
  for (const person of [bob, tab, second]) await seen(harness, person);
  tab.send({ type: "join", room: "dev", id: "j" });
  assertObjectMatch(await tab.next("login"), { room: "dev", user_count: 1, id: "j" });
  second.send({ type: "join", room: "dev", id: "k" });
  assertObjectMatch(await second.next("login"), { room: "dev", user_count: 1, id: "k" });
  for (const person of [bob, tab, second]) assertEquals(await seen(harness, person), []);
});

Deno.test("Hub tells a user's other connections of a room that one has joined or made", async () => {
  await using harness = new HubHarness();
  const { bob, tab, second, phone } = await meet(harness);
  const plain = await onPhone(harness, tab, true);
  const own = { by: tab.user.id, user: { id: tab.user.id, name: "ann" } };
  tab.send({ type: "join", room: "dev", id: "j" });
  for (const other of [second, phone]) {
    assertObjectMatch(await other.next("invite"), { room: "dev", ...own });
  }
  assertEquals(await seen(harness, tab), ["login dev ann of 1"]);
  // Whoever has entered is a member already: nobody is told again.
  phone.send({ type: "join", room: "dev", id: "k" });
  await phone.next("login");
  tab.send({ type: "create", room: "den", private: true, id: "c" });
  for (const other of [second, phone]) {
    assertObjectMatch(await other.next("invite"), { room: "den", ...own });
    assertEquals(await seen(harness, other), []);
  }
  for (const other of [bob, plain]) assertEquals(await seen(harness, other), []);
});

Deno.test("Hub renames a user on all connections, with one event for each room", async () => {
  await using harness = new HubHarness();
  const { bob, tab, anns } = await meet(harness);
  tab.send({ type: "rename", content: "anna" });
  for (const person of [bob, ...anns]) {
    assertObjectMatch(await person.next("rename"), { from: "ann", content: "anna" });
    assertEquals(await seen(harness, person), []);
  }
  await ask(anns[2]!, { type: "user", content: "still me" });
  assertObjectMatch(await bob.next("user"), { from: "anna", by: tab.user.id });
});

Deno.test("Hub renames with the login of one more connection", async () => {
  await using harness = new HubHarness();
  const { bob, tab, second } = await meet(harness);
  await harness.enterAgain(tab, { content: "anna" });
  for (const person of [bob, second]) {
    assertObjectMatch(await person.next("rename"), { from: "ann", content: "anna" });
  }
});

Deno.test("Hub ends a membership, and the stay of all connections, with leave on one", async () => {
  await using harness = new HubHarness();
  const { bob, tab, second, phone, anns } = await meet(harness);
  tab.send({ type: "leave", room: "lobby", id: "l" });
  assertObjectMatch(await tab.next("logout"), { room: "lobby", id: "l" });
  for (const other of [second, phone]) {
    const { id } = await other.next("logout");
    assertEquals(id, undefined);
  }
  assertEquals(await seen(harness, bob), ["logout lobby ann of 1"]);
  bob.say("unheard");
  for (const ann of anns) assertEquals(await seen(harness, ann), []);
  const again = harness.connect();
  again.send({ type: "login", session: tab.session, room: "dev" });
  const { rooms } = await again.loggedIn();
  assertEquals(rooms?.map(({ room }) => room), []);
});

Deno.test("Hub lets a guest who is not kept leave with one connection only", async () => {
  await using harness = new HubHarness();
  const bob = await harness.enter("bob");
  const tab = await harness.enter("ann");
  const second = await harness.enterAgain(tab);
  await seen(harness, bob);
  tab.send({ type: "leave", room: "lobby" });
  await tab.next("logout");
  assertEquals(await seen(harness, bob), []);
  bob.say("heard");
  assertObjectMatch(await second.next("user"), { content: "heard" });
});

Deno.test("Hub logs one connection out with logout, and keeps memberships and sessions", async () => {
  await using harness = new HubHarness();
  const { tab, second } = await meet(harness);
  await ask(tab, { type: "join", room: "dev" });
  tab.send({ type: "logout" });
  await tab.next("logout", ({ room }) => room === "dev");
  assertEquals(await codeOf(tab, { type: "user", content: "x" }), "not_logged_in");
  assertEquals(await codeOf(second, { type: "user", content: "x" }), "ok");
  tab.send({ type: "login", session: tab.session });
  const { rooms } = await tab.loggedIn();
  assertEquals(rooms?.map(({ room }) => room), ["dev", "lobby"]);
});

Deno.test("Hub gives a connection that logged out and in again without a session to somebody else", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  const { id } = ann.user;
  await makePrivate(harness, ann, "secret");
  await ask(ann, { type: "logout" });
  ann.send({ type: "login", content: "eve" });
  const { user, session } = await ann.loggedIn();
  assertEquals([user?.id === id, session === undefined], [false, false]);
  assertEquals(await codeOf(ann, { type: "join", room: "secret" }), "forbidden");
});

Deno.test("Hub shows one user on a page and a classic client alike", async () => {
  await using harness = new HubHarness();
  const { bob, tab } = await meet(harness);
  const classic = await onPhone(harness, tab, true);
  classic.send({ type: "user", content: "from the seed" });
  assertObjectMatch(await tab.next("user"), { content: "from the seed", by: tab.user.id });
  bob.send({ type: "user", room: "@ann", content: "psst" });
  assertObjectMatch(await classic.next("direct"), { from: "bob", to: "ann", content: "psst" });
  assertObjectMatch(await tab.next("user", ({ room }) => room !== "lobby"), {
    room: `@${bob.user.id}`,
    content: "psst",
  });
});
