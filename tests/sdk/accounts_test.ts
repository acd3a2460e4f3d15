import { Accounts } from "../../sdk/accounts.js";
import { RefusedError } from "../../sdk/errors.js";
import { type Authenticator, hasPasskeys } from "../../sdk/passkeys.js";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";

interface Asked {
  method: string;
  url: string;
  headers: Headers;
  credentials: RequestCredentials;
  body: unknown;
}

/** Accounts of a server that gives these answers, and what it was asked. */
function setUp(
  answers: (Response | Error)[],
  options: { session?: string; address?: string; authenticator?: Authenticator } = {},
) {
  const asked: Asked[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const { method, url, headers, credentials } = request;
    const text = await request.text();
    const body = text === "" ? undefined : JSON.parse(text);
    asked.push({ method, url, headers, credentials, body });
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new Error("Cannot answer: nothing is left");
  };
  const { address = "https://h/chat/", ...rest } = options;
  return { accounts: new Accounts(address, { fetch, ...rest }), asked };
}

const USER = { id: "u1", name: "ann", role: "member" };
const NOTHING = () => new Response(null, { status: 204 });

function refusal(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Response(text, { status, headers });
}

Deno.test("Accounts asks below the server's page, with the cookie or a session alone", async () => {
  const page = setUp([Response.json({ user: USER })]);
  assertEquals((await page.accounts.session()).user?.name, "ann");
  const [asked] = page.asked;
  assertEquals([asked?.method, asked?.url], ["GET", "https://h/chat/api/session"]);
  assertEquals([asked?.credentials, asked?.headers.has("authorization")], ["same-origin", false]);
  const program = setUp([Response.json({ user: null })], { session: "s", address: "ws://h/ws" });
  assertEquals((await program.accounts.session()).user, null);
  const [other] = program.asked;
  assertEquals(other?.url, "http://h/api/session");
  assertEquals([other?.credentials, other?.headers.get("authorization")], ["omit", "Bearer s"]);
});

Deno.test("Accounts asks for each thing as the protocol says", async () => {
  const name = "ann";
  const password = "long enough";
  const answer = () => Response.json({ user: USER }, { status: 201 });
  const calls: [string, unknown, Response, (accounts: Accounts) => Promise<unknown>][] = [
    ["POST session", { name }, answer(), (a) => a.enter({ name })],
    ["POST session", { name, password }, answer(), (a) => a.signIn({ name, password })],
    ["POST session", { invite: "c", name, password }, answer(), (a) => {
      return a.useInvite({ invite: "c", name, password });
    }],
    ["DELETE session", undefined, NOTHING(), (a) => a.logout()],
    ["GET sessions", undefined, Response.json({ sessions: [] }), (a) => a.sessions()],
    ["DELETE sessions/a%2Fb", undefined, NOTHING(), (a) => a.endSession("a/b")],
    ["POST account", { password }, answer(), (a) => a.claim({ password })],
    ["PUT account/password", { old: "o", new: "n" }, NOTHING(), (a) => {
      return a.changePassword({ old: "o", new: "n" });
    }],
    ["DELETE account", { password, messages: true }, NOTHING(), (a) => {
      return a.removeAccount({ password, messages: true });
    }],
    ["GET invites", undefined, Response.json({ invites: [] }), (a) => a.invites()],
    ["DELETE invites/i", undefined, NOTHING(), (a) => a.revokeInvite("i")],
    ["GET passkeys", undefined, Response.json({ passkeys: [] }), (a) => a.passkeys()],
    ["DELETE passkeys/p", undefined, NOTHING(), (a) => a.removePasskey("p")],
  ];
  for (const [expected, body, response, call] of calls) {
    const { accounts, asked } = setUp([response]);
    await call(accounts);
    const [{ method, url, ...rest } = { method: "", url: "", body: "" }] = asked;
    assertEquals(`${method} ${url.replace("https://h/chat/api/", "")}`, expected);
    assertEquals(rest.body, body);
  }
});

Deno.test("Accounts keeps the session that a program is told, until it logs out", async () => {
  const told = Response.json({ user: USER, session: "secret", expires: 5 }, { status: 201 });
  const { accounts, asked } = setUp([told, NOTHING(), Response.json({ user: null })]);
  assertEquals((await accounts.signIn({ name: "ann", password: "p" })).session, "secret");
  await accounts.logout();
  assertEquals(asked[1]?.headers.get("authorization"), "Bearer secret");
  await accounts.session();
  assertEquals(asked[2]?.headers.has("authorization"), false);
});

Deno.test("Accounts.invite() tells the link of the page", async () => {
  const made = { id: "i", role: "member", rooms: ["tea"], uses: 1, expires: 9, code: "CODE" };
  const { accounts, asked } = setUp([Response.json(made, { status: 201 })]);
  const { link } = await accounts.invite({ rooms: ["tea"] });
  assertEquals([link, asked[0]?.body], ["https://h/chat/#invite=CODE", { rooms: ["tea"] }]);
});

