/** /api/passkeys. */
import { addPasskeyRoutes, siteOf } from "../../../http/accounts/passkeys.ts";
import { createBaseApp } from "../../../http/base_app.ts";
import { Problem } from "../../../http/problem.ts";
import { Passkeys } from "../../../people/passkeys.ts";
import { ANONYMOUS, type Principal } from "../../../people/principal.ts";
import { Sessions } from "../../../people/sessions.ts";
import { createSignInLimit } from "../../../people/sign_in_limit.ts";
import type { PeopleStore } from "../../../people/store.ts";
import { Refused, type User } from "../../../protocol.ts";
import { assertEquals, assertMatch, assertThrows } from "../../support/assert.ts";
import { createMemoryPeople } from "../../../people/memory/store.ts";
import { SoftwareAuthenticator } from "../../people/software_authenticator.ts";

const NOW = 1_800_000_000_000;
const ORIGIN = "https://chat.example";
const ANN: User = { id: "ann-12345678", name: "ann", role: "member" };
const SESSION: Principal = { user: ANN, session: "session-1" };

class Harness {
  readonly store: PeopleStore = createMemoryPeople();
  readonly device = new SoftwareAuthenticator(ORIGIN);
  readonly sessions: Sessions;
  readonly #app = createBaseApp();
  now = NOW;

