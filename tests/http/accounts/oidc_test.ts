/** GET /api/oidc and its callback, against a real OpenID provider. */
import { Secret } from "../../../config/secret.ts";
import { addOidcRoutes } from "../../../http/accounts/oidc.ts";
import { createBaseApp } from "../../../http/base_app.ts";
import { SignInLog } from "../../../log/sign_ins.ts";
import { createMetrics } from "../../../metrics/prometheus.ts";
import { Identities } from "../../../people/identities.ts";
import { type OidcOptions, OidcSignIn } from "../../../people/oidc.ts";
import { ANONYMOUS, type Principal } from "../../../people/principal.ts";
import { Sessions } from "../../../people/sessions.ts";
import { createSignInLimit } from "../../../people/sign_in_limit.ts";
import type { PeopleStore } from "../../../people/store.ts";
import type { Role, User, UserId } from "../../../protocol.ts";
import { assertEquals, assertMatch, assertNotEquals } from "../../support/assert.ts";
import { CapturedLogs } from "../../support/captured_logs.ts";
import { FakeSanctions } from "../../support/fake_sanctions.ts";
import { createMemoryPeople } from "../../../people/memory/store.ts";
import {
  APP,
  Browser,
  CLIENT_ID,
  CLIENT_SECRET,
  PUBLIC,
  startProvider,
  type TestProvider,
} from "./oidc_harness.ts";

const NOW = Date.now();
const START = `${APP}/api/oidc`;

interface Harness {
  readonly provider: TestProvider;
  readonly store: PeopleStore;
  readonly clock: { now: number };
  readonly browser: Browser;
  /** The users whose sessions were started. */
  readonly started: UserId[];
  readonly sanctions: FakeSanctions;
  /** What the operator is told: of refusals the reason, of sign-ins how often each result. */
  readonly noted: string[];
  counts(): Promise<string[]>;
  /** Who the browser is signed in as. */
  principal: Principal;
  /** Another browser. */
  open(): Browser;
  /** Signs the browser in as a new user. */
  enter(name: string, role: Role): Promise<User>;
}

async function withOidc(
  run: (harness: Harness) => Promise<void>,
  { publicUrl, ...options }: Partial<OidcOptions> & { publicUrl?: string } = {},
): Promise<void> {
  await using provider = await startProvider();
  const store = createMemoryPeople();
  const clock = { now: NOW };
  const now = () => clock.now;
  const started: UserId[] = [];
  const sanctions = new FakeSanctions();
  const metrics = createMetrics();
  const noted: string[] = [];
  const signInLog = new SignInLog(metrics, { note: ({ reason }) => void noted.push(reason) });
  const addSession = store.addSession.bind(store);
  store.addSession = (session, digest) => {
    started.push(session.user);
    return addSession(session, digest);
  };
  const app = createBaseApp();
  addOidcRoutes(app, {
    oidc: new OidcSignIn(store, new Identities(store, { now }), {
      issuer: provider.issuer,
      clientId: CLIENT_ID,
      clientSecret: new Secret(CLIENT_SECRET),
      mayRegister: true,
      now,
      ...options,
    }),
    ...(publicUrl !== undefined && { publicUrl }),
    now,
    sessions: new Sessions(store, { now, sanctions }),
    signInLog,
    checkSite: () => {},
    signIns: createSignInLimit({ signInRate: 8, now }),
  });
  const open = () =>
    new Browser(async (request) =>
      await app.fetch(request, { principal: harness.principal, ip: "192.0.2.7" })
    );
  const harness: Harness = {
    provider,
    store,
    clock,
    sanctions,
    noted,
    async counts() {
      const { text } = await metrics.render();
      return [...text.matchAll(/sign_ins_total\{result="(\w+)"\} ([1-9]\d*)/g)]
        .map(([, result, count]) => `${result} ${count}`);
    },
    browser: open(),
    started,
    principal: ANONYMOUS,
    open,
    async enter(name, role) {
      const user = { id: `id-${name}`, name, role };
      await store.add({ ...user, remembered: true, created: NOW });
      this.principal = { user, session: `session of ${name}` };
      return user;
    },
  };
  await run(harness);
}

/** Signs in from beginning to end. Returns the answer to the callback. */
async function signIn(
  { browser }: Pick<Harness, "browser">,
  login: string | undefined,
  { headers = {}, tamper }: {
    headers?: Record<string, string>;
    tamper?: (url: URL) => void;
  } = {},
): Promise<Response> {
  const url = await browser.locationOf(START, { headers });
  tamper?.(url);
  return await browser.send(await browser.answer(url, login));
}

