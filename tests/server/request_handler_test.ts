import { busy } from "../../hub/commands.ts";
import { type Authenticate, createAuthenticator } from "../../people/authenticator.ts";
import { Policy } from "../../people/policy.ts";
import type { Principal } from "../../people/principal.ts";
import { NO_SANCTIONS } from "../../people/sanctions.ts";
import { Allowances } from "../../limits/allowances.ts";
import { NO_REFUSALS, type Refusal } from "../../log/refusals.ts";
import { Networks } from "../../network/cidr.ts";
import { Admission } from "../../server/admission.ts";
import {
  ServerRequestHandler,
  type ServerRequestHandlerOptions,
} from "../../server/request_handler.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { FakeSocket } from "../support/fake_socket.ts";

const PEER = { ip: "192.0.2.1" };

const UNLIMITED = {
  rate: 0,
  burst: 1,
  byteRate: Infinity,
  ratePerUser: Infinity,
  ratePerAddress: Infinity,
};

function handlerWith(
  authenticate: Authenticate,
  { fetch = () => Promise.resolve(new Response("ok")), ...options }: Partial<
    ServerRequestHandlerOptions
  > = {},
): ServerRequestHandler {
  return new ServerRequestHandler({
    authenticate,
    policy: new Policy(),
    admission: new Admission({
      maxConnections: 1,
      maxConnectionsPerAddress: 1,
      maxUnauthenticated: 1,
      connectRate: Infinity,
    }),
    sanctions: NO_SANCTIONS,
    allowances: new Allowances(UNLIMITED, { maxFrame: 1000 }),
    ratePerAddress: Infinity,
    ratePerUser: Infinity,
    refusals: NO_REFUSALS,
    trustProxies: { networks: new Networks(), unix: false },
    maxConnectionsPerAddress: 1,
    allowOrigins: { kind: "any" },
    endpoints: [{ subprotocols: [], matches: (path) => path === "/ws", opened: () => {} }],
    fetch,
    ...options,
  });
}