  constructor(publicUrl?: string) {
    const now = () => this.now;
    this.sessions = new Sessions(this.store, { now });
    addPasskeyRoutes(this.#app, {
      passkeys: new Passkeys(this.store, { mayBecomeMember: true, now }),
      sessions: this.sessions,
      ...(publicUrl !== undefined && { publicUrl }),
      now,
      checkSite({ headers }) {
        const site = headers.get("sec-fetch-site") ?? "none";
        if (site === "cross-site") throw Problem.of("forbidden", "Cannot serve request");
      },
      signIns: createSignInLimit({ signInRate: 8, now }),
    });
  }

  /** Sends a request; a body makes it a POST. */
  async send(
    path: string,
    { principal = ANONYMOUS, body, method, headers, origin = ORIGIN }: {
      principal?: Principal;
      body?: unknown;
      method?: string;
      headers?: Record<string, string>;
      origin?: string;
    } = {},
  ): Promise<Response> {
    const request = new Request(`${origin}/api/passkeys${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      headers: {
        "user-agent": "Test",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
    });
    return await this.#app.fetch(request, { principal, ip: "192.0.2.7" });
  }

  /** Registers a passkey of Ann's. */
  async register(label?: string): Promise<Response> {
    const options = await this.send("/register/options", { principal: SESSION, body: {} });
    const credential = this.device.create(await options.json());
    return await this.send("/register", { principal: SESSION, body: { credential, label } });
  }
}

async function setUp(publicUrl?: string): Promise<Harness> {
  const harness = new Harness(publicUrl);
  await harness.store.add({ ...ANN, remembered: true, created: NOW });
  return harness;
}

/** The code of a problem. */
async function codeOf(response: Response): Promise<string | undefined> {
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  return (await response.json()).code;
}

Deno.test("A passkey is registered, and signs its user in", async () => {
  const harness = await setUp();
  const registered = await harness.register("Phone");
  assertEquals(registered.status, 201);
  const shown = await registered.json();
  assertEquals(shown, {
    id: harness.device.credentials[0]?.id.toString("base64url"),
    label: "Phone",
    transports: ["internal"],
    created: NOW,
    used: NOW,
  });

  const options = await harness.send("/sign-in/options", { body: {} });
  assertEquals([options.status, options.headers.get("cache-control")], [200, "no-store"]);
  const credential = harness.device.get(await options.json());
  const response = await harness.send("/sign-in", { body: { credential } });
  assertEquals(response.status, 201);
  const { user, session: secret, expires } = await response.json();
  assertEquals(user, ANN);
  assertEquals(
    response.headers.get("set-cookie"),
    `hubbub=${secret}; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure`,
  );
  const [session] = await harness.sessions.list(ANN.id);
  assertEquals([session?.agent, session?.ip, session?.expires], ["Test", "192.0.2.7", expires]);
  assertEquals((await harness.sessions.find(secret, ""))?.session, session?.id);
});

Deno.test("A page that signs in gets its session as a cookie only, in place of the one it had", async () => {
  const harness = await setUp();
  await harness.register();
  const gus: User = { id: "gus-12345678", name: "gus", role: "guest" };
  await harness.store.add({ ...gus, remembered: true, created: NOW });
  const { secret, session } = await harness.sessions.start(gus, { agent: "", ip: "" });
  const options = await harness.send("/sign-in/options", { body: {} });
  const credential = harness.device.get(await options.json());
  const response = await harness.send("/sign-in", {
    body: { credential },
    principal: { user: gus, session: session.id },
    headers: { origin: ORIGIN, cookie: `hubbub=${secret}` },
  });
  assertEquals(await response.json(), { user: ANN });
  assertMatch(response.headers.get("set-cookie") ?? "", /^hubbub=[\w-]{43}; /);
  assertEquals(await harness.sessions.list(gus.id), []);
  assertEquals((await harness.sessions.list(ANN.id)).length, 1);
});

Deno.test("The session of a guest who registers a passkey lives as long as a member's", async () => {
  const harness = await setUp();
  const gus: User = { id: "gus-12345678", name: "gus", role: "guest" };
  await harness.store.add({ ...gus, remembered: true, created: NOW });
  const { secret, session } = await harness.sessions.start(gus, { agent: "", ip: "" });
  assertEquals(session.expires, NOW + 30 * 86_400_000);
  const principal = { user: gus, session: session.id };
  const options = await harness.send("/register/options", { principal, body: {} });
  const credential = harness.device.create(await options.json());
  const headers = { cookie: `hubbub=${secret}` };
  const response = await harness.send("/register", { principal, body: { credential }, headers });
  assertMatch(response.headers.get("set-cookie") ?? "", /; Max-Age=7776000; /);
  assertEquals((await harness.sessions.get(gus.id, session.id))?.expires, NOW + 90 * 86_400_000);
  assertEquals((await harness.store.find(gus.id))?.role, "member");
});

Deno.test("A sign-in that is refused starts no session", async () => {
  const harness = await setUp();
  await harness.register();
  const options = await harness.send("/sign-in/options", { body: {} });
  const credential = harness.device.get(await options.json(), { rpId: "evil.example" });
  const refused = await harness.send("/sign-in", { body: { credential } });
  assertEquals([refused.status, await codeOf(refused)], [401, "unauthorized"]);
  assertEquals(refused.headers.get("set-cookie"), null);
  const again = await harness.send("/sign-in", { body: { credential } });
  assertEquals([again.status, await codeOf(again)], [422, "bad_message"]);
  assertEquals(await harness.sessions.list(ANN.id), []);
});

Deno.test("Passkeys are listed without their keys, and removed", async () => {
  const harness = await setUp();
  const first = await (await harness.register("Phone")).json();
  harness.now++;
  const second = await (await harness.register()).json();
  const principal = SESSION;
  const list = await harness.send("", { principal });
  assertEquals(await list.json(), { passkeys: [first, second] });
  const removed = await harness.send(`/${first.id}`, { principal, method: "DELETE" });
  assertEquals([removed.status, await removed.text()], [204, ""]);
  const gone = await harness.send(`/${first.id}`, { principal, method: "DELETE" });
  assertEquals([gone.status, await codeOf(gone)], [404, undefined]);
  const last = await harness.send(`/${second.id}`, { principal, method: "DELETE" });
  assertEquals(await codeOf(last), "conflict");
  assertEquals(await (await harness.send("", { principal })).json(), { passkeys: [second] });
});

Deno.test("Managing passkeys needs a session; a token will not do", async () => {
  const harness = await setUp();
  for (const principal of [ANONYMOUS, { user: ANN }, { user: ANN, expires: NOW + 1 }]) {
    for (
      const [path, init] of [
        ["/register/options", { body: {} }],
        ["/register", { body: {} }],
        ["", {}],
        ["/x", { method: "DELETE" }],
      ] as const
    ) assertEquals(await codeOf(await harness.send(path, { ...init, principal })), "unauthorized");
  }
});

Deno.test("Passkeys are not for pages of other sites", async () => {
  const harness = await setUp();
  const headers = { "sec-fetch-site": "cross-site" };
  for (const path of ["/register/options", "/register", "/sign-in/options", "/sign-in"]) {
    const response = await harness.send(path, { principal: SESSION, body: {}, headers });
    assertEquals(await codeOf(response), "forbidden");
  }
  for (const [path, method] of [["", "GET"], ["/x", "DELETE"]] as const) {
    const response = await harness.send(path, { principal: SESSION, method, headers });
    assertEquals(await codeOf(response), "forbidden");
  }
});

const BODIES: readonly [body: string, code: string][] = [
  ["", "bad_json"],
  ["{", "bad_json"],
  ["[]", "bad_message"],
  ["null", "bad_message"],
  ["{}", "bad_message"],
  ['{"credential":1}', "bad_message"],
  [" ".repeat(16 * 1024 + 1), "too_large"],
];

for (const [body, code] of BODIES) {
  const shown = body.length > 20 ? `${body.length} bytes` : `'${body}'`;
  Deno.test(`POST sign-in and register refuse ${shown} with ${code}`, async () => {
    const harness = await setUp();
    for (const path of ["/sign-in", "/register"]) {
      const response = await harness.send(path, { principal: SESSION, body, method: "POST" });
      assertEquals(await codeOf(response), code);
    }
  });
}

Deno.test("An address may begin sign-ins at the rate that is set", async () => {
  const harness = await setUp();
  const begin = () => harness.send("/sign-in/options", { body: {} });
  for (let turn = 0; turn < 32; turn++) assertEquals((await begin()).status, 200);
  const refused = await begin();
  assertEquals([refused.status, await codeOf(refused)], [429, "rate_limited"]);
  harness.now += 60_000;
  assertEquals((await begin()).status, 200);
});

Deno.test("Passkeys at an IP address are refused with the reason", async () => {
  const harness = await setUp();
  for (const origin of ["http://192.0.2.1:8080", "http://[::1]:8080"]) {
    const response = await harness.send("/sign-in/options", { body: {}, origin });
    assertEquals(response.status, 403);
    const host = new URL(origin).hostname;
    assertEquals(
      (await response.json()).detail,
      `Cannot use passkeys: browsers allow them only at a domain or localhost, not at ${host}`,
    );
  }
});

Deno.test("The public URL is what passkeys are bound to", async () => {
  const harness = await setUp(ORIGIN);
  const origin = "http://10.0.0.1:8080";
  const options = await harness.send("/register/options", {
    principal: SESSION,
    body: {},
    origin,
  });
  const made = await options.json();
  assertEquals(made.rp.id, "chat.example");
  const credential = harness.device.create(made);
  const body = { credential };
  const response = await harness.send("/register", { principal: SESSION, body, origin });
  assertEquals(response.status, 201);
});

Deno.test("siteOf() knows the site by the public URL, or by the host of the request", () => {
  const to = (url: string, headers = {}) => new Request(url, { headers });
  assertEquals(siteOf(to("http://localhost:8080/x")), {
    rpId: "localhost",
    origins: ["https://localhost:8080", "http://localhost:8080"],
  });
  assertEquals(siteOf(to("http://10.0.0.1:8080/x", { host: "chat.example" })), {
    rpId: "chat.example",
    origins: ["https://chat.example", "http://chat.example"],
  });
  assertEquals(siteOf(to("http://10.0.0.1/x"), "https://chat.example:8443/"), {
    rpId: "chat.example",
    origins: ["https://chat.example:8443"],
  });
  assertThrows(() => siteOf(to("http://x/", { host: "a b" })), Problem);
  assertThrows(() => siteOf(to("http://x/", { host: "1.2.3.4" })), Refused);
});
