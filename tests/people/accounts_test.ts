import { Secret } from "../../config/config.ts";
import { Passwords } from "../../people/passwords.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../support/assert.ts";
import {
  arrival,
  assertRefused,
  COST,
  DAY,
  DEVICE,
  MINUTE,
  PASSWORD,
  PeopleHarness,
  type PeopleOptions,
} from "./people_harness.ts";

/** Ann, a member with a password. */
async function withAnn(options?: PeopleOptions) {
  const people = new PeopleHarness(options);
  const ann = await people.addSignedIn("Ann", "member", PASSWORD);
  return { people, ...ann };
}

Deno.test("Accounts.enterAsGuest() lets a remembered guest in", async () => {
  const people = new PeopleHarness();
  const { user, secret, session } = await people.accounts.enterAsGuest("Ann", DEVICE);
  assertEquals(await people.sessions.find(secret, ""), { user, session: session.id });
  const record = await people.store.find(user.id);
  assertEquals([record?.role, record?.remembered], ["guest", true]);
  await assertRefused("name_taken", () => people.accounts.enterAsGuest("ann", DEVICE));
  await assertRefused("bad_name", () => people.accounts.enterAsGuest(undefined, DEVICE));
});

Deno.test("Accounts.enterAsGuest() lets nobody in where only members may", async () => {
  const people = new PeopleHarness({ access: "members" });
  await assertRefused("unauthorized", () => people.accounts.enterAsGuest("Ann", DEVICE));
});

Deno.test("Accounts.signIn() lets a guest in with the server's password, and nobody without it", async () => {
  const { people } = await withAnn({ sharedPassword: new Secret("open sesame") });
  const enter = (name: string, password: string) =>
    people.accounts.signIn({ name, password }, DEVICE);
  await assertRefused("unauthorized", () => people.accounts.enterAsGuest("Ben", DEVICE));
  await assertRefused("wrong_password", () => enter("Ben", "open sesam"));
  assertEquals((await enter("Ben", "open sesame")).user.role, "guest");
  await assertRefused("name_taken", () => enter("Ben", "open sesame"));
  await assertRefused("name_taken", () => enter("Ann", "open sesame"));
  assertEquals((await enter("Ann", PASSWORD)).user.role, "member");
});

Deno.test("Accounts.signIn() counts wrong guesses of the server's password", async () => {
  const people = new PeopleHarness({ sharedPassword: new Secret("open sesame") });
  for (let i = 0; i < 20; i++) {
    const guess = { name: `guest ${i}`, password: `guess ${i}` };
    await assertRefused("wrong_password", () => people.accounts.signIn(guess, DEVICE));
  }
  const right = { name: "Ben", password: "open sesame" };
  await assertRefused("rate_limited", () => people.accounts.signIn(right, DEVICE));
});

Deno.test("Accounts.signIn() takes no shared password where only members may enter", async () => {
  const people = new PeopleHarness({
    access: "members",
    sharedPassword: new Secret("open sesame"),
  });
  const guess = { name: "Ben", password: "open sesame" };
  await assertRefused("wrong_password", () => people.accounts.signIn(guess, DEVICE));
});

Deno.test("Accounts.signIn() starts another session of the member", async () => {
  const { people, user, secret } = await withAnn();
  const signedIn = await people.accounts.signIn({ name: "ANN", password: PASSWORD }, DEVICE);
  assertEquals(signedIn.user, user);
  assert(await people.isValid(signedIn.secret));
  assert(await people.isValid(secret));
});

Deno.test("Accounts.signIn() answers all who may not enter alike, after as much work", async () => {
  const { people } = await withAnn();
  await people.add("Passkey", "member");
  await people.add("Bot", "bot", PASSWORD);
  const disabled = await people.add("Disabled", "member", PASSWORD);
  await people.store.change(disabled.id, { disabled: true });
  const answers = new Set<string>();
  for (
    const [name, password] of [
      ["Ann", "wrong horse"],
      ["Nobody", PASSWORD],
      ["Passkey", PASSWORD],
      ["Bot", PASSWORD],
      ["Disabled", PASSWORD],
      ["Ann", ""],
      ["Ann", "\ud800"],
    ] as const
  ) {
    const before = people.hashes;
    const refused = await assertRefused(
      "wrong_password",
      () => people.accounts.signIn({ name, password }, DEVICE),
    );
    assertEquals(people.hashes - before, 1, name);
    answers.add(refused.message);
  }
  assertEquals(answers.size, 1);
});

