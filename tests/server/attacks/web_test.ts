/**
 * Attacks over HTTP by a page of another site, or by somebody who forms requests by hand.
 *
 * @module
 */
import { assert, assertEquals, assertFalse, assertNotEquals } from "../../support/assert.ts";
import { exchange, handshake } from "../../support/raw_http.ts";
import { startTestServer, type TestServer, TRANSPORTS } from "../../support/test_server.ts";
import { WsClient } from "../../support/ws_client.ts";

const PASSWORD = "correct horse battery";
const JSON_BODY = { "content-type": "application/json" };

/** The headers of a browser on a page of another site, which sends the cookie along. */
const CROSS_SITE = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };

interface Asked {
  readonly method?: string;
  readonly cookie?: string;
  readonly headers?: Record<string, string>;
  readonly json?: object;
}

async function ask(server: TestServer, path: string, asked: Asked = {}) {
  const { method = asked.json ? "POST" : "GET", cookie, headers, json } = asked;
  const response = await fetch(new URL(path, server.url), {
    method,
    headers: {
      ...(cookie !== undefined && { cookie: `hubbub=${cookie}` }),
      ...(json !== undefined && JSON_BODY),
      ...headers,
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    redirect: "manual",
  });
  const body = await response.text();
  const [cookieOut = ""] = response.headers.getSetCookie();
  return { status: response.status, body, cookie: /^hubbub=([^;]*)/.exec(cookieOut)?.[1] ?? "" };
}

/** A member in a browser; returns the session in its cookie. */
async function member(server: TestServer, name: string): Promise<string> {
  const own = { origin: new URL(server.url).origin };
  const guest = await ask(server, "/api/session", { json: { name }, headers: own });
  assertEquals(guest.status, 201);
  const { cookie } = guest;
  const json = { password: PASSWORD };
  assertEquals((await ask(server, "/api/account", { json, cookie, headers: own })).status, 201);
  return cookie;
}

/** All routes that change something, read from where they are added, so that a new one is in the table. */
function changingRoutes(): [method: string, path: string][] {
  const routes: [string, string][] = [];
  const visit = (folder: URL) => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      if (isDirectory) visit(new URL(`${name}/`, folder));
      else {
        const source = Deno.readTextFileSync(new URL(name, folder));
        for (
          const [, verb = "", path = ""] of source.matchAll(
            /app\.(post|put|delete|patch)\("([^"]+)"/g,
          )
        ) {
          routes.push([verb.toUpperCase(), path.replace(/:\w+/g, "x")]);
        }
      }
    }
  };
  visit(new URL("../../../http/", import.meta.url));
  return routes;
}

Deno.test("no request that changes something is served to a page of another site", async () => {
  await using server = await startTestServer();
  const cookie = await member(server, "ann");
  const routes = changingRoutes();
  assert(routes.length > 20, `${routes.length} routes`);
  for (const [method, path] of routes) {
    for (const headers of [CROSS_SITE, { origin: "null" }, { "sec-fetch-site": "same-site" }]) {
      const json = path === "/files" ? undefined : {};
      const { status } = await ask(server, `${path}${path === "/files" ? "?name=a.txt" : ""}`, {
        method,
        cookie,
        headers,
        ...(json && { json }),
      });
      assertEquals([method, path, status], [method, path, 403]);
    }
  }
  const me = JSON.parse((await ask(server, "/api/session", { cookie })).body);
  assertEquals([me.user.name, me.user.role], ["ann", "member"]);
});

for (const transport of TRANSPORTS) {
  Deno.test(`a page of another site gets no WebSocket of ${transport} with the user's cookie`, async () => {
    await using server = await startTestServer("--transport", transport);
    const cookie = `hubbub=${await member(server, "ann")}`;
    for (
      const origin of ["https://evil.example", "null", `${new URL(server.url).origin}.evil.example`]
    ) {
      const [answer] = await exchange(server.url, handshake("/ws", { cookie, origin }), {
        responses: 1,
      });
      assertEquals([origin, answer?.status], [origin, 403]);
    }
    await using own = await WsClient.openWith(
      { cookie, origin: new URL(server.url).origin },
      server.ws("/ws"),
      "hubbub.v1",
    );
    assertEquals(JSON.parse(await own.text()).user.name, "ann");
  });

  Deno.test(`no path leads out of what ${transport} serves`, async () => {
    await using server = await startTestServer("--transport", transport);
    const { host } = new URL(server.url);
    const paths = [
      "/static/../deno.json",
      "/static/page/../../deno.json",
      "/static/%2e%2e/%2e%2e/deno.json",
      "/static/..%2f..%2fdeno.json",
      "/static/page/..%5c..%5cdeno.json",
      "/static/page/....//deno.json",
      "/static/page//etc/passwd",
      "/static/page/index.html%00.js",
      "/files/..%2f..%2fdeno.json/x",
      "//etc/passwd",
      "/etc/passwd",
      "/%c0%ae%c0%ae/deno.json",
    ];
    for (const path of paths) {
      const text = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      const [answer] = await exchange(server.url, text);
      assert(
        answer !== undefined && answer.status >= 400 && answer.status < 500,
        `${path} ${answer?.status}`,
      );
      assertFalse(/root:|"imports"/.test(answer.body), path);
    }
  });

  Deno.test(`nothing that ${transport} is told becomes a header of its answer`, async () => {
    await using server = await startTestServer("--transport", transport);
    const session = await member(server, "ann");
    const injected = "a%0d%0aset-cookie:%20evil=1";
    for (
      const [method, path, json] of [
        ["POST", "/api/session", { name: "a\r\nset-cookie: evil=1" }],
        ["POST", `/files?name=${injected}`, undefined],
        ["GET", `/files/${injected}/${injected}`, undefined],
        ["GET", `/api/rooms/${injected}/messages`, undefined],
        ["POST", `/api/rooms/${injected}/messages`, { content: "hi" }],
        ["GET", `/api/search?q=${injected}`, undefined],
        ["GET", `/api/oidc/callback?state=${injected}&code=${injected}`, undefined],
      ] as const
    ) {
      const response = await fetch(new URL(path, server.url), {
        method,
        redirect: "manual",
        headers: { authorization: `Bearer ${session}`, ...JSON_BODY },
        ...(method === "POST" && { body: json ? JSON.stringify(json) : "bytes" }),
      });
      await response.body?.cancel();
      assert(response.status < 500, `${path} ${response.status}`);
      assertEquals(response.headers.getSetCookie().filter((one) => one.includes("evil")), [], path);
    }
  });
}

