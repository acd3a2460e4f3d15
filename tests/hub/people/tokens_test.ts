/** Users of an embedding application, whose token names the only rooms that they may see. */
import { assert, assertEquals, assertObjectMatch } from "../../support/assert.ts";
import { HubHarness, type Person } from "../../support/hub_harness.ts";
import { admit, ask, codeOf, makePrivate, seen } from "./people.ts";

/** Bob's private room, ann with her session, and ann again with a token for `support`. */
async function meet(harness: HubHarness) {
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  await makePrivate(harness, bob, "secret", ann);
  await ask(bob, { type: "topic", room: "secret", content: "Budget" });
  await makePrivate(harness, bob, "support");
  const token = harness.connect({ principal: { user: ann.user, rooms: ["support"] } });
  return { ann, bob, token };
}

async function enter(person: Person) {
  person.send({ type: "login", room: "support" });
  return await person.loggedIn();
}

Deno.test("Hub tells a token's user of no room but those that it names", async () => {
  await using harness = new HubHarness();
  const { token } = await meet(harness);
  assertObjectMatch(await token.next("handshake"), { user_count: 0, user_list: [] });
  const { rooms = [] } = await enter(token);
  assert(rooms.every(({ room }) => room === "support"), JSON.stringify(rooms));
  token.send({ type: "rooms" });
  assertEquals((await token.next("rooms")).rooms.map(({ room }) => room), ["support"]);
});

Deno.test("Hub lets a token's user enter the rooms that it names, private ones too, and no other", async () => {
  await using harness = new HubHarness();
  const { ann, bob, token } = await meet(harness);
  await ask(bob, { type: "user", room: "@ann", content: "word" });
  await enter(token);
  for (const room of ["lobby", "secret", "new"]) {
    assertEquals(await codeOf(token, { type: "join", room }), "forbidden", room);
    assertEquals(await codeOf(token, { type: "create", room }), "forbidden", room);
    assertEquals(await codeOf(token, { type: "history", room }), "not_in_room", room);
  }
  for (
    const request of [
      { type: "user", content: "x" },
      { type: "history" },
      { type: "users" },
      { type: "join" },
      { type: "search", content: "word" },
    ]
  ) {
    const answer = await ask(token, { ...request, room: "@bob" });
    assertObjectMatch(answer, { type: "error" }, request.type);
  }
  assertEquals(await codeOf(token, { type: "direct", to: "bob", content: "x" }), "forbidden");
  assertEquals(await codeOf(ann, { type: "direct", to: "bob", content: "x" }), "ok");
});

Deno.test("Hub keeps conversations, invitations and markers of other rooms from a token's connection", async () => {
  await using harness = new HubHarness();
  const { ann, bob, token } = await meet(harness);
  await enter(token);
  await seen(harness, token);
  await ask(bob, { type: "user", room: "@ann", content: "word between us" });
  await ask(ann, { type: "user", room: "secret", content: "word in secret" });
  await ask(bob, { type: "read", room: "secret", seq: 1 });
  await ask(ann, { type: "read", room: "@bob", seq: 1 });
  await makePrivate(harness, bob, "other", ann);
  assertEquals(await seen(harness, token), []);
  token.send({ type: "search", content: "word" });
  assertEquals((await token.next("search")).messages, []);
});

Deno.test("Hub lets a token's connection take part in its room", async () => {
  await using harness = new HubHarness();
  const { bob, token } = await meet(harness);
  await enter(token);
  await ask(bob, { type: "user", room: "support", content: "can I help?" });
  assertObjectMatch(await token.next("user"), { room: "support", content: "can I help?" });
  assertEquals(await codeOf(token, { type: "user", content: "yes" }), "ok");
});

Deno.test("Hub makes nobody a member of a private room because a token has opened it", async () => {
  await using harness = new HubHarness();
  const { ann, token } = await meet(harness);
  await enter(token);
  assertEquals(await codeOf(token, { type: "user", room: "support", content: "x" }), "ok");
  assertEquals(await codeOf(ann, { type: "join", room: "support" }), "forbidden");
});
