/** Files between clients of every kind, on both transports. */
import { deadline } from "@std/async/deadline";
import type { FileInfo } from "../../protocol.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { frame } from "../support/file_frame.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { WsClient } from "../support/ws_client.ts";

/** Longest duration of a test, in milliseconds. */
const DEADLINE_MS = 30_000;

/** What begins like a PNG is one (PNG specification §5.2). */
const PICTURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3);

/** Runs a test on each transport. */
function testTransports(name: string, run: (server: TestServer) => Promise<void>): void {
  for (const transport of ["deno", "node"]) {
    Deno.test(`${name}, with transport ${transport}`, async () => {
      await using server = await startTestServer("--transport", transport, "--max-file", "1KiB");
      await deadline(run(server), DEADLINE_MS);
    });
  }
}

/** Somebody without a subprotocol, logged in. */
async function enterPlain(server: TestServer, name: string): Promise<WsClient> {
  const client = await WsClient.open(server.ws("/ws"));
  await client.send(JSON.stringify({ type: "login", content: name }));
  await client.until(/"type":"login"/);
  return client;
}

testTransports(
  "a binary frame reaches everybody, in the form that each of them reads",
  async (server) => {
    await using plain = await enterPlain(server, "ann");
    await using lines = await Chatter.enter(server.ws("/ws"), "bob");
    await using text = await WsClient.open(server.ws("/ws"), "hubbub.text.v1");
    await text.send("/nick cid");
    await text.until(/cid/);
    await plain.send(frame("né.txt", [104, 105]));
    const { file } = await lines.next("file");
    assert(file !== undefined);
    const said = JSON.parse((await plain.until(/"type":"user"/)).at(-1) ?? "");
    assertEquals([said.from, said.content], ["ann", `né.txt ${file.url}`]);
    assertMatch((await text.until(/né\.txt/)).at(-1) ?? "", new RegExp(file.id));
    const response = await fetch(new URL(file.url, server.url));
    assertEquals(await response.text(), "hi");
    assertEquals(response.headers.get("content-disposition")?.split(";")[0], "inline");
  },
);

testTransports(
  "a binary frame of garbage is refused, and the connection goes on",
  async (server) => {
    await using client = await enterPlain(server, "ann");
    for (
      const [data, code] of [
        [Uint8Array.of(), "bad_message"],
        [Uint8Array.of(1, 2, 3), "bad_message"],
        [frame("a", [1], 9), "bad_message"],
        [frame([0xff, 0xfe], [1]), "bad_message"],
        [frame("../a", [1]), "bad_message"],
        [frame("a", new Array(1025).fill(0)), "too_large"],
      ] as const
    ) {
      await client.send(data);
      assertEquals(JSON.parse(await client.text()).code, code);
    }
    await client.send(JSON.stringify({ type: "user", content: "still here" }));
    assertEquals(JSON.parse(await client.text()).content, "still here");
  },
);

testTransports(
  "an upload is announced, fetched in parts, and gone with its message",
  async (server) => {
    await using ann = await Chatter.enter(server.ws("/ws"), "ann");
    const response = await fetch(`${server.url}files`, {
      method: "POST",
      body: "0123456789",
      headers: {
        authorization: `Bearer ${ann.session}`,
        "content-disposition": 'attachment; filename="digits.txt"',
      },
    });
    const { id, url } = await response.json();
    const get = async (headers: Record<string, string>) => {
      const answer = await fetch(new URL(url, server.url), { headers });
      return [answer.status, await answer.text()];
    };
    assertEquals((await get({}))[0], 404);
    await ann.send({ type: "file", content: id });
    await ann.next("file");
    assertEquals(await get({}), [200, "0123456789"]);
    assertEquals(await get({ range: "bytes=2-4" }), [206, "234"]);
    assertEquals(await get({ range: "bytes=-3" }), [206, "789"]);
    const head = await fetch(new URL(url, server.url), { method: "HEAD" });
    assertEquals([head.headers.get("content-length"), await head.text()], ["10", ""]);
    await ann.send({ type: "delete", seq: 1 });
    await ann.next("delete");
    assertEquals((await get({}))[0], 404);
  },
);

/** Somebody who has signed in as a page does, and is connected with the cookie that it got. */
interface Visitor extends AsyncDisposable {
  readonly id: string;
  readonly chatter: Chatter;
  /** What the browser sends with every request for the page, `<img>` included. */
  readonly cookie: { readonly cookie: string };
}

