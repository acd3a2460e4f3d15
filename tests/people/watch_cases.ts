/** The people contract: who is told of changes, and closing. */
import { assertEquals, assertRejects } from "../support/assert.ts";
import { addAll, type Case, digest, member, session, user } from "./conformance.ts";
import type { PeopleStore } from "../../people/store.ts";

/** What a watcher has been told. */
function watch(people: PeopleStore): { take(): string[] } {
  let told: string[] = [];
  people.watch((id) => told.push(id));
  return {
    take() {
      const taken = told;
      told = [];
      return taken;
    },
  };
}

/** Watching, and the end. */
export const watchCases: readonly Case[] = [
  {
    name: "watch() tells once of a change of name, role, disabled or remembered, and of removal",
    run: async (people) => {
      await addAll(people, member("Ann", { role: "admin" }), member("Bob"), user("Cid"));
      const told = watch(people);
      await people.rename("id-Bob", "Bert");
      assertEquals(told.take(), ["id-Bob"]);
      await people.change("id-Bob", { role: "admin", disabled: true });
      assertEquals(told.take(), ["id-Bob"]);
      await people.visit("id-Cid", "Cyd", 2000);
      assertEquals(told.take(), ["id-Cid"]);
      await people.change("id-Cid", { remembered: true });
      assertEquals(told.take(), ["id-Cid"]);
      await people.remove("id-Bob");
      assertEquals(told.take(), ["id-Bob"]);
      await people.leave("id-Cid", 1, 2000);
      await people.expire({ away: 9999, seen: 9999 });
      assertEquals(told.take(), ["id-Cid"]);
    },
  },
  {
    name: "watch() tells of sessions that ended, however they did",
    run: async (people) => {
      await addAll(people, member("Ann"), member("Bob"));
      for (const id of ["s1", "s2", "s3", "s4"]) {
        await people.addSession(session(id, "id-Ann"), digest(id));
      }
      await people.addSession(session("s5", "id-Bob", { expires: 9000 }), digest("s5"));
      const told = watch(people);
      await people.endSession("id-Ann", "s1");
      assertEquals(told.take(), ["id-Ann"]);
      await people.endSessions("id-Bob", "s5");
      await people.prune(5000);
      assertEquals(told.take(), []);
      await people.prune(5001);
      assertEquals(told.take(), ["id-Ann"]);
      await people.endSessions("id-Bob");
      assertEquals(told.take(), ["id-Bob"]);
    },
  },
  {
    name: "watch() tells nothing of what was refused or changed nothing",
    run: async (people) => {
      await addAll(people, member("Ann", { role: "admin" }), member("Bob"), user("Cid"));
      const told = watch(people);
      await people.rename("id-Bob", "Ann");
      await people.rename("id-Bob", "Bob");
      await people.change("id-Ann", { disabled: true });
      await people.change("id-Ann", { role: "admin" });
      await people.remove("id-Ann");
      await people.visit("id-Cid", "Ann", 2000);
      await people.visit("id-Cid", "Cid", 2000);
      await people.leave("id-Cid", 1, 2000);
      await people.endSession("id-Bob", "none");
      assertEquals(told.take(), []);
    },
  },
  {
    name: "watch() replaces who is told before",
    run: async (people) => {
      await addAll(people, member("Ann"));
      const [first, second] = [watch(people), watch(people)];
      await people.rename("id-Ann", "Anna");
      assertEquals([first.take(), second.take()], [[], ["id-Ann"]]);
    },
  },
  {
    name: "what is told is visible already",
    run: async (people) => {
      await addAll(people, member("Ann"));
      const seen = Promise.withResolvers<string | undefined>();
      people.watch((id) => seen.resolve(people.find(id).then((ann) => ann?.name)));
      await people.rename("id-Ann", "Anna");
      assertEquals(await seen.promise, "Anna");
    },
  },
  {
    name: "what is read does not change with what was handed in, nor the other way round",
    run: async (people) => {
      const rooms = ["lobby"];
      await people.addInvite(
        { id: "i", role: "member", rooms, uses: 1, expires: 9, created: 0 },
        digest("i"),
      );
      rooms.push("other");
      assertEquals((await people.findInvite(digest("i")))?.rooms, ["lobby"]);
    },
  },
  {
    name: "close() finishes what was called for, is idempotent and ends all use",
    run: async (people) => {
      const adding = people.add(member("Ann"));
      await people.close();
      await people.close();
      assertEquals(await adding, true);
      const closed = "Cannot use the people store: it is closed";
      await assertRejects(() => people.find("id-Ann"), Error, closed);
      await assertRejects(() => people.add(member("Bob")), Error, closed);
    },
  },
];
