/** The people contract: users. */
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import {
  addAll,
  type Case,
  digest,
  ids,
  invite,
  member,
  names,
  passkey,
  record,
  session,
  user,
} from "./conformance.ts";

const admin = (name: string) => member(name, { role: "admin" });

/** Users, their names and their visits. */
export const userCases: readonly Case[] = [
  {
    name: "add() adds a user who does not visit yet",
    run: async (people) => {
      const ann = member("Ann", { role: "admin", created: 7 });
      assertEquals(await people.add(ann), true);
      assertEquals(await people.find("id-Ann"), record(ann));
      assertEquals(await people.find("id-Bob"), undefined);
    },
  },
  {
    name: "add() returns false, and adds nothing, if the name is somebody's, whatever its case",
    run: async (people) => {
      await addAll(people, member("Ann"));
      assertEquals(await people.add(user("ANN", { id: "other" })), false);
      assertEquals(await people.find("other"), undefined);
    },
  },
  {
    name: "add() rejects an id that is in use",
    run: async (people) => {
      await addAll(people, user("Ann"));
      await assertRejects(() => people.add(user("Bob", { id: "id-Ann" })));
      assertEquals((await people.find("id-Ann"))?.name, "Ann");
    },
  },
  {
    name: "add() remembers everybody but guests",
    run: async (people) => {
      await addAll(people, user("Ann", { role: "bot" }), user("Bob"));
      assertEquals((await people.find("id-Ann"))?.remembered, true);
      assertEquals((await people.find("id-Bob"))?.remembered, false);
    },
  },
  {
    name: "a change that was called for is seen at once, and in the order of the calls",
    run: async (people) => {
      const adding = people.add(member("Ann"));
      const renaming = people.rename("id-Ann", "Anna");
      const reading = people.findByName("anna");
      const again = people.add(member("ANNA", { id: "other" }));
      const removing = people.remove("id-Ann");
      const gone = people.find("id-Ann");
      assertEquals((await reading)?.id, "id-Ann");
      assertEquals(await gone, undefined);
      const results = [await adding, await renaming, await again, await removing];
      assertEquals(results, [true, undefined, false, undefined]);
    },
  },
  {
    name: "findByName() finds who has a name now, compared by foldName",
    run: async (people) => {
      await addAll(people, member("Änne"), user("Bob"));
      assertEquals((await people.findByName("ÄNNE"))?.id, "id-Änne");
      assertEquals(await people.findByName("Bob"), undefined);
      await people.visit("id-Bob", "Bob", 2000);
      assertEquals((await people.findByName("bob"))?.id, "id-Bob");
    },
  },
  {
    name: "findMany() finds those that exist, each once",
    run: async (people) => {
      await addAll(people, member("Ann"), user("Bob"));
      const found = await people.findMany(["id-Bob", "nobody", "id-Ann", "id-Bob"]);
      assertEquals(ids(found), ["id-Ann", "id-Bob"]);
      assertEquals(await people.findMany([]), []);
    },
  },
  {
    name: "list() lists users by folded name, a page at a time",
    run: async (people) => {
      // By code point, in which the last of these comes after the one before: not so by UTF-16 unit.
      const sorted = ["ann", "Bob", "cid", "Élan", "\uffee", "😀"];
      await addAll(people, ...sorted.toReversed().map((name) => member(name)), user("Dan"));
      assertEquals(names(await people.list({ limit: 99 })), sorted);
      assertEquals(names(await people.list({ limit: 2 })), ["ann", "Bob"]);
      assertEquals(names(await people.list({ after: "bob", limit: 2 })), ["cid", "Élan"]);
      assertEquals(names(await people.list({ after: "b", limit: 1 })), ["Bob"]);
      assertEquals(await people.list({ after: "😀", limit: 2 }), []);
    },
  },
  {
    name: "list() finds users whose folded name contains something, a page at a time",
    run: async (people) => {
      await addAll(people, ...["ann", "Anna", "bob", "Johanna", "x%y"].map((name) => member(name)));
      const list = async (page: { after?: string; containing: string; limit: number }) =>
        names(await people.list(page));
      assertEquals(await list({ containing: "ann", limit: 9 }), ["ann", "Anna", "Johanna"]);
      assertEquals(await list({ containing: "ann", limit: 2 }), ["ann", "Anna"]);
      assertEquals(await list({ after: "anna", containing: "ann", limit: 2 }), ["Johanna"]);
      assertEquals(await list({ containing: "%", limit: 9 }), ["x%y"]);
      assertEquals(await list({ containing: "zoe", limit: 9 }), []);
    },
  },
  {
    name: "visit() counts visits, and the user has the name from then on",
    run: async (people) => {
      const bob = user("Bob");
      await addAll(people, bob);
      assertEquals(await people.visit(bob.id, "Bob", 2000), 1);
      assertEquals(await people.visit(bob.id, "Bert", 3000), 2);
      assertEquals(await people.find(bob.id), record(bob, { name: "Bert", seen: 3000, visit: 2 }));
      assertEquals((await people.findByName("bert"))?.id, bob.id);
      assertEquals(await people.findByName("Bob"), undefined);
    },
  },
  {
    name: "visit() refuses a name that is somebody's, and a user who does not exist",
    run: async (people) => {
      await addAll(people, member("Ann"), user("Bob"));
      assertEquals(await people.visit("id-Bob", "ann", 2000), "name_taken");
      assertEquals(await people.find("id-Bob"), record(user("Bob")));
      assertEquals(await people.visit("nobody", "Cid", 2000), "no_such_user");
      assertEquals(await people.visit("nobody", "Ann", 2000), "no_such_user");
    },
  },
  {
    name: "a guest who is not remembered has its name only while it visits",
    run: async (people) => {
      await addAll(people, user("Bob"), user("BOB", { id: "second" }));
      assertEquals(await people.visit("id-Bob", "Bob", 2000), 1);
      assertEquals(await people.visit("second", "bob", 2000), "name_taken");
      assertEquals(await people.add(member("bob", { id: "third" })), false);
      await people.leave("id-Bob", 1, 3000);
      assertEquals(await people.findByName("Bob"), undefined);
      assertEquals(await people.visit("second", "bob", 4000), 1);
      assertEquals(await people.visit("id-Bob", "Bob", 4000), "name_taken");
      assertEquals(await people.visit("id-Bob", "Bob2", 4000), 2);
    },
  },
  {
    name: "a remembered guest and a member keep their names between visits",
    run: async (people) => {
      await addAll(people, user("Bob", { remembered: true }), member("Ann"));
      for (const name of ["Bob", "Ann"]) {
        await people.visit(`id-${name}`, name, 2000);
        await people.leave(`id-${name}`, 1, 3000);
        assertEquals((await people.findByName(name))?.id, `id-${name}`);
        assertEquals((await people.find(`id-${name}`))?.seen, 3000);
      }
    },
  },
  {
    name: "leave() has no effect if another visit has begun, or none goes on",
    run: async (people) => {
      const bob = user("Bob");
      await addAll(people, bob);
      await people.visit(bob.id, "Bob", 2000);
      await people.visit(bob.id, "Bob", 3000);
      await people.leave(bob.id, 1, 4000);
      assertEquals((await people.findByName("Bob"))?.seen, 3000);
      await people.leave(bob.id, 2, 5000);
      await people.leave(bob.id, 2, 6000);
      assertEquals(await people.find(bob.id), record(bob, { seen: 5000, visit: 2 }));
      await people.leave("nobody", 1, 6000);
    },
  },
  {
    name: "leave() ends earlier visits too",
    run: async (people) => {
      await addAll(people, user("Bob"));
      await people.visit("id-Bob", "Bob", 2000);
      await people.leave("id-Bob", 7, 3000);
      assertEquals(await people.findByName("Bob"), undefined);
    },
  },
  {
    name: "rename() gives another name, or the same one in another case",
    run: async (people) => {
      await addAll(people, member("Ann"));
      assertEquals(await people.rename("id-Ann", "ANN"), undefined);
      assertEquals((await people.findByName("ann"))?.name, "ANN");
      assertEquals(await people.rename("id-Ann", "Anna"), undefined);
      assertEquals((await people.find("id-Ann"))?.name, "Anna");
      assertEquals(await people.findByName("Ann"), undefined);
      await addAll(people, member("Ann", { id: "second" }));
    },
  },
  {
    name: "rename() refuses a name that is somebody's, and a user who does not exist",
    run: async (people) => {
      await addAll(people, member("Ann"), member("Bob"));
      assertEquals(await people.rename("id-Bob", "ann"), "name_taken");
      assertEquals((await people.find("id-Bob"))?.name, "Bob");
      assertEquals(await people.rename("nobody", "Ann"), "no_such_user");
    },
  },
  {
    name: "rename() does not give an absent guest a name to hold",
    run: async (people) => {
      await addAll(people, user("Bob"));
      assertEquals(await people.rename("id-Bob", "Bert"), undefined);
      assertEquals((await people.find("id-Bob"))?.name, "Bert");
      assertEquals(await people.findByName("Bert"), undefined);
    },
  },
  {
    name: "change() changes what it names, and refuses a user who does not exist",
    run: async (people) => {
      const bob = user("Bob");
      await addAll(people, bob);
      assertEquals(await people.change(bob.id, { disabled: true }), undefined);
      assertEquals(await people.find(bob.id), record(bob, { disabled: true }));
      assertEquals(await people.change(bob.id, { role: "member" }), undefined);
      assertEquals(
        await people.find(bob.id),
        record(bob, { disabled: true, role: "member", remembered: true }),
      );
      assertEquals(await people.change(bob.id, { remembered: false }), undefined);
      assertEquals((await people.find(bob.id))?.remembered, true);
      assertEquals(await people.change(bob.id, {}), undefined);
      assertEquals(await people.change("nobody", { disabled: true }), "no_such_user");
    },
  },
  {
    name: "change() to remembered holds the name from then on, and to not remembered no more",
    run: async (people) => {
      await addAll(people, user("Bob"));
      await people.change("id-Bob", { remembered: true });
      assertEquals((await people.findByName("Bob"))?.remembered, true);
      await people.change("id-Bob", { remembered: false });
      assertEquals(await people.findByName("Bob"), undefined);
      await people.visit("id-Bob", "Bob", 2000);
      await people.change("id-Bob", { remembered: true });
      await people.leave("id-Bob", 1, 3000);
      assertEquals((await people.findByName("Bob"))?.id, "id-Bob");
    },
  },
  {
    name: "change() to remembered does not take a name that is another's meanwhile",
    run: async (people) => {
      await addAll(people, user("Bob"), member("bob", { id: "second" }));
      assertEquals(await people.change("id-Bob", { remembered: true }), undefined);
      assertEquals((await people.findByName("Bob"))?.id, "second");
      assertEquals(await people.rename("id-Bob", "Bert"), undefined);
      assertEquals((await people.findByName("Bert"))?.id, "id-Bob");
    },
  },
  {
    name: "change() and remove() refuse the last admin that is not disabled",
    run: async (people) => {
      await addAll(people, admin("Ann"), admin("Bob"), member("Cid"));
      assertEquals(await people.countAdmins(), { all: 2, enabled: 2 });
      assertEquals(await people.change("id-Bob", { disabled: true }), undefined);
      assertEquals(await people.countAdmins(), { all: 2, enabled: 1 });
      assertEquals(await people.change("id-Ann", { role: "member" }), "last_admin");
      assertEquals(await people.change("id-Ann", { disabled: true }), "last_admin");
      assertEquals(await people.remove("id-Ann"), "last_admin");
      assertEquals(await people.find("id-Ann"), record(admin("Ann")));
      assertEquals(await people.change("id-Bob", { role: "member" }), undefined);
      assertEquals(await people.change("id-Cid", { role: "admin" }), undefined);
      assertEquals(await people.remove("id-Ann"), undefined);
      assertEquals(await people.countAdmins(), { all: 1, enabled: 1 });
    },
  },
  {
    name: "two admins who remove each other at the same time: one remains",
    run: async (people) => {
      await addAll(people, admin("Ann"), admin("Bob"));
      const results = await Promise.all([people.remove("id-Bob"), people.remove("id-Ann")]);
      assertEquals(results, [undefined, "last_admin"]);
    },
  },
  {
    name: "remove() removes a user with everything that belongs to it",
    run: async (people) => {
      await addAll(people, member("Ann"), member("Bob"));
      for (const id of ["id-Ann", "id-Bob"]) {
        await people.setPassword(id, "hash");
        await people.addPasskey(passkey(`key-${id}`, id));
        await people.addIdentity("issuer", id, id);
        await people.addSession(session(`s-${id}`, id), digest(id));
        await people.addInvite(invite(`i-${id}`, { by: id }), digest(id));
      }
      assertEquals(await people.remove("id-Ann"), undefined);
      assertEquals(await people.remove("id-Ann"), "no_such_user");
      assertEquals(await people.find("id-Ann"), undefined);
      assertEquals(await people.findByName("Ann"), undefined);
      assertEquals(await people.password("id-Ann"), undefined);
      assertEquals(await people.findPasskey("key-id-Ann"), undefined);
      assertEquals(await people.findIdentity("issuer", "id-Ann"), undefined);
      assertEquals(await people.findSession(digest("id-Ann")), undefined);
      assertEquals(await people.findInvite(digest("id-Ann")), undefined);
      assertEquals(await people.password("id-Bob"), "hash");
      assertEquals(ids(await people.passkeys("id-Bob")), ["key-id-Bob"]);
      assertEquals(await people.findIdentity("issuer", "id-Bob"), "id-Bob");
      assertEquals((await people.findSession(digest("id-Bob")))?.user.name, "Bob");
      assertEquals((await people.findInvite(digest("id-Bob")))?.id, "i-id-Bob");
      await addAll(people, user("Ann"));
    },
  },
  {
    name: "expire() removes guests whose time is over, with their sessions, and nobody else",
    run: async (people) => {
      const [gone, keeps] = [user("gone", { created: 10 }), { remembered: true }];
      await addAll(people, member("Ann", { created: 0 }), user("visits"), gone, user("late"));
      for (const name of ["kept-visits", "kept-gone", "kept-late"]) {
        await addAll(people, user(name, keeps));
      }
      await people.addSession(session("s", gone.id), digest("s"));
      for (const name of ["visits", "kept-visits"]) await people.visit(`id-${name}`, name, 50);
      for (const [name, left] of [["gone", 99], ["late", 100], ["kept-gone", 49]] as const) {
        await people.visit(`id-${name}`, name, 20);
        await people.leave(`id-${name}`, 1, left);
      }
      await people.visit("id-kept-late", "kept-late", 20);
      await people.leave("id-kept-late", 1, 50);
      const removed = await people.expire({ away: 100, seen: 50 });
      assertEquals(removed.sort(), ["id-gone", "id-kept-gone"]);
      assertEquals(await people.findSession(digest("s")), undefined);
      assertEquals(await people.find("id-gone"), undefined);
      assertEquals(await people.findByName("kept-gone"), undefined);
      assertEquals(await people.expire({ away: 100, seen: 50 }), []);
      assertEquals((await people.expire({ away: 1e6, seen: 1e6 })).sort(), [
        "id-kept-late",
        "id-late",
      ]);
      assertEquals(names(await people.list({ limit: 9 })), ["Ann", "kept-visits", "visits"]);
    },
  },
  {
    name: "expire() removes a guest who never came",
    run: async (people) => {
      await addAll(people, user("Bob", { created: 10 }));
      assertEquals(await people.expire({ away: 10, seen: 0 }), []);
      assertEquals(await people.expire({ away: 11, seen: 0 }), ["id-Bob"]);
    },
  },
  {
    name:
      "names with i and l are free beside each other, not in a letter case that looks like another",
    run: async (people) => {
      const names = ["Ali", "Alla", "Alia", "Ella", "Elia", "Mila", "Miia", "ian", "lan"];
      await addAll(people, ...names.map((name) => member(name)));
      for (const name of names) assert(await people.findByName(name), name);
      assertEquals(await people.rename("id-ian", "Ian"), "name_taken");
      assertEquals(await people.visit("id-ian", "IAN", 2000), "name_taken");
      assertEquals(await people.rename("id-Ali", "ALI"), undefined);
      assertEquals(await people.add(member("All")), false);
      await people.remove("id-lan");
      assertEquals(await people.rename("id-ian", "Ian"), undefined);
      assertEquals(await people.add(member("lan")), false);
    },
  },
  {
    name: "a name that looks like somebody's is refused, until that one gives it up",
    run: async (people) => {
      await addAll(people, member("Ann"), member("Paul"), user("corn"));
      const alike = "\u0410nn"; // A Cyrillic А.
      assertEquals(await people.add(member(alike)), false);
      assertEquals(await people.rename("id-Paul", alike), "name_taken");
      assertEquals(await people.visit("id-corn", "PauI", 2000), "name_taken");
      assertEquals(await people.visit("id-corn", "corn", 2000), 1);
      assertEquals(await people.rename("id-Paul", "com"), "name_taken");
      assertEquals(await people.rename("id-Ann", alike), undefined);
      assertEquals((await people.findByName(alike))?.id, "id-Ann");
      assertEquals(await people.findByName("Ann"), undefined);
      await people.leave("id-corn", 1, 2000);
      assertEquals(await people.rename("id-Paul", "com"), undefined);
      assertEquals(await people.visit("id-corn", "corn", 3000), "name_taken");
      await people.remove("id-Ann");
      assertEquals(await people.add(member("Ann", { id: "new" })), true);
    },
  },
];
