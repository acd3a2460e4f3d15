import { createMemoryPeople } from "../../people/memory/store.ts";
import { promote } from "../../people/promotion.ts";
import { type ErrorCode, Refused, type Role } from "../../protocol.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { member, user } from "./conformance.ts";

const GUS = user("Gus");

async function assertRefused(code: ErrorCode, act: () => Promise<unknown>): Promise<void> {
  assertEquals((await assertRejects(act, Refused)).code, code);
}

const PROMOTIONS: readonly (readonly [before: Role, to: "member" | "admin", after: Role])[] = [
  ["guest", "member", "member"],
  ["guest", "admin", "admin"],
  ["member", "member", "member"],
  ["member", "admin", "admin"],
  ["admin", "member", "admin"],
  ["admin", "admin", "admin"],
];

for (const [before, to, after] of PROMOTIONS) {
  Deno.test(`promote() makes of a ${before} who is to be ${to} one who is ${after}, of the same id and name`, async () => {
    const store = createMemoryPeople();
    await store.add({ ...GUS, role: before, remembered: before !== "guest" });
    const promoted = { id: GUS.id, name: GUS.name, role: after };
    assertEquals(await promote(store, GUS.id, to), promoted);
    const { role, remembered } = await store.find(GUS.id) ?? {};
    assertEquals([role, remembered], [after, true]);
  });
}

Deno.test("promote() refuses bots and users that are gone", async () => {
  const store = createMemoryPeople();
  await store.add(member("Build", { role: "bot" }));
  await assertRefused("forbidden", () => promote(store, "id-Build", "admin"));
  assertEquals((await store.find("id-Build"))?.role, "bot");
  await assertRefused("no_such_user", () => promote(store, "nobody", "member"));
});

Deno.test("promote() refuses a guest whose name somebody has taken meanwhile", async () => {
  const store = createMemoryPeople();
  await store.add(GUS);
  await store.leave(GUS.id, 1, 1);
  await store.visit(GUS.id, GUS.name, 1);
  await store.leave(GUS.id, 1, 2);
  await store.add(member("gus"));
  await assertRefused("name_taken", () => promote(store, GUS.id, "member"));
  assertEquals((await store.find(GUS.id))?.role, "guest");
});
