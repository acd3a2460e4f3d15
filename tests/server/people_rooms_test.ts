/** Private rooms, direct conversations and their files on real servers, over WebSocket and HTTP. */
import { assert, assertEquals, assertObjectMatch } from "../support/assert.ts";
import type { Chatter } from "../support/chatter.ts";
import { poll } from "../support/within.ts";
import { WsClient } from "../support/ws_client.ts";
import { Device, onEveryServer, type PeopleServer } from "./people_harness.ts";

/** Ann's private room with bob in it; cid is a stranger to it. */
async function meet(server: PeopleServer) {
  const [ann, bob, cid] = [
    await Device.guest(server, "ann"),
    await Device.guest(server, "bob"),
    await Device.guest(server, "cid"),
  ];
  const [onAnn, onBob, onCid] = [await ann.enter(), await bob.enter(), await cid.enter()];
  await onAnn.ask({ type: "create", room: "secret", private: true, topic: "Budget" });
  await onAnn.ask({ type: "invite", room: "secret", user: "bob" });
  await onBob.ask({ type: "join", room: "secret" });
  await onAnn.say("word one", "secret");
  const close = async () => {
    for (const chatter of [onAnn, onBob, onCid]) await chatter[Symbol.asyncDispose]();
  };
  return { ann, bob, cid, onAnn, onBob, onCid, [Symbol.asyncDispose]: close };
}

/** What a device is answered about a room over HTTP; the room's name is replaced. */
async function about(device: Device, room: string): Promise<string[]> {
  const answers: string[] = [];
  for (const path of [`rooms/${room}/messages`, `rooms/${room}/messages?after=0`]) {
    answers.push(JSON.stringify(await device.ask(`GET /api/${path}`)));
  }
  for (const query of [`q=word&room=${room}`, "q=word"]) {
    answers.push(JSON.stringify(await device.ask(`GET /api/search?${query}`)));
  }
  const { body: { rooms } } = await device.ask("GET /api/rooms");
  assert(Array.isArray(rooms));
  answers.push(JSON.stringify(rooms.filter((entry) => entry.room === room)));
  return answers.map((answer) => answer.replaceAll(room, "ROOM"));
}

onEveryServer(
  "answers a stranger about a private room as about one that does not exist",
  async (server) => {
    await using world = await meet(server);
    const { ann, cid, onCid } = world;
    for (const stranger of [cid, new Device(server)]) {
      const answers = await about(stranger, "secret");
      assertEquals(answers, await about(stranger, "nowhere"));
      assertEquals(JSON.stringify(answers).includes("word one"), false);
    }
    await poll(
      "a search to find what was said",
      () => about(ann, "secret"),
      (answers) => answers[2]?.includes("word one") === true,
    );
    for (const stranger of [cid, new Device(server)]) {
      assertEquals(await about(stranger, "secret"), await about(stranger, "nowhere"));
    }
    assertEquals(await cid.statusOf("POST /api/rooms/secret/messages", "x"), "404 no_such_room");
    for (const type of ["history", "users", "typing", "user"]) {
      const told = async (room: string) => {
        const { id: _, ...answer } = { id: "", ...await onCid.ask({ type, room, content: "x" }) };
        return JSON.stringify(answer).replaceAll(room, "ROOM");
      };
      assertEquals(await told("secret"), await told("nowhere"));
    }
  },
);

onEveryServer("shows nothing over HTTP any more to whoever was removed", async (server) => {
  await using world = await meet(server);
  const { bob, onAnn, onBob } = world;
  assert(JSON.stringify(await about(bob, "secret")).includes("word one"));
  await onAnn.ask({ type: "remove", room: "secret", user: "bob" });
  assertObjectMatch(await onBob.next("remove"), { room: "secret", user: { name: "bob" } });
  await onAnn.say("word two", "secret");
  assertEquals(await about(bob, "secret"), await about(bob, "nowhere"));
  assertEquals(await bob.statusOf("POST /api/rooms/secret/messages", "x"), "404 no_such_room");
  assertObjectMatch(await onBob.ask({ type: "join", room: "secret" }), { code: "forbidden" });
  await onAnn.ask({ type: "invite", room: "secret", user: "bob" });
  assertObjectMatch(await onBob.next("invite"), { room: "secret" });
  assert(JSON.stringify(await about(bob, "secret")).includes("word two"));
});

