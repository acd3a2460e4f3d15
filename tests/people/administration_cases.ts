/** The people contract: sanctions and the audit log. */
import { assertEquals } from "../support/assert.ts";
import type { AuditEntry, PeopleStore, SanctionRecord } from "../../people/store.ts";
import type { Case } from "./conformance.ts";

/** A sanction, with defaults for what a test does not care about. */
export function sanction(id: string, rest: Partial<SanctionRecord> = {}): SanctionRecord {
  const target = { user: "id-Bob" };
  return { id, kind: "ban", target, label: "Bob", reason: "spam", by: "a", created: 1000, ...rest };
}

/** What an admin did, with defaults. */
export function audited(act: string, rest: Partial<AuditEntry> = {}): Omit<AuditEntry, "number"> {
  const [by, name, ip] = ["id-Ann", "Ann", "192.0.2.1"];
  return { time: 1000, by, name, ip, act, target: "Bob", detail: "for 1 hour", ...rest };
}

/** Counts how often a watcher is told. */
function watch(people: PeopleStore): { take(): number } {
  let told = 0;
  people.watchSanctions(() => told++);
  return {
    take() {
      const taken = told;
      told = 0;
      return taken;
    },
  };
}

/** Sanctions, and what admins did. */
export const administrationCases: readonly Case[] = [
  {
    name: "sanctions() lists each kind and target, the newest first",
    run: async (people) => {
      const all = [
        sanction("e", { kind: "close", target: { room: "lobby" }, created: 5000, reason: "" }),
        sanction("c", { target: { network: "192.0.2.0/24" }, created: 4000, until: 9000 }),
        sanction("d", { target: { name: "b0b" }, created: 4000 }),
        sanction("a", { kind: "mute" }),
      ];
      for (const one of all.toReversed()) await people.addSanction(one);
      assertEquals(await people.sanctions(), all);
    },
  },
  {
    name: "removeSanction() returns the one removed, once",
    run: async (people) => {
      await people.addSanction(sanction("a", { until: 2000 }));
      await people.addSanction(sanction("b"));
      assertEquals(await people.removeSanction("a"), sanction("a", { until: 2000 }));
      assertEquals(await people.removeSanction("a"), undefined);
      assertEquals(await people.sanctions(), [sanction("b")]);
    },
  },
  {
    name: "prune() removes sanctions whose time is over",
    run: async (people) => {
      for (const until of [1999, 2000]) await people.addSanction(sanction(`${until}`, { until }));
      await people.addSanction(sanction("ever"));
      await people.prune(2000);
      assertEquals((await people.sanctions()).map(({ id }) => id), ["2000", "ever"]);
    },
  },
  {
    name:
      "addSanction() and removeSanction() add an entry to the audit log if they change something",
    run: async (people) => {
      await people.addSanction(sanction("a"), audited("ban"));
      const again = people.addSanction(sanction("a"), audited("ban again"));
      assertEquals(await again.then(() => true, () => false), false);
      await people.removeSanction("b", audited("lift nothing"));
      await people.removeSanction("a", audited("lift"));
      const acts = (await people.audit({ limit: 9 })).map(({ number, act }) => [number, act]);
      assertEquals(acts, [[2, "lift"], [1, "ban"]]);
      assertEquals(await people.sanctions(), []);
    },
  },
  {
    name: "prune() leaves the latest 100,000 entries of the audit log",
    run: async (people) => {
      await Promise.all(
        Array.from({ length: 100_002 }, (_, i) => people.addAudit(audited(`${i}`))),
      );
      await people.prune(1000);
      const oldest = await people.audit({ before: 5, limit: 9 });
      assertEquals(oldest.map(({ number, act }) => [number, act]), [[4, "3"], [3, "2"]]);
      assertEquals(await people.addAudit(audited("next")), 100_003);
      await people.prune(1000);
      assertEquals((await people.audit({ before: 5, limit: 9 })).map(({ number }) => number), [4]);
    },
  },
  {
    name: "watchSanctions() tells of what was added or removed, and watch() does not",
    run: async (people) => {
      const users: string[] = [];
      people.watch((user) => users.push(user));
      const told = watch(people);
      await people.addSanction(sanction("a", { until: 2000 }));
      assertEquals(told.take(), 1);
      await people.addSanction(sanction("b"));
      await people.removeSanction("b");
      assertEquals(told.take(), 2);
      await people.removeSanction("b");
      await people.prune(2000);
      assertEquals(told.take(), 0);
      await people.prune(2001);
      assertEquals(told.take(), 1);
      assertEquals(users, []);
    },
  },
  {
    name: "audit() pages through what admins did, the latest first",
    run: async (people) => {
      const acts = ["kick", "ban", "unban", "announce"];
      const numbers = [];
      for (const act of acts) numbers.push(await people.addAudit(audited(act)));
      assertEquals(numbers, [1, 2, 3, 4]);
      const page = await people.audit({ limit: 3 });
      assertEquals(page, [4, 3, 2].map((number) => ({ number, ...audited(acts[number - 1]!) })));
      assertEquals(await people.audit({ before: 2, limit: 3 }), [{
        number: 1,
        ...audited("kick"),
      }]);
      assertEquals(await people.audit({ before: 1, limit: 3 }), []);
      const server = audited("role", { by: "", name: "", ip: "", detail: "" });
      assertEquals(await people.addAudit(server), 5);
      assertEquals(await people.audit({ limit: 1 }), [{ number: 5, ...server }]);
    },
  },
];
