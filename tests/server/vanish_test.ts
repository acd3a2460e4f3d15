/**
 * Clients that go without a word, or stop to read: the others learn of it, lose nothing, and the server
 * can still stop.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { formatRequest, HANDSHAKE, RawLine } from "../support/raw_tcp.ts";
import { startTestServer, TRANSPORTS } from "../support/test_server.ts";

const encoder = new TextEncoder();

/** A masked text frame (RFC 6455 §5.2) of up to 125 bytes; the mask is zero, which changes nothing. */
function clientFrame(text: string): Uint8Array {
  const payload = encoder.encode(text);
  return Uint8Array.of(0x81, 0x80 | payload.length, 0, 0, 0, 0, ...payload);
}

/** Somebody logs in who speaks to the server by hand. */
async function enterByHand(url: string, name: string): Promise<RawLine> {
  const raw = await RawLine.open(url);
  await raw.write(formatRequest("GET /ws HTTP/1.1", HANDSHAKE));
  await raw.until(/"type":"handshake"/);
  await raw.write(clientFrame(`{"type":"login","content":"${name}"}`));
  await raw.until(/"type":"login"/);
  return raw;
}

for (const transport of TRANSPORTS) {
  const start = (...flags: string[]) => startTestServer("--transport", transport, ...flags);

  Deno.test(`startServer() with ${transport} logs out who vanishes with a TCP reset`, async () => {
    await using server = await start();
    await using ann = await Chatter.enter(server.ws("/ws"), "ann");
    const bob = await enterByHand(server.url, "bob");
    await ann.next("login", ({ content }) => content === "bob");
    await bob.write(clientFrame(`{"type":"user","content":"last words"}`));
    assertEquals((await ann.next("user")).content, "last words");
    await bob.reset();
    const logout = await ann.next("logout");
    assertEquals([logout.content, logout.user_count], ["bob", 1]);
  });

  Deno.test(`startServer() with ${transport} logs out who breaks the protocol of frames`, async () => {
    await using server = await start();
    await using ann = await Chatter.enter(server.ws("/ws"), "ann");
    const broken = [
      Uint8Array.of(0xf1, 0x80, 0, 0, 0, 0), // reserved bits
      Uint8Array.of(0x83, 0x80, 0, 0, 0, 0), // an unknown opcode
      Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 0xff, 0xff), // text that is no UTF-8
      Uint8Array.of(0x89, 0xfe, 0, 126, 0, 0, 0, 0), // a ping that is too long
      Uint8Array.of(0x81, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), // an absurd length
    ];
    const names = broken.map((_, index) => `bob${index}`);
    const lines = await Promise.all(names.map((name) => enterByHand(server.url, name)));
    await Promise.all(lines.map((line, index) => line.write(broken[index] ?? "")));
    const gone: string[] = [];
    while (gone.length < names.length) gone.push((await ann.next("logout")).content);
    assertEquals(gone.toSorted(), names);
    for (const line of lines) await line.reset();
    await ann.send({ type: "user", content: "still here" });
    await ann.next("user");
  });

  Deno.test(`startServer() with ${transport} drops who does not read, loses nothing for others, and stops`, async () => {
    await using server = await start("--max-queue", "256KiB");
    const url = server.ws("/ws");
    await using ann = await Chatter.enter(url, "ann");
    await using bob = await Chatter.enter(url, "bob");
    const stuck = await Chatter.enter(url, "stuck");
    stuck.socket.pause();
    await ann.next("login", ({ content }) => content === "stuck");
    const content = "x".repeat(16 * 1024);
    let said = 0;
    for (let dropped = false; !dropped;) {
      await ann.send({ type: "user", content, id: String(++said) });
      for (let answered = false; !answered;) {
        const message = await ann.message();
        if (message.type === "logout") dropped = true;
        answered = message.type === "user";
      }
    }
    for (let seq = 1; seq <= said; seq++) {
      const message = await bob.next("user");
      assertEquals([message.seq, message.id], [seq, String(seq)]);
    }
    await server.stop("Enough");
    assertEquals((await ann.socket.closed).code, 1001);
    stuck.socket.resume();
    const { code } = await stuck.socket.closed;
    assert(code === 1013 || code === 1006, `received ${code}`);
  });

  Deno.test(`startServer() with ${transport} lets who broke off come back at once, with all it missed`, async () => {
    await using server = await start();
    const url = server.ws("/ws");
    await using ann = await Chatter.enter(url, "ann");
    const dead = await Chatter.connect(url);
    const { epoch } = await dead.next("handshake");
    await dead.send({ type: "login", content: "bob" });
    const { session, user } = await dead.next("login");
    dead.socket.pause(); // as if the line were dead and nobody knew
    await ann.send({ type: "user", content: "1" }, { type: "user", content: "2" });
    await ann.next("user", ({ seq }) => seq === 2);
    await using back = await Chatter.enter(url, "bob", { session, epoch, since: 0 });
    const history = await back.next("history");
    assertEquals(history.messages.map((message) => message.content), ["1", "2"]);
    // Both connections are bob's: nobody else saw him go or come.
    await back.send({ type: "user", content: "3" });
    const said = await ann.message();
    assertEquals(said.type === "user" && [said.content, said.by], ["3", user?.id]);
    dead.socket.resume();
    assertEquals((await dead.next("user", ({ seq }) => seq === 3)).content, "3");
    await dead[Symbol.asyncDispose]();
  });

  Deno.test(`startServer() with ${transport} logs out who answers no pings any more`, async () => {
    await using server = await start("--ping-interval", "1s");
    await using ann = await Chatter.enter(server.ws("/ws"), "ann");
    const bob = await enterByHand(server.url, "bob");
    assertEquals((await ann.next("logout")).content, "bob");
    await bob.reset();
    await ann.send({ type: "user", content: "I answer" });
    await ann.next("user");
  });

  Deno.test(`startServer() with ${transport} kicks who is idle, and says why`, async () => {
    await using server = await start("--idle-kick", "1s");
    await using ann = await Chatter.enter(server.ws("/ws"), "ann");
    assertEquals((await ann.next("system")).content, "You were idle for 1 s and are logged out");
    assertEquals(await ann.socket.closed, { code: 4502, reason: "Idle" });
  });

  Deno.test(`startServer() with ${transport} closes who does not log in`, async () => {
    await using server = await start("--login-timeout", "1s");
    await using newcomer = await Chatter.connect(server.ws("/ws"));
    assertEquals((await newcomer.socket.closed).code, 4001);
  });
}
