/**
 * What a server lets become a WebSocket, asked for by hand, and that it refuses the rest without harm.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { ask, formatRequest, HANDSHAKE, RawLine } from "../support/raw_tcp.ts";
import { startTestServer, TRANSPORTS } from "../support/test_server.ts";
import { WsClient } from "../support/ws_client.ts";

/** Secret of the API token in these tests. */
const SECRET = "0123456789abcdef";

type Changes = Readonly<Record<string, string | undefined>>;

const REFUSALS: readonly [name: string, line: string, changes: Changes, status: number][] = [
  ["another method", "POST /ws HTTP/1.1", {}, 405],
  ["a plain GET", "GET /ws HTTP/1.1", { upgrade: undefined, connection: undefined }, 426],
  ["another version", "GET /ws HTTP/1.1", { "sec-websocket-version": "12" }, 426],
  ["no version", "GET /ws HTTP/1.1", { "sec-websocket-version": undefined }, 426],
  ["no key", "GET /ws HTTP/1.1", { "sec-websocket-key": undefined }, 400],
  ["a short key", "GET /ws HTTP/1.1", { "sec-websocket-key": "c2hvcnQ=" }, 400],
  ["a foreign page", "GET /ws HTTP/1.1", { origin: "https://evil.example" }, 403],
  ["a page of no origin", "GET /ws HTTP/1.1", { origin: "null" }, 403],
  [
    "unknown subprotocols only",
    "GET /ws HTTP/1.1",
    { "sec-websocket-protocol": "hubbub.v99, soap" },
    400,
  ],
  ["another path", "GET /nowhere HTTP/1.1", {}, 404],
  ["a path below", "GET /ws/ HTTP/1.1", {}, 404],
];

