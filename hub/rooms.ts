/**
 * Finding the room and the user that a request names.
 *
 * @module
 */
import type { Policy, RoomAccess } from "../people/policy.ts";
import type { Principal } from "../people/principal.ts";
import type { Visits } from "../people/visits.ts";
import { Refused, shownRoom, type User, type UserReference } from "../protocol.ts";
import type { Memberships } from "./memberships.ts";
import type { Registry } from "./registry.ts";

/** What may be an id rather than a name. */
const ID = /^[A-Za-z0-9_-]{12}$/;

/**
 * Who is meant, if that can be said without asking beyond the loop: somebody who is connected.
 *
 * @param reference a name, `@ID`, `@NAME` or `#NUMBER`
 */
export function findConnected(reference: UserReference, registry: Registry): User | undefined {
  const number = /^#(\d+)$/.exec(reference)?.[1];
  if (number !== undefined) {
    const participant = registry.find({ number: Number(number) });
    return participant?.isLoggedIn ? participant.user.toUser() : undefined;
  }
  const key = reference.startsWith("@") ? reference.slice(1) : reference;
  if (reference.startsWith("@")) {
    const user = registry.findUser(key);
    if (user !== undefined) return user.toUser();
    // It may be the id of somebody who is not connected, which comes before a name.
    if (ID.test(key)) return undefined;
  }
  return registry.findName(key)?.toUser();
}

/**
 * Who is meant, connected or not.
 *
 * @param verb for the error message: "Cannot VERB: …"
 * @throws {Refused} `no_such_user`
 */
export async function findUser(
  reference: UserReference,
  verb: string,
  visits: Visits,
): Promise<User> {
  const user = reference.startsWith("#") ? undefined : await visits.find(reference);
  if (user !== undefined) return user;
  const problem = reference.startsWith("#")
    ? `there is no connection number ${reference.slice(1)} that has logged in`
    : `there is nobody called ${JSON.stringify(reference)}`;
  throw new Refused("no_such_user", `Cannot ${verb}: ${problem}`);
}

/**
 * Checks that a room is there for somebody.
 *
 * @throws {Refused} `forbidden`
 */
export function checkVisible(
  principal: Principal,
  access: RoomAccess,
  verb: string,
  policy: Policy,
): void {
  if (policy.maySee(principal, access)) return;
  const name = shownRoom(access.name, principal.user?.id ?? "");
  throw new Refused("forbidden", `Cannot ${verb}: ${name} is not open to you`);
}

/** The rooms besides the public ones that somebody may read. */
export function privateRoomsOf(
  { user, rooms }: Principal,
  memberships: Memberships,
): string[] {
  if (user === undefined) return [];
  if (rooms !== undefined) return rooms.filter((room) => memberships.isPrivate(room));
  return memberships.roomsOf(user.id).map(({ room }) => room)
    .filter((room) => memberships.isPrivate(room));
}
