import { createAuthenticator } from "../../people/authenticator.ts";
import { ensureBots } from "../../people/bots.ts";
import { VisitService } from "../../people/visit_service.ts";
import { Secret } from "../../config/config.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../support/assert.ts";
import {
  arrival,
  assertRefused,
  DAY,
  HOUR,
  MINUTE,
  override,
  PeopleHarness,
} from "./people_harness.ts";
import { settle } from "../support/promises.ts";
import { DEADLINE, within } from "../support/within.ts";

Deno.test("VisitService.enter() makes a guest, whose session is the connection's secret", async () => {
  const people = new PeopleHarness();
  const visit = await people.visits.enter(arrival({ name: "Ann", secret: "of the connection" }));
  assertEquals(visit, {
    user: { id: visit.user.id, name: "Ann", role: "guest" },
    visit: 1,
    remembered: false,
    session: visit.session!,
    secret: "of the connection",
  });
  const { user, session } = visit;
  assertEquals(await people.sessions.find("of the connection", ""), { user, session: session! });
  const [record] = await people.sessions.list(user.id);
  assertEquals([record?.agent, record?.ip], ["Firefox", "192.0.2.1"]);
});

Deno.test("VisitService.enter() gives a connection that logs in again another user and session", async () => {
  const people = new PeopleHarness();
  const first = await people.visits.enter(arrival({ name: "Ann", secret: "same" }));
  people.visits.leave(first.user.id, first.visit);
  const second = await people.visits.enter(arrival({ name: "Ben", secret: "same" }));
  assert(second.user.id !== first.user.id && second.secret !== "same");
  assert(await people.isValid(second.secret!));
});

Deno.test("VisitService.enter() asks for a name, a valid one that is free", async () => {
  const people = new PeopleHarness();
  await people.visits.enter(arrival({ name: "Ann" }));
  await people.add("Mia");
  await assertRefused("bad_name", () => people.visits.enter(arrival({})));
  await assertRefused("bad_name", () => people.visits.enter(arrival({ name: "#1" })));
  for (const name of ["ANN", "mia"]) {
    const refused = await assertRefused(
      "name_taken",
      () => people.visits.enter(arrival({ name })),
    );
    assertStringIncludes(refused.message, "sign in if it is yours, or choose another name");
  }
  assertEquals((await people.store.list({ limit: 9 })).length, 2);
});

