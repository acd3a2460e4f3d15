import { Sessions } from "../../people/sessions.ts";
import { digestOf } from "../../people/secrets.ts";
import { assert, assertEquals, assertMatch, assertNotEquals } from "../support/assert.ts";
import { DAY, DEVICE, MINUTE, override, PeopleHarness } from "./people_harness.ts";

Deno.test("Sessions.start() makes a secret of 32 random bytes and a public id", async () => {
  const people = new PeopleHarness();
  const user = await people.add("Ann");
  const { secret, session } = await people.sessions.start(user, DEVICE);
  assertMatch(secret, /^[\w-]{43}$/);
  assertMatch(session.id, /^[\w-]{12}$/);
  assertEquals(session, {
    id: session.id,
    user: user.id,
    created: people.time,
    seen: people.time,
    expires: people.time + 90 * DAY,
    ...DEVICE,
  });
  assertNotEquals((await people.sessions.start(user, DEVICE)).secret, secret);
});

Deno.test("Sessions.start() cuts a long User-Agent, whole characters only", async () => {
  const people = new PeopleHarness();
  const user = await people.add("Ann");
  const agent = `${"x".repeat(199)}\u{1f600}`;
  const { session } = await people.sessions.start(user, { agent, ip: "" });
  assertEquals(session.agent, `${"x".repeat(199)}\ufffd`);
});

Deno.test("Sessions.start() takes the secret asked for, but never one that is in use", async () => {
  const people = new PeopleHarness();
  const user = await people.add("Ann");
  const device = { ...DEVICE, secret: "told before" };
  assertEquals((await people.sessions.start(user, device)).secret, "told before");
  assertNotEquals((await people.sessions.start(user, device)).secret, "told before");
});

Deno.test("Sessions.start() keeps a hundred sessions a user, those used last", async () => {
  const people = new PeopleHarness();
  const user = await people.add("Ann");
  const secrets: string[] = [];
  for (let i = 0; i < 101; i++) {
    people.time++;
    secrets.push((await people.sessions.start(user, DEVICE)).secret);
  }
  assert(!await people.isValid(secrets[0]!));
  assert(await people.isValid(secrets[1]!));
  assertEquals((await people.sessions.list(user.id)).length, 100);
});

Deno.test("Sessions.find() finds the user and the session", async () => {
  const people = new PeopleHarness();
  const { user, secret, session } = await people.addSignedIn("Ann");
  assertEquals(await people.sessions.find(secret, DEVICE.ip), { user, session });
});

Deno.test("Sessions.find() knows no session that has ended or expired, or whose user is disabled", async () => {
  const people = new PeopleHarness();
  const { user, secret, session } = await people.addSignedIn("Ann");
  await people.store.change(user.id, { disabled: true });
  assert(!await people.isValid(secret));
  await people.store.change(user.id, { disabled: false });
  assert(await people.isValid(secret));
  assert(await people.sessions.end(user.id, session));
  assert(!await people.isValid(secret));
  assert(!await people.sessions.end(user.id, session));
  assert(!await people.isValid(""));

  const { secret: other } = await people.sessions.start(user, DEVICE);
  people.time += 90 * DAY;
  assert(!await people.isValid(other));
  assertEquals(await people.sessions.list(user.id), []);
});

Deno.test("Sessions.find() slides: 30 days for a guest, 90 for others", async () => {
  const people = new PeopleHarness();
  for (const [role, days] of [["guest", 30], ["member", 90], ["admin", 90]] as const) {
    const { user, secret, session } = await people.addSignedIn(role, role);
    people.time += days * DAY - 1;
    assert(await people.isValid(secret));
    people.time += days * DAY - 1;
    assert(await people.isValid(secret));
    assertEquals((await people.sessions.get(user.id, session))?.expires, people.time + days * DAY);
    people.time += days * DAY;
    assert(!await people.isValid(secret));
  }
});

Deno.test("Sessions.find() writes at most once a minute, with the address", async () => {
  const people = new PeopleHarness();
  const { user, secret, session } = await people.addSignedIn("Ann");
  const began = people.time;
  people.time += MINUTE - 1;
  await people.sessions.find(secret, "192.0.2.9");
  assertEquals((await people.sessions.get(user.id, session))?.seen, began);
  people.time += 1;
  await people.sessions.find(secret, "192.0.2.9");
  const { seen, ip } = (await people.sessions.get(user.id, session))!;
  assertEquals([seen, ip], [began + MINUTE, "192.0.2.9"]);
});

Deno.test("Sessions.find() finds a session even if its use cannot be written", async () => {
  const people = new PeopleHarness();
  const { user, secret, session } = await people.addSignedIn("Ann");
  const store = override(people.store, {
    usedSession: () => Promise.reject(new Error("disk full")),
  });
  const sessions = new Sessions(store, { now: () => people.time + MINUTE });
  assertEquals(await sessions.find(secret, ""), { user, session });
});

Deno.test("Sessions.endOthers() ends all sessions of the user but one", async () => {
  const people = new PeopleHarness();
  const { user, secret, session } = await people.addSignedIn("Ann");
  const { secret: other } = await people.sessions.start(user, DEVICE);
  const { secret: stranger } = await people.addSignedIn("Ben");
  assertEquals(await people.sessions.endOthers(user.id, session), 1);
  assertEquals(
    [await people.isValid(secret), await people.isValid(other), await people.isValid(stranger)],
    [true, false, true],
  );
  assertEquals(await people.sessions.endOthers(user.id), 1);
});

Deno.test("Sessions.end() ends no session of somebody else", async () => {
  const people = new PeopleHarness();
  const { secret, session } = await people.addSignedIn("Ann");
  const ben = await people.add("Ben");
  assert(!await people.sessions.end(ben.id, session));
  assert(await people.isValid(secret));
});

Deno.test("Sessions hands the store digests only", async () => {
  const people = new PeopleHarness();
  const seen: unknown[] = [];
  const store = new Proxy(people.store, {
    get: (target, name) => (...input: unknown[]) => {
      seen.push(input);
      return Reflect.apply(Reflect.get(target, name), target, input);
    },
  });
  const sessions = new Sessions(store, { now: () => people.time });
  const { secret } = await sessions.start(await people.add("Ann"), DEVICE);
  await sessions.find(secret, "");
  assert(!Deno.inspect(seen, { depth: 9 }).includes(secret));
  assert(await people.store.findSession(digestOf(secret)) !== undefined);
});
