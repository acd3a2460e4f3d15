/** What admins look at: connections, users, rooms, bans, the audit log. */
import { assertEquals } from "../../support/assert.ts";
import { directRoom } from "../../../protocol.ts";
import type { Change } from "../../../store/store.ts";
import { type AdminHarness, idOf, withAdmin } from "./harness.ts";

/** The members of a list called `name`, and whether there are no more. */
async function list(harness: AdminHarness, path: string): Promise<[unknown[], unknown]> {
  const { complete, ...rest } = await harness.get(`GET /api/admin/${path}`);
  const [members] = Object.values(rest);
  if (!Array.isArray(members)) throw new Error(`${path} is no list`);
  return [members, complete];
}

/** One member of each thing in a list. */
function pick(things: readonly unknown[], member: string): unknown[] {
  return things.map((thing) => new Map(Object.entries(thing ?? {})).get(member));
}

Deno.test("GET /api/admin/connections pages through the connections, the oldest first", () =>
  withAdmin(async (harness) => {
    await harness.enter("ben", "member", "203.0.113.9");
    harness.hub.connect({ plain: true });
    await harness.hub.settled();
    const [all, complete] = await list(harness, "connections");
    const numbers = pick(all, "number").map(Number);
    const [first, second, third] = numbers;
    assertEquals(numbers, numbers.toSorted((a, b) => a - b));
    assertEquals(complete, true);
    const { hub: { now } } = harness;
    assertEquals(all.slice(1), [{
      number: second,
      ip: "203.0.113.9",
      agent: "",
      since: now,
      user: { id: await idOf(harness, "ben"), name: "ben", role: "member" },
      rooms: ["lobby"],
      subprotocol: "hubbub.v1",
      queued_bytes: 0,
      idle_ms: 0,
    }, {
      number: third,
      ip: "192.0.2.1",
      agent: "",
      since: now,
      rooms: [],
      subprotocol: "",
      queued_bytes: 0,
      idle_ms: 0,
    }]);
    const [page, isAll] = await list(harness, `connections?after=${first}&limit=1`);
    assertEquals([pick(page, "number"), isAll], [[second], false]);
  }));

Deno.test("GET /api/admin/users pages through the users by name, and finds those that contain something", () =>
  withAdmin(async (harness) => {
    const { hub } = harness;
    await harness.enter("Ben", "member");
    for (const name of ["benjamin", "Cid", "reuben"]) {
      const user = { id: `id-of-${name}`, name, role: "member" } as const;
      await hub.people.add({ ...user, remembered: true, created: 5 });
    }
    await hub.people.change("id-of-reuben", { disabled: true });
    const [all, complete] = await list(harness, "users");
    assertEquals([pick(all, "name"), complete], [
      ["ann", "Ben", "benjamin", "Build", "Cid", "Other", "reuben"],
      true,
    ]);
    const away = { role: "member", online: false, created: 5, seen: 5, connections: 0 };
    assertEquals(all.at(2), { id: "id-of-benjamin", name: "benjamin", ...away, disabled: false });
    assertEquals(all.at(6), { id: "id-of-reuben", name: "reuben", ...away, disabled: true });
    assertEquals(pick(all.slice(1, 2), "connections"), [1]);
    assertEquals(pick(all.slice(1, 2), "online"), [true]);
    // The name of the last one is where the next page begins.
    const [page, isAll] = await list(harness, "users?after=ANN&limit=2");
    assertEquals([pick(page, "name"), isAll], [["Ben", "benjamin"], false]);
    const [found, isEverything] = await list(harness, "users?content=BEN&after=ben");
    assertEquals([pick(found, "name"), isEverything], [["benjamin", "reuben"], true]);
  }));