onEveryServer(
  "serves a file of a private room to its members, by cookie and by bearer",
  async (server) => {
    await using world = await meet(server);
    const { ann, bob, cid, onAnn } = world;
    const file = await ann.upload("hidden in the file");
    assertEquals(await bob.statusOf(`GET ${file.url}`), "404");
    await onAnn.ask({ type: "file", room: "secret", content: file.id });
    const get = async (device: Device, inCookie = false) => {
      const response = await device.fetch(`GET ${file.url}`, undefined, { inCookie });
      return [response.status, await response.text()] as const;
    };
    for (const inCookie of [true, false]) {
      assertEquals(await get(bob, inCookie), [200, "hidden in the file"]);
    }
    const missing = await cid.ask(`GET ${file.url.replace("/a.txt", "/b.txt")}`);
    for (const device of [cid, new Device(server)]) {
      assertEquals(await device.ask(`GET ${file.url}`), missing);
      const head = await device.fetch(`HEAD ${file.url}`);
      assertEquals([head.status, head.headers.get("content-disposition")], [404, null]);
    }
    await onAnn.ask({ type: "remove", room: "secret", user: "bob" });
    assertEquals((await get(bob))[0], 404);
    assertEquals((await get(ann))[0], 200);
  },
);

onEveryServer(
  "keeps a direct conversation and its file for somebody who is away",
  async (server) => {
    await using world = await meet(server);
    const { ann, bob, cid, onAnn, onBob } = world;
    await onBob[Symbol.asyncDispose]();
    const file = await ann.upload("between us");
    await onAnn.ask({ type: "user", room: "@bob", content: "word for bob" });
    await onAnn.ask({ type: "file", room: "@bob", content: file.id });
    assertEquals(await ann.statusOf("POST /api/rooms/@bob/messages", "over HTTP"), "201");
    const read = (device: Device, other: string) =>
      device.ask(`GET /api/rooms/@${other}/messages`).then(({ body }) => body);
    const [first, , third] = [{ content: "word for bob" }, {}, { content: "over HTTP" }];
    for (const other of ["ann", ann.user.id]) {
      const { messages, room } = await read(bob, other);
      assertEquals(room, `@${ann.user.id}`);
      assertObjectMatch({ messages }, { messages: [first, { type: "file" }, third] });
    }
    assertObjectMatch(await read(cid, "ann"), { messages: [] });
    assertEquals(await cid.statusOf(`GET ${file.url}`), "404");
    assertEquals(await bob.statusOf(`GET ${file.url}`), "200");
    await using back = await bob.enter({ room: "lobby" });
    const history = await back.ask({ type: "history", room: "@ann" });
    assertObjectMatch(history, { messages: [first, { type: "file" }, third] });
    await poll(
      "a search to find what was said",
      async () => JSON.stringify(await bob.ask("GET /api/search?q=word")),
      (found) => found.includes("word for bob"),
    );
    assertEquals(JSON.stringify(await cid.ask("GET /api/search?q=bob")).includes("word"), false);
  },
);

onEveryServer(
  "tells a classic client and a terminal what is said to them alone",
  async (server) => {
    await using world = await meet(server);
    const { onAnn, onCid } = world;
    await using classic = await WsClient.open(server.ws("/ws"));
    await classic.send(JSON.stringify({ type: "login", content: "seed" }));
    await classic.until(/"login"/);
    await using terminal = await WsClient.open(server.ws("/ws"), "hubbub.text.v1");
    await terminal.send("/nick tess");
    await terminal.until(/tess/);
    for (const name of ["seed", "tess"]) {
      await onAnn.ask({ type: "user", room: `@${name}`, content: `psst, ${name}` });
    }
    const frames = await classic.until(/psst/);
    assertObjectMatch(JSON.parse(frames.at(-1) ?? ""), { type: "direct", from: "ann", to: "seed" });
    await terminal.until(/psst, tess/);
    await classic.send(JSON.stringify({ type: "direct", to: "ann", content: "back" }));
    assertObjectMatch(await onAnn.next("user", ({ content }) => content === "back"), {
      from: "seed",
    });
    await onCid.say("the lobby goes on");
    await assertSilent(onCid, "psst");
  },
);

/** Asserts that nothing more than the answer is on its way, and that it lacks a text. */
async function assertSilent(chatter: Chatter, text: string): Promise<void> {
  const history = await chatter.ask({ type: "history", room: "lobby" });
  assertEquals(JSON.stringify(history).includes(text), false);
}

onEveryServer("refuses an invitation to a room that the inviter may not open", async (server) => {
  await using world = await meet(server);
  const { cid, ann } = world;
  const invite = { rooms: ["secret"] };
  const codes = [
    await cid.statusOf("POST /api/invites", invite),
    await new Device(server).statusOf("POST /api/invites", invite),
  ];
  assert(codes.every((code) => /^40[13]/.test(code)), codes.join());
  const member = await Device.member(server, "eve");
  const refused = await member.ask("POST /api/invites", invite);
  assertEquals(refused.status, 404);
  assertEquals(refused.body.code, "no_such_room");
  assertEquals(JSON.stringify(refused.body).includes("Budget"), false);
  assertEquals(ann.user.name, "ann");
});