Deno.test("VisitService.enter() leaves nobody behind when two take a name at once", async () => {
  const people = new PeopleHarness();
  const arrivals = await Promise.allSettled(
    ["one", "two"].map((secret) => people.visits.enter(arrival({ name: "Ann", secret }))),
  );
  assertEquals(arrivals.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  const valid = [await people.isValid("one"), await people.isValid("two")];
  assertEquals(valid.filter(Boolean).length, 1);
});

Deno.test("VisitService.enter() lets a guest in with one commit", async () => {
  const people = new PeopleHarness();
  const { store } = people;
  const [add, visit] = [store.add.bind(store), store.visit.bind(store)];
  const visiting = Promise.withResolvers<void>();
  // A commit that does not end before everything is in it.
  store.add = async (user) => {
    const added = await add(user);
    await visiting.promise;
    return added;
  };
  store.visit = (...call) => {
    visiting.resolve();
    return visit(...call);
  };
  const entering = people.visits.enter(arrival({ name: "Ann", secret: "one" }));
  await within(DEADLINE, "a guest to enter", entering);
  assert(await people.isValid("one"));
});

Deno.test("VisitService.enter() leaves no guest behind whose session cannot be stored", async () => {
  const people = new PeopleHarness();
  const { store } = people;
  const addSession = store.addSession.bind(store);
  store.addSession = () => Promise.reject(new Error("The disk is full"));
  const attempt = () => people.visits.enter(arrival({ name: "Ann" }));
  await assertRejects(attempt, Error, "The disk is full");
  assertEquals(await store.list({ limit: 9 }), []);
  store.addSession = addSession;
  assertEquals((await attempt()).user.name, "Ann");
});

Deno.test("VisitService.enter() remembers a guest who asks for it, then or later", async () => {
  const people = new PeopleHarness();
  const ann = await people.visits.enter(arrival({ name: "Ann", remember: true }));
  const ben = await people.visits.enter(arrival({ name: "Ben" }));
  assertEquals([ann.remembered, ben.remembered], [true, false]);
  const back = await people.visits.enter(arrival({ credential: ben.secret, remember: true }));
  assert(back.remembered);
  assertEquals((await people.visits.state(ben.user.id))?.remembered, true);
});

Deno.test("VisitService.enter() knows who opened the connection, and tells no secret again", async () => {
  const people = new PeopleHarness();
  const { principal, user, session } = await people.addSignedIn("Ann");
  assertEquals(await people.visits.enter(arrival({ principal })), {
    user,
    session,
    visit: 1,
    remembered: true,
  });
  assertEquals((await people.visits.enter(arrival({ principal }))).visit, 2);
});

Deno.test("VisitService.enter() keeps the rooms and the end of a principal", async () => {
  const people = new PeopleHarness();
  const user = await people.add("Ann");
  const principal = { user, rooms: ["a"], expires: people.time + 1 };
  const { rooms, expires } = await people.visits.enter(arrival({ principal }));
  assertEquals([rooms, expires], [principal.rooms, principal.expires]);
});

Deno.test("VisitService.enter() takes a session from the request, and returns it", async () => {
  const people = new PeopleHarness();
  const { user, secret, session } = await people.addSignedIn("Ann");
  const visit = await people.visits.enter(arrival({ credential: secret }));
  assertEquals(visit, { user, session, secret, visit: 1, remembered: true });
  const other = await people.addSignedIn("Ben");
  const both = arrival({ credential: secret, principal: other.principal });
  assertEquals((await people.visits.enter(both)).user.name, "Ann");
});

Deno.test("VisitService.enter() refuses a session that has ended, with what to do", async () => {
  const people = new PeopleHarness();
  const { principal, user, secret, session } = await people.addSignedIn("Ann");
  const expectRefusal = async () => {
    for (const given of [{ principal }, { credential: secret }]) {
      const refused = await assertRefused(
        "unauthorized",
        () => people.visits.enter(arrival({ ...given, name: "Ann" })),
      );
      assertEquals(
        refused.message,
        "Cannot log in: this session has ended or is not known; log in without it",
      );
    }
  };
  await people.store.change(user.id, { disabled: true });
  await expectRefusal();
  await people.store.change(user.id, { disabled: false });
  await people.sessions.end(user.id, session);
  await expectRefusal();
  await people.store.remove(user.id);
  await expectRefusal();
});

Deno.test("VisitService.enter() renames who gives another name", async () => {
  const people = new PeopleHarness();
  const { principal, user } = await people.addSignedIn("Ann");
  await people.add("Ben");
  const renamed = await people.visits.enter(arrival({ principal, name: "Anna" }));
  assertEquals(renamed.user, { ...user, name: "Anna" });
  assertEquals((await people.visits.describe([user.id])).get(user.id)?.name, "Anna");
  await assertRefused("name_taken", () => people.visits.enter(arrival({ principal, name: "ben" })));
});

Deno.test("VisitService.enter() says what to do if a guest's name was taken meanwhile", async () => {
  const people = new PeopleHarness();
  const ann = await people.visits.enter(arrival({ name: "Ann" }));
  people.visits.leave(ann.user.id, ann.visit);
  const stranger = await people.visits.enter(arrival({ name: "Ann" }));
  assert(stranger.user.id !== ann.user.id);
  const credential = ann.secret;
  const refused = await assertRefused(
    "name_taken",
    () => people.visits.enter(arrival({ credential })),
  );
  assertStringIncludes(refused.message, "was taken meanwhile; log in with another name");
  const back = await people.visits.enter(arrival({ credential, name: "Ann 2" }));
  assertEquals([back.user.id, back.user.name], [ann.user.id, "Ann 2"]);
});

Deno.test("VisitService.enter() and rename() keep a program's name", async () => {
  const people = new PeopleHarness();
  const { store, sessions } = people;
  const bots = await ensureBots(store, [{ name: "Build", secret: new Secret("token") }]);
  const { authenticateCredential } = createAuthenticator({ store, bots, sessions });
  const visits = new VisitService(store, sessions, {
    access: "members",
    needsPassword: true,
    holdNames: DAY,
    authenticateCredential,
  });
  const visit = await visits.enter(arrival({ credential: "token" }));
  assertEquals([visit.user.name, visit.session], ["Build", undefined]);
  const same = await visits.enter(arrival({ credential: "token", name: "build" }));
  assertEquals(same.user.name, "Build");
  await assertRefused("forbidden", () => visits.enter(arrival({ credential: "token", name: "B" })));
  await assertRefused("forbidden", () => visits.rename(visit.user.id, "B"));
});

Deno.test("VisitService.enter() lets in no guest where only members may, or a password is needed", async () => {
  for (
    const options of [
      { access: "members" },
      { sharedPassword: new Secret("open sesame") },
    ] as const
  ) {
    const people = new PeopleHarness(options);
    const refused = await assertRefused(
      "unauthorized",
      () => people.visits.enter(arrival({ name: "Ann" })),
    );
    assertStringIncludes(refused.message, "POST /api/session");
    assertEquals(await people.store.findByName("Ann"), undefined);
    const { principal } = await people.addSignedIn("Mia");
    await people.visits.enter(arrival({ principal }));
  }
});

Deno.test("VisitService.rename() changes the name, unless it is taken or the user is gone", async () => {
  const people = new PeopleHarness();
  const ann = await people.add("Ann");
  await people.add("Ben");
  assertEquals(await people.visits.rename(ann.id, "Anna"), { ...ann, name: "Anna" });
  assertEquals(await people.visits.find("Ann"), undefined);
  await assertRefused("name_taken", () => people.visits.rename(ann.id, "BEN"));
  await assertRefused("no_such_user", () => people.visits.rename("nobody", "Cid"));
});

Deno.test("VisitService.find() finds by name or @ID, an id first, the disabled too", async () => {
  const people = new PeopleHarness();
  const ann = await people.add("Ann");
  await people.store.change(ann.id, { disabled: true });
  const impostor = await people.add(`@${ann.id}`);
  const other = await people.add("@Ann");
  assertEquals(await people.visits.find("ann"), ann);
  assertEquals(await people.visits.find(`@${ann.id}`), ann);
  assertEquals(await people.visits.find("@ann"), ann);
  assertEquals(await people.visits.find(`@@${ann.id}`), impostor);
  assertEquals(await people.visits.find("@@Ann"), other);
  assertEquals(await people.visits.find("@nobody"), undefined);
});

Deno.test("VisitService.describe() reads each user once, until it changes", async () => {
  const people = new PeopleHarness();
  const reads: string[][] = [];
  const store = override(people.store, {
    findMany: (ids) => {
      reads.push([...ids]);
      return people.store.findMany(ids);
    },
  });
  const visits = new VisitService(store, people.sessions, {
    access: "open",
    needsPassword: false,
    holdNames: DAY,
    authenticateCredential: () => Promise.resolve(undefined),
  });
  const [ann, ben] = [await people.add("Ann"), await people.add("Ben")];
  assertEquals([...(await visits.describe([ann.id, "nobody", ann.id])).values()], [ann]);
  assertEquals((await visits.describe([ann.id, ben.id])).size, 2);
  assertEquals(reads, [[ann.id, "nobody"], [ben.id]]);
  await people.store.change(ann.id, { role: "admin" });
  await settle();
  assertEquals((await visits.describe([ann.id])).get(ann.id)?.role, "admin");
});

Deno.test("VisitService.describe() knows a new name before the store tells of it", async () => {
  const people = new PeopleHarness();
  const visits = new VisitService(
    override(people.store, { watch: () => {} }),
    people.sessions,
    {
      access: "open",
      needsPassword: false,
      holdNames: DAY,
      authenticateCredential: () => Promise.resolve(undefined),
    },
  );
  const { user, principal } = await people.addSignedIn("Ann");
  const described = async () => (await visits.describe([user.id])).get(user.id)?.name;
  assertEquals(await described(), "Ann");
  await visits.rename(user.id, "Anna");
  assertEquals(await described(), "Anna");
  await visits.enter(arrival({ principal, name: "Anne" }));
  assertEquals(await described(), "Anne");
});

Deno.test("VisitService.describe() keeps nothing that changed while it was read", async () => {
  const people = new PeopleHarness();
  const gate = Promise.withResolvers<void>();
  const store = override(people.store, {
    findMany: async (ids) => {
      const found = await people.store.findMany(ids);
      await gate.promise;
      return found;
    },
  });
  const visits = new VisitService(store, people.sessions, {
    access: "open",
    needsPassword: false,
    holdNames: DAY,
    authenticateCredential: () => Promise.resolve(undefined),
  });
  const ann = await people.add("Ann");
  const early = visits.describe([ann.id]);
  await visits.rename(ann.id, "Anna");
  gate.resolve();
  await early;
  assertEquals((await visits.describe([ann.id])).get(ann.id)?.name, "Anna");
});

Deno.test("VisitService.state() tells what a user is and which sessions it has", async () => {
  const people = new PeopleHarness();
  const { user, session } = await people.addSignedIn("Ann");
  assertEquals(await people.visits.state(user.id), {
    user,
    remembered: true,
    disabled: false,
    sessions: new Set([session]),
  });
  people.time += 90 * DAY;
  assertEquals((await people.visits.state(user.id))?.sessions.size, 0);
  await people.store.change(user.id, { disabled: true });
  assertEquals((await people.visits.state(user.id))?.disabled, true);
  assertEquals(await people.visits.state("nobody"), undefined);
});

Deno.test("VisitService.watch() is told of users who changed", async () => {
  const people = new PeopleHarness();
  const changed: string[] = [];
  people.visits.watch((user) => changed.push(user));
  const { user, session } = await people.addSignedIn("Ann");
  await people.sessions.end(user.id, session);
  await settle();
  assertEquals(changed, [user.id]);
});

Deno.test("VisitService.sweep() keeps guests for two minutes, the remembered as long as names are held", async () => {
  const people = new PeopleHarness();
  const ann = await people.visits.enter(arrival({ name: "Ann" }));
  const ben = await people.visits.enter(arrival({ name: "Ben", remember: true }));
  const cid = await people.visits.enter(arrival({ name: "Cid" }));
  const exist = async () =>
    (await people.store.findMany([ann, ben, cid].map(({ user }) => user.id)))
      .map(({ name }) => name).sort();
  people.visits.leave(ann.user.id, ann.visit);
  people.visits.leave(ben.user.id, ben.visit);
  people.time += 2 * MINUTE;
  await people.visits.sweep();
  assertEquals(await exist(), ["Ann", "Ben", "Cid"]);
  people.time += 1;
  await people.visits.sweep();
  assertEquals(await exist(), ["Ben", "Cid"]);
  assert(!await people.isValid(ann.secret!));
  people.time += 7 * DAY;
  await people.visits.sweep();
  assertEquals(await exist(), ["Cid"]);
});

Deno.test("VisitService.sweep() removes sessions that have expired", async () => {
  const people = new PeopleHarness();
  const { user } = await people.addSignedIn("Ann");
  people.time += 90 * DAY + 1;
  await people.visits.sweep();
  assertEquals(await people.store.sessions(user.id), []);
});

Deno.test("VisitService.sweep() renews the session of somebody who stays connected", async () => {
  const people = new PeopleHarness();
  const ann = await people.visits.enter(arrival({ name: "Ann" }));
  const ben = await people.visits.enter(arrival({ name: "Ben", remember: true }));
  for (let day = 0; day < 40; day++) {
    people.time += DAY;
    await people.visits.sweep();
  }
  assert(await people.isValid(ann.secret!));
  assert(await people.isValid(ben.secret!));
});

Deno.test("VisitService.sweep() and leave() do not throw when the store fails", async () => {
  const people = new PeopleHarness();
  const { user, visit } = await people.visits.enter(arrival({ name: "Ann" }));
  await people.store.close();
  people.time += 2 * HOUR;
  people.visits.leave(user.id, visit);
  await people.visits.sweep();
});
