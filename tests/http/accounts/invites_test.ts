import { assertEquals, assertMatch } from "../../support/assert.ts";
import { DAY } from "../../people/people_harness.ts";
import { AccountsHarness, assertProblem } from "./harness.ts";

Deno.test("POST /api/invites makes an invitation and tells its code and link once", async () => {
  const app = new AccountsHarness();
  const { user, secret } = await app.people.addSignedIn("Ann");
  const expires = app.people.time + DAY;
  const wanted = { role: "member", rooms: ["team"], uses: 3, expires };
  const response = await app.ask("POST /api/invites", wanted, { bearer: secret });
  assertEquals(response.status, 201);
  assertEquals(response.headers.get("cache-control"), "no-store");
  const { id, code, url, created, ...rest } = await response.json();
  assertMatch(code, /^[\w-]{22}$/);
  assertEquals([url, created, rest], [`/#invite=${code}`, app.people.time, {
    ...wanted,
    by: user.id,
  }]);
  const list = await app.ask("GET /api/invites", undefined, { bearer: secret });
  assertEquals(await list.json(), { invites: [{ id, created, ...rest }] });
});

Deno.test("POST /api/invites needs no body, and says what is wrong with one", async () => {
  const app = new AccountsHarness({ mayInviteTo: () => false });
  const { secret } = await app.people.addSignedIn("Ann");
  const invite = (body?: object) => app.ask("POST /api/invites", body, { bearer: secret });
  assertEquals((await invite()).status, 201);
  for (
    const [body, status, code] of [
      [{ uses: "3" }, 422, "bad_message"],
      [{ uses: 1001 }, 422, "bad_message"],
      [{ rooms: "team" }, 422, "bad_message"],
      [{ rooms: ["Team"] }, 400, "bad_room"],
      [{ rooms: ["team"] }, 404, "no_such_room"],
      [{ expires: "7d" }, 422, "bad_message"],
      [{ role: "admin" }, 403, "forbidden"],
      [{ role: "king" }, 422, "bad_message"],
    ] as const
  ) await assertProblem(await invite(body), status, code);
  await assertProblem(await app.ask("POST /api/invites", {}), 401, "unauthorized");
  await assertProblem(await app.ask("GET /api/invites"), 401, "unauthorized");
});

Deno.test("DELETE /api/invites/ID revokes one's own", async () => {
  const app = new AccountsHarness();
  const ann = await app.people.addSignedIn("Ann");
  const ben = await app.people.addSignedIn("Ben");
  const { code: invite, invite: { id } } = await app.people.invites.make(ann.principal, {});
  const revoke = (bearer: string) => app.ask(`DELETE /api/invites/${id}`, undefined, { bearer });
  await assertProblem(await revoke(ben.secret), 404);
  assertEquals((await revoke(ann.secret)).status, 204);
  await assertProblem(await revoke(ann.secret), 404);
  await assertProblem(
    await app.ask("POST /api/session", { invite, name: "Cid" }),
    403,
    "forbidden",
  );
});

Deno.test("POST /api/invites lets a user have a hundred", async () => {
  const app = new AccountsHarness();
  const { secret } = await app.people.addSignedIn("Ann");
  const invite = () => app.ask("POST /api/invites", undefined, { bearer: secret });
  for (let i = 0; i < 100; i++) assertEquals((await invite()).status, 201);
  await assertProblem(await invite(), 409, "too_many");
});
