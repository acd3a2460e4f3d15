/** Requests for which something is looked up first, and those behind them. */
import { Policy } from "../../people/policy.ts";
import { assert, assertEquals, assertObjectMatch } from "../support/assert.ts";
import { GatedVisits } from "../support/gated_visits.ts";
import { HubHarness } from "../support/hub_harness.ts";
import { DEADLINE, within } from "../support/within.ts";

/** A hub that takes its time to find out who is meant by the name of somebody who is away. */
function openHub(): { visits: GatedVisits; harness: HubHarness } {
  const visits = new GatedVisits();
  return { visits, harness: new HubHarness({ visits, people: visits.people }) };
}

/** Somebody who is not connected, and is not kept waiting for in rooms. */
const AWAY = { id: "EveEveEveEve", name: "eve", role: "member", remembered: true } as const;

const TO_AWAY = { type: "direct", to: "eve", content: "psst" } as const;

Deno.test("PendingRequests.serve() keeps a connection's requests in order, and holds up nobody else", async () => {
  const { visits, harness } = openHub();
  await using _end = harness;
  await visits.people.add({ ...AWAY, created: 1 });
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  ann.take();
  visits.held.add("find");
  ann.send(TO_AWAY);
  ann.say("1");
  const first = await visits.gates.receive();
  assertEquals(first?.asked, "find eve");
  ann.send({ type: "direct", to: "nobody", content: "x", id: "d" }, { type: "ping", id: "p" });
  ann.say("2");
  bob.say("meanwhile");
  await harness.settled();
  const meanwhile = "user lobby 1 bob: meanwhile";
  assertEquals([ann.takeBrief(), bob.takeBrief()], [[meanwhile], [meanwhile]]);
  await first?.pass();
  const second = await visits.gates.receive();
  assertEquals(second?.asked, "find nobody");
  await harness.settled();
  assertEquals(ann.takeBrief().toSorted(), [
    `user @${AWAY.id} 1 ann: psst`,
    "user lobby 2 ann: 1",
  ]);
  await second?.pass();
  await harness.settled();
  assertEquals(ann.takeBrief(), ["error no_such_user d", "pong", "user lobby 3 ann: 2"]);
});

Deno.test("PendingRequests.serve() has a login wait for the logout before it, and what follows for both", async () => {
  const { visits, harness } = openHub();
  await using _end = harness;
  const ann = await harness.enter("ann");
  visits.held.add("enter").add("rename");
  ann.send({ type: "rename", content: "anne", id: "r" }, { type: "logout" });
  ann.send({ type: "login", content: "bob" }, { type: "user", content: "hi" });
  await (await visits.gates.receive())?.pass();
  const login = await visits.gates.receive();
  await harness.settled();
  assertEquals(ann.take().at(-1)?.type, "logout");
  await login?.pass();
  await harness.settled();
  assertEquals(ann.takeBrief(), ["login lobby bob of 1", "user lobby 1 bob: hi"]);
});

Deno.test("Hub tells of a new name once, though the people store tells of it before the request is served", async () => {
  const { visits, harness } = openHub();
  await using _end = harness;
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  ann.take();
  visits.held.add("rename");
  ann.send({ type: "rename", content: "anne", id: "r" });
  await (await visits.gates.receive())?.pass();
  await harness.settled();
  assertEquals(bob.takeBrief(), ["rename lobby ann to anne"]);
  const rename = await ann.next("rename", ({ id }) => id === "r");
  assertObjectMatch(rename, { room: "lobby", from: "ann", content: "anne", user_count: 2 });
});

Deno.test("PendingRequests.resume() answers what could not be looked up, and serves what waited", async () => {
  const { visits, harness } = openHub();
  await using _end = harness;
  const ann = await harness.enter("ann");
  visits.held.add("find");
  ann.send({ ...TO_AWAY, id: "d" });
  ann.say("1");
  (await visits.gates.receive())?.fail();
  const refusal = { code: "unavailable", id: "d", retry_ms: 1000 };
  assertObjectMatch(await ann.next("error"), refusal);
  assertObjectMatch(await ann.next("user"), { content: "1" });
});

Deno.test("PendingRequests.serve() refuses more than ten thousand that wait", async () => {
  const { visits, harness } = openHub();
  await using _end = harness;
  const ann = await harness.enter("ann");
  visits.held.add("find");
  ann.send(TO_AWAY);
  const gate = await visits.gates.receive();
  for (let n = 0; n < 10; n++) {
    ann.send(...Array.from({ length: 1000 }, () => ({ type: "ping" })));
  }
  ann.send({ type: "ping", id: "too much" });
  assertObjectMatch(await ann.next("error"), { code: "unavailable", id: "too much" });
  gate?.fail();
  await ann.next("error");
  await harness.settled();
  assertEquals(ann.take().length, 10_000);
});

