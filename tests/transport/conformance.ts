/**
 * What both transports must do alike, against a whole server over real sockets. The endpoints have
 * their own tests; here `/echo`, `/relay` and `/ws` only stand for what travels.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { startTestServer } from "../support/test_server.ts";
import { WsClient } from "../support/ws_client.ts";
import { poll } from "../support/within.ts";

/** Larger than any socket buffer, smaller than the largest frame that `/echo` takes. */
const LARGE = 200_000;

/** Registers the suite for one transport. */
export function testTransport(transport: "deno" | "node"): void {
  const start = (...flags: string[]) => startTestServer("--transport", transport, ...flags);
  const name = (behaviour: string) => `transport ${transport} ${behaviour}`;

  Deno.test(name("carries text and binary both ways, empty to large, unchanged"), async () => {
    await using server = await start();
    await using client = await WsClient.open(server.ws("/echo"));
    const texts = [
      "",
      "a",
      "ü€😀\u0000\u2028",
      "x".repeat(125),
      "x".repeat(126),
      "ß".repeat(LARGE / 2),
    ];
    for (const text of texts) {
      await client.send(text);
      assertEquals(await client.next(), text);
    }
    for (const size of [0, 1, 125, 126, 0xffff, 0x10000, LARGE]) {
      const bytes = Uint8Array.from({ length: size }, (_, index) => index * 7 % 256);
      await client.send(bytes);
      assertEquals(await client.next(), bytes);
    }
  });

  Deno.test(name("keeps the order of many frames"), async () => {
    await using server = await start();
    await using client = await WsClient.open(server.ws("/echo"));
    const sent = Array.from({ length: 2000 }, (_, index) => String(index));
    for (const text of sent) client.send(text);
    assertEquals(await client.take(sent.length), sent);
  });

  Deno.test(name("selects the first known subprotocol, and none if none was offered"), async () => {
    await using server = await start();
    await using lines = await WsClient.open(server.ws("/ws"), "unknown", "hubbub.v1");
    assertEquals(lines.subprotocol, "hubbub.v1");
    await using plain = await WsClient.open(server.ws("/ws"));
    assertEquals(plain.subprotocol, "");
    for (const client of [lines, plain]) {
      const handshake = JSON.parse(await client.text());
      assertEquals([handshake.type, handshake.ip], ["handshake", "127.0.0.1"]);
    }
  });

  Deno.test(name("refuses what the routes refuse, and serves on"), async () => {
    await using server = await start("--max-connections-per-address", "1");
    await assertRejects(() => WsClient.open(server.ws("/ws"), "unknown"), Error, "400");
    await assertRejects(() => WsClient.open(server.ws("/nowhere")), Error, "404");
    await using first = await WsClient.open(server.ws("/ws"));
    assertMatch(await first.text(), /handshake/);
    await assertRejects(() => WsClient.open(server.ws("/ws")), Error, "429");
    const plain = await fetch(new URL("/ws", server.url));
    assertEquals([plain.status, plain.headers.get("upgrade")], [426, "websocket"]);
    await plain.body?.cancel();
  });

  Deno.test(name("frees the place of a connection that has ended"), async () => {
    await using server = await start("--max-connections-per-address", "1");
    for (let round = 0; round < 3; round++) {
      const client = await WsClient.open(server.ws("/echo"));
      await client[Symbol.asyncDispose]();
      // The server learns of the end after the client.
      const visit = async () => {
        await using _next = await WsClient.open(server.ws("/echo"));
        return "welcome";
      };
      const attempt = () => visit().catch(String);
      if (round < 2) await poll("the place to be free", attempt, (answer) => answer === "welcome");
    }
  });

  Deno.test(name("closes with the code and reason that the endpoint gives"), async () => {
    await using server = await start();
    await using client = await WsClient.open(server.ws("/echo"));
    await client.send("x".repeat(2_000_000));
    const { code, reason } = await client.closed;
    assertEquals(code, 1009);
    assert(reason !== "");
  });

  Deno.test(name("drops a peer that does not read, while the others go on"), async () => {
    await using server = await start("--max-queue", "256KiB");
    const stuck = await WsClient.open(server.ws("/relay/test"));
    stuck.pause();
    await using sender = await WsClient.open(server.ws("/relay/test"));
    await using reader = await WsClient.open(server.ws("/relay/test"));
    const frame = new Uint8Array(100_000);
    for (let sent = 0; sent < 200; sent++) {
      sender.send(frame);
      assertEquals((await reader.next()).length, frame.length);
    }
    stuck.resume();
    const { code } = await stuck.closed;
    assert(code === 1013 || code === 1006, `received ${code}`);
  });

  Deno.test(name("answers HTTP with the routes' headers, and HEAD without a body"), async () => {
    await using server = await start();
    const page = await fetch(server.url);
    assertEquals(page.status, 200);
    assertMatch(page.headers.get("content-type") ?? "", /^text\/html/);
    assert(page.headers.has("content-security-policy"));
    assertMatch(await page.text(), /<!doctype html>/i);
    const head = await fetch(server.url, { method: "HEAD" });
    assertEquals([head.status, await head.text()], [200, ""]);
  });

  Deno.test(name("says goodbye with 1001 when the server stops"), async () => {
    await using server = await start();
    await using client = await WsClient.open(server.ws("/ws"));
    await client.text();
    await server.stop("enough");
    assertMatch(await client.text(), /"type":"system".*enough/);
    assertEquals(await client.closed, { code: 1001, reason: "enough" });
  });

  Deno.test(name("stops although a peer does not read"), async () => {
    await using server = await start();
    const stuck = await WsClient.open(server.ws("/relay/stop"));
    stuck.pause();
    await using sender = await WsClient.open(server.ws("/relay/stop"));
    for (let sent = 0; sent < 40; sent++) await sender.send(new Uint8Array(100_000));
    await server.stop("enough");
    stuck.resume();
    await stuck.closed;
  });
}
