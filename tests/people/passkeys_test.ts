/** Passkeys, with an authenticator in software. */
import { Buffer } from "node:buffer";
import { MAX_PASSKEYS, Passkeys, type Site } from "../../people/passkeys.ts";
import type { PeopleStore } from "../../people/store.ts";
import { Refused, type Role, type User } from "../../protocol.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { createMemoryPeople } from "../../people/memory/store.ts";
import { type Lies, SoftwareAuthenticator } from "./software_authenticator.ts";

const NOW = 1_800_000_000_000;
const ORIGIN = "https://chat.example:8443";
const SITE: Site = { rpId: "chat.example", origins: [ORIGIN, "http://chat.example:8443"] };

interface Harness {
  readonly store: PeopleStore;
  readonly clock: { now: number };
  readonly passkeys: Passkeys;
  readonly device: SoftwareAuthenticator;
  readonly ann: User;
  addUser(name: string, role?: Role): Promise<User>;
}

async function setUp({ mayBecomeMember = true, role = "member" as Role } = {}): Promise<Harness> {
  const store = createMemoryPeople();
  const clock = { now: NOW };
  const addUser = async (name: string, role: Role = "member") => {
    const user: User = { id: `_-${name}`.padEnd(12, "~"), name, role };
    await store.add({ ...user, remembered: role !== "guest", created: NOW });
    return user;
  };
  return {
    store,
    clock,
    passkeys: new Passkeys(store, { mayBecomeMember, now: () => clock.now }),
    device: new SoftwareAuthenticator(ORIGIN),
    ann: await addUser("ann", role),
    addUser,
  };
}

async function register(
  { passkeys, device, ann }: Harness,
  { user = ann, lies, label = "Phone" }: { user?: User; lies?: Lies; label?: string } = {},
) {
  const options = await passkeys.registrationOptions(user, SITE);
  return await passkeys.register(user, { credential: device.create(options, lies), label }, SITE);
}

async function signIn({ passkeys, device }: Harness, lies?: Lies, site = SITE): Promise<User> {
  return await passkeys.signIn(device.get(await passkeys.signInOptions(site), lies), site);
}

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(action, Refused)).code;
}

Deno.test("Passkeys.registrationOptions() asks for a discoverable credential of this site", async () => {
  const harness = await setUp();
  const { id } = await register(harness);
  const options = await harness.passkeys.registrationOptions(harness.ann, SITE);
  assertEquals(options.rp, { id: "chat.example", name: "Hubbub" });
  assertEquals([options.user.name, Buffer.from(options.user.id, "base64url").toString()], [
    "ann",
    harness.ann.id,
  ]);
  assertEquals(options.authenticatorSelection?.residentKey, "required");
  assertEquals(options.authenticatorSelection?.userVerification, "preferred");
  assertEquals(options.attestation, "none");
  assertEquals(options.excludeCredentials?.map((key) => key.id), [id]);
});

Deno.test("Passkeys.register() keeps the credential, with which its user signs in", async () => {
  const harness = await setUp();
  const passkey = await register(harness);
  assertEquals(await harness.passkeys.list(harness.ann.id), [passkey]);
  assertEquals([passkey.label, passkey.created, passkey.counter], ["Phone", NOW, 1]);
  assertEquals(passkey.transports, ["internal"]);
  harness.clock.now += 1000;
  assertEquals(await signIn(harness), harness.ann);
  const used = await harness.store.findPasskey(passkey.id);
  assertEquals([used?.counter, used?.used], [2, NOW + 1000]);
});

Deno.test("Passkeys.register() makes a member of a guest", async () => {
  const harness = await setUp({ role: "guest" });
  await register(harness);
  assertEquals(await signIn(harness), { ...harness.ann, role: "member" });
  assertEquals((await harness.store.find(harness.ann.id))?.remembered, true);
});