const UPGRADE = new Request("http://localhost/ws", {
  headers: {
    upgrade: "websocket",
    connection: "upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  },
});

Deno.test("ServerRequestHandler answers 503 while the hub cannot look a session up", async () => {
  const handler = handlerWith(() => Promise.reject(busy(true)));
  for (const answer of [handler.connect(UPGRADE, PEER), handler.fetch(UPGRADE, PEER)]) {
    const response = await answer;
    assert(response instanceof Response);
    assertEquals([response.status, response.headers.has("retry-after")], [503, true]);
    await response.body?.cancel();
  }
});

Deno.test("ServerRequestHandler hands on what it does not know, for the transport to log", async () => {
  const handler = handlerWith(() => Promise.reject(new Error("Broken")));
  await assertRejects(() => handler.connect(UPGRADE, PEER), Error, "Broken");
  await assertRejects(() => handler.fetch(UPGRADE, PEER), Error, "Broken");
});

/** Who is said to send a request: by the cookie, by the bearer, or nobody. */
async function sender(
  headers: Readonly<Record<string, string>>,
  options: Partial<ServerRequestHandlerOptions> = {},
): Promise<(string | undefined)[]> {
  const { authenticate } = createAuthenticator({
    store: { find: () => Promise.resolve(undefined) },
    bots: [],
    sessions: {
      find: (id) => Promise.resolve({ user: { id, name: id, role: "member" } }),
    },
  });
  const seen: (string | undefined)[] = [];
  const see = ({ user }: Principal) => seen.push(user?.id);
  const handler = handlerWith(authenticate, {
    allowOrigins: { kind: "listed", origins: new Set(["https://app.example"]) },
    endpoints: [{
      subprotocols: [],
      matches: (path) => path === "/ws",
      opened: (_socket, { principal }) => void see(principal),
    }],
    fetch(_request, principal) {
      see(principal);
      return Promise.resolve(new Response("ok"));
    },
    ...options,
  });
  const all = { host: "localhost", ...headers };
  const accepted = await handler.connect(
    new Request(UPGRADE.url, { headers: { ...Object.fromEntries(UPGRADE.headers), ...all } }),
    PEER,
  );
  assert(accepted !== undefined && !(accepted instanceof Response));
  accepted.opened(new FakeSocket());
  await handler.fetch(
    new Request("http://localhost/files", { method: "POST", headers: all }),
    PEER,
  );
  return seen;
}

const COOKIE = { cookie: "theme=dark; hubbub=cookie" };
const BEARER = { authorization: "Bearer bearer" };

const SENDERS: readonly [
  what: string,
  headers: Readonly<Record<string, string>>,
  user: string | undefined,
][] = [
  ["a program that sends a cookie", COOKIE, "cookie"],
  ["the server's own page", { ...COOKIE, origin: "http://localhost" }, "cookie"],
  ["its own page behind a proxy with TLS", { ...COOKIE, origin: "https://localhost" }, "cookie"],
  ["a listed page with a cookie", { ...COOKIE, origin: "https://app.example" }, undefined],
  [
    "a listed page with a cookie and a bearer",
    { ...COOKIE, ...BEARER, origin: "https://app.example" },
    "bearer",
  ],
  ["a listed page with a bearer", { ...BEARER, origin: "https://app.example" }, "bearer"],
];

for (const [what, headers, user] of SENDERS) {
  Deno.test(`ServerRequestHandler takes ${what} for ${user ?? "nobody"}`, async () => {
    assertEquals(await sender(headers), [user, user]);
  });
}

Deno.test("ServerRequestHandler takes the cookie of any other origin for nobody, even if all may connect", async () => {
  for (const origin of ["null", "https://evil.example", "http://localhost:81", "nonsense"]) {
    const senders = await sender({ ...COOKIE, origin }, { allowOrigins: { kind: "any" } });
    assertEquals(senders, [undefined, undefined]);
  }
});

Deno.test("ServerRequestHandler takes the page at the public URL for its own", async () => {
  const options = {
    allowOrigins: { kind: "any" },
    publicUrl: "https://chat.example/hubbub/",
  } as const;
  // Below a path, the cookie has a name of its own.
  const headers = { cookie: "hubbub+hubbub=cookie", origin: "https://chat.example" };
  assertEquals(await sender(headers, options), ["cookie", "cookie"]);
});

const LIMITED = { maxConnections: 9, maxConnectionsPerAddress: 9, maxUnauthenticated: 9 };

/** The statuses of what is asked for as a WebSocket and as a page, and what was noted. */
async function refusals(
  options: Partial<ServerRequestHandlerOptions>,
  headers: Readonly<Record<string, string>> = {},
): Promise<[statuses: (number | undefined)[], reasons: string[]]> {
  const noted: Refusal[] = [];
  const handler = handlerWith(() => Promise.resolve({}), {
    refusals: { note: (refusal) => void noted.push(refusal) },
    ...options,
  });
  const upgrade = { ...Object.fromEntries(UPGRADE.headers), ...headers };
  const answers = [
    await handler.connect(new Request("http://localhost/ws", { headers: upgrade }), PEER),
    await handler.fetch(new Request("http://localhost/api/rooms", { headers }), PEER),
  ];
  const statuses = answers.map((answer) => answer instanceof Response ? answer.status : undefined);
  return [statuses, noted.map(({ reason, ip, detail }) => `${reason} ${ip} ${detail}`)];
}

Deno.test("ServerRequestHandler refuses a banned address, whoever forwards it, and says until when", async () => {
  const sanctions = {
    ...NO_SANCTIONS,
    banOfAddress: (ip: string) => ip === "203.0.113.9" ? { until: 60_000, reason: "" } : undefined,
  };
  const trustProxies = { networks: new Networks([{ address: PEER.ip, prefix: 32 }]), unix: false };
  const forwarded = { "x-forwarded-for": "203.0.113.9" };
  const options = { sanctions, trustProxies, now: () => 0 };
  assertEquals(await refusals(options, forwarded), [[403, 403], [
    "banned 203.0.113.9 GET /ws",
    "banned 203.0.113.9 GET /api/rooms",
  ]]);
  assertEquals(await refusals({ sanctions }, forwarded), [[undefined, 200], []]);
  const banned = await handlerWith(() => Promise.resolve({}), options)
    .fetch(new Request("http://localhost/", { headers: forwarded }), PEER);
  assertEquals(banned.headers.get("retry-after"), "60");
  const { detail } = await banned.json();
  assertEquals(
    detail,
    "Cannot serve request: this address is banned until 1970-01-01T00:01:00.000Z",
  );
});

Deno.test("ServerRequestHandler refuses a banned user, who may still log out", async () => {
  const user = { id: "ann", name: "ann", role: "member" } as const;
  const authenticate = () => Promise.resolve({ user });
  const sanctions = { ...NO_SANCTIONS, banOfUser: () => ({ reason: "spam" }) };
  const [statuses] = await refusals({ authenticate, sanctions });
  assertEquals(statuses, [403, 403]);
  const out = new Request("http://localhost/api/session", { method: "DELETE" });
  assertEquals((await handlerWith(authenticate, { sanctions }).fetch(out, PEER)).status, 200);
});

Deno.test("ServerRequestHandler answers 400 to what is no host, before anything else", async () => {
  for (const host of ["a b", "a:99999", "a, b", "u@x", "x/y", "evil.example", ""]) {
    const [statuses, noted] = await refusals({}, { host });
    assertEquals([host, ...statuses], [host, 400, 400]);
    assertEquals(noted.length, 2);
  }
  const [statuses] = await refusals({}, { host: "LOCALHOST:80" });
  assertEquals(statuses, [undefined, 200]);
});

Deno.test("ServerRequestHandler bounds the requests of a user, wherever they come from", async () => {
  const limits = { ...UNLIMITED, rate: 1, ratePerUser: 1 };
  const allowances = new Allowances(limits, { maxFrame: 1000, now: () => 0 });
  const user = { id: "u1", name: "ann", role: "member" } as const;
  const handler = handlerWith(() => Promise.resolve({ user }), { allowances, ratePerUser: 1 });
  const connection = allowances.ofConnection("192.0.2.9");
  connection.setUser("u1");
  assertEquals(connection.takeRequest(0), undefined);
  const ask = async () => (await handler.fetch(new Request("http://localhost/api"), PEER)).status;
  assertEquals([await ask(), await ask()], [200, 429]);
});

Deno.test("ServerRequestHandler bounds the rates of an address, and says when again", async () => {
  const limits = { ...UNLIMITED, rate: 1, burst: 100, ratePerAddress: 1 };
  const allowances = new Allowances(limits, { maxFrame: 1000, now: () => 0 });
  const admission = new Admission({ ...LIMITED, connectRate: 1, now: () => 0 });
  const handler = handlerWith(() => Promise.resolve({}), {
    allowances,
    ratePerAddress: 1,
    admission,
  });
  const page = async (path: string) => {
    const response = await handler.fetch(new Request(`http://localhost${path}`), PEER);
    return [response.status, response.headers.get("retry-after")];
  };
  assertEquals([await page("/api"), await page("/api")], [[200, null], [200, null]]);
  assertEquals(await page("/api"), [429, "1"]);
  assertEquals(await page("/healthz"), [200, null]);
  for (let attempt = 0; attempt < 20; attempt++) {
    const accepted = await handler.connect(UPGRADE, PEER);
    assert(accepted !== undefined && !(accepted instanceof Response));
    accepted.gone();
  }
  const refused = await handler.connect(UPGRADE, PEER);
  assert(refused instanceof Response);
  assertEquals([refused.status, refused.headers.get("retry-after")], [429, "1"]);
});

Deno.test("ServerRequestHandler lets requests of one address wait for their turn, files of the page too", async () => {
  const limits = { ...UNLIMITED, rate: 1, ratePerAddress: 500 };
  const allowances = new Allowances(limits, { maxFrame: 1000, now: () => 0 });
  const served: string[] = [];
  const handler = handlerWith(() => Promise.resolve({}), {
    allowances,
    fetch: ({ url }) => {
      served.push(new URL(url).pathname);
      return Promise.resolve(new Response("ok"));
    },
  });
  const paths = ["/a", "/static/b", "/c", "/", "/readyz"];
  await Promise.all(paths.map((path) => {
    return handler.fetch(new Request(`http://localhost${path}`), PEER);
  }));
  // What a load balancer asks does not wait.
  assertEquals(served, ["/readyz", ...paths.slice(0, -1)]);
});

Deno.test("ServerRequestHandler refuses what would wait too long, but not files of the page", async () => {
  class Busy extends Allowances {
    override paceRequest() {
      return { wait: 9500, most: 5 };
    }
  }
  const allowances = new Busy(UNLIMITED, { maxFrame: 1000 });
  const ask = async (path: string) => {
    const handler = handlerWith(() => Promise.resolve({}), { allowances });
    const { status, headers } = await handler.fetch(new Request(`http://localhost${path}`), PEER);
    return [status, headers.get("retry-after")];
  };
  assertEquals(
    [await ask("/api/rooms"), await ask("/static/page/main.js"), await ask("/healthz")],
    [
      [429, "10"],
      [200, null],
      [200, null],
    ],
  );
});

Deno.test("ServerRequestHandler accepts nobody who began to connect before it drained", async () => {
  let isDraining = false;
  const authenticate = () => {
    isDraining = true;
    return Promise.resolve({});
  };
  const [statuses] = await refusals({ authenticate, isDraining: () => isDraining });
  assertEquals(statuses[0], 503);
});

Deno.test("ServerRequestHandler accepts nobody new while memory is short", async () => {
  const [statuses, noted] = await refusals({ memory: { isLimited: () => true } });
  assertEquals(statuses, [503, 200]);
  assertEquals(noted, [`memory ${PEER.ip} GET /ws`]);
});

Deno.test("ServerRequestHandler notes a wrong credential once", async () => {
  const authenticate = () => Promise.resolve(undefined);
  const [statuses, noted] = await refusals({ authenticate });
  assertEquals(statuses, [401, 200]);
  assertEquals(noted.length, 2);
});

Deno.test("ServerRequestHandler has browsers insist on TLS only where it is served and was used", async () => {
  const header = async (options: Partial<ServerRequestHandlerOptions>, url: string, proto = "") => {
    const trustProxies = {
      networks: new Networks([{ address: PEER.ip, prefix: 32 }]),
      unix: false,
    };
    const handler = handlerWith(() => Promise.resolve({}), { trustProxies, ...options });
    const request = new Request(url, { headers: { "x-forwarded-proto": proto } });
    return (await handler.fetch(request, PEER)).headers.has("strict-transport-security");
  };
  const publicUrl = "https://localhost/";
  assertEquals(
    [
      await header({ tls: {} }, "https://localhost/"),
      await header({ publicUrl }, "http://localhost/", "https"),
      await header({}, "http://localhost/", "https"),
      await header({}, "http://localhost/"),
    ],
    [true, true, false, false],
  );
});
