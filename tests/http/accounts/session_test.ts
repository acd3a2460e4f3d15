import { sessionCookie } from "../../../http/accounts/cookie.ts";
import { markSecure } from "../../../http/scheme.ts";
import { Secret } from "../../../config/config.ts";
import { assert, assertEquals, assertMatch } from "../../support/assert.ts";
import { DAY, DEVICE, MINUTE, PASSWORD } from "../../people/people_harness.ts";
import { AccountsHarness, assertProblem, keptSession, readProblem } from "./harness.ts";

const SETTINGS = {
  access: "open",
  register: "open",
  oidc: false,
  passkeys: true,
  password: false,
};

/** How a browser marks the requests of the page itself. */
const PAGE = { headers: { origin: "http://localhost:8080", "sec-fetch-site": "same-origin" } };

Deno.test("POST /api/session lets a remembered guest in, with a cookie and the session", async () => {
  const { people, ask } = bound(new AccountsHarness());
  const response = await ask("POST /api/session", { name: "Ann" });
  assertEquals(response.status, 201);
  assertEquals(response.headers.get("cache-control"), "no-store");
  const { user, session, expires } = await response.json();
  assertEquals([user.name, user.role], ["Ann", "guest"]);
  assertEquals(expires, people.time + 30 * DAY);
  assertEquals(
    response.headers.get("set-cookie"),
    `hubbub=${session}; Path=/; Max-Age=${30 * 86_400}; HttpOnly; SameSite=Lax`,
  );
  assertEquals((await people.sessions.find(session, ""))?.user, user);
  assertEquals((await people.store.find(user.id))?.remembered, true);
  const [{ agent, ip } = { agent: "", ip: "" }] = await people.sessions.list(user.id);
  assertEquals({ agent, ip }, DEVICE);
});

Deno.test("POST /api/session keeps the session from scripts of a page", async () => {
  const { people, ask } = bound(new AccountsHarness());
  for (
    const [name, headers] of Object.entries({
      secure: PAGE.headers,
      plain: { origin: "http://localhost:8080" },
      fetched: { "sec-fetch-site": "same-origin" },
    })
  ) {
    const response = await ask("POST /api/session", { name }, { headers });
    const secret = keptSession(response)!;
    assert(await people.isValid(secret));
    const body = await response.text();
    assert(!body.includes(secret) && !body.includes('"session"'), body);
  }
  const node = { headers: { "sec-fetch-mode": "cors" } };
  const { session } = await (await ask("POST /api/session", { name: "Node" }, node)).json();
  assert(await people.isValid(session));
});

Deno.test("sessionCookie() marks the cookie Secure behind TLS", () => {
  const request = new Request("http://localhost/");
  const session = { secret: "secret", expires: 1000 };
  assertEquals(sessionCookie(request, session, 0).endsWith("; Secure"), false);
  markSecure(request);
  assertEquals(sessionCookie(request, session, 0).endsWith("; Secure"), true);
});

Deno.test("POST /api/session signs a member in, or says neither name nor password is right", async () => {
  const { people, ask } = bound(new AccountsHarness());
  const ann = await people.add("Ann", "member", PASSWORD);
  const right = await ask("POST /api/session", { name: "ann", password: PASSWORD });
  assertEquals(right.status, 201);
  const { user, session, expires } = await right.json();
  assertEquals([user, expires], [ann, people.time + 90 * DAY]);
  assert(await people.isValid(session));

  const wrong = await ask("POST /api/session", { name: "Ann", password: "wrong horse" });
  const unknown = await ask("POST /api/session", { name: "Nobody", password: "wrong horse" });
  assertEquals(wrong.headers.get("www-authenticate"), "Bearer");
  assertEquals([keptSession(wrong), keptSession(unknown)], [undefined, undefined]);
  const problem = await readProblem(wrong);
  assertEquals(problem.slice(0, 2), [401, "wrong_password"]);
  assertEquals(await readProblem(unknown), problem);
});