async function visit(server: TestServer, name: string): Promise<Visitor> {
  const origin = new URL(server.url).origin;
  const response = await fetch(`${server.url}api/session`, {
    method: "POST",
    body: JSON.stringify({ name }),
    headers: { "content-type": "application/json", origin, "sec-fetch-site": "same-origin" },
  });
  const { user, session } = await response.json();
  assertEquals([response.status, session], [201, undefined]);
  const [pair = ""] = (response.headers.get("set-cookie") ?? "").split(";");
  const cookie = { cookie: pair };
  const chatter = await Chatter.connect(server.ws("/ws"), { headers: { ...cookie, origin } });
  await chatter.send({ type: "login" });
  await chatter.next("login", (message) => message.user?.id === user.id);
  return {
    id: user.id,
    chatter,
    cookie,
    [Symbol.asyncDispose]: () => chatter[Symbol.asyncDispose](),
  };
}

/** Uploads as a page does: with the cookie and nothing else. */
async function uploadPicture(server: TestServer, { cookie }: Visitor): Promise<FileInfo> {
  const response = await fetch(`${server.url}files?name=cat.png`, {
    method: "POST",
    body: PICTURE,
    headers: { ...cookie, origin: new URL(server.url).origin },
  });
  assertEquals(response.status, 201);
  return await response.json();
}

/** The status with which `<img src>` is answered: a GET with the cookie, if there is one. */
async function show(server: TestServer, { url }: FileInfo, visitor?: Visitor): Promise<number> {
  const headers = { "sec-fetch-dest": "image", "sec-fetch-mode": "no-cors", ...visitor?.cookie };
  const response = await fetch(new URL(url, server.url), { headers });
  const body = new Uint8Array(await response.arrayBuffer());
  if (response.ok) {
    assertEquals([response.headers.get("content-type"), body], ["image/png", PICTURE]);
    assertEquals(response.headers.get("cache-control"), "private, no-cache");
  }
  return response.status;
}

testTransports(
  "a picture in a private room is shown to its members by their cookie, for as long as they are members",
  async (server) => {
    await using ann = await visit(server, "ann");
    await using bob = await visit(server, "bob");
    await using cid = await visit(server, "cid");
    const file = await uploadPicture(server, ann);
    const statuses = async () => [
      await show(server, file, ann),
      await show(server, file, bob),
      await show(server, file, cid),
      await show(server, file),
    ];
    await ann.chatter.send({ type: "create", room: "board", private: true });
    await ann.chatter.next("login", ({ room }) => room === "board");
    assertEquals(await statuses(), [200, 404, 404, 404]);
    await ann.chatter.send(
      { type: "invite", room: "board", user: "bob" },
      { type: "file", room: "board", content: file.id },
    );
    await ann.chatter.next("file");
    assertEquals(await statuses(), [200, 200, 404, 404]);
    await ann.chatter.send({ type: "remove", room: "board", user: "bob" });
    await ann.chatter.next("remove");
    assertEquals(await statuses(), [200, 404, 404, 404]);
    await ann.chatter.send({ type: "delete", room: "board", seq: 1 });
    await ann.chatter.next("delete");
    assertEquals(await statuses(), [404, 404, 404, 404]);
  },
);

testTransports(
  "a picture in a direct conversation is shown to its two users by their cookie, and a session that ended shows nothing",
  async (server) => {
    await using ann = await visit(server, "ann");
    await using bob = await visit(server, "bob");
    await using cid = await visit(server, "cid");
    const file = await uploadPicture(server, ann);
    await ann.chatter.send({ type: "file", room: "@bob", content: file.id });
    const { room, file: received } = await bob.chatter.next("file");
    assertEquals([room, received], [`@${ann.id}`, file]);
    assertEquals(await show(server, file, ann), 200);
    assertEquals(await show(server, file, bob), 200);
    assertEquals(await show(server, file, cid), 404);
    assertEquals(await show(server, file), 404);
    const loggedOut = await fetch(`${server.url}api/session`, {
      method: "DELETE",
      headers: bob.cookie,
    });
    assertEquals(loggedOut.status, 204);
    assertEquals((await bob.chatter.socket.closed).code, 4504);
    assertEquals(await show(server, file, bob), 404);
  },
);

const SECRET = "0123456789abcdef";

Deno.test("a build posts to a room through the API, and everybody reads it there", async () => {
  await using server = await startTestServer("--api-token", `ci:${SECRET}`);
  await deadline(postAndRead(server), DEADLINE_MS);
});

async function postAndRead(server: TestServer): Promise<void> {
  await using ann = await Chatter.enter(server.ws("/ws"), "ann");
  const response = await fetch(`${server.url}api/rooms/lobby/messages`, {
    method: "POST",
    body: "build 7 is green\n",
    headers: { authorization: `Bearer ${SECRET}`, "content-type": "text/plain" },
  });
  assertEquals(response.status, 201);
  const said = await response.json();
  assertEquals(await ann.next("user"), said);
  const history = await fetch(new URL(response.headers.get("location") ?? "", server.url));
  assertEquals((await history.json()).messages, [said]);
  await ann.send({ type: "rename", content: "CI" });
  assertEquals((await ann.next("error")).code, "name_taken");
}