/** Where an answer sends the browser, and whether that is without a session. */
function outcomeOf({ status, headers }: Response): [number, string | null, boolean] {
  const hasSession = headers.getSetCookie().some((cookie) => cookie.startsWith("hubbub="));
  return [status, headers.get("location"), hasSession];
}

const SIGNED_IN: ReturnType<typeof outcomeOf> = [302, "/", true];
const LINKED: ReturnType<typeof outcomeOf> = [302, "/", false];
const FAILED: ReturnType<typeof outcomeOf> = [302, "/#sign-in=failed", false];
const REFUSED: ReturnType<typeof outcomeOf> = [302, "/#sign-in=refused", false];

Deno.test("GET /api/oidc sends the browser to the provider, with PKCE, state and nonce", () =>
  withOidc(async ({ browser, provider, store }) => {
    const kept: string[] = [];
    const putCeremony = store.putCeremony.bind(store);
    store.putCeremony = (id, value, expires) => {
      kept.push(id, value);
      assertEquals(expires, NOW + 600_000);
      return putCeremony(id, value, expires);
    };
    const response = await browser.send(START);
    assertEquals(response.status, 302);
    assertEquals(response.headers.get("cache-control"), "no-store");
    assertMatch(
      response.headers.get("set-cookie") ?? "",
      /^hubbub_oidc=[\w-]{43}; Max-Age=600; Path=\/api\/oidc; HttpOnly; SameSite=Lax$/,
    );
    const url = new URL(response.headers.get("location") ?? "");
    assertEquals(`${url.origin}${url.pathname}`, `${provider.issuer}/auth`);
    const { state, nonce, code_challenge, ...rest } = Object.fromEntries(url.searchParams);
    assertEquals(rest, {
      client_id: CLIENT_ID,
      redirect_uri: `${APP}/api/oidc/callback`,
      response_type: "code",
      scope: "openid profile email",
      code_challenge_method: "S256",
    });
    for (const text of [state, nonce, code_challenge]) assertMatch(text ?? "", /^[\w-]{22,}$/);
    const secret = browser.cookies(APP).get("hubbub_oidc") ?? "";
    assertEquals(kept.join().includes(secret) || kept.join().includes(nonce ?? ""), false);
    assertEquals(url.href.includes(secret), false);
  }));

Deno.test("A sign-in adds a member with the provider's name, who is known the next time", () =>
  withOidc(async (harness) => {
    const { provider, store, started, browser } = harness;
    provider.claims.set("1", { preferred_username: "ann", name: "Ann Lee" });
    assertEquals(outcomeOf(await signIn(harness, "1")), SIGNED_IN);
    assertEquals([...browser.cookies(APP).keys()], ["hubbub"]);
    assertEquals(outcomeOf(await signIn({ browser: harness.open() }, "1")), SIGNED_IN);
    const id = await store.findIdentity(provider.issuer, "1") ?? "";
    assertEquals(started, [id, id]);
    const user = await store.find(id);
    assertEquals([user?.name, user?.role, user?.remembered], ["ann", "member", true]);
    const sessions = await store.sessions(id);
    assertEquals(sessions.map(({ ip }) => ip), ["192.0.2.7", "192.0.2.7"]);
  }));

Deno.test("A new user is called what the provider says, or something derived from it", () =>
  withOidc(async (harness) => {
    const { provider, started, store } = harness;
    provider.claims.set("1", { name: " Ann\u202e Lee ", email: "x@example.org" });
    provider.claims.set("2", { email: "bob@example.org" });
    provider.claims.set("3", { preferred_username: "ann lee" });
    for (const login of ["1", "2", "3", "4"]) {
      await signIn({ browser: harness.open() }, login);
    }
    const users = await Promise.all(started.map((id) => store.find(id)));
    assertEquals(users.map((user) => user?.name), ["Ann Lee", "bob", "ann lee 2", "User"]);
  }));

Deno.test("A sign-in links the identity to whoever is signed in", () =>
  withOidc(async (harness) => {
    const { store, provider, started } = harness;
    const gus = await harness.enter("Gus", "guest");
    const headers = { "sec-fetch-site": "same-origin" };
    assertEquals(outcomeOf(await signIn(harness, "1", { headers })), LINKED);
    assertEquals(await store.findIdentity(provider.issuer, "1"), gus.id);
    assertEquals((await store.find(gus.id))?.role, "member");
    assertEquals(started, []);
    harness.principal = ANONYMOUS;
    assertEquals(outcomeOf(await signIn({ browser: harness.open() }, "1")), SIGNED_IN);
    assertEquals(started, [gus.id]);
  }));

