/** What becomes of connections when sessions end and when users are disabled, removed or expire. */
import {
  assertEquals,
  assertNotEquals,
  assertObjectMatch,
  assertRejects,
} from "../../support/assert.ts";
import { createMemoryPeople } from "../../../people/memory/store.ts";
import { Sessions } from "../../../people/sessions.ts";
import { VisitService } from "../../../people/visit_service.ts";
import { GatedStore } from "../../support/gated_store.ts";
import { HubHarness, type Person } from "../../support/hub_harness.ts";
import { admit, ask, codeOf, makePrivate, seen } from "./people.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A harness whose people can be swept, with a clock that both share. */
function withClock(): {
  harness: HubHarness;
  visits: VisitService;
  at(now: number): Promise<void>;
} {
  const people = createMemoryPeople();
  let time = 1_000_000;
  const now = () => time;
  const sessions = new Sessions(people, { now });
  const visits = new VisitService(people, sessions, {
    access: "open",
    needsPassword: false,
    holdNames: 7 * DAY,
    authenticateCredential: (credential, ip) => sessions.find(credential, ip),
    now,
  });
  const harness = new HubHarness({ people, visits, now });
  return {
    harness,
    visits,
    async at(ms) {
      time = 1_000_000 + ms;
      await visits.sweep();
      await harness.settled();
    },
  };
}

/** The public id of a person's session. */
async function sessionOf({ people, sessions }: HubHarness, person: Person): Promise<string> {
  const principal = await sessions.find(person.session, "");
  const [newest] = await people.sessions(person.user.id);
  return principal?.session ?? newest?.id ?? "";
}

/** Logs in with the session of somebody else's connection, and returns what is answered. */
async function tryAgain(harness: HubHarness, { session }: Person): Promise<string> {
  const person = harness.connect();
  return await codeOf(person, { type: "login", session });
}

Deno.test("Hub closes the connections of a session that ends, and no others", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  const { secret, session } = await harness.sessions.start(ann.user, { agent: "", ip: "" });
  const phone = harness.connect();
  phone.send({ type: "login", session: secret });
  await phone.loggedIn();
  await harness.people.endSession(ann.user.id, session.id);
  assertEquals(await phone.closed(), { code: 4504, reason: "The session has ended" });
  assertEquals(await codeOf(ann, { type: "user", content: "still here" }), "ok");
  assertEquals(await tryAgain(harness, phone), "unauthorized");
});

Deno.test("Hub closes every connection when all sessions of a user but one end", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  const { secret } = await harness.sessions.start(ann.user, { agent: "", ip: "" });
  const others: Person[] = [];
  for (let n = 0; n < 3; n++) {
    const other = harness.connect();
    other.send({ type: "login", session: secret });
    await other.loggedIn();
    others.push(other);
  }
  await harness.people.endSessions(ann.user.id, await sessionOf(harness, ann));
  for (const other of others) assertEquals((await other.closed()).code, 4504);
  assertEquals(await codeOf(ann, { type: "user", content: "still here" }), "ok");
});

Deno.test("Hub shows nothing that is said after the end of a session to its connections", async () => {
  await using harness = new HubHarness();
  const bob = await admit(harness, "bob");
  const ann = await admit(harness, "ann");
  await harness.people.endSessions(ann.user.id);
  await ann.closed();
  const frames = ann.socket.sent.length;
  assertEquals(await codeOf(bob, { type: "user", content: "after" }), "ok");
  assertEquals(ann.socket.sent.length, frames);
  assertEquals((await seen(harness, bob)).includes("logout lobby ann of 1"), true);
});

Deno.test("Hub keeps a connection whose login failed signed in as nobody", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  await makePrivate(harness, ann, "secret");
  await harness.people.endSessions(ann.user.id);
  await ann.closed();
  const person = harness.connect();
  for (const session of [ann.session, "x".repeat(43)]) {
    assertEquals(await codeOf(person, { type: "login", session, room: "secret" }), "unauthorized");
    assertEquals(await codeOf(person, { type: "user", content: "x" }), "not_logged_in");
    assertEquals(await codeOf(person, { type: "join", room: "secret" }), "not_logged_in");
  }
  assertEquals(await codeOf(person, { type: "login", content: "eve" }), "ok");
});

