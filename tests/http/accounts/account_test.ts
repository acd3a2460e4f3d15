import { assert, assertEquals, assertMatch } from "../../support/assert.ts";
import { PASSWORD } from "../../people/people_harness.ts";
import { AccountsHarness, assertProblem, keptSession, readProblem } from "./harness.ts";

const NEXT = "battery staple";

Deno.test("POST /api/account makes a guest a member of the same id, and prolongs the cookie", async () => {
  const app = new AccountsHarness();
  const { user, secret } = await app.people.addSignedIn("Ann", "guest");
  const response = await app.ask("POST /api/account", { password: PASSWORD }, { cookie: secret });
  assertEquals(response.status, 201);
  assertEquals(await response.json(), { user: { ...user, role: "member" } });
  assertMatch(response.headers.get("set-cookie")!, new RegExp(`Max-Age=${90 * 86_400};`));
  assertEquals(keptSession(response), secret);
  const again = await app.ask("POST /api/account", { password: PASSWORD }, { cookie: secret });
  await assertProblem(again, 409, "conflict");
  const signIn = await app.ask("POST /api/session", { name: "Ann", password: PASSWORD });
  assertEquals((await signIn.json()).user.id, user.id);
});

Deno.test("POST /api/account makes a member without a session", async () => {
  const app = new AccountsHarness({ access: "members" });
  const response = await app.ask("POST /api/account", { name: "Ann", password: PASSWORD });
  assertEquals(response.status, 201);
  const { user, session } = await response.json();
  assertEquals(user.role, "member");
  assertEquals(keptSession(response), session);
  assert(await app.people.isValid(session));
});

Deno.test("POST /api/account follows --register and the rules of passwords", async () => {
  const app = new AccountsHarness({ register: "invite" });
  const { secret } = await app.people.addSignedIn("Ann", "guest");
  const password = PASSWORD;
  await assertProblem(
    await app.ask("POST /api/account", { name: "B", password }),
    403,
    "forbidden",
  );
  await assertProblem(
    await app.ask("POST /api/account", { password }, { bearer: secret }),
    403,
    "forbidden",
  );
  const open = new AccountsHarness();
  await assertProblem(await open.ask("POST /api/account", { name: "Ben" }), 422, "bad_message");
  const [status, code, detail] = await readProblem(
    await open.ask("POST /api/account", { name: "Ben", password: "short" }),
  );
  assertEquals([status, code], [422, "bad_message"]);
  assertMatch(detail, /8 to 256 characters/);
});

Deno.test("PUT /api/account/password changes it and ends the other sessions", async () => {
  const app = new AccountsHarness();
  const { people } = app;
  const { user, secret } = await people.addSignedIn("Ann", "member", PASSWORD);
  const other = await people.sessions.start(user, { agent: "", ip: "" });
  const change = (body: object) => app.ask("PUT /api/account/password", body, { bearer: secret });
  await assertProblem(await change({ old: "wrong horse", new: NEXT }), 401, "wrong_password");
  await assertProblem(await change({ old: PASSWORD, new: "short" }), 422, "bad_message");
  await assertProblem(await change({ old: PASSWORD }), 422, "bad_message");
  await assertProblem(await change({ new: NEXT }), 422, "bad_message");
  assert(await people.isValid(other.secret));
  assertEquals((await change({ old: PASSWORD, new: NEXT })).status, 204);
  assertEquals([await people.isValid(secret), await people.isValid(other.secret)], [true, false]);
  const signIn = (password: string) => app.ask("POST /api/session", { name: "Ann", password });
  await assertProblem(await signIn(PASSWORD), 401, "wrong_password");
  assertEquals((await signIn(NEXT)).status, 201);
  await assertProblem(
    await app.ask("PUT /api/account/password", { old: NEXT, new: PASSWORD }),
    401,
    "unauthorized",
  );
});

Deno.test("DELETE /api/account removes the user, and says what becomes of the messages", async () => {
  const app = new AccountsHarness();
  const { people } = app;
  const ann = await people.addSignedIn("Ann", "member", PASSWORD);
  const guest = await people.addSignedIn("Guest", "guest");
  const remove = (body: unknown, cookie: string) =>
    app.ask("DELETE /api/account", body, { cookie });
  const wrong = await remove({ password: "wrong horse" }, ann.secret);
  await assertProblem(wrong, 401, "wrong_password");
  await assertProblem(await remove(undefined, ann.secret), 422, "bad_message");
  await assertProblem(
    await remove({ password: PASSWORD, messages: 1 }, ann.secret),
    422,
    "bad_message",
  );
  const removed = await remove({ password: PASSWORD, messages: true }, ann.secret);
  assertEquals([removed.status, keptSession(removed)], [204, ""]);
  assertEquals((await remove(undefined, guest.secret)).status, 204);
  assertEquals(people.forgotten, [
    { user: ann.user.id, messages: true },
    { user: guest.user.id, messages: false },
  ]);
  assertEquals(await people.store.list({ limit: 9 }), []);
  await assertProblem(await remove(undefined, ann.secret), 401, "unauthorized");
});

Deno.test("DELETE /api/account refuses the last admin", async () => {
  const app = new AccountsHarness();
  const { secret } = await app.people.addSignedIn("Admin", "admin", PASSWORD);
  const response = await app.ask("DELETE /api/account", { password: PASSWORD }, { cookie: secret });
  assertEquals(keptSession(response), undefined);
  await assertProblem(response, 409, "conflict");
});
