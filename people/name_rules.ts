/**
 * Which names somebody may take, beside those that are taken, and who is banned.
 *
 * @module
 */
import { Refused, type Role, type User } from "../protocol.ts";
import { skeletonOf } from "../text/skeleton.ts";
import { quote } from "../text/wording.ts";
import { Sanctioned } from "./sanctioned.ts";
import type { Sanctions } from "./sanctions.ts";

/** Names that seem to speak for the server or to all. Admins and programs may have them. */
const RESERVED = [
  "admin",
  "administrator",
  "channel",
  "everyone",
  "here",
  "hubbub",
  "mod",
  "moderator",
  "server",
  "system",
] as const;

/** Made when first needed. */
let reserved: ReadonlySet<string> | undefined;

/** Whether a name is, or looks like, one that seems to speak for the server. */
export function isReserved(name: string): boolean {
  reserved ??= new Set(RESERVED.map(skeletonOfAnyCase));
  return reserved.has(skeletonOfAnyCase(name));
}

/** As a skeleton, but `i` counts for `I`, which looks like `l`: what looks like a name in any case has the same. */
function skeletonOfAnyCase(name: string): string {
  return skeletonOf(name).replaceAll("i", "l");
}

/** What the rules go by. */
export interface NameRules {
  readonly sanctions: Pick<Sanctions, "banOfName" | "banOfUser">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Refuses a name that somebody wants to have who does not have it yet.
 *
 * @param role of whoever wants it
 * @throws {Refused} `bad_name` if it is reserved; `forbidden` if it is banned
 */
export function refuseName(
  verb: string,
  { name, role }: { readonly name: string; readonly role: Role },
  { sanctions, now }: NameRules,
): void {
  if (role === "admin" || role === "bot") return;
  if (isReserved(name)) {
    const problem = `${quote(name)} is reserved: it seems to speak for the server`;
    throw new Refused("bad_name", `Cannot ${verb}: ${problem}; choose another name`);
  }
  const ban = sanctions.banOfName(name);
  if (ban !== undefined) throw Sanctioned.banned(verb, `the name ${quote(name)} is`, ban, now());
}

/** @throws {Refused} `forbidden` if a user is banned */
export function refuseBanned(verb: string, user: User, { sanctions, now }: NameRules): void {
  const ban = sanctions.banOfUser(user);
  if (ban !== undefined) throw Sanctioned.banned(verb, "you are", ban, now());
}
