/** Users who are known elsewhere. */
import { openPeople, withDir } from "./harness.ts";
import { assertEquals, assertNotEquals } from "../support/assert.ts";
import { createMemoryPeople } from "../../people/memory/store.ts";
import { deriveName, Identities, isSubject } from "../../people/identities.ts";

const NOW = 1_800_000_000_000;
const ANN = { issuer: "https://idp.example", subject: "ann" };

function setUp() {
  const store = createMemoryPeople();
  return { store, identities: new Identities(store, { now: () => NOW }) };
}

Deno.test("Identities.findOrAdd() adds a member once and finds it again", async () => {
  const { store, identities } = setUp();
  const added = await identities.findOrAdd(ANN, ["Ann"]);
  assertEquals([added.name, added.role, added.remembered], ["Ann", "member", true]);
  assertEquals([added.created, added.id.length], [NOW, 12]);
  assertEquals(await identities.findOrAdd(ANN, ["Other"]), await store.find(added.id));
  assertEquals((await identities.find(ANN))?.id, added.id);
  assertEquals((await store.list({ limit: 10 })).length, 1);
});

Deno.test("Identities.findOrAdd() tells issuers and subjects apart", async () => {
  const { identities } = setUp();
  const ann = await identities.findOrAdd(ANN, ["Ann"]);
  const others = [
    await identities.findOrAdd({ ...ANN, subject: "ANN" }, ["Ann"]),
    await identities.findOrAdd({ ...ANN, issuer: "https://idp.example/" }, ["ann"]),
  ];
  assertEquals(others.map(({ name }) => name), ["Ann 2", "ann 3"]);
  for (const { id } of others) assertNotEquals(id, ann.id);
});

Deno.test("Identities.findOrAdd() finds free names for many of the same name", async () => {
  const { identities } = setUp();
  const long = "x".repeat(32);
  for (let number = 1; number <= 60; number++) {
    await identities.findOrAdd({ issuer: "short", subject: `${number}` }, ["Kim"]);
  }
  await identities.findOrAdd({ issuer: "long", subject: "1" }, [long]);
  const second = await identities.findOrAdd({ issuer: "long", subject: "2" }, [long]);
  assertEquals(second.name, `${"x".repeat(30)} 2`);
});

Deno.test("Identities.findOrAdd() called at the same time adds one user", async () => {
  const { store, identities } = setUp();
  const all = await Promise.all(
    Array.from({ length: 10 }, () => identities.findOrAdd(ANN, ["Ann"])),
  );
  assertEquals(new Set(all.map(({ id }) => id)).size, 1);
  assertEquals((await store.list({ limit: 20 })).map(({ id }) => id), [all[0]?.id]);
});

Deno.test("Identities.findOrAdd() called at the same time adds one user to people.db", () =>
  withDir(async (dir) => {
    await using store = await openPeople(dir);
    const all = await Promise.all(Array.from({ length: 10 }, () => {
      return new Identities(store).findOrAdd(ANN, ["Ann"]);
    }));
    assertEquals(new Set(all.map(({ id }) => id)).size, 1);
    const users = await store.list({ limit: 20 });
    assertEquals(users.map(({ id, name }) => [id, name]), [[all[0]?.id, "Ann"]]);
  }));

Deno.test("Identities.signIn() gives the role that is said each time", async () => {
  const { store, identities } = setUp();
  await identities.signIn({ ...ANN, subject: "boss" }, { names: ["Boss"], admin: true });
  const roles = [];
  for (const admin of [false, true, true, false]) {
    const user = await identities.signIn(ANN, { names: ["Ann"], admin });
    roles.push([user?.role, (await store.find(user?.id ?? ""))?.role]);
  }
  assertEquals(roles, [
    ["member", "member"],
    ["admin", "admin"],
    ["admin", "admin"],
    ["member", "member"],
  ]);
});

Deno.test("Identities.signIn() treats the last admin as a member when told so", async () => {
  const { identities } = setUp();
  await identities.signIn(ANN, { names: ["Ann"], admin: true });
  const user = await identities.signIn(ANN, { names: [], admin: false });
  assertEquals([user?.role, (await identities.find(ANN))?.role], ["member", "admin"]);
});

Deno.test("Identities.signIn() keeps disabled users out", async () => {
  const { store, identities } = setUp();
  const user = await identities.signIn(ANN, { names: ["Ann"], admin: false });
  await store.change(user?.id ?? "", { disabled: true });
  assertEquals(await identities.signIn(ANN, { names: ["Ann"], admin: true }), undefined);
  assertEquals((await identities.find(ANN))?.role, "member");
});

const NAMES: readonly [texts: string[], name: string][] = [
  [["Ann", "x"], "Ann"],
  [[" Ann\tLee ", "x"], "Ann Lee"],
  [["", "\u0000", "ann@example.org"], "ann@example.org"],
  [["\u202eAnn"], "Ann"],
  [["x".repeat(33)], "x".repeat(32)],
  [["#17", "sub"], "sub"],
  [["\ud800"], "User"],
  [["ADMIN", "Ann"], "Ann"],
  [["😀".repeat(40)], "😀".repeat(32)],
  [[], "User"],
  [["   "], "User"],
];

for (const [texts, name] of NAMES) {
  Deno.test(`deriveName() makes ${JSON.stringify(name)} of ${JSON.stringify(texts)}`, () => {
    assertEquals(deriveName(texts), name);
  });
}

Deno.test("isSubject() takes 1 to 255 characters of well-formed text", () => {
  for (const good of ["1", "x".repeat(255), "ü"]) assertEquals(isSubject(good), true);
  for (const bad of ["", "x".repeat(256), "\ud800", 1, null, undefined, ["x"]]) {
    assertEquals(isSubject(bad), false);
  }
});
