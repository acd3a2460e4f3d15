/** Private rooms: there for their members, and by no path for anybody else. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertObjectMatch,
  assertRejects,
} from "../../support/assert.ts";
import { joinRooms } from "../../../hub/people_commands.ts";
import { Refused } from "../../../protocol.ts";
import { GatedStore } from "../../support/gated_store.ts";
import { task } from "../../support/lagging_store.ts";
import { brief, HubHarness, type Person } from "../../support/hub_harness.ts";
import { admit, ask, codeOf, makePrivate, seen } from "./people.ts";

/** Ann's private room with bob in it; cid is a stranger to it. */
async function meet(harness: HubHarness) {
  const [ann, bob, cid] = [
    await admit(harness, "ann"),
    await admit(harness, "bob"),
    await admit(harness, "cid"),
  ];
  await makePrivate(harness, ann, "secret", bob);
  await ask(ann, { type: "user", room: "secret", content: "word 1" });
  await harness.settled();
  for (const person of [ann, bob, cid]) person.take();
  return { ann, bob, cid };
}

/** Everything that can be asked about a room. */
const REQUESTS: readonly object[] = [
  { type: "user", content: "x" },
  { type: "history" },
  { type: "history", before: 5 },
  { type: "search", content: "word" },
  { type: "users" },
  { type: "users", all: true },
  { type: "edit", seq: 1, content: "x" },
  { type: "edit", seq: 99, content: "x" },
  { type: "delete", seq: 1 },
  { type: "react", seq: 1, content: "👍" },
  { type: "typing" },
  { type: "read", seq: 1 },
  { type: "file", content: "0123456789" },
  { type: "leave" },
  { type: "invite", user: "cid" },
  { type: "remove", user: "bob" },
  { type: "topic", content: "x" },
  { type: "role", user: "cid", content: "owner" },
];

Deno.test("Hub answers a stranger about a private room as about one that does not exist", async () => {
  await using harness = new HubHarness();
  const { ann, bob, cid } = await meet(harness);
  for (const request of REQUESTS) {
    const about = async (room: string) => {
      const { id: _, ...answer } = { id: "", ...await ask(cid, { ...request, room }) };
      return JSON.stringify(answer).replaceAll(room, "ROOM");
    };
    const secret = await about("secret");
    assertEquals(secret, await about("nowhere"), JSON.stringify(request));
    assertObjectMatch(JSON.parse(secret), { type: "error", code: "not_in_room" });
  }
  assertEquals([await seen(harness, ann), await seen(harness, bob)], [[], []]);
});

Deno.test("Hub answers the same to whoever was removed from a private room", async () => {
  await using harness = new HubHarness();
  const { ann, bob } = await meet(harness);
  await ask(ann, { type: "remove", room: "secret", user: "bob" });
  await seen(harness, bob);
  for (const request of REQUESTS) {
    assertEquals(await codeOf(bob, { ...request, room: "secret" }), "not_in_room");
  }
  for (const since of [undefined, 0]) {
    const entry = { room: "secret", ...(since !== undefined && { since }) };
    assertEquals(await codeOf(bob, { type: "join", ...entry }), "forbidden");
    const again = harness.connect();
    const login = { type: "login", session: bob.session, ...entry };
    assertEquals(await codeOf(again, login), "forbidden");
    assertEquals(await codeOf(again, { type: "users" }), "not_logged_in");
  }
});

Deno.test("Hub lists a private room, with its topic, for its members only", async () => {
  await using harness = new HubHarness();
  const { ann, bob, cid } = await meet(harness);
  await ask(ann, { type: "topic", room: "secret", content: "Budget" });
  const listed = async (person: Person) => {
    person.send({ type: "rooms" });
    return (await person.next("rooms")).rooms.find(({ room }) => room === "secret");
  };
  const entry = { room: "secret", private: true, topic: "Budget", user_count: 2, last: 1 } as const;
  assertEquals([await listed(ann), await listed(bob), await listed(cid)], [
    entry,
    entry,
    undefined,
  ]);
});

Deno.test("Hub searches all rooms without what is in a private one", async () => {
  await using harness = new HubHarness();
  const { ann, cid } = await meet(harness);
  await ask(ann, { type: "user", room: "lobby", content: "word in the lobby" });
  for (const [person, count] of [[ann, 2], [cid, 1]] as const) {
    person.send({ type: "search", content: "word" });
    assertEquals((await person.next("search")).messages.length, count);
  }
});

Deno.test("Hub does not let anybody make a room that is private and not theirs", async () => {
  await using harness = new HubHarness();
  const { cid, bob } = await meet(harness);
  const create = { type: "create", room: "secret", private: true };
  assertEquals([await codeOf(cid, create), await codeOf(bob, create)], ["forbidden", "conflict"]);
});

Deno.test("Hub shows an invitation on all connections of whoever is invited, and lets them in", async () => {
  await using harness = new HubHarness();
  const { ann, bob, cid } = await meet(harness);
  const phone = await harness.enterAgain(cid);
  await ask(ann, { type: "invite", room: "secret", user: "cid" });
  for (const person of [cid, phone, bob]) {
    assertObjectMatch(await person.next("invite"), {
      room: "secret",
      from: "ann",
      by: ann.user.id,
      user: { name: "cid" },
    });
  }
  phone.send({ type: "join", room: "secret", since: 0 });
  assertObjectMatch(await phone.next("history"), { messages: [{ content: "word 1" }] });
  assertEquals(await codeOf(ann, { type: "invite", room: "secret", user: "cid" }), "conflict");
});

