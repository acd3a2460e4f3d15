/** People on real servers: many devices, sessions that end, and what outlives a restart. */
import { assert, assertEquals, assertNotEquals, assertObjectMatch } from "../support/assert.ts";
import { openPeople } from "../../people/open.ts";
import { Chatter } from "../support/chatter.ts";
import { WsClient } from "../support/ws_client.ts";
import {
  Device,
  onEveryServer,
  onKeptServer,
  PASSWORD,
  type PeopleServer,
} from "./people_harness.ts";

/** Asserts that a session opens nothing any more, by whatever way it comes. */
async function assertOver({ server, session = "" }: Device): Promise<void> {
  const device = new Device(server, session);
  assertEquals((await device.ask("GET /api/session")).body.user, null);
  for (const line of ["GET /api/sessions", "DELETE /api/sessions/x"]) {
    assertEquals(await device.statusOf(line), "401 unauthorized", line);
  }
  assertEquals(
    await device.statusOf("POST /api/rooms/lobby/messages", "x"),
    "401 unauthorized",
  );
  assertEquals(await device.statusOf("POST /files?name=a.txt", "x"), "401 unauthorized");
  await Chatter.connect(server.ws("/ws"), { credential: session }).then(
    () => assert(false, "it connected"),
    (error: Error) => assertEquals(error.message, "Unexpected server response: 401"),
  );
  await using chatter = await Chatter.connect(server.ws("/ws"));
  const answer = await chatter.ask({ type: "login", session });
  assertObjectMatch(answer, { type: "error", code: "unauthorized" });
  assertObjectMatch(await chatter.ask({ type: "users" }), { code: "not_logged_in" });
}

onEveryServer("lets one member use a page, a phone and a terminal at once", async (server) => {
  const page = await Device.member(server, "ann");
  const phone = await Device.signIn(server, "Ann");
  assertEquals(phone.user, { ...page.user, role: "member" });
  assertNotEquals(phone.session, page.session);
  await using bob = await (await Device.guest(server, "bob")).enter();
  await using onPage = await page.enter();
  await using onPhone = await phone.enter();
  await using onTerminal = await WsClient.open(
    server.ws("/ws"),
    "hubbub.text.v1",
    `bearer.${phone.session}`,
  );
  await onTerminal.until(/ann/);
  const { user_count } = await bob.next("login", ({ content }) => content === "ann");
  assertEquals(user_count, 2);
  await onTerminal.send("from the terminal");
  for (const chatter of [bob, onPage, onPhone]) {
    const said = await chatter.next("user", ({ content }) => content === "from the terminal");
    assertEquals(said.by, page.user.id);
  }
  await bob.say("hello all");
  await onTerminal.until(/hello all/);
  await onPhone.send({ type: "read", room: "lobby", seq: 2 });
  assertObjectMatch(await onPage.next("read"), { room: "lobby", seq: 2 });
  await onPage.send({ type: "rename", content: "anna" });
  for (const chatter of [bob, onPage, onPhone]) {
    assertObjectMatch(await chatter.next("rename"), { from: "ann", content: "anna" });
  }
});

onEveryServer("lists the devices of a user, and ends one with its connections", async (server) => {
  const page = await Device.member(server, "ann");
  const phone = await Device.signIn(server, "ann");
  await using onPage = await page.enter();
  await using onPhone = await phone.enter();
  const { body } = await page.ask("GET /api/sessions");
  assert(Array.isArray(body.sessions));
  assertEquals(body.sessions.length, 2);
  assertEquals(JSON.stringify(body).includes(phone.session ?? ""), false);
  const other = body.sessions.find(({ current }: { current?: boolean }) => current !== true);
  const stranger = await Device.guest(server, "bob");
  assertEquals(await stranger.statusOf(`DELETE /api/sessions/${other.id}`), "404");
  assertEquals(await page.statusOf(`DELETE /api/sessions/${other.id}`), "204");
  assertEquals((await onPhone.socket.closed).code, 4504);
  assertObjectMatch(await onPage.say("still here"), { content: "still here" });
  await assertOver(phone);
});