Deno.test("PendingRequests.resume() divides what waited into batches, in order", async () => {
  const { visits, harness } = openHub();
  await using _end = harness;
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  visits.held.add("find");
  ann.send(TO_AWAY);
  const gate = await visits.gates.receive();
  const before = bob.socket.sent.length;
  for (let n = 1; n <= 64; n++) {
    ann.send({ type: "user", content: `${n} ${"x".repeat(16_000)}` });
  }
  await harness.settled();
  gate?.fail();
  await bob.next("user", ({ seq }) => seq === 1);
  ann.say("last");
  await bob.next("user", ({ content }) => content === "last");
  const numbers = bob.take().map((message) => "content" in message && parseInt(message.content));
  assertEquals(numbers, Array.from({ length: 63 }, (_, index) => index + 2));
  for (const frame of bob.socket.sent.slice(before)) {
    assert(frame.length < 512 * 1024, `a frame of ${frame.length}`);
  }
});

Deno.test("PendingRequests.resume() looks up in the next batch what is asked for where one is full", async () => {
  const { visits, harness } = openHub();
  await using _end = harness;
  await visits.people.add({ ...AWAY, created: 1 });
  const ann = await harness.enter("ann");
  visits.held.add("find");
  // About as much as a batch takes: in one of the rounds it ends right before the last request.
  for (let says = 14; says <= 20; says++) {
    ann.send(TO_AWAY);
    const first = await within(DEADLINE, "a question", visits.gates.receive());
    for (let n = 0; n < says; n++) ann.send({ type: "user", content: "x".repeat(15_000) });
    ann.send({ ...TO_AWAY, id: `${says}` });
    await first?.pass();
    const second = await within(DEADLINE, "a question", visits.gates.receive());
    await second?.pass();
    assertObjectMatch(await ann.answerTo(`${says}`), { type: "user", content: "psst" });
  }
});

Deno.test("PendingRequests.resume() serves what was asked for before the peer hung up, then lets it go", async () => {
  const { visits, harness } = openHub();
  await using _end = harness;
  const bob = await harness.enter("bob");
  visits.held.add("enter");
  const ann = harness.connect();
  ann.send({ type: "login", content: "ann" }, { type: "user", content: "last words" });
  ann.socket.hangUp();
  await (await visits.gates.receive())?.pass();
  await harness.settled();
  assertEquals(bob.takeBrief(), [
    "login lobby ann of 2",
    "user lobby 1 ann: last words",
    "logout lobby ann of 1",
  ]);
  assertEquals(visits.left.length, 1);
  visits.held.clear();
  await harness.enter("ann");
});

Deno.test("PendingRequests.resume() serves nothing for a connection whose session has ended", async () => {
  const { visits, harness } = openHub();
  await using _end = harness;
  const [bob, ann] = [await harness.enter("bob"), await harness.enter("ann")];
  bob.take();
  visits.held.add("find");
  ann.send(TO_AWAY);
  ann.say("too late");
  const gate = await visits.gates.receive();
  await visits.people.endSessions(ann.user.id);
  assertEquals((await ann.closed()).code, 4504);
  await gate?.pass();
  await harness.settled();
  assertEquals(bob.takeBrief(), ["logout lobby ann of 1"]);
});

Deno.test("PendingRequests.resume() gives a visit back that comes to nothing, and serves what waited", async () => {
  const visits = new GatedVisits();
  const policy = new Policy();
  await using harness = new HubHarness({ visits, people: visits.people, policy });
  const maySee = policy.maySee.bind(policy);
  policy.maySee = (principal, room) => {
    if (room.name === "broken") throw new Error("Broken");
    return room.name !== "closed" && maySee(principal, room);
  };
  const ann = harness.connect();
  const codes: string[] = [];
  for (const room of ["broken", "closed"]) {
    ann.send({ type: "login", content: "ann", room }, { type: "ping" });
    codes.push((await ann.next("error")).code);
    await ann.next("pong");
  }
  assertEquals(codes, ["internal", "forbidden"]);
  await harness.enter("ann");
});

Deno.test("PendingRequests.resume() of a failed login does not end a visit that goes on", async () => {
  const visits = new GatedVisits();
  const policy = new Policy();
  await using harness = new HubHarness({ visits, people: visits.people, policy });
  const maySee = policy.maySee.bind(policy);
  policy.maySee = (principal, room) => room.name !== "closed" && maySee(principal, room);
  const ann = await harness.enter("ann");
  const again = harness.connect();
  again.send({ type: "login", session: ann.session, room: "closed" });
  assertObjectMatch(await again.next("error"), { code: "forbidden" });
  const thief = harness.connect();
  thief.send({ type: "login", content: "ann" });
  assertObjectMatch(await thief.next("error"), { code: "name_taken" });
  ann.socket.hangUp();
  await harness.settled();
  await harness.enter("ann");
});
