/** Direct conversations: rooms of two that are kept, and that nobody else learns of. */
import { assert, assertEquals, assertObjectMatch } from "../../support/assert.ts";
import { upload, withFiles } from "../../files/harness.ts";
import { brief, HubHarness, type Person } from "../../support/hub_harness.ts";
import { admit, ask, codeOf, seen } from "./people.ts";

async function meet(harness: HubHarness): Promise<[ann: Person, bob: Person, cid: Person]> {
  const people: [Person, Person, Person] = [
    await admit(harness, "ann"),
    await admit(harness, "bob"),
    await admit(harness, "cid"),
  ];
  await harness.settled();
  for (const person of people) person.take();
  return people;
}

Deno.test("Hub shows each of the two a conversation under the other's id, on all connections", async () => {
  await using harness = new HubHarness();
  const [ann, bob, cid] = await meet(harness);
  const phone = await harness.enterAgain(ann);
  await seen(harness, ann);
  ann.send({ type: "user", room: "@bob", content: "psst", id: "1" });
  const [toAnn, toBob] = [`@${bob.user.id}`, `@${ann.user.id}`];
  const said = { type: "user", from: "ann", by: ann.user.id, content: "psst", seq: 1, id: "1" };
  assertObjectMatch(await ann.next("user"), { ...said, room: toAnn });
  assertObjectMatch(await phone.next("user"), { ...said, room: toAnn });
  assertObjectMatch(await bob.next("user"), { ...said, room: toBob });
  assertEquals(await seen(harness, cid), []);
});

Deno.test("Hub takes a conversation's other one by name, by @ID and by the number of a connection", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = await meet(harness);
  const { number } = bob.connection;
  const ways: object[] = [
    { type: "user", room: "@bob" },
    { type: "user", room: "@BOB" },
    { type: "user", room: `@${bob.user.id}` },
    { type: "direct", to: "bob" },
    { type: "direct", to: `@${bob.user.id}` },
    { type: "direct", to: `#${number}` },
  ];
  for (const [index, way] of ways.entries()) {
    await ask(ann, { ...way, content: String(index) });
    assertObjectMatch(await bob.next("user"), { room: `@${ann.user.id}`, seq: index + 1 });
  }
  for (const to of ["#9999", "#1e1", "nobody", "@nobody", "@aaaaaaaaaaaa"]) {
    assertEquals(await codeOf(ann, { type: "direct", to, content: "x" }), "no_such_user", to);
  }
});

Deno.test("Hub takes an id before the name of somebody who calls themselves so", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = await meet(harness);
  const impostor = await admit(harness, bob.user.id);
  for (const isThere of [true, false]) {
    if (!isThere) bob.socket.hangUp();
    await harness.settled();
    const said = await ask(ann, { type: "user", room: `@${bob.user.id}`, content: "for bob" });
    assertObjectMatch(said, { room: `@${bob.user.id}` });
  }
  assertEquals(await seen(harness, impostor), ["logout lobby bob of 3"]);
});

Deno.test("Hub keeps what is said to somebody who is away, and counts it until it is read", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = await meet(harness);
  bob.socket.hangUp();
  await harness.settled();
  for (const content of ["1", "2 @bob"]) await ask(ann, { type: "user", room: "@bob", content });
  const room = `@${ann.user.id}`;
  const back = harness.connect();
  back.send({ type: "login", session: bob.session });
  const { rooms } = await back.loggedIn();
  assertObjectMatch(rooms?.find((entry) => entry.room === room) ?? {}, {
    last: 2,
    read: 0,
    unread: 2,
    mentions: 1,
    user: { id: ann.user.id, name: "ann", role: "guest", online: true },
  });
  back.send({ type: "history", room });
  const { messages } = await back.next("history");
  assertEquals(messages.map(brief), [`user ${room} 1 ann: 1`, `user ${room} 2 ann: 2 @bob`]);
  back.send({ type: "join", room, since: 1 });
  assertObjectMatch(await back.next("history"), { messages: [{ seq: 2 }], complete: true });
  assertObjectMatch(await ask(back, { type: "read", room, seq: 2 }), { room, seq: 2 });
  const phone = harness.connect();
  phone.send({ type: "login", session: bob.session });
  const entries = (await phone.loggedIn()).rooms ?? [];
  assertObjectMatch(entries.find((entry) => entry.room === room) ?? {}, { unread: 0, read: 2 });
});