onEveryServer("logs out one device, and closes its connections", async (server) => {
  const page = await Device.member(server, "ann");
  const phone = await Device.signIn(server, "ann");
  await using onPage = await page.enter();
  await using onPhone = await phone.enter();
  const response = await page.fetch("DELETE /api/session", undefined, { inCookie: true });
  assertEquals(response.status, 204);
  assert(/^hubbub=;.*Max-Age=0/i.test(response.headers.get("set-cookie") ?? ""));
  assertEquals((await onPage.socket.closed).code, 4504);
  await assertOver(page);
  await onPhone.say("still here");
});

onEveryServer("ends the other sessions when the password changes", async (server) => {
  const page = await Device.member(server, "ann");
  const phone = await Device.signIn(server, "ann");
  await using onPage = await page.enter();
  await using onPhone = await phone.enter();
  const change = { old: PASSWORD, new: "another horse battery" };
  assertEquals(
    await page.statusOf("PUT /api/account/password", { ...change, old: "wrong horse" }),
    "401 wrong_password",
  );
  assertEquals(await page.statusOf("PUT /api/account/password", change), "204");
  assertEquals((await onPhone.socket.closed).code, 4504);
  await onPage.say("still here");
  await assertOver(phone);
  const signIn = (password: string) =>
    new Device(server).statusOf("POST /api/session", { name: "ann", password });
  assertEquals([await signIn(PASSWORD), await signIn(change.new)], ["401 wrong_password", "201"]);
});

onEveryServer("lets a user go, and leaves what it said to nobody or deletes it", async (server) => {
  await using bob = await (await Device.guest(server, "bob")).enter();
  for (const messages of [false, true]) {
    const ann = await Device.member(server, "ann");
    const chatter = await ann.enter();
    const { seq } = await chatter.say("last words");
    const gone = { password: PASSWORD, messages };
    assertEquals(await ann.statusOf("DELETE /api/account", gone), "204");
    assertEquals((await chatter.socket.closed).code, 4504);
    await assertOver(ann);
    const stranger = await Device.guest(server, "ann");
    await using next = await stranger.enter();
    const edit = await next.ask({ type: "edit", seq, content: "mine" });
    assertObjectMatch(edit, { code: messages ? "no_such_message" : "not_yours" });
    const history = await bob.ask({ type: "history", before: seq + 1, limit: 1 });
    const deleted = messages ? true : undefined;
    assert(history.type === "history");
    const [message] = history.messages;
    assertEquals([message?.deleted, message?.content], [deleted, messages ? "" : "last words"]);
    assertEquals(await stranger.statusOf("DELETE /api/account", {}), "204");
  }
});

onEveryServer(
  "gives a guest's name away, and nothing that belongs to the guest",
  async (server) => {
    await using bob = await (await Device.guest(server, "bob")).enter();
    const ann = await Chatter.enter(server.ws("/ws"), "ann");
    const { seq, by } = await ann.say("mine");
    await ann.ask({ type: "user", room: "@bob", content: "between us" });
    await ann[Symbol.asyncDispose]();
    await bob.next("logout");
    await using stranger = await Chatter.enter(server.ws("/ws"), "ann");
    const said = await stranger.say("I am another");
    assertNotEquals(said.by, by);
    for (const request of [{ type: "edit", seq, content: "x" }, { type: "delete", seq }]) {
      assertObjectMatch(await stranger.ask(request), { code: "not_yours" });
    }
    for (const chatter of [stranger, bob]) {
      const room = chatter === bob ? "@ann" : "@bob";
      assertObjectMatch(await chatter.ask({ type: "history", room }), { messages: [] });
    }
  },
);

