/**
 * Whole servers over real sockets, with both transports: what people and simple clients do, and how a
 * server ends.
 *
 * @module
 */
import { assertEquals, assertMatch, assertObjectMatch, assertRejects } from "../support/assert.ts";
import { decodeFrame, LINES, type ServerMessage } from "../../protocol.ts";
import { StartError } from "../../config/errors.ts";
import { startTestServer, TRANSPORTS } from "../support/test_server.ts";
import { WsClient } from "../support/ws_client.ts";
import { poll } from "../support/within.ts";

/** The next frame, which must be one JSON object. */
async function object(client: WsClient): Promise<Record<string, unknown>> {
  return JSON.parse(await client.text());
}

/** The first message of a type, in whatever frame it comes. */
async function next<T extends ServerMessage["type"]>(
  client: WsClient,
  type: T,
): Promise<ServerMessage & { type: T }> {
  const isWanted = (message: ServerMessage): message is ServerMessage & { type: T } =>
    message.type === type;
  for (;;) {
    const found = decodeFrame(await client.text()).find(isWanted);
    if (found !== undefined) return found;
  }
}

/** Logs somebody in who speaks `hubbub.v1`. */
async function enter(url: string, login: object): Promise<WsClient> {
  const client = await WsClient.open(url, LINES);
  await client.send(JSON.stringify({ type: "login", ...login }));
  return client;
}