Deno.test("Accounts.signIn() delays after failures, before anything is hashed", async () => {
  const { people } = await withAnn();
  for (const name of ["Ann", "Nobody"]) {
    const guess = { name, password: "wrong horse" };
    for (let i = 0; i < 5; i++) {
      await assertRefused("wrong_password", () => people.accounts.signIn(guess, DEVICE));
    }
    const before = people.hashes;
    const refused = await assertRefused(
      "rate_limited",
      () => people.accounts.signIn({ name, password: PASSWORD }, DEVICE),
    );
    assertEquals([people.hashes - before, refused.retryMs], [0, 1000]);
  }
  people.time += 1000;
  await people.accounts.signIn({ name: "Ann", password: PASSWORD }, DEVICE);
});

Deno.test("Accounts.signIn() raises the cost of an old hash", async () => {
  const { people, user } = await withAnn();
  const old = await new Passwords({ cost: { ...COST, ln: 2 } }).hash(PASSWORD);
  await people.store.setPassword(user.id, old);
  await people.accounts.signIn({ name: "Ann", password: PASSWORD }, DEVICE);
  const raised = (await people.store.password(user.id))!;
  assert(!people.passwords.needsRehash(raised));
  assert(await people.passwords.verify(PASSWORD, raised));
  await people.accounts.signIn({ name: "Ann", password: PASSWORD }, DEVICE);
  assertEquals(await people.store.password(user.id), raised);
});

Deno.test("Accounts.claim() makes a guest a member of the same id and name, for longer", async () => {
  const people = new PeopleHarness();
  const { user, session, secret } = await people.visits.enter(arrival({ name: "Ann" }));
  const principal = (await people.sessions.find(secret!, ""))!;
  const member = await people.accounts.claim(principal, PASSWORD, DEVICE);
  assertEquals(member, { ...user, role: "member" });
  const record = await people.store.find(user.id);
  assertEquals([record?.role, record?.remembered], ["member", true]);
  const { expires } = (await people.sessions.get(user.id, session!))!;
  assertEquals(expires, people.time + 90 * DAY);
  const signedIn = await people.accounts.signIn({ name: "Ann", password: PASSWORD }, DEVICE);
  assertEquals(signedIn.user, member);
});

Deno.test("Accounts.claim() follows --register", async () => {
  for (const [register, words] of [["invite", "invitation"], ["off", "no new members"]] as const) {
    const people = new PeopleHarness({ register });
    const { principal, user } = await people.addSignedIn("Ann", "guest");
    const refused = await assertRefused(
      "forbidden",
      () => people.accounts.claim(principal, PASSWORD, DEVICE),
    );
    assertStringIncludes(refused.message, words);
    assertEquals(await people.store.password(user.id), undefined);
  }
});

Deno.test("Accounts.claim() is for guests with a good password, once", async () => {
  const people = new PeopleHarness();
  const { principal, user } = await people.addSignedIn("Ann", "guest");
  const { accounts } = people;
  await assertRefused("bad_message", () => accounts.claim(principal, "short", DEVICE));
  assertEquals((await people.store.find(user.id))?.role, "guest");
  await assertRefused("unauthorized", () => accounts.claim({}, PASSWORD, DEVICE));
  const member = { user: await accounts.claim(principal, PASSWORD, DEVICE) };
  await assertRefused("conflict", () => accounts.claim(member, "another horse", DEVICE));
});

Deno.test("Accounts.claim() gives nobody a name that somebody took while they were away", async () => {
  const people = new PeopleHarness();
  const ann = await people.visits.enter(arrival({ name: "Ann" }));
  people.visits.leave(ann.user.id, ann.visit);
  await people.visits.enter(arrival({ name: "Ann" }));
  await assertRefused("name_taken", () => people.accounts.claim(ann, PASSWORD, DEVICE));
  assertEquals((await people.store.find(ann.user.id))?.role, "guest");
});

Deno.test("Accounts.register() makes a member, where it is open", async () => {
  const people = new PeopleHarness({ access: "members" });
  const ann = { name: "Ann", password: PASSWORD };
  const { user, secret } = await people.accounts.register(ann, DEVICE);
  assertEquals(user.role, "member");
  assert(await people.isValid(secret));
  await people.accounts.signIn(ann, DEVICE);
  await assertRefused("name_taken", () => people.accounts.register(ann, DEVICE));
  await assertRefused(
    "bad_message",
    () => people.accounts.register({ name: "Ben", password: "short" }, DEVICE),
  );
  await assertRefused(
    "bad_name",
    () => people.accounts.register({ name: undefined, password: PASSWORD }, DEVICE),
  );
  for (const register of ["invite", "off"] as const) {
    const { accounts } = new PeopleHarness({ register });
    await assertRefused("forbidden", () => accounts.register(ann, DEVICE));
  }
});