Deno.test("Hub does not sign in by an ended session on the connection that it opened", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  const principal = await harness.sessions.find(ann.session, "") ?? {};
  const person = harness.connect({ principal });
  await harness.people.endSessions(ann.user.id);
  assertEquals(await codeOf(person, { type: "login" }), "unauthorized");
});

Deno.test("Hub closes the connections of a user who is disabled, and lets it in again once enabled", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  const again = await harness.enterAgain(ann);
  await harness.people.change(ann.user.id, { disabled: true });
  for (const person of [ann, again]) assertEquals((await person.closed()).code, 4504);
  assertEquals(await tryAgain(harness, ann), "unauthorized");
  assertEquals(await codeOf(harness.connect(), { type: "login", content: "ann" }), "name_taken");
  await harness.people.change(ann.user.id, { disabled: false });
  assertEquals(await tryAgain(harness, ann), "ok");
});

Deno.test("Hub closes the connections of a user who is removed, and leaves its messages to nobody", async () => {
  await using harness = new HubHarness();
  const bob = await admit(harness, "bob");
  const ann = await admit(harness, "ann");
  await ask(ann, { type: "user", content: "last words" });
  await harness.people.remove(ann.user.id);
  assertEquals((await ann.closed()).code, 4504);
  assertEquals(await tryAgain(harness, ann), "unauthorized");
  const next = await admit(harness, "ann");
  assertNotEquals(next.user.id, ann.user.id);
  assertEquals(await codeOf(next, { type: "edit", seq: 1, content: "x" }), "not_yours");
  bob.send({ type: "history" });
  assertObjectMatch((await bob.next("history")).messages[0] ?? {}, { content: "last words" });
});

Deno.test("Hub gives a private room whose owner is removed to its eldest moderator, else its eldest member", async () => {
  await using harness = new HubHarness();
  const [ann, bob, cid] = [
    await admit(harness, "ann"),
    await admit(harness, "bob"),
    await admit(harness, "cid"),
  ];
  await makePrivate(harness, ann, "secret", bob, cid);
  await ask(ann, { type: "role", room: "secret", user: "cid", content: "moderator" });
  await harness.people.remove(ann.user.id);
  await ann.closed();
  await harness.settled();
  const owner = { type: "role", room: "secret", user: "bob", content: "moderator" };
  assertEquals(await codeOf(bob, owner), "forbidden");
  assertEquals(await codeOf(cid, owner), "ok");
  await harness.people.remove(cid.user.id);
  await cid.closed();
  await harness.settled();
  assertEquals(await codeOf(bob, { ...owner, content: "owner" }), "ok");
});

Deno.test("Hub shows a new role at once: who is no admin any more may do nothing as one", async () => {
  await using harness = new HubHarness();
  const [boss, ann, other] = [
    await admit(harness, "boss"),
    await admit(harness, "ann"),
    await admit(harness, "other"),
  ];
  await harness.people.change(other.user.id, { role: "admin" });
  await harness.people.change(boss.user.id, { role: "admin" });
  await harness.settled();
  await ask(ann, { type: "user", content: "1" });
  await ask(ann, { type: "user", content: "2" });
  assertEquals(await codeOf(boss, { type: "delete", seq: 1 }), "ok");
  await harness.people.change(boss.user.id, { role: "member" });
  await harness.settled();
  assertEquals(await codeOf(boss, { type: "delete", seq: 2 }), "not_yours");
});

