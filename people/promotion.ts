/**
 * Becoming a member or an admin, whichever way somebody has proved that they may.
 *
 * @module
 */
import { Refused, type User, type UserId } from "../protocol.ts";
import { toUser } from "./sessions.ts";
import type { SignInLimit } from "./sign_in_limit.ts";
import type { PeopleStore } from "./store.ts";
import { nameTaken } from "./wording.ts";

/**
 * Makes a member or an admin of a user, who is remembered from then on. Nobody becomes less than they are.
 *
 * @returns the user as it is then
 * @throws {Refused} `forbidden` for a bot; `name_taken` if a guest was away and lost its name;
 *   `no_such_user`
 */
export async function promote(
  store: PeopleStore,
  id: UserId,
  role: "member" | "admin",
): Promise<User> {
  const verb = `become ${role === "admin" ? "an admin" : "a member"}`;
  const user = await store.find(id);
  if (user === undefined) throw gone(verb);
  if (user.role === "bot") {
    throw new Refused("forbidden", `Cannot ${verb}: a bot signs in with its token only`);
  }
  if (user.role === "admin" || user.role === role) return toUser(user);
  if (user.role === "guest") await requireName(store, verb, user);
  if (await store.change(id, { role, remembered: true }) !== undefined) throw gone(verb);
  return { ...toUser(user), role };
}

/**
 * Counts a guest who is about to become a member by itself, unless it is remembered already.
 *
 * @throws {TooManySignIns} `rate_limited`
 */
export async function countRemembered(
  store: PeopleStore,
  signIns: SignInLimit,
  { id, ip }: { readonly id: UserId; readonly ip: string },
): Promise<void> {
  const user = await store.find(id);
  if (user?.remembered === false) signIns.remember(ip);
}

/**
 * Makes sure that a name is free or the user's own: a guest who is not remembered loses it while away.
 *
 * @throws {Refused} `name_taken`
 */
export async function requireName(
  store: PeopleStore,
  verb: string,
  { id, name }: Pick<User, "id" | "name">,
): Promise<void> {
  const holder = await store.findByName(name);
  if (holder !== undefined && holder.id !== id) throw nameTaken(verb, name);
}

function gone(verb: string): Refused {
  return new Refused("no_such_user", `Cannot ${verb}: the user is not there any more`);
}