for (const transport of TRANSPORTS) {
  Deno.test(`startServer() with ${transport} checks a handshake before it is too late`, async (t) => {
    await using server = await startTestServer("--transport", transport);
    for (const [name, line, changes, status] of REFUSALS) {
      await t.step(name, async () => {
        const answer = await ask(server.url, line, { ...HANDSHAKE, ...changes });
        assertEquals(answer.status, status);
        assertEquals(answer.headers.get("x-content-type-options"), "nosniff");
        if (status === 405) assertEquals(answer.headers.get("allow"), "GET");
        if (status === 426) assertEquals(answer.headers.get("upgrade"), "websocket");
        // Whoever is refused does no harm to the next one.
        assertEquals((await ask(server.url, "GET /ws HTTP/1.1", HANDSHAKE)).status, 101);
      });
    }
  });

  Deno.test(`startServer() with ${transport} selects what it knows, and never a credential`, async () => {
    const token = ["--api-token", `Build:${SECRET}`];
    await using server = await startTestServer("--transport", transport, ...token);
    const offer = async (list: string) => {
      const headers = { ...HANDSHAKE, "sec-websocket-protocol": list };
      const answer = await ask(server.url, "GET /ws HTTP/1.1", headers);
      return [answer.status, answer.headers.get("sec-websocket-protocol")];
    };
    assertEquals(await offer("soap, hubbub.v1"), [101, "hubbub.v1"]);
    assertEquals(await offer(`bearer.${SECRET}, hubbub.v1`), [101, "hubbub.v1"]);
    assertEquals(await offer(`bearer.${SECRET}`), [101, null]);
  });

  Deno.test(`startServer() with ${transport} refuses a credential that nobody has, and gives it no place`, async () => {
    await using server = await startTestServer(
      ...["--transport", transport, "--max-connections", "1"],
      ...["--api-token", `Build:${SECRET}`],
    );
    for (
      const credential of [
        { authorization: "Bearer wrong" },
        { "sec-websocket-protocol": "hubbub.v1, bearer.wrong" },
      ]
    ) {
      const answer = await ask(server.url, "GET /ws HTTP/1.1", { ...HANDSHAKE, ...credential });
      assertEquals([answer.status, answer.headers.get("www-authenticate")], [401, "Bearer"]);
    }
    await using _last = await WsClient.open(server.ws("/ws"), "hubbub.v1");
  });

  Deno.test(`startServer() with ${transport} lets a program have its name by its secret, and nobody else`, async () => {
    await using server = await startTestServer(
      ...["--transport", transport, "--api-token", `Build:${SECRET}`],
    );
    const login = JSON.stringify({ type: "login", content: "build" });
    await using person = await WsClient.open(server.ws("/ws"), "hubbub.v1");
    await person.send(login);
    assertStringIncludes((await person.until(/"error"/)).at(-1) ?? "", '"name_taken"');
    await using bot = await WsClient.open(server.ws("/ws"), "hubbub.v1", `bearer.${SECRET}`);
    await bot.send(login);
    await bot.until(/"type":"login"/);
  });

  Deno.test(`startServer() with ${transport} lets pages of its own host and of allowed ones in`, async () => {
    const flags = ["--transport", transport, "--allow-origin", "https://app.example"];
    await using server = await startTestServer(...flags);
    const { host } = new URL(server.url);
    const status = async (origin: string) => {
      const headers = { ...HANDSHAKE, host, origin };
      return (await ask(server.url, "GET /ws HTTP/1.1", headers)).status;
    };
    assertEquals(await status(`http://${host}`), 101);
    assertEquals(await status("https://app.example"), 101);
    assertEquals(await status("http://app.example"), 403);
  });

  Deno.test(`startServer() with ${transport} takes a cookie from its own pages, but not from allowed ones`, async () => {
    const flags = ["--transport", transport, "--allow-origin", "https://app.example"];
    await using server = await startTestServer(...flags);
    const { origin } = new URL(server.url);
    const answer = await fetch(new URL("api/session", server.url), {
      method: "POST",
      body: JSON.stringify({ name: "ann" }),
      headers: { "content-type": "application/json" },
    });
    const { session } = await answer.json();
    const cookie = { cookie: `hubbub=${session}` };
    const userOf = async (headers: Record<string, string>, ...protocols: string[]) => {
      await using client = await WsClient.openWith(headers, server.ws("/ws"), ...protocols);
      return JSON.parse(await client.text()).user?.name;
    };
    assertEquals(await userOf({ ...cookie, origin }), "ann");
    const listed = { ...cookie, origin: "https://app.example" };
    assertEquals(await userOf(listed), undefined);
    assertEquals(await userOf(listed, "hubbub.v1", `bearer.${session}`), "ann");
  });

  Deno.test(`startServer() with ${transport} binds connections in all and by address`, async () => {
    await using server = await startTestServer(
      "--transport",
      transport,
      "--max-connections",
      "2",
      "--max-connections-per-address",
      "2",
      "--max-unauthenticated",
      "2",
    );
    await using full = await startTestServer(
      "--transport",
      transport,
      "--max-connections-per-address",
      "1",
    );
    const request = (url: string) => ask(url, "GET /ws HTTP/1.1", HANDSHAKE);
    await using _first = await WsClient.open(server.ws("/ws"));
    await using _second = await WsClient.open(server.ws("/ws"));
    const refused = await request(server.url);
    assertEquals([refused.status, refused.headers.get("retry-after")], [503, "30"]);
    await using _third = await WsClient.open(full.ws("/ws"));
    assertEquals((await request(full.url)).status, 429);
    const health = await fetch(new URL("/healthz", full.url));
    assertEquals([health.status, await health.text()], [200, "ok\n"]);
  });

  Deno.test(`startServer() with ${transport} stands what is no HTTP at all`, async () => {
    await using server = await startTestServer("--transport", transport);
    const garbage = [
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", // a TLS hello
      "GET /ws\r\n\r\n",
      "NONSENSE\r\n\r\n",
      formatRequest("GET /ws HTTP/1.1", { ...HANDSHAKE, "content-length": "-1" }),
      formatRequest("GET /ws HTTP/1.1", { host: "a b" }),
    ];
    for (const bytes of garbage) {
      const raw = await RawLine.open(server.url);
      await raw.write(bytes);
      await raw.head();
      await raw.reset();
    }
    const response = await fetch(new URL("/healthz", server.url));
    assert(response.ok);
    assertEquals(await response.text(), "ok\n");
  });
}