Deno.test("Hub edits, deletes, reacts, shows typing and lists users in a conversation as in any room", async () => {
  await using harness = new HubHarness();
  const [ann, bob, cid] = await meet(harness);
  const [atAnn, atBob] = [`@${bob.user.id}`, `@${ann.user.id}`];
  await ask(ann, { type: "user", room: "@bob", content: "1" });
  await ask(bob, { type: "user", room: "@ann", content: "2", reply_to: 1 });
  assertEquals(
    await codeOf(bob, { type: "edit", room: "@ann", seq: 1, content: "x" }),
    "not_yours",
  );
  assertEquals(await codeOf(bob, { type: "delete", room: "@ann", seq: 1 }), "not_yours");
  await seen(harness, ann);
  await seen(harness, bob);
  ann.send(
    { type: "edit", room: "@bob", seq: 1, content: "one" },
    { type: "react", room: "@bob", seq: 2, content: "👍" },
    { type: "typing", room: "@bob" },
    { type: "delete", room: "@bob", seq: 1 },
  );
  const lines = (room: string) => [
    `edit ${room} 1 ann: one`,
    `react ${room} 2 ann: 👍`,
    `typing ${room} ann`,
    `delete ${room} 1 ann`,
  ];
  assertEquals(await seen(harness, bob), lines(atBob));
  assertEquals(await seen(harness, ann), lines(atAnn).filter((line) => !line.startsWith("typing")));
  cid.socket.hangUp();
  await harness.settled();
  assertObjectMatch(await ask(ann, { type: "users", room: "@bob" }), {
    room: atAnn,
    user_count: 2,
    users: [{ online: true }, { online: true }],
  });
  assertObjectMatch(await ask(ann, { type: "users", room: "@cid", all: true }), {
    users: [{ name: "ann", online: true }, { name: "cid", online: false }],
  });
});

Deno.test("Hub finds what was said in a conversation for the two only", async () => {
  await using harness = new HubHarness();
  const [ann, bob, cid] = await meet(harness);
  await ask(ann, { type: "user", room: "@bob", content: "word between us" });
  for (const [person, count] of [[ann, 1], [bob, 1], [cid, 0]] as const) {
    person.send({ type: "search", content: "word" });
    assertEquals((await person.next("search")).messages.length, count);
  }
  bob.send({ type: "search", content: "word", room: "@ann" });
  assertObjectMatch((await bob.next("search")).messages[0] ?? {}, { room: `@${ann.user.id}` });
});

Deno.test("Hub lets a third one reach a conversation by no name of it", async () => {
  await using harness = new HubHarness();
  const [ann, bob, cid] = await meet(harness);
  await ask(ann, { type: "user", room: "@bob", content: "word" });
  const inside = [ann.user.id, bob.user.id].sort();
  for (const room of [`@${inside.join(":")}`, `@${inside.toReversed().join(":")}`]) {
    for (
      const request of [
        { type: "history", room },
        { type: "join", room, since: 0 },
        { type: "user", room, content: "x" },
        { type: "search", room, content: "word" },
        { type: "users", room },
      ]
    ) {
      const answer = await ask(cid, request);
      assert(answer.type === "error", JSON.stringify(answer));
    }
  }
  for (const person of [ann, bob]) {
    cid.send({ type: "history", room: `@${person.user.id}` });
    assertEquals((await cid.next("history")).messages, []);
  }
  cid.send({ type: "rooms" });
  assertEquals((await cid.next("rooms")).rooms.map(({ room }) => room), ["lobby"]);
});