Deno.test("Hub gives the name of a guest who is not kept up at once, and lets it come back for two minutes", async () => {
  const { harness, at } = withClock();
  await using _end = harness;
  const ann = await harness.enter("ann");
  ann.socket.hangUp();
  await harness.settled();
  await at(2 * MINUTE - 1);
  const back = harness.connect();
  back.send({ type: "login", session: ann.session });
  assertEquals((await back.loggedIn()).by, ann.user.id);
  back.socket.hangUp();
  await harness.settled();
  await at(4 * MINUTE);
  assertEquals(await tryAgain(harness, ann), "unauthorized");
});

Deno.test("Hub keeps a guest who asked to be remembered for as long as --hold-names, with its name", async () => {
  const { harness, at } = withClock();
  await using _end = harness;
  const ann = await admit(harness, "ann");
  ann.socket.hangUp();
  await harness.settled();
  await at(7 * DAY - 1);
  assertEquals(await codeOf(harness.connect(), { type: "login", content: "ANN" }), "name_taken");
  const back = harness.connect();
  back.send({ type: "login", session: ann.session });
  assertEquals((await back.loggedIn()).by, ann.user.id);
  back.socket.hangUp();
  await harness.settled();
  await at(14 * DAY);
  assertEquals(await tryAgain(harness, ann), "unauthorized");
  assertNotEquals((await admit(harness, "ann")).user.id, ann.user.id);
});

Deno.test("Hub forgets the memberships of a guest whose time is over", async () => {
  const { harness, at } = withClock();
  await using _end = harness;
  const bob = await admit(harness, "bob");
  const ann = await admit(harness, "ann");
  await makePrivate(harness, bob, "secret", ann);
  ann.socket.hangUp();
  await harness.settled();
  await at(8 * DAY);
  await harness.settled();
  bob.send({ type: "users", room: "secret", all: true });
  assertEquals((await bob.next("users")).users.map(({ name }) => name), ["bob"]);
});

Deno.test("Hub closes the connections of a credential that expires, and not before", async () => {
  const { harness, at } = withClock();
  await using _end = harness;
  const ann = await admit(harness, "ann");
  const principal = { user: ann.user, expires: 1_000_000 + MINUTE };
  const embedded = harness.connect({ principal });
  embedded.send({ type: "login" });
  await embedded.loggedIn();
  await at(MINUTE - 1);
  harness.hub.sweep();
  assertEquals(await codeOf(embedded, { type: "ping" }), "ok");
  await at(MINUTE);
  harness.hub.sweep();
  assertEquals((await embedded.closed()).code, 4504);
  assertEquals(await codeOf(ann, { type: "ping" }), "ok");
});

Deno.test("Hub answers nothing more on a connection that it has closed", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  await harness.people.endSessions(ann.user.id);
  await ann.closed();
  ann.send({ type: "ping" });
  await harness.settled();
  await assertRejects(() => ann.next("pong"), Error, "4504");
});

const ENDS: readonly [
  what: string,
  end: (harness: HubHarness, user: string) => Promise<unknown>,
][] = [
  ["whose session ends", ({ people }, user) => people.endSessions(user)],
  ["who is disabled", ({ people }, user) => people.change(user, { disabled: true })],
  ["who is removed", ({ people }, user) => people.remove(user)],
];

for (const [what, end] of ENDS) {
  Deno.test(`Hub does not keep somebody ${what} while their login is looked up`, async () => {
    const store = new GatedStore();
    await using harness = new HubHarness({ store });
    store.gatesCommits = false;
    const bob = await admit(harness, "bob");
    const ann = await admit(harness, "ann");
    ann.socket.hangUp();
    await harness.settled();
    store.gatesReads = true;
    const back = harness.connect();
    back.send({ type: "login", session: ann.session });
    const unread = await store.reads.receive();
    await end(harness, ann.user.id);
    await harness.settled();
    store.open();
    await unread?.pass();
    assertEquals((await back.closed()).code, 4504);
    await harness.settled();
    bob.send({ type: "users" });
    assertEquals((await bob.next("users")).user_list, ["bob"]);
  });
}
