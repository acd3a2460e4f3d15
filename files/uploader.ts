/**
 * Who uploads a file, as far as it matters for how much they may store.
 *
 * @module
 */
import { networkOf } from "../network/network.ts";
import type { Register } from "../people/accounts.ts";
import type { Role, UserId } from "../protocol.ts";

/** Who uploads. */
export interface Uploader {
  /** Who may announce the file; never empty. */
  readonly user: UserId;
  /** The network by which the upload counts: see {@linkcode countedNetwork}; absent: by none. */
  readonly network?: string | undefined;
}

/**
 * The network by which an upload counts: that of a guest and, where anybody may become a member, that of a
 * member. Otherwise one address would have as many shares of the space as it makes accounts.
 *
 * @param ip may be empty: then it counts by none
 * @param register default: not everybody may become a member
 */
export function countedNetwork(
  ip: string,
  role: Role,
  register: Register = "invite",
): string | undefined {
  const counts = role === "guest" || role === "member" && register === "open";
  return counts ? networkOf(ip) || undefined : undefined;
}