Deno.test("Hub refuses in a conversation what only rooms with a name have", async () => {
  await using harness = new HubHarness();
  const [ann] = await meet(harness);
  for (
    const request of [
      { type: "leave" },
      { type: "create", private: true },
      { type: "invite", user: "cid" },
      { type: "remove", user: "bob" },
      { type: "topic", content: "x" },
      { type: "role", user: "bob", content: "owner" },
    ]
  ) {
    assertEquals(await codeOf(ann, { ...request, room: "@bob" }), "bad_room", request.type);
  }
});

Deno.test("Hub keeps a conversation of somebody with themselves", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = await meet(harness);
  const phone = await harness.enterAgain(ann);
  const room = `@${ann.user.id}`;
  await ask(ann, { type: "user", room: "@ann", content: "note" });
  assertObjectMatch(await phone.next("user"), { room, content: "note", seq: 1 });
  assertEquals(await seen(harness, phone), []);
  phone.send({ type: "history", room });
  assertObjectMatch(await phone.next("history"), { room, messages: [{ content: "note" }] });
  assertObjectMatch(await ask(ann, { type: "users", room }), { user_count: 1 });
  const again = harness.connect();
  again.send({ type: "login", session: ann.session });
  const { rooms = [] } = await again.loggedIn();
  assertObjectMatch(rooms.find((entry) => entry.room === room) ?? {}, { unread: 0, last: 1 });
  assertEquals(await seen(harness, bob), []);
});

Deno.test("Hub shows a classic client a conversation as direct messages, and takes its own", async () => {
  await using harness = new HubHarness();
  const [, bob] = await meet(harness);
  const classic = await harness.enter("seed", {}, { plain: true });
  classic.send({ type: "direct", to: "bob", content: "hi" });
  const direct = await classic.next("direct");
  assertObjectMatch(direct, { from: "seed", to: "bob", content: "hi" });
  assertObjectMatch(await bob.next("user"), { room: `@${classic.user.id}`, content: "hi" });
  bob.send(
    { type: "user", room: "@seed", content: "hello" },
    { type: "edit", room: "@seed", seq: 2, content: "x" },
    { type: "typing", room: "@seed" },
  );
  assertObjectMatch(await classic.next("direct"), { from: "bob", to: "seed", content: "hello" });
  assertEquals(await seen(harness, classic), []);
});

Deno.test("Hub announces a file in a conversation, as a direct message with its address to classic clients", () =>
  withFiles(async ({ files, messages }) => {
    await using harness = new HubHarness({ files, store: messages });
    const [ann] = await meet(harness);
    const classic = await harness.enter("seed", {}, { plain: true });
    const file = await upload(files, "hello", { user: ann.user.id });
    await ask(ann, { type: "file", room: "@seed", content: file.id });
    assertObjectMatch(await classic.next("direct"), { content: `a.txt ${file.url}` });
    const room = [ann.user.id, classic.user.id].sort().join(":");
    assert(files.isAnnouncedIn(file.id, (name) => name === `@${room}`));
  }));

Deno.test("Hub keeps a conversation with a guest who is not kept for as long as it lives", async () => {
  await using harness = new HubHarness();
  const [ann] = await meet(harness);
  const guest = await harness.enter("guest");
  await ask(guest, { type: "user", room: "@ann", content: "psst" });
  guest.socket.hangUp();
  await harness.settled();
  assertEquals(await codeOf(ann, { type: "user", room: "@guest", content: "x" }), "no_such_user");
  const answer = { type: "user", room: `@${guest.user.id}`, content: "are you there?" };
  assertEquals(await codeOf(ann, answer), "ok");
  const back = await harness.enterAgain(guest);
  back.send({ type: "history", room: "@ann" });
  assertEquals((await back.next("history")).messages.map(({ content }) => content), [
    "psst",
    "are you there?",
  ]);
});