Deno.test("A sign-in that another site began, or a token, links nothing", () =>
  withOidc(async (harness) => {
    const { store, provider } = harness;
    const ann = await harness.enter("Ann", "member");
    const headers = { "sec-fetch-site": "cross-site" };
    assertEquals(outcomeOf(await signIn(harness, "1", { headers })), SIGNED_IN);
    assertNotEquals(await store.findIdentity(provider.issuer, "1"), ann.id);
    harness.principal = { user: ann };
    assertEquals(outcomeOf(await signIn({ browser: harness.open() }, "2")), SIGNED_IN);
    assertNotEquals(await store.findIdentity(provider.issuer, "2"), ann.id);
  }));

Deno.test("A sign-in links nothing if somebody else is signed in by then", () =>
  withOidc(async (harness) => {
    const { browser, store, provider } = harness;
    const ann = await harness.enter("Ann", "member");
    const url = await browser.locationOf(START);
    const bob = await harness.enter("Bob", "member");
    assertEquals(outcomeOf(await browser.send(await browser.answer(url, "1"))), SIGNED_IN);
    const id = await store.findIdentity(provider.issuer, "1");
    assertEquals([id === ann.id, id === bob.id], [false, false]);
  }));

Deno.test("A sign-in as somebody who is known switches to that user", () =>
  withOidc(async (harness) => {
    const { started, store } = harness;
    await signIn(harness, "1");
    const gus = await harness.enter("Gus", "guest");
    assertEquals(outcomeOf(await signIn({ browser: harness.open() }, "1")), SIGNED_IN);
    assertEquals(started[1], started[0]);
    assertEquals((await store.find(gus.id))?.role, "guest");
  }));

Deno.test("Without registration only those who are known sign in, and members link", () =>
  withOidc(async (harness) => {
    const { store, provider } = harness;
    assertEquals(outcomeOf(await signIn(harness, "1")), REFUSED);
    assertEquals(await store.list({ limit: 1 }), []);
    const gus = await harness.enter("Gus", "guest");
    assertEquals(outcomeOf(await signIn({ browser: harness.open() }, "1")), REFUSED);
    assertEquals((await store.find(gus.id))?.role, "guest");
    await harness.enter("Ann", "member");
    assertEquals(outcomeOf(await signIn({ browser: harness.open() }, "1")), LINKED);
    harness.principal = ANONYMOUS;
    assertEquals(outcomeOf(await signIn({ browser: harness.open() }, "1")), SIGNED_IN);
    assertEquals(await store.findIdentity(provider.issuer, "1"), "id-Ann");
  }, { mayRegister: false }));

Deno.test("A disabled user stays out", () =>
  withOidc(async (harness) => {
    const { store, started } = harness;
    await signIn(harness, "1");
    await store.change(started[0] ?? "", { disabled: true });
    assertEquals(outcomeOf(await signIn({ browser: harness.open() }, "1")), REFUSED);
    assertEquals(started.length, 1);
  }));

Deno.test("A banned user stays out, and nobody is told that it signed in", () =>
  withOidc(async (harness) => {
    const { sanctions, started, noted } = harness;
    await signIn(harness, "1");
    sanctions.impose("ban user", started[0] ?? "");
    using logs = new CapturedLogs();
    assertEquals(outcomeOf(await signIn({ browser: harness.open() }, "1")), REFUSED);
    assertEquals([started.length, noted, logs.lines], [1, ["banned"], []]);
    assertEquals(await harness.counts(), ["success 1", "refused 1"]);
  }));

Deno.test("The public URL is where the provider sends the browser back to", () =>
  withOidc(async (harness) => {
    const { browser, started } = harness;
    const response = await browser.send(START);
    const url = new URL(response.headers.get("location") ?? "");
    assertEquals(url.searchParams.get("redirect_uri"), `${PUBLIC}/api/oidc/callback`);
    const back = await browser.answer(url, "1");
    assertEquals(back.origin, PUBLIC);
    for (const [name, value] of browser.cookies(APP)) browser.cookies(PUBLIC).set(name, value);
    assertEquals(outcomeOf(await browser.send(back)), SIGNED_IN);
    assertEquals(started.length, 1);
  }, { publicUrl: PUBLIC }));

Deno.test("A sign-in that the user cancels is no failure", () =>
  withOidc(async (harness) => {
    const response = await signIn(harness, undefined);
    assertEquals(outcomeOf(response), [302, "/#sign-in=cancelled", false]);
    assertEquals(harness.browser.cookies(APP).size, 0);
  }));

Deno.test("A sign-in fails with an error of the provider", () =>
  withOidc(async (harness) => {
    const tamper = ({ searchParams }: URL) => searchParams.set("prompt", "none");
    assertEquals(outcomeOf(await signIn(harness, "1", { tamper })), FAILED);
    assertEquals(await harness.store.list({ limit: 1 }), []);
  }));