Deno.test("a session that was planted before a sign-in is not the one after it", async () => {
  await using server = await startTestServer();
  const own = { origin: new URL(server.url).origin };
  await member(server, "ann");
  const planted =
    (await ask(server, "/api/session", { json: { name: "eve" }, headers: own })).cookie;
  const json = { name: "ann", password: PASSWORD };
  const after = await ask(server, "/api/session", { json, cookie: planted, headers: own });
  assertEquals(after.status, 201);
  assertNotEquals(after.cookie, planted);
  const invented = "x".repeat(43);
  const second = await ask(server, "/api/session", { json, cookie: invented, headers: own });
  assert(second.status === 201 || second.status === 401);
  assertNotEquals(second.cookie, invented);
  const eve = JSON.parse((await ask(server, "/api/session", { cookie: planted })).body || "{}");
  assertNotEquals(eve.user?.name, "ann");
});

Deno.test("a stolen session ends when its user says so, with the connections that use it", async () => {
  await using server = await startTestServer();
  const own = { origin: new URL(server.url).origin };
  const stolen = await member(server, "ann");
  const json = { name: "ann", password: PASSWORD };
  const { cookie } = await ask(server, "/api/session", { json, headers: own });
  const thief = await WsClient.openWith(
    { cookie: `hubbub=${stolen}` },
    server.ws("/ws"),
    "hubbub.v1",
  );
  await thief.send(JSON.stringify({ type: "login" }));
  await thief.until(/"type":"login"/);
  const { sessions } = JSON.parse((await ask(server, "/api/sessions", { cookie })).body);
  const other = sessions.find((session: { current?: boolean }) => !session.current);
  const path = `/api/sessions/${other.id}`;
  assertEquals((await ask(server, path, { method: "DELETE", cookie, headers: own })).status, 204);
  assertEquals((await thief.closed).code, 4504);
  assertEquals((await ask(server, "/api/sessions", { cookie: stolen })).status, 401);
});

/** Texts that make careless expressions and parsers take for ever. */
const HEAVY: readonly string[] = [
  "a".repeat(200) + "!",
  '"'.repeat(200),
  '" '.repeat(100),
  "from:".repeat(40),
  "in:lobby ".repeat(25),
  "before:2026-01-01 after:2026-01-01 ".repeat(6),
  "(".repeat(200),
  "\\".repeat(200),
  "%_".repeat(100),
  "* NEAR OR AND NOT ".repeat(12),
  "e\u0301".repeat(100),
  "\u202e".repeat(100),
];

Deno.test("no query, name or header takes the server long", async () => {
  await using server = await startTestServer();
  const session = await member(server, "ann");
  const client = await WsClient.open(server.ws("/ws"), "hubbub.v1");
  await client.send(JSON.stringify({ type: "login", content: "bob" }));
  await client.until(/"type":"login"/);
  for (const [n, content] of HEAVY.entries()) {
    for (const type of ["search", "rename", "topic", "user", "invite"]) {
      const id = `${type}${n}`;
      await client.send(JSON.stringify({ type, content, user: content.slice(0, 100), id }));
    }
  }
  await client.send('{"type":"ping","id":"end"}');
  await client.until(/"type":"pong"[^\n]*"id":"end"/);
  const long = ",".repeat(7000);
  for (
    const name of [
      "accept",
      "if-none-match",
      "range",
      "x-forwarded-for",
      "forwarded",
      "cookie",
      "origin",
    ]
  ) {
    for (const value of [long, `a=${'"'.repeat(7000)}`, `bytes=${"0-1,".repeat(1500)}0-1`]) {
      const response = await fetch(new URL("/static/page/main.js", server.url), {
        headers: { authorization: `Bearer ${session}`, [name]: value },
      });
      await response.body?.cancel();
      assert(response.status < 500, `${name} ${response.status}`);
    }
  }
});
