/**
 * The first admin: a server without one makes an invitation for whoever can read its output.
 *
 * @module
 */
import { digestOf, newId, newInviteCode } from "./secrets.ts";
import type { PeopleStore } from "./store.ts";

/** How long the invitation is good, in milliseconds: a week. */
const LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/** Whether there is an admin, and if not, what was done about it. */
export type FirstAdmin =
  | { readonly kind: "exists" }
  /** There are admins, but all are disabled: only the machine's owner can make another one. */
  | { readonly kind: "all-disabled" }
  /** An invitation, good once: `URL/#invite=CODE`. */
  | { readonly kind: "invited"; readonly code: string; readonly expires: number };

/**
 * Looks for an admin. Without any, makes an invitation for one, which replaces those that the server has
 * made for admins before, so that a link in an old log opens nothing.
 *
 * @param now milliseconds since 1970
 */
export async function ensureFirstAdmin(
  store: PeopleStore,
  { now = Date.now(), newCode = newInviteCode }: {
    readonly now?: number;
    readonly newCode?: () => string;
  } = {},
): Promise<FirstAdmin> {
  const { all, enabled } = await store.countAdmins();
  if (all > 0) return { kind: enabled > 0 ? "exists" : "all-disabled" };
  for (const { id, role, by } of await store.invites(now)) {
    if (role === "admin" && by === undefined) await store.removeInvite(id);
  }
  const code = newCode();
  const expires = now + LIFETIME_MS;
  await store.addInvite(
    { id: newId(), role: "admin", rooms: [], uses: 1, expires, created: now },
    digestOf(code),
  );
  return { kind: "invited", code, expires };
}