Deno.test("POST /api/session delays who guesses, and says for how long", async () => {
  const { people, ask } = bound(new AccountsHarness());
  await people.add("Ann", "member", PASSWORD);
  const guess = { name: "Ann", password: "wrong horse" };
  for (let i = 0; i < 7; i++) {
    await assertProblem(await ask("POST /api/session", guess), 401, "wrong_password");
    if (i >= 4) people.time += 1000 * 2 ** (i - 4);
  }
  await assertProblem(await ask("POST /api/session", guess), 401, "wrong_password");
  const response = await ask("POST /api/session", { ...guess, password: PASSWORD });
  assertEquals(response.headers.get("retry-after"), "8");
  await assertProblem(response, 429, "rate_limited");
});

Deno.test("POST /api/session says what to do about a name that is taken", async () => {
  const { people, ask } = bound(new AccountsHarness());
  await people.add("Ann", "member", PASSWORD);
  const [status, code, detail] = await readProblem(await ask("POST /api/session", { name: "Ann" }));
  assertEquals([status, code], [409, "name_taken"]);
  assertMatch(detail, /sign in if it is yours, or choose another name/);
});

Deno.test("POST /api/session takes the server's password from guests, and members where only they may", async () => {
  const shared = bound(new AccountsHarness({ sharedPassword: new Secret("open sesame") }));
  await assertProblem(await shared.ask("POST /api/session", { name: "A" }), 401, "unauthorized");
  const open = await shared.ask("POST /api/session", { name: "Ann", password: "open sesame" });
  assertEquals((await open.json()).user.role, "guest");
  const { ask } = bound(new AccountsHarness({ access: "members" }));
  await assertProblem(await ask("POST /api/session", { name: "Ann" }), 401, "unauthorized");
});

Deno.test("POST /api/session uses an invitation, once", async () => {
  const { people, ask } = bound(new AccountsHarness({ access: "members" }));
  const { principal } = await people.addSignedIn("Ruth", "admin");
  const { code: invite } = await people.invites.make(principal, { rooms: ["team"] });
  const use = { invite, name: "Ann", password: PASSWORD };
  await assertProblem(await ask("POST /api/session", { ...use, name: "ruth" }), 409, "name_taken");
  await assertProblem(
    await ask("POST /api/session", { ...use, password: "x" }),
    422,
    "bad_message",
  );
  const response = await ask("POST /api/session", use);
  assertEquals(response.status, 201);
  const { user, session } = await response.json();
  assertEquals(user.role, "member");
  assert(await people.isValid(session));
  assertEquals(people.joined, [["Ann", ["team"]]]);
  const again = await ask("POST /api/session", { ...use, name: "Ben" });
  assertEquals(keptSession(again), undefined);
  const problem = await readProblem(again);
  assertEquals(problem.slice(0, 2), [403, "forbidden"]);
  assertEquals(
    await readProblem(await ask("POST /api/session", { ...use, invite: "unknown" })),
    problem,
  );
});

Deno.test("POST /api/session with an invitation makes a member of the guest who is there", async () => {
  const { people, ask } = bound(new AccountsHarness());
  const { principal } = await people.addSignedIn("Admin", "admin");
  const guest = await people.addSignedIn("Ann", "guest");
  const { code: invite } = await people.invites.make(principal, {});
  const response = await ask("POST /api/session", { invite }, { cookie: guest.secret, ...PAGE });
  assertEquals(response.status, 201);
  assertEquals(await response.json(), { user: { ...guest.user, role: "member" } });
  assertEquals(keptSession(response), guest.secret);
  assertMatch(response.headers.get("set-cookie")!, new RegExp(`Max-Age=${90 * 86_400};`));
});

