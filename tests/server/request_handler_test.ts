import { busy } from "../../hub/commands.ts";
import { type Authenticate, createAuthenticator } from "../../people/authenticator.ts";
import { Policy } from "../../people/policy.ts";
import type { Principal } from "../../people/principal.ts";
import { Admission } from "../../server/admission.ts";
import {
  ServerRequestHandler,
  type ServerRequestHandlerOptions,
} from "../../server/request_handler.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { FakeSocket } from "../support/fake_socket.ts";

const PEER = { ip: "192.0.2.1" };

function handlerWith(
  authenticate: Authenticate,
  { fetch = () => Promise.resolve(new Response("ok")), ...options }: Partial<
    ServerRequestHandlerOptions
  > = {},
): ServerRequestHandler {
  return new ServerRequestHandler({
    authenticate,
    policy: new Policy(),
    admission: new Admission({ maxConnections: 1, maxConnectionsPerAddress: 1 }),
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
  const headers = { ...COOKIE, origin: "https://chat.example" };
  assertEquals(await sender(headers, options), ["cookie", "cookie"]);
});
