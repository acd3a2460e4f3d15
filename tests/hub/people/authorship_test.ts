/** What is said belongs to whoever said it, not to the name. */
import { assert, assertEquals, assertNotEquals, assertObjectMatch } from "../../support/assert.ts";
import { HubHarness, type Person } from "../../support/hub_harness.ts";
import { upload, withFiles } from "../../files/harness.ts";
import { admit, ask, codeOf, seen } from "./people.ts";

/** A guest called `ann` has said something and gone; a stranger has her name. */
async function takeOver(harness: HubHarness): Promise<{ ann: Person; stranger: Person }> {
  const ann = await harness.enter("ann");
  const said = await ask(ann, { type: "user", content: "mine" });
  assertObjectMatch(said, { type: "user", seq: 1 });
  ann.socket.hangUp();
  await harness.settled();
  const stranger = await harness.enter("ann");
  assertNotEquals(stranger.user.id, ann.user.id);
  return { ann, stranger };
}

Deno.test("Hub lets a stranger who has a freed name neither edit nor delete what was said under it", async () => {
  await using harness = new HubHarness();
  const { ann, stranger } = await takeOver(harness);
  assertEquals(await codeOf(stranger, { type: "edit", seq: 1, content: "ours" }), "not_yours");
  assertEquals(await codeOf(stranger, { type: "delete", seq: 1 }), "not_yours");
  const { messages } = await history(stranger);
  assertObjectMatch(messages[0] ?? {}, { content: "mine", by: ann.user.id });
});

Deno.test("Hub adds to the reactions of the one before when a stranger with the name reacts", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  await ask(ann, { type: "user", content: "1" });
  await ask(ann, { type: "react", seq: 1, content: "👍" });
  ann.socket.hangUp();
  await harness.settled();
  const stranger = await harness.enter("ann");
  const first = await ask(stranger, { type: "react", seq: 1, content: "👍" });
  assertObjectMatch(first, { type: "react", on: true, count: 2 });
  const second = await ask(stranger, { type: "react", seq: 1, content: "👍" });
  assertObjectMatch(second, { type: "react", on: false, count: 1 });
});

Deno.test("Hub lets a stranger with the name not announce what the one before has uploaded", () =>
  withFiles(async ({ files, messages }) => {
    await using harness = new HubHarness({ store: messages, files });
    const ann = await harness.enter("ann");
    const file = await upload(files, "hello", { user: ann.user.id });
    ann.socket.hangUp();
    await harness.settled();
    const stranger = await harness.enter("ann");
    assertEquals(await codeOf(stranger, { type: "file", content: file.id }), "not_yours");
    const back = harness.connect();
    back.send({ type: "login", session: ann.session, content: "anna" });
    await back.loggedIn();
    assertEquals(await codeOf(back, { type: "file", content: file.id }), "ok");
  }));

Deno.test("Hub begins an empty direct conversation with a stranger who has a freed name", async () => {
  await using harness = new HubHarness();
  const bob = await admit(harness, "bob");
  const ann = await harness.enter("ann");
  await ask(bob, { type: "user", room: "@ann", content: "for the first ann" });
  ann.socket.hangUp();
  await harness.settled();
  const stranger = await harness.enter("ann");
  for (const [person, room] of [[stranger, "@bob"], [bob, "@ann"]] as const) {
    assertEquals((await history(person, room)).messages, []);
  }
  assertEquals((await history(bob, `@${ann.user.id}`)).messages.length, 1);
  stranger.take();
  bob.send({ type: "search", room: "@ann", content: "first" });
  assertEquals((await bob.next("search")).messages, []);
  stranger.send({ type: "join", room: "@bob", since: 0 });
  assertEquals((await stranger.next("history")).messages, []);
});