Deno.test("Accounts.changePassword() sets it and ends the other sessions", async () => {
  const { people, user, principal, secret } = await withAnn();
  const { secret: other } = await people.sessions.start(user, DEVICE);
  const change = { old: PASSWORD, next: "battery staple" };
  await people.accounts.changePassword(principal, change, DEVICE);
  assertEquals([await people.isValid(secret), await people.isValid(other)], [true, false]);
  const signIn = (password: string) => people.accounts.signIn({ name: "Ann", password }, DEVICE);
  await assertRefused("wrong_password", () => signIn(PASSWORD));
  await signIn("battery staple");
});

Deno.test("Accounts.changePassword() needs the old one, and delays who guesses it", async () => {
  const { people, principal } = await withAnn();
  const change = (old: string | undefined, next = "battery staple") =>
    people.accounts.changePassword(principal, { old, next }, DEVICE);
  await assertRefused("bad_message", () => change(undefined));
  await assertRefused("bad_message", () => change(PASSWORD, "short"));
  for (let i = 0; i < 5; i++) await assertRefused("wrong_password", () => change("wrong horse"));
  await assertRefused("rate_limited", () => change(PASSWORD));
});

Deno.test("Accounts.changePassword() is for members; without a password, just after signing in", async () => {
  const people = new PeopleHarness();
  const { principal } = await people.addSignedIn("Ann");
  const guest = await people.addSignedIn("Guest", "guest");
  const bot = await people.addSignedIn("Bot", "bot");
  const change = { old: undefined, next: PASSWORD };
  const { accounts } = people;
  for (const { principal } of [guest, bot]) {
    await assertRefused("forbidden", () => accounts.changePassword(principal, change, DEVICE));
  }
  await assertRefused("unauthorized", () => accounts.changePassword({}, change, DEVICE));
  people.time += 10 * MINUTE + 1;
  await assertRefused("unauthorized", () => accounts.changePassword(principal, change, DEVICE));
  people.time -= 1;
  await accounts.changePassword(principal, change, DEVICE);
  await accounts.signIn({ name: "Ann", password: PASSWORD }, DEVICE);
});

Deno.test("Accounts.remove() removes a user who gives the password, and says what of the messages", async () => {
  const { people, user, principal, secret } = await withAnn();
  const device = { ...DEVICE, forget: people.forget };
  const remove = (password: string | undefined) =>
    people.accounts.remove(principal, { password, messages: true }, device);
  await assertRefused("bad_message", () => remove(undefined));
  await assertRefused("wrong_password", () => remove("wrong horse"));
  assertEquals(people.forgotten, []);
  await remove(PASSWORD);
  assertEquals(people.forgotten, [{ user: user.id, messages: true }]);
  assertEquals(await people.store.find(user.id), undefined);
  assert(!await people.isValid(secret));
});

Deno.test("Accounts.remove() keeps the user if the messages cannot be forgotten", async () => {
  const { people, user, principal } = await withAnn();
  const forget = () => Promise.reject(new Error("store fails"));
  await assertRejects(
    () =>
      people.accounts.remove(principal, { password: PASSWORD, messages: true }, {
        ...DEVICE,
        forget,
      }),
    Error,
    "store fails",
  );
  assert(await people.store.find(user.id) !== undefined);
});

Deno.test("Accounts.remove() asks members without a password to sign in first, guests not", async () => {
  const people = new PeopleHarness();
  const { principal } = await people.addSignedIn("Ann");
  const guest = await people.addSignedIn("Guest", "guest");
  const bot = await people.addSignedIn("Bot", "bot");
  const what = { password: undefined, messages: false };
  const device = { ...DEVICE, forget: people.forget };
  people.time += 10 * MINUTE + 1;
  const { accounts } = people;
  await assertRefused("unauthorized", () => accounts.remove(principal, what, device));
  await assertRefused("unauthorized", () => accounts.remove({}, what, device));
  await assertRefused("forbidden", () => accounts.remove(bot.principal, what, device));
  await accounts.remove(guest.principal, what, device);
  people.time -= 1;
  await accounts.remove(principal, what, device);
  assertEquals(people.forgotten.map(({ messages }) => messages), [false, false]);
});

Deno.test("Accounts.remove() keeps the last admin, and what they said", async () => {
  const people = new PeopleHarness();
  const first = await people.addSignedIn("Ann", "admin");
  const what = { password: undefined, messages: true };
  const device = { ...DEVICE, forget: people.forget };
  const remove = () => people.accounts.remove(first.principal, what, device);
  await assertRefused("conflict", remove);
  const second = await people.add("Ben", "admin");
  await people.store.change(second.id, { disabled: true });
  await assertRefused("conflict", remove);
  assertEquals(people.forgotten, []);
  await people.store.change(second.id, { disabled: false });
  await remove();
});
