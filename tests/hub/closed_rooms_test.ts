/** Rooms that an admin has closed. */
import { kick } from "../../hub/admin_commands.ts";
import { say } from "../../hub/commands.ts";
import { mayInviteTo } from "../../hub/people_commands.ts";
import { Refused } from "../../protocol.ts";
import { assertEquals, assertObjectMatch, assertRejects } from "../support/assert.ts";
import { FakeSanctions } from "../support/fake_sanctions.ts";
import { frame } from "../support/file_frame.ts";
import { type HarnessOptions, HubHarness, type Person } from "../support/hub_harness.ts";
import { GatedStore } from "../support/gated_store.ts";
import { DEADLINE, within } from "../support/within.ts";
import { withFiles } from "../files/harness.ts";
import { admit, ask, codeOf, makePrivate, seen } from "./people/people.ts";

function open(options: HarnessOptions = {}) {
  const sanctions = new FakeSanctions();
  return { harness: new HubHarness({ sanctions, ...options }), sanctions };
}

/** Every request about a room. */
function requestsAbout(room: string): ({ type: string } & Record<string, unknown>)[] {
  return [
    { type: "user", room, content: "x" },
    { type: "users", room },
    { type: "users", room, all: true },
    { type: "history", room },
    { type: "search", room, content: "one" },
    { type: "edit", room, seq: 1, content: "x" },
    { type: "delete", room, seq: 1 },
    { type: "react", room, seq: 1, content: "👍" },
    { type: "typing", room },
    { type: "file", room, content: "x" },
    { type: "topic", room, content: "x" },
    { type: "invite", room, user: "bob" },
    { type: "remove", room, user: "bob" },
    { type: "role", room, user: "bob", content: "owner" },
    { type: "read", room, seq: 1 },
    { type: "leave", room },
    { type: "join", room },
    { type: "join", room, since: 0 },
    { type: "create", room },
  ];
}

/** The rooms in the list that somebody is shown. */
async function listed(person: Person): Promise<string[]> {
  const answer = await ask(person, { type: "rooms" });
  return answer.type === "rooms" ? answer.rooms.map(({ room }) => room) : [];
}

Deno.test("Hub puts everybody out of a room that is closed, and says why", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  const again = await harness.enterAgain(ann, { room: "tea" });
  for (const person of [ann, bob]) await ask(person, { type: "join", room: "tea" });
  for (const person of [ann, again, bob]) await seen(harness, person);
  sanctions.impose("close room", "tea", { until: 1_060_000, reason: "spam" });
  const why = "system tea was closed by an admin until 1970-01-01T00:17:40.000Z: spam";
  for (const [person, name] of [[ann, "ann"], [again, "ann"], [bob, "bob"]] as const) {
    assertEquals(await seen(harness, person), [why, `logout tea ${name} of 0`]);
  }
  ann.say("still here", "lobby");
  assertEquals(await seen(harness, bob), ["user lobby 1 ann: still here"]);
});

Deno.test("Hub delivers what happened before a room is closed, also to those who catch up", async () => {
  const store = new GatedStore();
  const { harness, sanctions } = open({ store });
  await using _harness = harness;
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  const cid = await harness.enter("cid", { room: "tea" });
  await seen(harness, ann);
  ann.say("one");
  const commit = await within(DEADLINE, "a commit", store.commits.receive());
  cid.send({ type: "join", room: "lobby", since: 0 });
  const kicked = kick(harness.hub, { user: bob.user.id }, "");
  sanctions.impose("close room", "lobby");
  await commit?.pass();
  await kicked;
  assertEquals((await seen(harness, ann)).filter((line) => !line.startsWith("system")), [
    "user lobby 1 ann: one",
    "logout lobby bob of 1",
    "logout lobby ann of 0",
  ]);
  assertEquals((await seen(harness, cid)).map((line) => line.split(" ")[0]), ["error"]);
});

Deno.test("Hub ends a catch-up in a room that is closed with the exit", async () => {
  const store = new GatedStore();
  store.gatesCommits = false;
  const { harness, sanctions } = open({ store });
  await using _harness = harness;
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob", { room: "tea" })];
  ann.say("one");
  await harness.settled();
  store.gatesReads = true;
  bob.send({ type: "join", room: "lobby", since: 0 });
  const read = await within(DEADLINE, "a read", store.reads.receive());
  bob.take();
  sanctions.impose("close room", "lobby");
  await harness.settled();
  await read?.pass();
  assertEquals(await seen(harness, bob), [
    "system lobby was closed by an admin",
    "logout lobby bob of 0",
  ]);
});

Deno.test("Hub shows each of the many in a room that is closed no more than its own exit", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const people = await Promise.all(
    Array.from({ length: 150 }, (_, n) => harness.enter(`p${n}`, { room: "full" })),
  );
  harness.hub.sweep();
  await harness.settled();
  for (const person of people) person.take();
  sanctions.impose("close room", "full");
  for (const [n, person] of people.entries()) {
    assertEquals(await seen(harness, person), [
      "system full was closed by an admin",
      `logout full p${n} of 0`,
    ]);
  }
});

