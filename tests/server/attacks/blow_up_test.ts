/** Inputs that make careless regular expressions, parsers and queries take exponential time or fail. */
import { assertEquals } from "../../support/assert.ts";
import { startTestServer, TRANSPORTS } from "../../support/test_server.ts";
import { WsClient } from "../../support/ws_client.ts";

/** Searches with the syntax of the full-text index, and with much of everything. */
const QUERIES = [
  '"'.repeat(500),
  "(".repeat(500),
  "* ".repeat(250),
  "a* OR b* NOT c* NEAR(d e, 99999)",
  '" OR 1=1; DROP TABLE messages; --',
  "from:".repeat(100),
  `from:"${"a".repeat(490)}`,
  "a ".repeat(250),
  "in:x after:2026-99-99 before:0000-00-00",
  "%_%_".repeat(120),
  "\u0301".repeat(400),
  "\ud800a".toWellFormed().repeat(150),
];

/** Names and rooms, within what a frame may hold. */
const NAMES = [
  "a".repeat(10_000),
  `${"a ".repeat(5000)}!`,
  " ".repeat(10_000) + "x",
  "\u0301".repeat(5000),
  "\ufdfa".repeat(3000),
  "@#".repeat(5000),
];

/** Headers that are split and parsed. */
const HEADERS: Readonly<Record<string, string>> = {
  accept: `${"text/html;q=0.1,".repeat(400)}*/*`,
  "accept-encoding": "gzip;q=0.".repeat(500),
  cookie: "a=b; ".repeat(1000),
  range: `bytes=${"0-0,".repeat(1000)}`,
  "if-none-match": '"a",'.repeat(1000),
  "x-forwarded-for": "127.0.0.1, ".repeat(500) + "1",
  forwarded: 'for="[::1]";'.repeat(400) + '"' + "\\".repeat(500),
  authorization: `Bearer ${"a.".repeat(2000)}`,
};

for (const transport of TRANSPORTS) {
  Deno.test(`startServer() with ${transport} answers inputs that blow up careless parsers, and serves others`, async () => {
    await using server = await startTestServer(
      ...["--transport", transport, "--rate", "20", "--burst", "60"],
      ...["--search-rate", "0", "--trust-proxy", "127.0.0.1"],
    );
    await using ann = await WsClient.open(server.ws("ws"), "hubbub.v1");
    await ann.send(JSON.stringify({ type: "login", content: "ann" }));
    await ann.until(/"type":"login"/);

    await using eve = await WsClient.open(server.ws("ws"), "hubbub.v1");
    for (const [index, content] of NAMES.entries()) {
      await eve.send(JSON.stringify({ type: "login", content, id: `n${index}` }));
      await eve.until(new RegExp(`"type":"error".*"id":"n${index}"`));
    }
    await eve.send(JSON.stringify({ type: "login", content: "eve" }));
    await eve.until(/"type":"login"/);
    for (const [index, content] of QUERIES.entries()) {
      await eve.send(JSON.stringify({ type: "search", content, id: `q${index}` }));
      await eve.until(new RegExp(`"id":"q${index}"`));
    }
    for (const [name, value] of Object.entries(HEADERS)) {
      for (const path of ["", "api/session", "static/page/index.html"]) {
        const response = await fetch(new URL(path, server.url), { headers: { [name]: value } });
        await response.body?.cancel();
        assertEquals([name, path, response.status >= 500], [name, path, false]);
      }
    }
    await ann.send(JSON.stringify({ type: "user", content: "still here" }));
    await ann.until(/"content":"still here"/);
  });
}
