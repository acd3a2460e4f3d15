/** Servers that answer nobody without a session, and users whose token says which rooms they may see. */
import { join } from "node:path";
import { SignJWT } from "jose";
import { assert, assertEquals, assertMatch, assertObjectMatch } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { ask, HANDSHAKE } from "../support/raw_tcp.ts";
import { startTestServer, TRANSPORTS } from "../support/test_server.ts";
import { Device, type PeopleServer } from "./people_harness.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

/** What a closed server answers to whoever has no session: the status, or the statuses that it may have. */
const ROUTES: readonly [line: string, status: string, body?: object | string][] = [
  ["GET /", "200"],
  ["GET /static/page/index.html", "200"],
  ["GET /static/protocol/wire.js", "200"],
  ["GET /healthz", "200"],
  ["GET /readyz", "200"],
  ["GET /metrics", "401"],
  ["POST /files?name=a.txt", "401", "x"],
  ["GET /files/aaaaaaaaaaaaaaaaaaaaaaaa/a.txt", "404"],
  ["GET /api/rooms", "401"],
  ["GET /api/rooms/lobby/messages", "401"],
  ["GET /api/rooms/@ann/messages", "401"],
  ["POST /api/rooms/lobby/messages", "401", "x"],
  ["GET /api/search?q=x", "401"],
  ["GET /api/session", "200"],
  ["DELETE /api/session", "204"],
  ["GET /api/sessions", "401"],
  ["DELETE /api/sessions/x", "401"],
  ["POST /api/session", "401 403", { name: "guest" }],
  ["POST /api/session", "401", { name: "ann", password: "wrong horse battery" }],
  ["POST /api/session", "401 403", { invite: "x".repeat(22), name: "eve", password: SECRET }],
  ["POST /api/account", "401 403", { name: "eve", password: SECRET }],
  ["DELETE /api/account", "401", { password: SECRET }],
  ["PUT /api/account/password", "401", { old: "x", new: SECRET }],
  ["POST /api/invites", "401", {}],
  ["GET /api/invites", "401"],
  ["DELETE /api/invites/x", "401"],
  ["GET /api/passkeys", "401"],
  ["DELETE /api/passkeys/x", "401"],
  ["POST /api/passkeys/register/options", "401 403", { name: "eve" }],
  ["GET /api/oidc", "404"],
];

/** Starts a server with files that hold a password or a secret. */
async function withFlags(
  transport: string,
  flags: readonly string[],
  run: (server: PeopleServer) => Promise<void>,
): Promise<void> {
  const dir = Deno.makeTempDirSync({ prefix: "hubbub-" });
  try {
    const file = join(dir, "secret");
    Deno.writeTextFileSync(file, SECRET, { mode: 0o600 });
    const all = flags.map((flag) => flag === "FILE" ? file : flag);
    await using server = await startTestServer("--transport", transport, ...all);
    const { url, adminLink } = server;
    const ws = (path: string) => server.ws(path);
    await run({ url, adminLink, ws, restart: () => Promise.resolve() });
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

/** A token for somebody. */
function tokenOf(sub: string, claims: object = {}, seconds = 60): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + seconds;
  return new SignJWT({ ...claims, sub, exp }).setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(SECRET));
}

const CLOSED: readonly (readonly string[])[] = [["--access", "members"], [
  "--password-file",
  "FILE",
]];

