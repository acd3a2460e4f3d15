import { Secret } from "../../config/secret.ts";
import { Passkeys, type Site } from "../../people/passkeys.ts";
import {
  createSignInLimit,
  NO_SIGN_IN_LIMIT,
  type SignInLimit,
  TooManySignIns,
} from "../../people/sign_in_limit.ts";
import { assertEquals, assertRejects, assertThrows } from "../support/assert.ts";
import { arrival, DEVICE, PASSWORD, PeopleHarness } from "./people_harness.ts";
import { SoftwareAuthenticator } from "./software_authenticator.ts";

/** A limit of which nothing is left. */
const FULL: SignInLimit = {
  ...NO_SIGN_IN_LIMIT,
  remember() {
    throw new TooManySignIns("Cannot remember guest: full", 1000);
  },
};

/** Ways in which somebody becomes remembered, with or without being a guest before. */
const WAYS: Record<string, (people: PeopleHarness) => Promise<unknown>> = {
  "a login": ({ visits }) => visits.enter(arrival({ name: "Ann", remember: true })),
  "a login of a guest who was not remembered": async ({ visits }) =>
    visits.enter(arrival({ principal: await enter(visits), remember: true })),
  "a guest's session": ({ accounts }) => accounts.enterAsGuest("Ann", DEVICE),
  "the shared password": ({ accounts }) =>
    accounts.signIn({ name: "Ann", password: SHARED }, DEVICE),
  "a registration": ({ accounts }) =>
    accounts.register({ name: "Ann", password: PASSWORD }, DEVICE),
  "a guest's password": async ({ accounts, visits }) =>
    accounts.claim(await enter(visits), PASSWORD, DEVICE),
  "a guest's passkey": async ({ store, visits, signIns }) => {
    const passkeys = new Passkeys(store, { mayBecomeMember: true, signIns });
    const { user } = await enter(visits);
    const site: Site = { rpId: "chat.example", origins: ["https://chat.example"] };
    const options = await passkeys.registrationOptions(user, site);
    const credential = new SoftwareAuthenticator("https://chat.example").create(options);
    return passkeys.register(user, { credential, label: "", ip: DEVICE.ip }, site);
  },
};

const SHARED = "the shared password";

/** A guest who is not remembered. */
function enter(visits: PeopleHarness["visits"]) {
  return visits.enter(arrival({ name: "Ann" }));
}

for (const [way, come] of Object.entries(WAYS)) {
  Deno.test(`${way} counts for the names that an address has remembered`, async () => {
    const options = way === "the shared password" ? { sharedPassword: new Secret(SHARED) } : {};
    const people = new PeopleHarness({ ...options, signIns: FULL });
    await assertRejects(() => come(people), TooManySignIns, "full");
    const kept = await people.store.list({ limit: 9 });
    assertEquals(kept.filter(({ remembered }) => remembered), []);
    assertEquals(kept.filter(({ role }) => role !== "guest"), []);
    await come(new PeopleHarness(options));
  });
}

Deno.test("a guest who is remembered already counts no more", async () => {
  const people = new PeopleHarness({ signIns: FULL });
  const { principal } = await people.addSignedIn("Ann", "guest");
  await people.visits.enter(arrival({ principal, remember: true }));
  assertEquals((await people.accounts.claim(principal, PASSWORD, DEVICE)).role, "member");
});

Deno.test("SignInLimit.take() counts each address by itself, IPv6 by network", () => {
  let now = 0;
  const limit = createSignInLimit({ signInRate: 2, now: () => now });
  for (let host = 1; host <= 8; host++) limit.take(`2001:db8:1:2::${host}`);
  const refused = assertThrows(() => limit.take("2001:db8:1:2:ffff::1"), TooManySignIns);
  assertEquals([refused.code, refused.retryMs], ["rate_limited", 30_000]);
  limit.take("2001:db8:1:3::1");
  limit.take("");
  now = 30_000;
  limit.take("2001:db8:1:2::1");
});

Deno.test("SignInLimit.remember() bounds the guests of an address, who each keep a name", () => {
  const limit = createSignInLimit({ signInRate: 60, now: () => 0 });
  for (let guest = 0; guest < 100; guest++) limit.remember("192.0.2.1");
  assertThrows(() => limit.remember("192.0.2.1"), TooManySignIns, "100 guests");
  limit.remember("192.0.2.2");
});

Deno.test("SignInLimit has no limits without a rate", () => {
  const limit = createSignInLimit({ signInRate: Infinity, now: () => 0 });
  for (let guest = 0; guest < 1000; guest++) limit.remember("192.0.2.1");
});
