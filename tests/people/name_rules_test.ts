/** Who is let in under which name: bans, reserved names, and how often. */
import { Accounts } from "../../people/accounts.ts";
import { openSanctionList } from "../../people/sanction_list.ts";
import { Sessions } from "../../people/sessions.ts";
import { createSignInLimit } from "../../people/sign_in_limit.ts";
import { VisitService } from "../../people/visit_service.ts";
import { assertEquals } from "../support/assert.ts";
import { arrival, assertRefused, DAY, DEVICE, PASSWORD, PeopleHarness } from "./people_harness.ts";

/** People with sanctions, and the clock set to zero. */
async function open(signInRate = Infinity) {
  const people = new PeopleHarness();
  people.time = 0;
  const now = () => people.time;
  const { store } = people;
  const sanctions = await openSanctionList({ store, now });
  const sessions = new Sessions(store, { now, sanctions });
  const visits = new VisitService(store, sessions, {
    access: "open",
    needsPassword: false,
    holdNames: 7 * DAY,
    authenticateCredential: (credential, ip) => sessions.find(credential, ip),
    sanctions,
    signIns: createSignInLimit({ signInRate, now }),
    now,
  });
  const services = { store, sessions, passwords: people.passwords, attempts: people.attempts };
  const accounts = new Accounts(services, { access: "open", register: "open", sanctions, now });
  const ban = (target: Parameters<typeof sanctions.add>[0]["target"], duration = 1000) =>
    sanctions.add({ kind: "ban", target, duration, reason: "spam", by: "a", ip: "" });
  return { people, visits, accounts, ban };
}

const CYRILLIC_ANN = "\u0410nn";

Deno.test("VisitService.enter() refuses a banned user until the ban is over, and says why and how long", async () => {
  const { people, visits, accounts, ban } = await open();
  const { principal, user } = await people.addSignedIn("Ann", "member", PASSWORD);
  await ban({ user });
  const refused = await assertRefused("forbidden", () => visits.enter(arrival({ principal })));
  const end = "1970-01-01T00:00:01.000Z";
  assertEquals(refused.message, `Cannot log in: you are banned until ${end}: spam`);
  assertEquals(refused.retryMs, 1000);
  const right = { name: "Ann", password: PASSWORD };
  await assertRefused("forbidden", () => accounts.signIn(right, DEVICE));
  people.time = 1000;
  assertEquals((await visits.enter(arrival({ principal }))).user.id, user.id);
  assertEquals((await accounts.signIn(right, DEVICE)).user.id, user.id);
});

Deno.test("a banned name is refused to whoever wants it, with what looks like it", async () => {
  const { people, visits, accounts, ban } = await open();
  await ban({ name: "Ann" });
  for (const name of ["ann", CYRILLIC_ANN]) {
    await assertRefused("forbidden", () => visits.enter(arrival({ name })));
    await assertRefused("forbidden", () => accounts.enterAsGuest(name, DEVICE));
    await assertRefused("forbidden", () => accounts.register({ name, password: PASSWORD }, DEVICE));
    const { user } = await visits.enter(
      arrival({ name: `Bob ${name.length + name.charCodeAt(0)}` }),
    );
    await assertRefused("forbidden", () => visits.rename(user.id, name));
  }
  assertEquals(await people.store.findByName("ann"), undefined);
});

Deno.test("reserved names are for admins and programs, and for who has one already", async () => {
  const { people, visits, accounts } = await open();
  for (const name of ["System", "Adm1n"]) {
    await assertRefused("bad_name", () => visits.enter(arrival({ name })));
    await assertRefused("bad_name", () => accounts.enterAsGuest(name, DEVICE));
    await assertRefused("bad_name", () => accounts.register({ name, password: PASSWORD }, DEVICE));
  }
  const ann = await people.add("Ann", "admin");
  assertEquals((await visits.rename(ann.id, "Admin")).name, "Admin");
  const { principal } = await people.addSignedIn("here", "member");
  assertEquals((await visits.enter(arrival({ principal, name: "Here" }))).user.name, "Here");
  await assertRefused("bad_name", () => visits.rename(principal.user!.id, "everyone"));
});

Deno.test("a name that looks like somebody's is taken, and the text says so", async () => {
  const { people, visits } = await open();
  await people.add("Ann");
  const enter = () => visits.enter(arrival({ name: CYRILLIC_ANN }));
  const { message } = await assertRefused("name_taken", enter);
  assertEquals(/is taken, or looks like a name that is/.test(message), true, message);
});

Deno.test("VisitService.enter() counts new guests and credentials by address, not who is known", async () => {
  const { people, visits } = await open(1);
  const { principal, secret } = await people.addSignedIn("Ann");
  for (const name of ["A", "B", "C"]) await visits.enter(arrival({ name }));
  await visits.enter(arrival({ credential: secret }));
  const tooMany = await assertRefused("rate_limited", () => visits.enter(arrival({ name: "D" })));
  assertEquals((tooMany.retryMs ?? 0) > 0, true);
  await assertRefused("rate_limited", () => visits.enter(arrival({ credential: secret })));
  await visits.enter(arrival({ principal }));
  await visits.enter(arrival({ name: "E", ip: "192.0.2.99" }));
});