Deno.test("GET /api/admin/rooms lists private rooms too, but never direct conversations", () =>
  withAdmin(async (harness) => {
    const { hub } = harness;
    const ben = await harness.enter("ben", "member");
    ben.send({ type: "create", room: "secret", private: true, topic: "plans" });
    await ben.next("create");
    const say = (room: string, time: number): Change => ({
      kind: "message",
      room,
      from: "ben",
      content: "hi",
      time,
    });
    const direct = directRoom(await idOf(harness, "ben"), await idOf(harness, "ann"));
    await hub.store.commit([
      ...[say("7up", 1), say("7up", 2), say("secret", 3), say("spam", 4), say(direct, 5)],
      say(directRoom("a", "b"), 6),
    ]);
    await harness.get("POST /api/admin/close", { room: "spam" });
    const [rooms, complete] = await list(harness, "rooms");
    assertEquals(complete, true);
    assertEquals(rooms, [
      { room: "7up", online: 0, last: 2, time: 2 },
      { room: "lobby", online: 2, last: 0, time: 0 },
      { room: "secret", online: 1, last: 1, time: 3, private: true, topic: "plans" },
      { room: "spam", online: 0, last: 1, time: 4, closed: true },
    ]);
    const [page, isAll] = await list(harness, "rooms?after=7up&limit=1");
    assertEquals([pick(page, "room"), isAll], [["lobby"], false]);
    const [found] = await list(harness, "rooms?content=p");
    assertEquals(pick(found, "room"), ["7up", "spam"]);
  }));

Deno.test("GET /api/admin/bans lists bans, mutes and closed rooms, the newest first", () =>
  withAdmin(async (harness) => {
    await harness.enter("ben", "member");
    const [ben, by] = [await idOf(harness, "ben"), await idOf(harness, "ann")];
    const wanted = [
      ["mute", { user: "ben", for: "1h" }, { kind: "mute", user: ben, label: "ben", reason: "" }],
      ["bans", { user: `@${ben}`, reason: "spam" }, {
        ...{ kind: "ban", user: ben, label: "ben", reason: "spam" },
      }],
      ["bans", { name: "Bén" }, { kind: "ban", name: "Bén", label: "Bén", reason: "" }],
      ["bans", { address: "198.51.100.0/24" }, {
        ...{ kind: "ban", address: "198.51.100.0/24", label: "198.51.100.0/24", reason: "" },
      }],
      ["close", { room: "spam", for: "0" }, {
        ...{ kind: "close", room: "spam", label: "spam", reason: "" },
      }],
    ] as const;
    const imposed: unknown[] = [];
    for (const [path, body, sanction] of wanted) {
      const response = await harness.ask(`POST /api/admin/${path}`, body);
      const { id, created, until, ...rest } = await response.json();
      assertEquals([response.status, rest], [201, { ...sanction, by }]);
      const lasts = "for" in body && body.for === "1h" ? 3_600_000 : undefined;
      assertEquals(until, lasts && created + lasts);
      imposed.push(id);
    }
    const { bans } = await harness.get("GET /api/admin/bans");
    if (!Array.isArray(bans)) throw new Error("bans is no list");
    assertEquals(new Set(pick(bans, "id")), new Set(imposed));
    assertEquals((await harness.ask(`DELETE /api/admin/bans/${imposed[0]}`)).status, 204);
    assertEquals((await harness.ask(`DELETE /api/admin/bans/${imposed[0]}`)).status, 404);
    const left = await harness.get("GET /api/admin/bans");
    assertEquals(left["bans"], bans.filter(({ id }) => id !== imposed[0]));
  }));

Deno.test("GET /api/admin/audit pages through what admins did, the latest first", () =>
  withAdmin(async (harness) => {
    for (const content of ["one", "two", "three"]) {
      await harness.get("POST /api/admin/announce", { content });
    }
    const [latest, more] = await list(harness, "audit?limit=2");
    assertEquals([pick(latest, "detail"), more], [["three", "two"], false]);
    const [rest, isAll] = await list(harness, "audit?before=2&limit=2");
    assertEquals([pick(rest, "detail"), isAll], [["one"], true]);
  }));