Deno.test("Hub lists a private room among the memberships of somebody invited while offline", async () => {
  await using harness = new HubHarness();
  const { ann, cid } = await meet(harness);
  cid.socket.hangUp();
  await harness.settled();
  await ask(ann, { type: "invite", room: "secret", user: "cid" });
  await ask(ann, { type: "user", room: "secret", content: "hello @cid" });
  const back = harness.connect();
  back.send({ type: "login", session: cid.session });
  const { rooms } = await back.loggedIn();
  assertObjectMatch(rooms?.find(({ room }) => room === "secret") ?? {}, {
    private: true,
    last: 2,
    read: 1,
    unread: 1,
    mentions: 1,
  });
});

Deno.test("Hub invites only who is kept, and tells a stranger nothing about who exists", async () => {
  await using harness = new HubHarness();
  const { ann } = await meet(harness);
  await harness.enter("passing");
  const invite = (user: string) => codeOf(ann, { type: "invite", room: "secret", user });
  assertEquals([await invite("passing"), await invite("nobody")], ["forbidden", "no_such_user"]);
});

Deno.test("Hub shows a member who is removed everything up to that and nothing after, in one batch too", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  store.gatesCommits = false;
  const { ann, bob } = await meet(harness);
  const phone = await harness.enterAgain(bob, { room: "secret" });
  await seen(harness, bob);
  ann.send(
    { type: "user", room: "secret", content: "before" },
    { type: "remove", room: "secret", user: "bob", id: "r" },
    { type: "user", room: "secret", content: "after" },
    { type: "topic", room: "secret", content: "hidden" },
    { type: "react", room: "secret", seq: 1, content: "👍" },
    { type: "typing", room: "secret" },
  );
  await ann.answerTo("r");
  await harness.settled();
  for (const person of [bob, phone]) {
    const messages = person.take().filter((message) => message.type !== "pong");
    const lines = messages.map(brief);
    assertEquals(lines.slice(0, -1), ["user secret 2 ann: before", "remove"]);
    assertMatch(lines.at(-1) ?? "", /^logout secret bob/);
  }
});

Deno.test("Hub shows nothing that came after to who is removed while history is on its way", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  store.gatesCommits = false;
  const { ann, bob } = await meet(harness);
  const late = await harness.enterAgain(bob);
  store.gatesReads = true;
  late.send({ type: "join", room: "secret", since: 0, id: "j" });
  bob.send(
    { type: "history", room: "secret", id: "h" },
    { type: "search", room: "secret", content: "word", id: "s" },
    { type: "search", content: "word", id: "all" },
  );
  const reads = [];
  for (let n = 0; n < 4; n++) reads.push(await store.reads.receive());
  await ask(ann, { type: "remove", room: "secret", user: "bob" });
  await ask(ann, { type: "user", room: "secret", content: "word after" });
  for (const read of reads) await read?.pass();
  store.open();
  for (const id of ["h", "s", "all"]) {
    assertObjectMatch(await bob.answerTo(id), { type: "error", code: "not_in_room" });
  }
  const said = [...await seen(harness, bob), ...await seen(harness, late)].join("\n");
  assert(!said.includes("word"), said);
});

Deno.test("Hub keeps somebody in a private room only if the invitation was committed", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  store.gatesCommits = false;
  const { ann, cid } = await meet(harness);
  store.gatesCommits = true;
  ann.send(
    { type: "user", room: "secret", content: "2" },
    { type: "invite", room: "secret", user: "cid", id: "i" },
  );
  const said = await store.commits.receive();
  // While that is committed, cid is looked up: the invitation and the entry share the next batch.
  await task();
  cid.send({ type: "join", room: "secret", since: 0, id: "j" });
  await said?.pass();
  const invited = await store.commits.receive();
  assertEquals(invited?.asked.map(({ kind }) => kind), ["member"]);
  invited?.fail();
  assertObjectMatch(await ann.answerTo("i"), { type: "error", code: "unavailable" });
  store.open();
  await ask(ann, { type: "user", room: "secret", content: "word 2" });
  assertEquals(await seen(harness, cid), ["login secret cid of 3", "logout secret cid of 2"]);
  assertEquals(await codeOf(cid, { type: "history", room: "secret" }), "not_in_room");
});

Deno.test("Hub tells nobody of a private room that was not committed, and lets nobody be in it", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  store.gatesCommits = false;
  const ann = await admit(harness, "ann");
  store.gatesCommits = true;
  ann.send(
    { type: "create", room: "secret", private: true, topic: "Budget", id: "c" },
    { type: "user", room: "secret", content: "hidden", id: "u" },
  );
  (await store.commits.receive())?.fail();
  for (const id of ["c", "u"]) {
    assertObjectMatch(await ann.answerTo(id), { type: "error", code: "unavailable" });
  }
  assertEquals((await seen(harness, ann)).filter((line) => line === "create"), []);
  store.open();
  assertEquals(await codeOf(ann, { type: "user", room: "secret", content: "x" }), "not_in_room");
  assertEquals(await codeOf(ann, { type: "create", room: "secret", private: true }), "ok");
});

Deno.test("joinRooms() rejects, and makes nobody a member, if the store cannot commit", async () => {
  const store = new GatedStore();
  await using harness = new HubHarness({ store });
  store.gatesCommits = false;
  const { cid } = await meet(harness);
  store.gatesCommits = true;
  const joined = joinRooms(harness.hub, cid.user.id, ["secret", "dev"]);
  const rejected = assertRejects(() => joined, Refused, "the store is unavailable");
  (await store.commits.receive())?.fail();
  await rejected;
  store.open();
  assertEquals(await codeOf(cid, { type: "join", room: "secret" }), "forbidden");
  await joinRooms(harness.hub, cid.user.id, ["secret", "dev"]);
  assertEquals(await codeOf(cid, { type: "join", room: "secret" }), "ok");
});
