/** Line breaks, control characters and paths where a name, a header or a file is expected. */
import { assert, assertEquals } from "../../support/assert.ts";
import { CapturedLogs } from "../../support/captured_logs.ts";
import { formatRequest, HANDSHAKE, RawLine } from "../../support/raw_tcp.ts";
import { startTestServer, TRANSPORTS } from "../../support/test_server.ts";
import { WsClient } from "../../support/ws_client.ts";

/** What would start a line of its own, or colour a terminal. */
const FORGED = "eve\r\nX-Forged: 1\x1b[31m";

// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;

/** Paths that would leave the directory of static files, or of uploads. */
const PATHS = [
  "/../../etc/passwd",
  "/static/../../main.ts",
  "/static/../../../../../../../etc/passwd",
  "/static/%2e%2e/%2e%2e/main.ts",
  "/static/..%2f..%2f..%2fetc%2fpasswd",
  "/static/..%5c..%5cmain.ts",
  "/static/page/..%2f..%2f..%2fmain.ts",
  "/static//etc/passwd",
  "/static/%00/etc/passwd",
  "/static/page/index.html%00.png",
  "/files/..%2f..%2fetc/passwd",
  "/files/%2e%2e/%2e%2e/people.db",
  "/files/../people.db",
  "/static/%c0%ae%c0%ae/main.ts",
  "/static/%zz",
];

for (const transport of TRANSPORTS) {
  Deno.test(`startServer() with ${transport} serves no file outside of its own, whatever the path`, async () => {
    await using server = await startTestServer("--transport", transport, "--rate", "20");
    const { host } = new URL(server.url);
    for (const path of PATHS) {
      const raw = await RawLine.open(server.url);
      await raw.write(formatRequest(`GET ${path} HTTP/1.1`, { host, connection: "close" }));
      const answer = await raw.ended();
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
      assert(status >= 400 && status < 500, `${path}: ${answer.slice(0, 200)}`);
      assert(!/root:|startServer|SQLite format/.test(answer), path);
    }
    const alive = await fetch(new URL("healthz", server.url));
    await alive.body?.cancel();
    assertEquals(alive.status, 200);
  });

  Deno.test(`startServer() with ${transport} lets nothing that a client sends break a line of the log`, async () => {
    using logs = new CapturedLogs();
    await using server = await startTestServer(
      ...["--transport", transport, "--rate", "20", "--trust-proxy", "127.0.0.1"],
    );
    const { host } = new URL(server.url);
    // As far as they can be sent at all: header values may have no line breaks, but obsolete bytes.
    const dirty = "a\x1b[31m\tb\x80\x9b";
    for (
      const header of ["user-agent", "origin", "x-forwarded-for", "forwarded", "cookie", "host"]
    ) {
      const raw = await RawLine.open(server.url);
      const headers = { ...HANDSHAKE, host, [header]: dirty };
      await raw.write(formatRequest("GET /ws?%0d%0aforged HTTP/1.1", headers));
      await raw.head();
      await raw.reset();
    }
    for (const path of ["/a%0d%0aforged", "/files/%1b%5b31m/%0a", "/api/rooms/%0d%0a/messages"]) {
      const response = await fetch(new URL(path, server.url));
      await response.body?.cancel();
      assert(response.status >= 400 && response.status < 500, `${path}: ${response.status}`);
      assertEquals(response.headers.get("x-forged"), null);
    }
    await using eve = await WsClient.open(server.ws("ws"), "hubbub.v1");
    for (
      const request of [
        { type: "login", content: FORGED },
        { type: "login", content: "eve", room: FORGED },
        { type: "login", session: FORGED },
      ]
    ) {
      await eve.send(JSON.stringify(request));
      await eve.until(/"type":"error"/);
    }
    assert(logs.lines.some((line) => line.includes("Refused")), logs.lines.join("\n"));
    for (const line of logs.lines) assert(!CONTROL.test(line), JSON.stringify(line));
  });

  Deno.test(`startServer() with ${transport} puts nothing of a client into a header of an answer as it is`, async () => {
    await using server = await startTestServer("--transport", transport, "--base-path", "/chat");
    const { host, origin } = new URL(server.url);
    // A file name stands in Content-Disposition.
    const entered = await fetch(new URL("api/session", server.url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "eve" }),
    });
    const { session } = await entered.json();
    for (
      const name of [`a"; filename="b.html`, "a\r\nx-forged: 1", "a;x-forged=1.svg", "é\u202e.exe"]
    ) {
      const url = new URL(`files?name=${encodeURIComponent(name)}`, server.url);
      const headers = { authorization: `Bearer ${session}` };
      const stored = await fetch(url, { method: "POST", headers, body: "text" });
      const answer = await stored.json();
      if (stored.status !== 201) {
        assertEquals([name, stored.status], [name, 422]);
        continue;
      }
      const file = await fetch(new URL(answer.url.slice(1), server.url), { headers });
      await file.body?.cancel();
      assertEquals([name, file.status, file.headers.get("x-forged")], [name, 200, null]);
      const disposition = file.headers.get("content-disposition") ?? "";
      assertEquals(disposition.match(/filename="/g)?.length ?? 1, 1, disposition);
      assert(!/filename="[^"]*"[^;]|\r|\n/.test(disposition), disposition);
    }
    // The path stands in Location, and a subprotocol in the answer to an upgrade.
    for (
      const path of ["/chat?%0d%0ax-forged:%201", "/chat?a=//evil.example", "//evil.example/chat"]
    ) {
      const response = await fetch(origin + path, { redirect: "manual" });
      await response.body?.cancel();
      const location = response.headers.get("location") ?? "/chat/";
      assert(location.startsWith("/chat/"), `${path}: ${location}`);
      assertEquals(response.headers.get("x-forged"), null);
    }
    const raw = await RawLine.open(server.url);
    const protocol = "evil\tx, <script>, hubbub.v1";
    const headers = { ...HANDSHAKE, host, "sec-websocket-protocol": protocol };
    await raw.write(formatRequest("GET /chat/ws HTTP/1.1", headers));
    const head = await raw.head();
    assert(/ (?:101|400) /.test(head.split("\r\n")[0] ?? ""), head);
    assert(!/evil|script/.test(head), head);
    await raw.reset();
  });
}