for (const transport of TRANSPORTS) {
  const start = (...flags: string[]) => startTestServer("--transport", transport, ...flags);

  Deno.test(`startServer() with ${transport} serves simple clients the classic way`, async () => {
    await using server = await start();
    await using ann = await WsClient.open(server.ws("/ws"));
    assertObjectMatch(await object(ann), { type: "handshake", user_list: [] });
    await ann.send(`{"type":"login","content":"ann"}`);
    assertObjectMatch(await object(ann), { type: "login", content: "ann", user_list: ["ann"] });
    const bob = await WsClient.open(server.ws("/ws"));
    assertObjectMatch(await object(bob), { type: "handshake", user_list: ["ann"] });
    await bob.send(`{"type":"login","content":"bob"}`);
    for (const person of [ann, bob]) {
      const login = { type: "login", content: "bob", user_list: ["ann", "bob"] };
      assertObjectMatch(await object(person), login);
    }
    await ann.send(`{"type":"user","content":"hi"}`);
    const said = await object(ann);
    assertObjectMatch(said, { type: "user", from: "ann", content: "hi", room: "lobby", seq: 1 });
    assertEquals(await object(bob), said);
    await bob[Symbol.asyncDispose]();
    assertObjectMatch(await object(ann), {
      type: "logout",
      content: "bob",
      user_count: 1,
      user_list: ["ann"],
    });
  });

  Deno.test(`startServer() with ${transport} keeps everything over a restart`, async () => {
    const data = await Deno.makeTempDir();
    const say = `{"type":"user","content":"keep me","id":"m1"}`;
    try {
      const first = await start("--data", data);
      const ann = await enter(first.ws("/ws"), { content: "ann", remember: true });
      const { epoch } = await next(ann, "handshake");
      const { session, user } = await next(ann, "login");
      await ann.send(say);
      const said = await next(ann, "user");
      await first.stop("The test restarts it");
      assertEquals((await ann.closed).code, 1001);
      await using second = await start("--data", data);
      await using stranger = await enter(second.ws("/ws"), { content: "Ann" });
      assertEquals((await next(stranger, "error")).code, "name_taken");
      await using back = await enter(second.ws("/ws"), { session, since: 0, epoch });
      assertEquals((await next(back, "handshake")).epoch, epoch);
      const login = await next(back, "login");
      assertEquals(login.user, user);
      assertObjectMatch(login.rooms?.[0] ?? {}, { room: "lobby", last: 1, unread: 0 });
      assertObjectMatch(await next(back, "history"), { messages: [said], complete: true });
      await back.send(say);
      assertEquals(await next(back, "user"), { ...said, repeat: true });
      await back.send(`{"type":"user","content":"next"}`);
      assertObjectMatch(await next(back, "user"), { content: "next", seq: 2 });
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });

  Deno.test(`startServer() with ${transport} commits and shows what is pending as it stops`, async () => {
    const server = await start();
    const ann = await enter(server.ws("/ws"), { content: "ann" });
    await next(ann, "login");
    const texts = Array.from({ length: 500 }, (_, index) => String(index));
    const frame = texts.map((content) => JSON.stringify({ type: "user", content })).join("\n");
    await ann.send(`${frame}\n{"type":"ping"}`);
    await next(ann, "pong");
    const stopped = server.stop("Enough");
    const seen: string[] = [];
    for (let ended = false; !ended;) {
      for (const message of decodeFrame(await ann.text())) {
        if (message.type === "user") seen.push(message.content);
        if (message.type === "system") ended = true;
      }
    }
    assertEquals(seen, texts.slice(-seen.length));
    assertEquals(await ann.closed, { code: 1001, reason: "Enough" });
    await stopped;
  });

  Deno.test(`startServer() with ${transport} takes nobody in any more once it stops`, async () => {
    const server = await start();
    await using ann = await WsClient.open(server.ws("/ws"));
    const stopped = Promise.all([server.stop("Enough"), server.stop("Again")]);
    // Whatever it meets: refused as a request, closed at once, or nobody there.
    const late = WsClient.open(server.ws("/ws")).then(async (client) => (await client.closed).code);
    const outcome = await late.catch((error: Error) => error.message);
    assertMatch(String(outcome), /^1001$|503|ECONNREFUSED|ECONNRESET|socket hang up/);
    await stopped;
    await assertRejects(() => WsClient.open(server.ws("/ws")));
    assertEquals((await ann.closed).code, 1001);
  });
}

Deno.test("startServer() says what is wrong with an address, and lets go of everything else", async () => {
  await using server = await startTestServer();
  const { host } = new URL(server.url);
  const data = await Deno.makeTempDir();
  const attempt = (addr: string) =>
    startTestServer("--addr", addr, "--data", data, "--retain", "1d");
  try {
    await assertRejects(() => attempt(host), StartError, "it is in use");
    await assertRejects(() => attempt("192.0.2.1:0"), StartError, "Cannot listen on 192.0.2.1:0");
    // The data directory is free again.
    await (await attempt("127.0.0.1:0")).stop("The test is over");
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("startServer() lets go of the messages where the files cannot be kept", async () => {
  const data = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${data}/files`, "in the way");
    await assertRejects(() => startTestServer("--data", data), StartError, "Cannot");
    await Deno.remove(`${data}/files`);
    await (await startTestServer("--data", data)).stop("The test is over");
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("startServer() listens on a Unix socket, in place of a dead one only", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/hubbub.sock`;
  const attempt = () => startTestServer("--addr", `unix:${path}`);
  try {
    // Whoever listens takes the file away at the end, but not its other name.
    const dead = Deno.listen({ transport: "unix", path: `${folder}/dead.sock` });
    await Deno.link(`${folder}/dead.sock`, path);
    dead.close();
    const server = await attempt();
    assertEquals(server.url, `unix:${path}`);
    using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
    const response = await fetch("http://localhost/healthz", { client });
    assertEquals([response.status, await response.text()], [200, "ok\n"]);
    await assertRejects(attempt, StartError, "it is in use");
    await server.stop("The test is over");
    await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
    await Deno.writeTextFile(path, "");
    await assertRejects(attempt, StartError, "no socket");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("startServer() removes what is older than it should keep", async () => {
  const data = await Deno.makeTempDir();
  try {
    const first = await startTestServer("--data", data);
    const ann = await enter(first.ws("/ws"), { content: "ann" });
    for (const content of ["1", "2", "3"]) {
      await ann.send(JSON.stringify({ type: "user", content }));
    }
    await ann.until(/"content":"3"/);
    await first.stop("The test restarts it");
    await ann.closed;
    const second = await startTestServer("--data", data, "--retain-messages", "1");
    await using back = await enter(second.ws("/ws"), { content: "ann" });
    // Retention runs beside the start.
    const look = async () => {
      await back.send(`{"type":"history"}`);
      return (await next(back, "history")).messages.length;
    };
    await poll("one message to be left", look, (count) => count === 1);
    await back.send(`{"type":"user","content":"4"}`);
    assertEquals((await next(back, "user")).seq, 4);
    await second.stop("The test is over");
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
