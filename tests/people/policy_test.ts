/** Every verb for every kind of user in every kind of room. */
import { type AccessMode, Policy, type RoomAccess, type Verb } from "../../people/policy.ts";
import { ANONYMOUS, type Principal } from "../../people/principal.ts";
import type { Role, RoomRole } from "../../protocol.ts";
import { assert, assertEquals, assertFalse } from "../support/assert.ts";

const ROLES: readonly Role[] = ["guest", "member", "admin", "bot"];
const ROOM_ROLES: readonly (RoomRole | undefined)[] = [undefined, "member", "moderator", "owner"];
const MODES: readonly AccessMode[] = ["open", "members"];

/** Who asks: nobody, or a user of each role. */
const PRINCIPALS: readonly (readonly [name: string, principal: Principal])[] = [
  ["nobody", ANONYMOUS],
  ...ROLES.map((role) => [role, { user: { id: role, name: role, role } }] as const),
];

/** The kinds of room; what the one who asks is in it comes to that. */
const ROOMS: readonly Omit<RoomAccess, "role">[] = [
  { name: "free", isPrivate: false, hasOwner: false },
  { name: "owned", isPrivate: false, hasOwner: true },
  { name: "private", isPrivate: true, hasOwner: true },
  { name: "@a:b", isPrivate: true, hasOwner: false },
];

/** Who may use a verb, written down independently of how the policy finds it. */
type Expected = (who: string, room: RoomAccess | undefined, mode: AccessMode) => boolean;

const everybody: Expected = () => true;
const users: Expected = (who) => who !== "nobody";
const entrants: Expected = (who, _room, mode) => mode === "open" || who !== "nobody";
const isAdminIn = (who: string, room: RoomAccess) => who === "admin" && !room.isPrivate;
const owners: Expected = (who, room) =>
  who !== "nobody" && room !== undefined && (room.role === "owner" || isAdminIn(who, room));
const moderators: Expected = (who, room, mode) =>
  owners(who, room, mode) || (who !== "nobody" && room?.role === "moderator");
const caretakers: Expected = (who, room, mode) =>
  moderators(who, room, mode) ||
  (["member", "admin", "bot"].includes(who) && room?.name === "free");

/** A new verb does not compile until somebody says here who may use it. */
const EXPECTED: Readonly<Record<Verb, Expected>> = {
  login: everybody,
  ping: everybody,
  connect: entrants,
  view: entrants,
  post: users,
  upload: users,
  user: users,
  join: users,
  leave: users,
  rename: users,
  direct: users,
  users,
  rooms: users,
  history: users,
  search: users,
  edit: users,
  delete: users,
  react: users,
  typing: users,
  file: users,
  create: users,
  read: users,
  logout: users,
  metrics: (who) => who === "bot" || who === "admin",
  adopt: (who) => who === "admin",
  administer: (who) => who === "admin",
  role: owners,
  remove: moderators,
  moderate: moderators,
  invite: caretakers,
  topic: caretakers,
};

const VERBS = Object.keys(EXPECTED).filter((verb): verb is Verb => verb in EXPECTED);

/** Every room with everything that one can be in it, and none at all. */
const ACCESSES: readonly (RoomAccess | undefined)[] = [
  undefined,
  ...ROOMS.flatMap((room) => ROOM_ROLES.map((role) => ({ ...room, role }))),
];

const isThere = (room: RoomAccess | undefined) =>
  room === undefined || !room.isPrivate || room.role !== undefined;

for (const verb of VERBS) {
  Deno.test(`Policy.may() decides on ${verb} for every user, room and mode`, () => {
    for (const mode of MODES) {
      const policy = new Policy(mode);
      for (const [who, principal] of PRINCIPALS) {
        for (const room of ACCESSES) {
          const expected = isThere(room) && EXPECTED[verb](who, room, mode);
          const what = `${who} in ${JSON.stringify(room)} with ${mode}`;
          assertEquals(policy.may(principal, verb, room), expected, what);
        }
      }
    }
  });
}

Deno.test("Policy.maySee() hides what is private from whoever is no member, admins too", () => {
  const policy = new Policy();
  for (const [who, principal] of PRINCIPALS) {
    for (const room of ACCESSES) {
      if (room === undefined) continue;
      assertEquals(policy.maySee(principal, room), isThere(room), `${who}, ${room.name}`);
    }
  }
});

Deno.test("Policy lets a token that names rooms into these, private ones too, and no others", () => {
  const policy = new Policy();
  for (const [who, principal] of PRINCIPALS) {
    const limited: Principal = { ...principal, rooms: ["owned", "private"] };
    for (const room of ACCESSES) {
      if (room === undefined) continue;
      const isNamed = room.name === "owned" || room.name === "private";
      assertEquals(policy.maySee(limited, room), isNamed, `${who}, ${room.name}`);
      for (const verb of VERBS) {
        // The server is more than some rooms.
        const expected = isNamed && verb !== "administer" && EXPECTED[verb](who, room, "open");
        const what = `${who}, ${verb} in ${JSON.stringify(room)}`;
        assertEquals(policy.may(limited, verb, room), expected, what);
      }
    }
  }
});

Deno.test("Policy.may() lets a token without rooms into none, but do what is about no room", () => {
  const policy = new Policy();
  const [, member = ANONYMOUS] = PRINCIPALS.find(([who]) => who === "member") ?? [];
  const limited: Principal = { ...member, rooms: [] };
  const lobby = { name: "lobby", isPrivate: false, hasOwner: false };
  assertFalse(policy.maySee(limited, lobby));
  assertFalse(policy.may(limited, "join", lobby));
  assert(policy.may(limited, "connect"));
});

Deno.test("Policy lets everybody in unless told otherwise", () => {
  assert(new Policy().may(ANONYMOUS, "connect"));
});