Deno.test("POST /api/session ends the session of the browser that it replaces, no other", async () => {
  const { people, ask } = bound(new AccountsHarness());
  await people.add("Ann", "member", PASSWORD);
  const guest = await people.addSignedIn("Guest", "guest");
  const program = await people.addSignedIn("Program", "guest");
  const signIn = { name: "Ann", password: PASSWORD };
  const wrong = await ask("POST /api/session", { ...signIn, password: "wrong horse" }, {
    cookie: guest.secret,
  });
  assertEquals(wrong.status, 401);
  assert(await people.isValid(guest.secret));
  await ask("POST /api/session", signIn, { cookie: guest.secret });
  await ask("POST /api/session", signIn, { bearer: program.secret, cookie: "another" });
  assertEquals([await people.isValid(guest.secret), await people.isValid(program.secret)], [
    false,
    true,
  ]);
});

Deno.test("GET /api/session tells anybody how to enter, and nobody who they are", async () => {
  const { ask } = bound(new AccountsHarness());
  const response = await ask("GET /api/session");
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(await response.json(), { user: null, ...SETTINGS });
  assertEquals(await (await ask("GET /api/session", undefined, { cookie: "wrong" })).json(), {
    user: null,
    ...SETTINGS,
  });
  const other = bound(
    new AccountsHarness({ access: "members", register: "off", sharedPassword: new Secret("x") }),
  );
  assertEquals(await (await other.ask("GET /api/session")).json(), {
    ...SETTINGS,
    user: null,
    access: "members",
    register: "off",
    password: true,
  });
});

Deno.test("GET /api/session tells who has a session, and lets the cookie live as long as it", async () => {
  const { people, ask } = bound(new AccountsHarness());
  const { user, secret, session: id } = await people.addSignedIn("Ann");
  const created = people.time;
  people.time += DAY;
  const response = await ask("GET /api/session", undefined, { cookie: secret });
  const expires = people.time + 90 * DAY;
  assertEquals(await response.json(), { user, session: { id, created, expires }, ...SETTINGS });
  assertMatch(response.headers.get("set-cookie")!, new RegExp(`Max-Age=${90 * 86_400};`));
  assertEquals(keptSession(response), secret);
  const bearer = await ask("GET /api/session", undefined, { bearer: secret });
  assertEquals([(await bearer.json()).user, keptSession(bearer)], [user, undefined]);
});

Deno.test("DELETE /api/session ends the session and has the browser forget it", async () => {
  const { people, ask } = bound(new AccountsHarness());
  const { secret } = await people.addSignedIn("Ann");
  for (let i = 0; i < 2; i++) {
    const response = await ask("DELETE /api/session", undefined, { cookie: secret });
    assertEquals(response.status, 204);
    assertEquals(
      response.headers.get("set-cookie"),
      "hubbub=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
    );
    assertEquals(response.headers.get("clear-site-data"), null);
    assert(!await people.isValid(secret));
  }
});

Deno.test("GET /api/sessions lists the user's own devices, and no secret", async () => {
  const { people, ask } = bound(new AccountsHarness());
  const { user, secret, session } = await people.addSignedIn("Ann");
  people.time += MINUTE / 2;
  const phone = await people.sessions.start(user, { agent: "Phone", ip: "192.0.2.7" });
  await people.addSignedIn("Ben");
  const response = await ask("GET /api/sessions", undefined, { bearer: secret });
  assertEquals(response.headers.get("cache-control"), "no-store");
  const { sessions } = await response.json();
  const rest = { expires: people.time + 90 * DAY, seen: people.time, created: people.time };
  assertEquals(sessions[0], { id: phone.session.id, agent: "Phone", ip: "192.0.2.7", ...rest });
  assertEquals([sessions.length, sessions[1].id, sessions[1].current], [2, session, true]);
  await assertProblem(await ask("GET /api/sessions"), 401, "unauthorized");
});