Deno.test("Passkeys.register() keeps no passkey of a guest who cannot become a member", async () => {
  const harness = await setUp({ role: "guest" });
  const { passkeys, device, store, ann } = harness;
  // The guest is away and not remembered, so its name is free.
  await store.add({
    id: "id-of-other",
    name: "Ann",
    role: "member",
    remembered: true,
    created: NOW,
  });
  for (const code of ["name_taken", "no_such_user"]) {
    const credential = device.create(await passkeys.registrationOptions(ann, SITE));
    if (code === "no_such_user") await store.remove(ann.id);
    assertEquals(
      await codeOf(() => passkeys.register(ann, { credential, label: "" }, SITE)),
      code,
    );
    assertEquals(await store.findPasskey(credential.id), undefined);
  }
});

Deno.test("Passkeys refuses guests while they may not become members, and bots", async () => {
  const closed = await setUp({ mayBecomeMember: false, role: "guest" });
  assertEquals(await codeOf(() => register(closed)), "forbidden");
  await register(closed, { user: await closed.addUser("bob") });
  const bot = await setUp({ role: "bot" });
  assertEquals(await codeOf(() => register(bot)), "forbidden");
});

const LIES: readonly [what: string, lies: Lies, onRegister: string, onSignIn: string][] = [
  ["another origin", { origin: "https://evil.example" }, "forbidden", "forbidden"],
  ["the origin of another port", { origin: "https://chat.example" }, "forbidden", "forbidden"],
  ["another relying party", { rpId: "evil.example" }, "bad_message", "unauthorized"],
  ["another challenge", { challenge: "AAAA" }, "bad_message", "bad_message"],
  ["another type", { type: "payment.get" }, "bad_message", "unauthorized"],
  ["an absent user", { flags: 0x04 }, "bad_message", "unauthorized"],
];

for (const [what, lies, onRegister, onSignIn] of LIES) {
  Deno.test(`Passkeys.register() refuses ${what}`, async () => {
    const harness = await setUp();
    assertEquals(await codeOf(() => register(harness, { lies })), onRegister);
    assertEquals(await harness.passkeys.list(harness.ann.id), []);
  });

  Deno.test(`Passkeys.signIn() refuses ${what}`, async () => {
    const harness = await setUp();
    await register(harness);
    assertEquals(await codeOf(() => signIn(harness, lies)), onSignIn);
  });
}

Deno.test("Passkeys.signIn() takes a user who is present but not verified", async () => {
  const harness = await setUp();
  await register(harness, { lies: { flags: 0x01 } });
  assertEquals(await signIn(harness, { flags: 0x01 }), harness.ann);
});

Deno.test("Passkeys takes either scheme of the host when it does not know the public one", async () => {
  const harness = await setUp();
  await register(harness, { lies: { origin: "http://chat.example:8443" } });
  assertEquals(await signIn(harness), harness.ann);
});

Deno.test("Passkeys.register() refuses a challenge that was used, or is somebody else's", async () => {
  const harness = await setUp();
  const { passkeys, device, ann } = harness;
  const bob = await harness.addUser("bob");
  const options = await passkeys.registrationOptions(ann, SITE);
  const request = { credential: device.create(options), label: "" };
  await passkeys.register(ann, request, SITE);
  assertEquals(await codeOf(() => passkeys.register(ann, request, SITE)), "bad_message");
  const again = { credential: device.create(options), label: "" };
  assertEquals(await codeOf(() => passkeys.register(ann, again, SITE)), "bad_message");

  const others = await passkeys.registrationOptions(bob, SITE);
  const foreign = { credential: device.create(others), label: "" };
  assertEquals(await codeOf(() => passkeys.register(ann, foreign, SITE)), "bad_message");
  const signIn = device.create({ ...others, ...await passkeys.signInOptions(SITE) });
  const mixed = { credential: signIn, label: "" };
  assertEquals(await codeOf(() => passkeys.register(ann, mixed, SITE)), "bad_message");
});

Deno.test("Passkeys.signIn() refuses an answer that is sent again", async () => {
  const harness = await setUp();
  const { passkeys, device } = harness;
  await register(harness);
  const options = await passkeys.signInOptions(SITE);
  const answer = device.get(options);
  await passkeys.signIn(answer, SITE);
  assertEquals(await codeOf(() => passkeys.signIn(answer, SITE)), "bad_message");
  assertEquals(await codeOf(() => passkeys.signIn(device.get(options), SITE)), "bad_message");
});

