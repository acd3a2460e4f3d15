/** Sanctions in memory: whom they concern, for how long, and who may not be concerned. */
import { openSanctionList, type SanctionList, type Target } from "../../people/sanction_list.ts";
import { createMemoryPeople } from "../../people/memory/store.ts";
import type { PeopleStore } from "../../people/store.ts";
import type { User } from "../../protocol.ts";
import { assertEquals } from "../support/assert.ts";
import { Condition } from "../support/condition.ts";
import { sanction } from "./administration_cases.ts";
import { assertRefused } from "./people_harness.ts";

const ANN: User = { id: "id-Ann", name: "Ann", role: "admin" };
const BOB: User = { id: "id-Bob", name: "Bob", role: "member" };
const CID: User = { id: "id-Cid", name: "Cid", role: "guest" };

/** A list, and a clock that is set by hand. */
async function open(store: PeopleStore = createMemoryPeople()) {
  const clock = { time: 1000 };
  for (const user of [ANN, BOB]) {
    await store.add({ ...user, remembered: true, created: 0 });
  }
  const list = await openSanctionList({ store, now: () => clock.time });
  return { store, clock, list };
}

function impose(list: SanctionList, target: Target, rest: object = {}) {
  return list.add({ kind: "ban", target, reason: "", by: ANN.id, ip: "198.51.100.1", ...rest });
}

const isBanned = (list: SanctionList, ip: string) => list.banOfAddress(ip) !== undefined;

Deno.test("SanctionList bans a user by id, until its time is over", async () => {
  const { clock, list } = await open();
  const ban = await impose(list, { user: BOB }, { duration: 500, reason: "spam" });
  assertEquals(list.banOfUser({ ...BOB, name: "Bert" }), ban);
  assertEquals([ban.reason, ban.until, ban.label], ["spam", 1500, "Bob"]);
  assertEquals(list.banOfUser(CID), undefined);
  clock.time = 1499;
  assertEquals(list.list(), [ban]);
  clock.time = 1500;
  assertEquals([list.banOfUser(BOB), list.list()], [undefined, []]);
});

Deno.test("SanctionList bans a name with all that look like it, in any case", async () => {
  const { list } = await open();
  await impose(list, { name: "Вова" });
  for (const name of ["Вова", "ВОВА", "вова", "BoBa"]) {
    assertEquals(list.banOfName(name)?.reason, "", name);
  }
  assertEquals(list.banOfName("Bob"), undefined);
  assertEquals(list.banOfUser({ ...CID, name: "BOBA" })?.reason, "");
  await impose(list, { name: "Livia" });
  for (const name of ["livia", "LIVIA", "L1V1A", "LiVIa"]) {
    assertEquals(list.banOfName(name)?.reason, "", name);
  }
  assertEquals(list.banOfName("Lilia"), undefined);
  await impose(list, { name: "ilia" });
  for (const name of ["Ilia", "1liA", "iLIa"]) {
    assertEquals(list.banOfName(name)?.reason, "", name);
  }
});

Deno.test("SanctionList bans a name after the rules of today, whatever skeleton the store has of it", async () => {
  const { store, list } = await open();
  const target = { name: "lilia-of-old" };
  await store.addSanction({ ...sanction("a"), target, label: "Ilia" });
  await list.refresh();
  assertEquals([list.banOfName("1lia")?.reason, list.banOfName("lilia-of-old")], [
    "spam",
    undefined,
  ]);
});

Deno.test("SanctionList bans addresses and networks of both families", async () => {
  const { list } = await open();
  for (
    const address of [
      "192.0.2.128/25",
      "203.0.113.7",
      "2001:db8:1::/48",
      "2001:db8:2::5",
      "::ffff:198.18.1.0/120",
    ]
  ) {
    await impose(list, { address });
  }
  const banned = ["192.0.2.129", "::ffff:192.0.2.129", "203.0.113.7", "2001:db8:1:2::3"];
  banned.push("2001:db8:2:0:0:0:0:5", "198.18.1.9");
  for (const ip of banned) assertEquals(isBanned(list, ip), true, ip);
  const others = [
    "192.0.2.127",
    "203.0.113.8",
    "198.18.2.1",
    "2001:db8:3::",
    "2001:db8:2::6",
    "::1",
    "",
  ];
  for (const ip of others) assertEquals(isBanned(list, ip), false, ip);
});

Deno.test("SanctionList mutes by user, name and address, and closes rooms", async () => {
  const { list } = await open();
  await impose(list, { user: BOB }, { kind: "mute" });
  await impose(list, { address: "192.0.2.0/24" }, { kind: "mute" });
  await impose(list, { room: "lobby" }, { kind: "close", reason: "closed" });
  assertEquals(list.muteOf(BOB, "")?.reason, "");
  assertEquals(list.muteOf(CID, "192.0.2.1")?.reason, "");
  assertEquals(list.muteOf(CID, "203.0.113.1"), undefined);
  assertEquals([list.banOfUser(BOB), list.banOfAddress("192.0.2.1")], [undefined, undefined]);
  assertEquals(list.closureOf("lobby")?.reason, "closed");
  assertEquals(list.closureOf("kitchen"), undefined);
});

Deno.test("SanctionList spares admins, and the address that the admin itself uses", async () => {
  const { list } = await open();
  await assertRefused("forbidden", () => impose(list, { user: ANN }));
  await assertRefused("forbidden", () => impose(list, { name: "ANN" }));
  await assertRefused("forbidden", () => impose(list, { address: "198.51.100.0/24" }));
  await assertRefused("bad_message", () => impose(list, { address: "192.0.2.0/33" }));
  await impose(list, { user: BOB });
  await impose(list, { address: "192.0.2.1" }, { kind: "mute" });
  const promoted: User = { ...BOB, role: "admin" };
  assertEquals([list.banOfUser(promoted), list.muteOf(promoted, "192.0.2.1")], [
    undefined,
    undefined,
  ]);
  assertEquals(list.list().length, 2);
});

Deno.test("SanctionList lets the sanction that ends last apply, and the other after remove()", async () => {
  const { list } = await open();
  const ever = await impose(list, { user: BOB });
  const soon = await impose(list, { user: BOB }, { duration: 500 });
  assertEquals(list.banOfUser(BOB), ever);
  assertEquals(await list.remove(ever.id), ever);
  assertEquals(list.banOfUser(BOB), soon);
  assertEquals(await list.remove(ever.id), undefined);
});

Deno.test("SanctionList notices what is imposed elsewhere, and tells its watchers", async () => {
  const { store, list } = await open();
  const condition = new Condition();
  list.watch(() => condition.notify());
  let told = 0;
  list.watch(() => told++);
  await store.addSanction(sanction("a"));
  await condition.until("the ban to apply", () => list.banOfUser(BOB));
  await store.removeSanction("a");
  await condition.until("the ban to be lifted", () => list.banOfUser(BOB) ? undefined : true);
  assertEquals(told, 2);
});