Deno.test("DELETE /api/sessions/ID ends one of the user's own sessions", async () => {
  const { people, ask } = bound(new AccountsHarness());
  const { user, secret, session } = await people.addSignedIn("Ann");
  const phone = await people.sessions.start(user, DEVICE);
  const ben = await people.addSignedIn("Ben");
  const end = (id: string) => ask(`DELETE /api/sessions/${id}`, undefined, { cookie: secret });
  await assertProblem(await end(ben.session), 404);
  assert(await people.isValid(ben.secret));
  const ended = await end(phone.session.id);
  assertEquals([ended.status, keptSession(ended)], [204, undefined]);
  assert(!await people.isValid(phone.secret));
  await assertProblem(await end(phone.session.id), 404);
  const own = await end(session);
  assertEquals([own.status, keptSession(own)], [204, ""]);
  await assertProblem(await end(session), 401, "unauthorized");
});

Deno.test("POST /api/session says what is wrong with a body, and never repeats it", async () => {
  const { ask } = bound(new AccountsHarness());
  const headers = { "content-type": "text/plain" };
  const cases: [Response, number, string | undefined][] = [
    [await ask("POST /api/session", "name=secret", { headers }), 415, undefined],
    [await ask("POST /api/session"), 415, undefined],
    [await ask("POST /api/session", '{"name":"secret'), 400, "bad_json"],
    [await ask("POST /api/session", '["secret"]'), 422, "bad_message"],
    [await ask("POST /api/session", { name: ["secret"] }), 422, "bad_message"],
    [await ask("POST /api/session", { name: "Ann", password: 5 }), 422, "bad_message"],
    [await ask("POST /api/session", { invite: {}, name: "Ann" }), 422, "bad_message"],
    [await ask("POST /api/session", { name: "secret".repeat(9) }), 400, "bad_name"],
    [await ask("POST /api/session", {}), 400, "bad_name"],
    [await ask("POST /api/session", { password: "secret secret" }), 400, "bad_name"],
    [await ask("POST /api/session", { name: "x".repeat(17_000) }), 413, "too_large"],
    [
      await ask("POST /api/session", { name: "Ann" }, { headers: { "content-encoding": "gzip" } }),
      415,
      undefined,
    ],
  ];
  for (const [response, status, code] of cases) {
    const problem = await readProblem(response);
    assertEquals(problem.slice(0, 2), [status, code], problem[2]);
    assertMatch(problem[2], /^Cannot /);
    assert(!problem[2].includes("secret"), problem[2]);
  }
});

Deno.test("requests that change something are refused to pages of other sites", async () => {
  const { people, ask } = bound(new AccountsHarness());
  const { secret, session } = await people.addSignedIn("Ann", "admin", PASSWORD);
  for (
    const [line, body] of [
      ["POST /api/session", { name: "Eve" }],
      ["DELETE /api/session", undefined],
      [`DELETE /api/sessions/${session}`, undefined],
      ["POST /api/account", { password: PASSWORD }],
      ["DELETE /api/account", { password: PASSWORD }],
      ["PUT /api/account/password", { old: PASSWORD, new: "evil horse" }],
      ["POST /api/invites", {}],
      ["DELETE /api/invites/id", undefined],
    ] as const
  ) {
    const headers = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
    await assertProblem(await ask(line, body, { cookie: secret, headers }), 403, "forbidden");
  }
  assert(await people.isValid(secret));
});

Deno.test("a failure of the store is an internal problem, with no secret in it", async () => {
  const { people, ask } = bound(new AccountsHarness());
  await people.store.close();
  const response = await ask("POST /api/session", { name: "Ann", password: PASSWORD });
  const problem = await readProblem(response);
  assertEquals(problem.slice(0, 2), [500, "internal"]);
  assert(!problem[2].includes(PASSWORD));
});

/** The harness with a method that can be taken out of it. */
function bound(harness: AccountsHarness) {
  const ask: AccountsHarness["ask"] = (line, body, carried) => harness.ask(line, body, carried);
  return { people: harness.people, ask };
}
