/** The people contract: credentials, sessions, invitations, the steps of a sign-in. */
import { assertEquals, assertRejects } from "../support/assert.ts";
import {
  addAll,
  type Case,
  digest,
  ids,
  invite,
  member,
  passkey,
  record,
  session,
  user,
} from "./conformance.ts";

const [ann, bob] = [member("Ann"), user("Bob")];

/** What proves who somebody is. */
export const credentialCases: readonly Case[] = [
  {
    name: "setPassword() sets and replaces the hash",
    run: async (people) => {
      await addAll(people, ann);
      assertEquals(await people.password(ann.id), undefined);
      await people.setPassword(ann.id, "one");
      await people.setPassword(ann.id, "two");
      assertEquals(await people.password(ann.id), "two");
    },
  },
  {
    name: "what is added for a user who does not exist is rejected and not kept",
    run: async (people) => {
      await addAll(people, ann);
      await assertRejects(() => people.setPassword("nobody", "hash"));
      await assertRejects(() => people.addPasskey(passkey("k", "nobody")));
      await assertRejects(() => people.addIdentity("issuer", "subject", "nobody"));
      await assertRejects(() => people.addSession(session("s", "nobody"), digest("s")));
      await assertRejects(() => people.addInvite(invite("i", { by: "nobody" }), digest("i")));
      assertEquals(await people.password("nobody"), undefined);
      assertEquals(await people.addPasskey(passkey("k", ann.id)), true);
      assertEquals(await people.addIdentity("issuer", "subject", ann.id), true);
      await people.addSession(session("s", ann.id), digest("s"));
      await people.addInvite(invite("i"), digest("i"));
    },
  },
  {
    name: "addPasskey() keeps every field, and refuses an id that is in use",
    run: async (people) => {
      await addAll(people, ann, bob);
      const first = passkey("k1", ann.id, { created: 2000 });
      assertEquals(await people.addPasskey(first), true);
      assertEquals(await people.addPasskey(passkey("k1", bob.id)), false);
      assertEquals(await people.addPasskey(passkey("k2", ann.id, { transports: [] })), true);
      assertEquals(await people.findPasskey("k1"), first);
      assertEquals(await people.findPasskey("k3"), undefined);
      assertEquals(ids(await people.passkeys(ann.id)), ["k1", "k2"]);
      assertEquals(await people.passkeys(bob.id), []);
    },
  },
  {
    name: "usedPasskey() notes counter and time",
    run: async (people) => {
      await addAll(people, ann);
      await people.addPasskey(passkey("k", ann.id));
      await people.usedPasskey("k", 4_294_967_295, 9000);
      const used = passkey("k", ann.id, { counter: 4_294_967_295, used: 9000 });
      assertEquals(await people.findPasskey("k"), used);
      await people.usedPasskey("none", 1, 9000);
    },
  },
  {
    name: "removePasskey() removes a user's own passkeys only",
    run: async (people) => {
      await addAll(people, ann, bob);
      await people.addPasskey(passkey("k", ann.id));
      assertEquals(await people.removePasskey(bob.id, "k"), false);
      assertEquals(await people.removePasskey(ann.id, "none"), false);
      assertEquals(await people.removePasskey(ann.id, "k"), true);
      assertEquals(await people.findPasskey("k"), undefined);
    },
  },
  {
    name: "addIdentity() keeps issuer and subject apart, and refuses what is somebody's already",
    run: async (people) => {
      await addAll(people, ann, bob);
      assertEquals(await people.addIdentity("a", "bc", ann.id), true);
      assertEquals(await people.addIdentity("ab", "c", bob.id), true);
      assertEquals(await people.addIdentity("a", "bc", bob.id), false);
      assertEquals(await people.findIdentity("a", "bc"), ann.id);
      assertEquals(await people.findIdentity("ab", "c"), bob.id);
      assertEquals(await people.findIdentity("a", "c"), undefined);
    },
  },
  {
    name: "identities() lists those of one user",
    run: async (people) => {
      await addAll(people, ann, bob);
      await people.addIdentity("a", "1", ann.id);
      await people.addIdentity("b", "1", ann.id);
      await people.addIdentity("a", "2", bob.id);
      const own = (await people.identities(ann.id)).toSorted((a, b) =>
        a.issuer < b.issuer ? -1 : 1
      );
      assertEquals(own, [{ issuer: "a", subject: "1" }, { issuer: "b", subject: "1" }]);
      assertEquals(await people.identities("nobody"), []);
      await people.remove(ann.id);
      assertEquals(await people.identities(ann.id), []);
    },
  },
  {
    name: "findSession() finds a session with its user, whether it has expired or not",
    run: async (people) => {
      await addAll(people, ann);
      const one = session("s", ann.id, { agent: "", expires: 0 });
      await people.addSession(one, digest("s"));
      assertEquals(await people.findSession(digest("s")), { session: one, user: record(ann) });
      assertEquals(await people.findSession(digest("t")), undefined);
    },
  },
  {
    name: "addSession() rejects an id or a digest that is in use, and changes nothing",
    run: async (people) => {
      await addAll(people, ann, bob);
      await people.addSession(session("s", ann.id), digest("s"));
      await assertRejects(() => people.addSession(session("s", bob.id), digest("t")));
      await assertRejects(() => people.addSession(session("t", bob.id), digest("s")));
      assertEquals((await people.findSession(digest("s")))?.user.id, ann.id);
      assertEquals(await people.sessions(bob.id), []);
    },
  },
  {
    name: "usedSession() notes use; sessions() lists that used last first",
    run: async (people) => {
      await addAll(people, ann, bob);
      await people.addSession(session("s1", ann.id), digest("s1"));
      await people.addSession(session("s2", ann.id, { seen: 1500 }), digest("s2"));
      await people.addSession(session("s3", bob.id), digest("s3"));
      const use = { seen: 2000, expires: 9000, ip: "2001:db8::1" };
      await people.usedSession("s1", use);
      await people.usedSession("none", use);
      assertEquals(await people.sessions(ann.id), [
        session("s1", ann.id, use),
        session("s2", ann.id, { seen: 1500 }),
      ]);
    },
  },
  {
    name: "endSession() ends a user's own sessions only",
    run: async (people) => {
      await addAll(people, ann, bob);
      await people.addSession(session("s", ann.id), digest("s"));
      assertEquals(await people.endSession(bob.id, "s"), false);
      assertEquals(await people.endSession(ann.id, "none"), false);
      assertEquals(await people.endSession(ann.id, "s"), true);
      assertEquals(await people.findSession(digest("s")), undefined);
    },
  },
  {
    name: "endSessions() ends all of a user's sessions but one, and says how many",
    run: async (people) => {
      await addAll(people, ann, bob);
      for (const id of ["s1", "s2", "s3"]) await people.addSession(session(id, ann.id), digest(id));
      await people.addSession(session("s4", bob.id), digest("s4"));
      assertEquals(await people.endSessions(ann.id, "s2"), 2);
      assertEquals(ids(await people.sessions(ann.id)), ["s2"]);
      assertEquals(await people.endSessions(ann.id), 1);
      assertEquals(await people.endSessions(ann.id), 0);
      assertEquals(ids(await people.sessions(bob.id)), ["s4"]);
    },
  },
  {
    name: "prune() removes the sessions that expired before a time",
    run: async (people) => {
      await addAll(people, ann);
      for (const expires of [1, 2, 3]) {
        await people.addSession(session(`s${expires}`, ann.id, { expires }), digest(`${expires}`));
      }
      await people.prune(3);
      assertEquals(ids(await people.sessions(ann.id)), ["s3"]);
    },
  },
  {
    name: "prune() removes the invitations and steps of sign-ins that cannot be used any more",
    run: async (people) => {
      const good = invite("good", { expires: 3001 });
      const all = [good, invite("used", { uses: 0 }), invite("over", { expires: 3000 })];
      for (const one of all) await people.addInvite(one, digest(one.id));
      await people.putCeremony("over", "x", 3000);
      await people.putCeremony("good", "y", 3001);
      await people.prune(3000);
      const left = await Promise.all(all.map(({ id }) => people.findInvite(digest(id))));
      assertEquals(left, [good, undefined, undefined]);
      assertEquals(await people.takeCeremony("over", 0), undefined);
      assertEquals(await people.takeCeremony("good", 0), "y");
    },
  },
  {
    name: "findInvite() finds an invitation, whether it can still be used or not",
    run: async (people) => {
      await addAll(people, ann);
      const one = invite("i", { role: "admin", by: ann.id, rooms: [], uses: 0, expires: 0 });
      await people.addInvite(one, digest("i"));
      assertEquals(await people.findInvite(digest("i")), one);
      assertEquals(await people.findInvite(digest("j")), undefined);
    },
  },
  {
    name: "addInvite() rejects an id or a digest that is in use",
    run: async (people) => {
      await people.addInvite(invite("i"), digest("i"));
      await assertRejects(() => people.addInvite(invite("i"), digest("j")));
      await assertRejects(() => people.addInvite(invite("j"), digest("i")));
      assertEquals(ids(await people.invites(0)), ["i"]);
    },
  },
  {
    name: "useInvite() takes one use at a time, until none is left or its time is over",
    run: async (people) => {
      await people.addInvite(invite("i", { uses: 2 }), digest("i"));
      await people.addInvite(invite("j", { expires: 2000 }), digest("j"));
      const uses = await Promise.all(
        Array.from({ length: 3 }, () => people.useInvite(digest("i"), 4999)),
      );
      assertEquals(uses.map((used) => used?.uses), [1, 0, undefined]);
      assertEquals(uses[0], invite("i", { uses: 1 }));
      assertEquals(await people.useInvite(digest("j"), 2000), undefined);
      assertEquals((await people.useInvite(digest("j"), 1999))?.uses, 0);
      assertEquals(await people.useInvite(digest("none"), 0), undefined);
    },
  },
  {
    name: "invites() lists what can still be used, the newest first; all, or a user's",
    run: async (people) => {
      await addAll(people, ann);
      const all = [
        invite("old"),
        invite("new", { created: 3000, by: ann.id }),
        invite("used", { uses: 0, by: ann.id }),
        invite("over", { expires: 100 }),
      ];
      for (const one of all) await people.addInvite(one, digest(one.id));
      assertEquals(await people.invites(100), [all[1]!, all[0]!]);
      assertEquals(await people.invites(100, ann.id), [all[1]!]);
      assertEquals(await people.invites(5000), []);
    },
  },
  {
    name: "removeInvite() removes an invitation by its public id",
    run: async (people) => {
      await people.addInvite(invite("i"), digest("i"));
      assertEquals(await people.removeInvite("i"), true);
      assertEquals(await people.removeInvite("i"), false);
      assertEquals(await people.useInvite(digest("i"), 0), undefined);
    },
  },
  {
    name: "takeCeremony() takes what was put, once, and not when it has expired",
    run: async (people) => {
      await people.putCeremony("a", "first", 2000);
      await people.putCeremony("a", "second", 3000);
      await people.putCeremony("b", "late", 2000);
      assertEquals(await people.takeCeremony("a", 2999), "second");
      assertEquals(await people.takeCeremony("a", 2999), undefined);
      assertEquals(await people.takeCeremony("b", 2000), undefined);
      assertEquals(await people.takeCeremony("none", 0), undefined);
    },
  },
  {
    name: "probe() writes, and changes nothing",
    run: async (people) => {
      await addAll(people, ann);
      await people.probe();
      await people.probe();
      assertEquals(await people.list({ limit: 9 }), [record(ann)]);
    },
  },
];