for (const transport of TRANSPORTS) {
  for (const flags of CLOSED) {
    Deno.test(`startServer() with ${transport} ${flags[0]} answers nothing without a session but what it takes to get one`, () =>
      withFlags(transport, flags, async (server) => {
        const stranger = new Device(server);
        for (const [line, statuses, body] of ROUTES) {
          const { status } = await stranger.ask(line, body);
          assert(statuses.split(" ").includes(String(status)), `${line}: ${status}`);
        }
        assertEquals((await stranger.ask("GET /api/session")).body.user, null);
        for (const path of ["/ws", "/echo", "/relay", "/relay/room"]) {
          for (const protocol of [undefined, "hubbub.v1", "hubbub.text.v1"]) {
            const headers = { ...HANDSHAKE, "sec-websocket-protocol": protocol };
            const plain = path !== "/ws" && protocol !== undefined;
            if (plain) continue;
            const answer = await ask(server.url, `GET ${path} HTTP/1.1`, headers);
            assertEquals([path, answer.status], [path, 401]);
          }
        }
      }));
  }

  Deno.test(`startServer() with ${transport} --password-file lets in who knows the password`, () =>
    withFlags(transport, ["--password-file", "FILE"], async (server) => {
      const stranger = new Device(server);
      const enter = (password: string) =>
        stranger.ask("POST /api/session", { name: "ann", password });
      assertEquals((await enter("wrong horse battery")).status, 401);
      const { status, body: { session } } = await enter(SECRET);
      assertEquals(status, 201);
      assert(typeof session === "string");
      const ann = new Device(server, session);
      await using chatter = await ann.enter();
      await chatter.say("hello");
      assertEquals(await ann.statusOf("GET /api/rooms/lobby/messages"), "200");
      await chatter.send({ type: "logout" });
      await chatter.next("logout");
      // The connection is still whose session opened it, and a guest's of nobody else.
      assertObjectMatch(await chatter.ask({ type: "login" }), { content: "ann" });
    }));

  Deno.test(`startServer() with ${transport} lets an application's user see the rooms of its token only`, () =>
    withFlags(transport, ["--jwt-secret-file", "FILE"], async (server) => {
      const bob = await Device.guest(server, "bob");
      await using onBob = await bob.enter();
      await onBob.ask({ type: "create", room: "support", private: true });
      await onBob.ask({ type: "create", room: "secret", private: true });
      for (const room of ["lobby", "support", "secret"]) await onBob.say("word", room);
      const file = await bob.upload("hidden");
      await onBob.ask({ type: "file", room: "secret", content: file.id });
      const token = await tokenOf("7", { name: "ann", rooms: ["support"] });
      const ann = new Device(server, token);
      const rooms = await ann.ask("GET /api/rooms");
      assert(Array.isArray(rooms.body.rooms));
      assertEquals(rooms.body.rooms.map(({ room }: { room: string }) => room), ["support"]);
      const found = await ann.ask("GET /api/search?q=word");
      assert(Array.isArray(found.body.messages));
      assertEquals(found.body.messages.map(({ room }: { room: string }) => room), ["support"]);
      for (const room of ["lobby", "secret", "nowhere", "@bob"]) {
        const { body } = await ann.ask(`GET /api/rooms/${room}/messages`);
        assertObjectMatch(body, { messages: [], last: 0, complete: true }, room);
        assertEquals(
          await ann.statusOf(`POST /api/rooms/${room}/messages`, "x"),
          "404 no_such_room",
        );
      }
      assertEquals(await ann.statusOf(`GET ${file.url}`), "404");
      await using chatter = await ann.enter({ room: "support", since: 0 });
      assertObjectMatch(await chatter.next("history"), { messages: [{ content: "word" }] });
      for (const room of ["lobby", "secret"]) {
        assertObjectMatch(await chatter.ask({ type: "join", room }), { code: "forbidden" });
      }
      await onBob.say("can I help?", "support");
      assertObjectMatch(await chatter.next("user"), { content: "can I help?" });
    }));

  Deno.test(`startServer() with ${transport} closes the connection of a token that expires with 4504`, () =>
    withFlags(transport, ["--jwt-secret-file", "FILE"], async (server) => {
      const token = await tokenOf("7", { name: "ann" }, 1);
      await using chatter = await new Device(server, token).enter();
      assertEquals((await chatter.socket.closed).code, 4504);
    }));

  Deno.test(`startServer() with ${transport} takes no token that is signed by somebody else or is over`, () =>
    withFlags(transport, ["--jwt-secret-file", "FILE"], async (server) => {
      const good = await tokenOf("7");
      const [head, body] = good.split(".");
      const tokens = [
        await tokenOf("7", {}, -60),
        `${head}.${body}.${"A".repeat(43)}`,
        `${btoa('{"alg":"none"}').replaceAll("=", "")}.${body}.`,
      ];
      for (const token of tokens) {
        const device = new Device(server, token);
        assertEquals((await device.ask("GET /api/session")).body.user, null);
        assertEquals(await device.statusOf("GET /api/sessions"), "401 unauthorized");
        await using chatter = await Chatter.connect(server.ws("/ws"));
        const answer = await chatter.ask({ type: "login", session: token });
        assertObjectMatch(answer, { type: "error", code: "unauthorized" });
        assertMatch(JSON.stringify(answer), /^(?!.*eyJ)/);
      }
    }));
}