const TAMPERED: readonly [what: string, name: string, value: string, reason: RegExp][] = [
  ["another nonce", "nonce", "0123456789abcdefghijkl", /nonce/],
  ["no nonce", "nonce", "", /nonce/],
  [
    "another PKCE challenge",
    "code_challenge",
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
    /invalid_grant/,
  ],
];

for (const [what, name, value, reason] of TAMPERED) {
  Deno.test(`A sign-in fails with ${what}, which is logged without secrets`, () =>
    withOidc(async (harness) => {
      using logs = new CapturedLogs();
      const { browser } = harness;
      const url = await browser.locationOf(START);
      if (value === "") url.searchParams.delete(name);
      else url.searchParams.set(name, value);
      const secret = browser.cookies(APP).get("hubbub_oidc") ?? "";
      const callback = await browser.answer(url, "1");
      assertEquals(outcomeOf(await browser.send(callback)), FAILED);
      assertEquals(await harness.store.list({ limit: 1 }), []);
      assertEquals(logs.lines.length, 1);
      assertMatch(logs.lines.join(), reason);
      for (const text of [...callback.searchParams.values(), secret, CLIENT_SECRET]) {
        if (text !== harness.provider.issuer) assertEquals(logs.lines.join().includes(text), false);
      }
    }));
}

Deno.test("A sign-in fails with another state", () =>
  withOidc(async (harness) => {
    const tamper = ({ searchParams }: URL) => searchParams.set("state", "0123456789abcdefghijkl");
    assertEquals(outcomeOf(await signIn(harness, "1", { tamper })), FAILED);
    assertEquals(await harness.store.list({ limit: 1 }), []);
  }));

/** Begins a sign-in and returns what the provider sends the browser back with. */
async function callbackOf({ browser }: Harness): Promise<URL> {
  return await browser.answer(await browser.locationOf(START), "1");
}

Deno.test("The callback counts once", () =>
  withOidc(async (harness) => {
    const { browser, started } = harness;
    const callback = await callbackOf(harness);
    const cookies = new Map(browser.cookies(APP));
    assertEquals(outcomeOf(await browser.send(callback)), SIGNED_IN);
    assertEquals(outcomeOf(await browser.send(callback)), FAILED);
    for (const [name, value] of cookies) browser.cookies(APP).set(name, value);
    assertEquals(outcomeOf(await browser.send(callback)), FAILED);
    assertEquals(started.length, 1);
  }));

Deno.test("The callback counts only in the browser that began", () =>
  withOidc(async (harness) => {
    const callback = await callbackOf(harness);
    const other = harness.open();
    await other.send(START);
    assertEquals(outcomeOf(await other.send(callback)), FAILED);
    const third = harness.open();
    assertEquals(outcomeOf(await third.send(await callbackOf(harness))), FAILED);
    assertEquals(harness.started, []);
  }));

Deno.test("The callback comes too late after ten minutes", () =>
  withOidc(async (harness) => {
    const callback = await callbackOf(harness);
    harness.clock.now += 600_000;
    assertEquals(outcomeOf(await harness.browser.send(callback)), FAILED);
  }));

Deno.test("The callback fails with another code, another issuer, or nothing", () =>
  withOidc(async (harness) => {
    for (const [name, value] of [["code", "x"], ["iss", "https://evil.example"]] as const) {
      const callback = await callbackOf(harness);
      callback.searchParams.set(name, value);
      assertEquals(outcomeOf(await harness.browser.send(callback)), FAILED);
    }
    assertEquals(outcomeOf(await harness.browser.send(`${START}/callback`)), FAILED);
    assertEquals(harness.started, []);
  }));

Deno.test("A sign-in fails with a wrong client secret", () =>
  withOidc(async (harness) => {
    assertEquals(outcomeOf(await signIn(harness, "1")), FAILED);
  }, { clientSecret: new Secret("wrong") }));

Deno.test("GET /api/oidc says so while the provider is away, and finds it when it is back", () =>
  withOidc(async ({ provider, browser }) => {
    provider.isAway = true;
    const location = await browser.locationOf(START);
    assertEquals(location.href, `${APP}/#sign-in=unavailable`);
    provider.isAway = false;
    assertEquals((await browser.locationOf(START)).origin, provider.issuer);
  }));

Deno.test("GET /api/oidc limits how often an address begins, and the operator is told", () =>
  withOidc(async ({ browser, clock, provider, noted, counts }) => {
    for (let turn = 0; turn < 32; turn++) await browser.send(START);
    assertEquals((await browser.locationOf(START)).hash, "#sign-in=unavailable");
    assertEquals([noted, await counts()], [["sign_in_rate"], ["limited 1"]]);
    clock.now += 60_000;
    assertEquals((await browser.locationOf(START)).origin, provider.issuer);
  }));