onEveryServer("holds the names of members and of guests who are kept", async (server) => {
  await Device.member(server, "ann");
  await Device.guest(server, "bob");
  await using chatter = await Chatter.connect(server.ws("/ws"));
  for (const name of ["ann", "ANN", "bob"]) {
    const answer = await chatter.ask({ type: "login", content: name });
    assertObjectMatch(answer, { type: "error", code: "name_taken" });
    assertEquals(
      await new Device(server).statusOf("POST /api/session", { name }),
      "409 name_taken",
    );
  }
  assertEquals(
    await new Device(server).statusOf("POST /api/session", { name: "bob", password: PASSWORD }),
    "401 wrong_password",
  );
});

onKeptServer(
  "keeps users, sessions, memberships and ids of messages across a restart",
  async (server) => {
    const ann = await Device.member(server, "ann");
    const bob = await Device.guest(server, "bob");
    const guest = await Chatter.enter(server.ws("/ws"), "guest");
    const { session } = guest;
    const say = { type: "user", content: "once", id: "1" };
    {
      await using onAnn = await ann.enter();
      await using onBob = await bob.enter();
      for (const chatter of [onAnn, onBob]) {
        await chatter.send(say);
        await chatter.next("user", ({ content }) => content === "once");
      }
      await onBob.ask({ type: "create", room: "secret", private: true, topic: "T" });
      await onBob.ask({ type: "invite", room: "secret", user: "ann" });
      await onBob.ask({ type: "read", room: "lobby", seq: 1 });
      await onAnn.ask({ type: "user", room: "@bob", content: "psst" });
    }
    await server.restart();
    await guest[Symbol.asyncDispose]();
    await using onBob = await Chatter.connect(server.ws("/ws"));
    await onBob.send({ type: "login", session: bob.session });
    const { rooms, by } = await onBob.next("login");
    assertEquals(by, bob.user.id);
    assertEquals(rooms?.map(({ room, last, read, unread }) => [room, last, read, unread]), [
      [`@${ann.user.id}`, 1, 0, 1],
      ["lobby", 2, 1, 0],
      ["secret", 0, 0, 0],
    ]);
    await using onAnn = await ann.enter({ room: "secret" });
    await onAnn.ask({ type: "join", room: "lobby" });
    await onAnn.send({ type: "rename", content: "anna" }, { ...say, room: "lobby" });
    assertObjectMatch(await onAnn.next("user"), { seq: 1, id: "1" });
    await onBob.send({ ...say, room: "lobby" });
    assertObjectMatch(await onBob.next("user"), { seq: 2, id: "1" });
    await using back = await Chatter.connect(server.ws("/ws"));
    assertObjectMatch(await back.ask({ type: "login", session }), {
      type: "login",
      content: "guest",
    });
  },
);

/** Does something to the people of a server as another process does, such as `hubbub users`. */
async function fromOutside(
  { dir = "" }: PeopleServer,
  act: (people: Awaited<ReturnType<typeof openPeople>>) => Promise<unknown>,
): Promise<void> {
  const people = await openPeople({ data: { kind: "directory", path: dir }, sync: "normal" });
  try {
    await act(people);
  } finally {
    await people.close();
  }
}

onKeptServer(
  "follows another process that ends sessions, disables and removes users",
  async (server) => {
    const acts: Parameters<typeof fromOutside>[1][] = [
      async (people) => people.endSessions((await people.findByName("ann"))?.id ?? ""),
      async (people) =>
        people.change((await people.findByName("ann"))?.id ?? "", { disabled: true }),
      async (people) => people.remove((await people.findByName("ann"))?.id ?? ""),
    ];
    await using bob = await (await Device.guest(server, "bob")).enter();
    let ann = await Device.member(server, "ann");
    for (const act of acts) {
      const chatter = await ann.enter();
      await fromOutside(server, act);
      assertEquals((await chatter.socket.closed).code, 4504);
      await assertOver(ann);
      await bob.say("unheard");
      await fromOutside(server, (people) => people.change(ann.user.id, { disabled: false }));
      if (act !== acts[2]) ann = await Device.signIn(server, "ann");
    }
  },
);