Deno.test("Hub keeps everything with a user who is renamed, and shows the present name", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  const bob = await admit(harness, "bob");
  await ask(ann, { type: "user", content: "1", id: "1" });
  await ask(ann, { type: "react", seq: 1, content: "👍" });
  await ask(bob, { type: "user", room: "@ann", content: "psst" });
  ann.send({ type: "rename", content: "anna" });
  assertObjectMatch(await bob.next("rename"), { from: "ann", content: "anna", by: ann.user.id });
  assertEquals(await codeOf(ann, { type: "edit", seq: 1, content: "one" }), "ok");
  const { messages } = await history(bob);
  assertObjectMatch(messages[0] ?? {}, {
    from: "anna",
    content: "one",
    reactions: { "👍": { count: 1, names: ["anna"] } },
  });
  assertEquals((await history(bob, "@anna")).messages.length, 1);
  assertEquals(await codeOf(bob, { type: "history", room: "@ann" }), "no_such_user");
  assertEquals(await codeOf(ann, { type: "delete", seq: 1 }), "ok");
});

Deno.test("Hub tells the messages of two users with the same id apart", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  ann.send({ type: "user", content: "from ann", id: "1" });
  bob.send({ type: "user", content: "from bob", id: "1" });
  const heard = [await ann.next("user"), await ann.next("user")];
  assertEquals(heard.map(({ content, seq }) => [content, seq]), [["from ann", 1], ["from bob", 2]]);
});

Deno.test("Hub recognises a resend in its room only, after a rename and on another connection", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  const say = { type: "user", content: "once", id: "1" };
  ann.send(say);
  assertObjectMatch(await ann.next("user"), { seq: 1 });
  ann.send({ type: "rename", content: "anna" }, say);
  assertObjectMatch(await ann.next("user"), { seq: 1, content: "once" });
  const phone = await harness.enterAgain(ann);
  phone.send(say);
  assertObjectMatch(await phone.next("user"), { seq: 1 });
  phone.send({ type: "join", room: "dev" }, { ...say, room: "dev" });
  assertObjectMatch(await phone.next("user"), { room: "dev", seq: 1 });
  phone.socket.hangUp();
  ann.socket.hangUp();
  await harness.settled();
  const back = await harness.enterAgain(ann);
  back.send(say);
  assertObjectMatch(await back.next("user"), { seq: 1 });
  assertEquals((await history(back)).messages.length, 1);
});

Deno.test("Hub lets a guest who comes back with its session change what it said, under another name", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  await ask(ann, { type: "user", content: "1" });
  ann.socket.hangUp();
  await harness.settled();
  await harness.enter("ann");
  const back = harness.connect();
  back.send({ type: "login", session: ann.session });
  assertObjectMatch(await back.next("error"), { code: "name_taken" });
  back.send({ type: "login", session: ann.session, content: "anna" });
  assertEquals((await back.loggedIn()).by, ann.user.id);
  assertEquals(await codeOf(back, { type: "edit", seq: 1, content: "one" }), "ok");
});

Deno.test("Hub lets nobody but an admin change what belongs to nobody", async () => {
  await using harness = new HubHarness();
  const old = { kind: "message", room: "lobby", from: "ann", time: 1 } as const;
  await harness.store.commit([{ ...old, content: "old" }, { ...old, content: "older" }]);
  const ann = await admit(harness, "ann");
  const boss = await admit(harness, "boss");
  await harness.people.change(boss.user.id, { role: "admin" });
  await seen(harness, boss);
  assertEquals(await codeOf(ann, { type: "edit", seq: 1, content: "x" }), "not_yours");
  assertEquals(await codeOf(ann, { type: "delete", seq: 1 }), "not_yours");
  assertEquals(await codeOf(boss, { type: "edit", seq: 1, content: "x" }), "ok");
  assertEquals(await codeOf(boss, { type: "delete", seq: 2 }), "ok");
  const { messages } = await history(ann);
  assert(messages.every(({ by }) => by === undefined));
});

async function history(person: Person, room = "lobby") {
  person.send({ type: "history", room });
  return await person.next("history");
}