Deno.test("Hub refuses every request about a closed room, and says why, also to an admin and its owner", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  const root = await admit(harness, "root");
  await harness.people.change(root.user.id, { role: "admin" });
  await makePrivate(harness, ann, "den", bob, root);
  ann.say("one", "den");
  await ask(ann, { type: "role", room: "den", user: "root", content: "owner" });
  sanctions.impose("close room", "den", { until: 1_060_000, reason: "spam" });
  await harness.settled();
  for (const person of [ann, root]) {
    for (const request of requestsAbout("den")) {
      const answer = await ask(person, request);
      assertObjectMatch(answer, { type: "error", code: "forbidden", retry_ms: 60_000 });
      const text = "den is closed until 1970-01-01T00:17:40.000Z: spam";
      const content = answer.type === "error" ? answer.content : "";
      assertEquals([request.type, content.replace(/^Cannot [a-z ]+: /, "")], [request.type, text]);
    }
  }
});

Deno.test("Hub tells nobody that a room is closed who might not know of it", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  await makePrivate(harness, ann, "den");
  const answers = async () => {
    const all: string[] = [];
    for (const request of requestsAbout("den")) {
      const { id: _, ...answer } = { id: "", ...await ask(bob, request) };
      all.push(JSON.stringify(answer));
    }
    return all;
  };
  const before = await answers();
  sanctions.impose("close room", "den", { reason: "spam" });
  assertEquals(await answers(), before);
});

Deno.test("Hub lets nobody log in to a closed room, but to others", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const ann = await admit(harness, "ann");
  sanctions.impose("close room", "lobby", { reason: "spam" });
  await harness.settled();
  const bob = harness.connect();
  const { user_count, user_list } = await bob.next("handshake");
  assertEquals({ user_count, user_list }, { user_count: 0, user_list: [] });
  assertObjectMatch(await ask(bob, { type: "login", content: "bob" }), {
    type: "error",
    code: "forbidden",
    content: "Cannot log in: lobby is closed: spam",
  });
  assertEquals(await codeOf(bob, { type: "login", content: "bob", room: "tea" }), "ok");
  assertEquals(await codeOf(ann, { type: "join", room: "tea" }), "ok");
});

Deno.test("Hub leaves closed rooms out of lists, searches and memberships, and brings them back", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const ann = await admit(harness, "ann");
  await ask(ann, { type: "join", room: "tea" });
  ann.say("one word", "tea");
  ann.say("one more", "lobby");
  assertEquals(await listed(ann), ["lobby", "tea"]);
  sanctions.impose("close room", "tea");
  await harness.settled();
  assertEquals(await listed(ann), ["lobby"]);
  const found = await ask(ann, { type: "search", content: "one" });
  assertEquals(found.type === "search" && found.messages.map(({ room }) => room), ["lobby"]);
  const again = harness.connect();
  again.send({ type: "login", session: ann.session });
  assertEquals((await again.loggedIn()).rooms?.map(({ room }) => room), ["lobby"]);
  sanctions.lift("close room", "tea");
  const back = harness.connect();
  back.send({ type: "login", session: ann.session, room: "tea", since: 0 });
  assertEquals((await back.loggedIn()).rooms?.map(({ room }) => room), ["lobby", "tea"]);
  assertEquals((await back.next("history")).messages.map(({ content }) => content), ["one word"]);
});

Deno.test("Hub lists pages of rooms as if closed ones did not exist", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const ann = await harness.enter("ann");
  for (const room of ["a", "b", "c"]) {
    await ask(ann, { type: "join", room });
    ann.say("x", room);
    await ask(ann, { type: "leave", room });
  }
  sanctions.impose("close room", "a");
  sanctions.impose("close room", "b");
  const page = await ask(ann, { type: "rooms", limit: 1 });
  assertObjectMatch(page, { rooms: [{ room: "c" }], complete: false });
});

Deno.test("say() and mayInviteTo() know of closed rooms", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const { user } = await admit(harness, "ann");
  sanctions.impose("close room", "lobby", { reason: "spam" });
  const said = say(harness.hub, { principal: { user }, ip: "", room: "lobby", content: "x" });
  const { code, message } = await assertRejects(() => said, Refused);
  assertEquals([code, message], ["forbidden", "Cannot send message: lobby is closed: spam"]);
  const admin = { user: { ...user, role: "admin" as const } };
  assertEquals(await mayInviteTo(harness.hub, admin, "lobby"), false);
  sanctions.lift("close room", "lobby");
  assertEquals(await mayInviteTo(harness.hub, admin, "lobby"), true);
});

Deno.test("Hub takes no file for a room that is closed while the file is stored", () =>
  withFiles(async (files) => {
    const { harness, sanctions } = open({ store: files.messages, files: files.files });
    await using _harness = harness;
    const ann = await harness.enter("ann");
    ann.socket.receive(frame("a.txt", [1, 2, 3]));
    sanctions.impose("close room", "lobby");
    assertEquals((await ann.next("error")).code, "not_in_room");
    assertEquals((await files.messages.read("lobby", { limit: 1 })).last, 0);
  }));

Deno.test("A user who is kicked may come back, but not to a closed room", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const ann = await admit(harness, "ann");
  sanctions.impose("close room", "tea");
  await kick(harness.hub, { user: ann.user.id }, "");
  const again = harness.connect();
  const login = { type: "login", session: ann.session };
  assertEquals(await codeOf(again, { ...login, room: "tea" }), "forbidden");
  assertEquals(await codeOf(again, login), "ok");
});