Deno.test("A challenge is over after one attempt that failed, and after five minutes", async () => {
  const harness = await setUp();
  const { passkeys, device, clock } = harness;
  await register(harness);
  const options = await passkeys.signInOptions(SITE);
  const bad = device.get(options, { rpId: "evil.example" });
  assertEquals(await codeOf(() => passkeys.signIn(bad, SITE)), "unauthorized");
  assertEquals(await codeOf(() => passkeys.signIn(device.get(options), SITE)), "bad_message");

  const late = await passkeys.signInOptions(SITE);
  clock.now += 5 * 60_000;
  assertEquals(await codeOf(() => passkeys.signIn(device.get(late), SITE)), "bad_message");
});

Deno.test("Passkeys.signIn() refuses credentials that are not registered here", async () => {
  const harness = await setUp();
  const { passkeys, device, ann } = harness;
  await register(harness);
  // Cancelled before the server learned of it: the device has it, the server does not.
  device.create(await passkeys.registrationOptions(ann, SITE));
  assertEquals(await codeOf(() => signIn(harness)), "unauthorized");
});

Deno.test("Passkeys.signIn() refuses another key under a registered id", async () => {
  const harness = await setUp();
  const { device } = harness;
  await register(harness);
  const thief = new SoftwareAuthenticator(ORIGIN);
  thief.create({
    challenge: "AAAA",
    rp: {},
    user: { id: device.credentials[0]?.userHandle ?? "" },
  });
  const options = await harness.passkeys.signInOptions(SITE);
  const id = device.credentials[0]?.id.toString("base64url");
  const forged = { ...thief.get(options, { counter: 9 }), id, rawId: id };
  assertEquals(await codeOf(() => harness.passkeys.signIn(forged, SITE)), "unauthorized");
});

Deno.test("Passkeys.signIn() refuses a counter that goes back or stands still", async () => {
  const harness = await setUp();
  await register(harness, { lies: { counter: 5 } });
  for (const counter of [4, 5]) {
    assertEquals(await codeOf(() => signIn(harness, { counter })), "unauthorized");
  }
  assertEquals(await signIn(harness, { counter: 6 }), harness.ann);
  assertEquals(await codeOf(() => signIn(harness, { counter: 6 })), "unauthorized");
});

Deno.test("Passkeys.signIn() accepts authenticators that do not count", async () => {
  const harness = await setUp();
  await register(harness, { lies: { counter: 0 } });
  for (let turn = 0; turn < 2; turn++) {
    assertEquals(await signIn(harness, { counter: 0 }), harness.ann);
  }
});

Deno.test("Passkeys.signIn() refuses the user handle of another user", async () => {
  const harness = await setUp();
  await register(harness);
  assertEquals(await codeOf(() => signIn(harness, { userHandle: btoa("bob") })), "unauthorized");
});

Deno.test("Passkeys.signIn() keeps disabled users out", async () => {
  const harness = await setUp();
  await register(harness);
  await harness.store.change(harness.ann.id, { disabled: true });
  assertEquals(await codeOf(() => signIn(harness)), "unauthorized");
});

const MALFORMED: readonly unknown[] = [
  undefined,
  null,
  "credential",
  [],
  {},
  { id: "AAAA", rawId: "BBBB", type: "public-key", response: {} },
  { id: "AAAA", rawId: "AAAA", type: "password", response: {} },
  { id: "AAAA", rawId: "AAAA", type: "public-key" },
  { id: "AAAA", rawId: "AAAA", type: "public-key", response: {} },
];

