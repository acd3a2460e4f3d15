/**
 * Finding the room and the user that a request names.
 *
 * @module
 */
import type { Principal } from "../people/principal.ts";
import { Sanctioned } from "../people/sanctioned.ts";
import type { Visits } from "../people/visits.ts";
import { Refused, shownRoom, type User, type UserReference } from "../protocol.ts";
import type { Memberships } from "./memberships.ts";
import type { RequestContext } from "./context.ts";
import type { Registry } from "./registry.ts";
import type { Listable } from "./room_list.ts";

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
  name: string,
  verb: string,
  context: Visible,
): void {
  const { policy, memberships } = context;
  const user = principal.user?.id ?? "";
  if (policy.maySee(principal, memberships.access(name, user))) return;
  throw closureFor(principal, name, verb, context) ??
    new Refused("forbidden", `Cannot ${verb}: ${shownRoom(name, user)} is not open to you`);
}

/** What is asked whether a room is there. */
type Visible = Pick<RequestContext, "policy" | "memberships" | "now">;

/**
 * The refusal of a request about a room that would be there for somebody, had not an admin closed it;
 * `undefined` otherwise.
 */
export function closureFor(
  principal: Principal,
  name: string,
  verb: string,
  { policy, memberships, now }: Visible,
): Sanctioned | undefined {
  const { closed, ...access } = memberships.access(name, principal.user?.id);
  if (closed === undefined || !policy.maySee(principal, access)) return undefined;
  return Sanctioned.closed(verb, name, closed, now());
}

/** Which rooms somebody may be told of in lists and searches. */
export function listableFor({ user, rooms }: Principal, memberships: Memberships): Listable {
  const closed = new Set(memberships.closedRooms());
  if (rooms !== undefined) return { only: rooms.filter((room) => !closed.has(room)) };
  const also = memberships.roomsOf(user?.id ?? "").map(({ room }) => room)
    .filter((room) => memberships.isPrivate(room) && !closed.has(room));
  return { also, except: [...closed] };
}