Deno.test("Accounts rejects with the server's code, text and delay", async () => {
  const detail = "Cannot sign in: name or password is wrong";
  const cases: [Response | Error, string, string, number | undefined][] = [
    [refusal(401, { code: "wrong_password", detail }), "wrong_password", detail, undefined],
    [
      refusal(429, { code: "rate_limited", detail }, { "retry-after": "7" }),
      "rate_limited",
      detail,
      7000,
    ],
    [refusal(429, { code: "rate_limited", detail, retry_ms: 250 }), "rate_limited", detail, 250],
    [refusal(502, "<h1>Bad Gateway</h1>"), "unavailable", "502", undefined],
    [refusal(403, ""), "forbidden", "403", undefined],
    [refusal(418, "null"), "internal", "418", undefined],
    [new TypeError("fetch failed"), "offline", "cannot be reached", undefined],
  ];
  for (const [answer, code, text, retryMs] of cases) {
    const { accounts } = setUp([answer]);
    const call = () => accounts.signIn({ name: "ann", password: "p" });
    const error = await assertRejects(call, RefusedError, text);
    assertEquals([error.code, error.retryMs], [code, retryMs]);
  }
});

const bytes = (text: string) => new TextEncoder().encode(text).buffer;

/** A browser that notes its options and returns these credentials, with or without conversions of its own. */
function browser(result: unknown, PublicKeyCredential: unknown = {}) {
  const options: unknown[] = [];
  const act = (given: unknown) => {
    options.push(given);
    return result instanceof Error ? Promise.reject(result) : Promise.resolve(result as Credential);
  };
  return {
    options,
    authenticator: { credentials: { create: act, get: act }, PublicKeyCredential },
  };
}

const OLD_CREDENTIAL = {
  id: "aWQ",
  type: "public-key",
  rawId: bytes("id"),
  response: { clientDataJSON: bytes("{}"), signature: bytes("??>"), userHandle: null },
  getClientExtensionResults: () => ({}),
};

Deno.test("Accounts.registerPasskey() takes two steps, in a browser without conversions", async () => {
  const json = {
    challenge: "Pz8-",
    rp: { name: "Hubbub" },
    user: { id: "dTE", name: "ann", displayName: "ann" },
    excludeCredentials: [{ id: "aWQ", type: "public-key" }],
  };
  const { options, authenticator } = browser(OLD_CREDENTIAL);
  const { accounts, asked } = setUp([
    Response.json(json),
    Response.json({ id: "aWQ", label: "Phone" }, { status: 201 }),
  ], { authenticator });
  assertEquals((await accounts.registerPasskey({ label: "Phone" })).label, "Phone");
  assertEquals(asked.map(({ url }) => url.replace(/.*api/, "")), [
    "/passkeys/register/options",
    "/passkeys/register",
  ]);
  const text = (value: BufferSource) => new TextDecoder().decode(value);
  const [{ publicKey }] = options as [CredentialCreationOptions];
  assert(publicKey?.excludeCredentials?.[0]);
  assertEquals(
    [publicKey.challenge, publicKey.user.id, publicKey.excludeCredentials[0].id].map(text),
    ["??>", "u1", "id"],
  );
  assertEquals(publicKey.rp.name, "Hubbub");
  assertEquals(asked[1]?.body, {
    label: "Phone",
    credential: {
      id: "aWQ",
      type: "public-key",
      rawId: "aWQ",
      response: { clientDataJSON: "e30", signature: "Pz8-" },
      clientExtensionResults: {},
    },
  });
});

Deno.test("Accounts.signInWithPasskey() leaves the conversion to a browser that can do it", async () => {
  class Converter {
    static prefix = "parsed ";
    static parseRequestOptionsFromJSON(json: { challenge: string }) {
      return this.prefix + json.challenge;
    }
  }
  const { options, authenticator } = browser({ toJSON: () => ({ id: "aWQ" }) }, Converter);
  const { accounts, asked } = setUp([
    Response.json({ challenge: "Pz8" }),
    Response.json({ user: USER, session: "s" }, { status: 201 }),
  ], { authenticator });
  assertEquals((await accounts.signInWithPasskey()).user.id, "u1");
  assertEquals(options, [{ publicKey: "parsed Pz8" }]);
  assertEquals(asked.map(({ url }) => url.replace(/.*api/, "")), [
    "/passkeys/sign-in/options",
    "/passkeys/sign-in",
  ]);
  assertEquals([asked[1]?.body, accounts.secret], [{ credential: { id: "aWQ" } }, "s"]);
});

Deno.test("Accounts says why there is no passkey", async () => {
  const cases: [unknown, string][] = [
    [new DOMException("", "NotAllowedError"), "cancelled"],
    [new DOMException("", "InvalidStateError"), "conflict"],
    [new DOMException("", "SecurityError"), "unsupported"],
    [null, "cancelled"],
  ];
  for (const [result, code] of cases) {
    const { authenticator } = browser(result);
    const { accounts, asked } = setUp([Response.json({ challenge: "Pz8" })], { authenticator });
    const error = await assertRejects(() => accounts.signInWithPasskey(), RefusedError);
    assertEquals([error.code, asked.length], [code, 1]);
  }
  const { accounts } = setUp([Response.json({ challenge: "Pz8" })]);
  const error = await assertRejects(() => accounts.signInWithPasskey(), RefusedError);
  assertEquals([error.code, hasPasskeys()], ["unsupported", false]);
});