Deno.test("Passkeys refuses what is no credential", async () => {
  const { passkeys, ann } = await setUp();
  const response = {
    attestationObject: "AAAA",
    authenticatorData: "AAAA",
    signature: "AAAA",
  };
  const encode = (text: string) => btoa(text).replaceAll("=", "");
  const texts = ["{", "[]", "1", "{}", '{"challenge":"AAAA"}', '{"challenge":1,"origin":"x"}'];
  const withClientData = texts.map((text) => ({
    id: "AAAA",
    rawId: "AAAA",
    type: "public-key",
    response: { ...response, clientDataJSON: encode(text) },
  }));
  for (const credential of [...MALFORMED, ...withClientData]) {
    const request = { credential, label: "" };
    assertEquals(await codeOf(() => passkeys.register(ann, request, SITE)), "bad_message");
    assertEquals(await codeOf(() => passkeys.signIn(credential, SITE)), "bad_message");
  }
});

Deno.test("Passkeys.register() refuses an attestation object that is none", async () => {
  const { passkeys, device, ann } = await setUp();
  for (const attestationObject of ["AAAA", "oA", "_w"]) {
    const credential = device.create(await passkeys.registrationOptions(ann, SITE));
    const bad = { ...credential, response: { ...credential.response, attestationObject } };
    assertEquals(
      await codeOf(() => passkeys.register(ann, { credential: bad, label: "" }, SITE)),
      "bad_message",
    );
  }
});

Deno.test("Passkeys.register() cuts the label, and knows one if there is none", async () => {
  const harness = await setUp();
  const labels = [];
  for (const label of ["", " \u0000 ", `  My\nkey  `, "x".repeat(100)]) {
    labels.push((await register(harness, { label })).label);
  }
  assertEquals(labels, ["Passkey", "Passkey", "My key", "x".repeat(64)]);
});

Deno.test("Passkeys.register() allows a user twenty passkeys", async () => {
  const harness = await setUp();
  const { passkeys, device, ann } = harness;
  const early = await passkeys.registrationOptions(ann, SITE);
  for (let count = 0; count < MAX_PASSKEYS; count++) await register(harness);
  assertEquals(await codeOf(() => register(harness)), "too_many");
  const credential = device.create(early);
  assertEquals(
    await codeOf(() => passkeys.register(ann, { credential, label: "" }, SITE)),
    "too_many",
  );
});

Deno.test("Passkeys.register() refuses a credential that is registered already", async () => {
  const harness = await setUp();
  const { passkeys, device, store, ann } = harness;
  const options = await passkeys.registrationOptions(ann, SITE);
  const credential = device.create(options);
  const bob = await harness.addUser("bob");
  const taken = await register(harness, { user: bob });
  await store.removePasskey(bob.id, taken.id);
  await store.addPasskey({ ...taken, id: credential.id });
  assertEquals(
    await codeOf(() => passkeys.register(ann, { credential, label: "" }, SITE)),
    "conflict",
  );
});

Deno.test("Passkeys.remove() removes a user's own, but not the last way to sign in", async () => {
  const harness = await setUp();
  const { passkeys, store, ann } = harness;
  const bob = await harness.addUser("bob");
  const first = await register(harness);
  const second = await register(harness);
  assertEquals(await passkeys.remove(bob.id, first.id), false);
  assertEquals(await passkeys.remove(ann.id, "unknown"), false);
  const results = await Promise.allSettled([first, second].map(({ id }) => {
    return passkeys.remove(ann.id, id);
  }));
  assertEquals(results.map(({ status }) => status), ["fulfilled", "rejected"]);
  assertEquals(await codeOf(() => passkeys.remove(ann.id, second.id)), "conflict");
  await store.setPassword(ann.id, "hash");
  assertEquals(await passkeys.remove(ann.id, second.id), true);
  assertEquals(await passkeys.list(ann.id), []);
});

Deno.test("Passkeys.remove() removes the last one of a user who can sign in elsewhere", async () => {
  const harness = await setUp();
  const { passkeys, store, ann } = harness;
  const { id } = await register(harness);
  assertEquals(await codeOf(() => passkeys.remove(ann.id, id)), "conflict");
  await store.addIdentity("https://login.example.org", "ann", ann.id);
  assertEquals(await passkeys.remove(ann.id, id), true);
});
