/**
 * What those are told to whom a sanction applies.
 *
 * @module
 */
import { type ErrorCode, Refused, type User } from "../protocol.ts";
import type { Applied, Sanctions } from "./sanctions.ts";

/** Why a connection is closed with 4505. */
export const KICKED = "An admin has ended the connection";

/** A request that is refused because an admin has banned or muted somebody, or has closed a room. */
export class Sanctioned extends Refused {
  /** What the operator is told. */
  readonly reason: "banned" | "muted" | "forbidden";

  private constructor(
    code: ErrorCode,
    reason: Sanctioned["reason"],
    message: string,
    retryMs: number | undefined,
  ) {
    super(code, message, retryMs);
    this.reason = reason;
  }

  /**
   * @param who is or are banned
   * @param now milliseconds since 1970
   */
  static banned(verb: string, who: string, ban: Applied, now: number): Sanctioned {
    const message = `Cannot ${verb}: ${describeApplied(`${who} banned`, ban)}`;
    return new Sanctioned("forbidden", "banned", message, waitOf(ban, now));
  }

  /** @param now milliseconds since 1970 */
  static muted(verb: string, mute: Applied, now: number): Sanctioned {
    const message = `Cannot ${verb}: ${describeApplied("you are muted", mute)}`;
    return new Sanctioned("muted", "muted", message, waitOf(mute, now));
  }

  /** @param now milliseconds since 1970 */
  static closed(verb: string, room: string, closure: Applied, now: number): Sanctioned {
    const message = `Cannot ${verb}: ${describeApplied(`${room} is closed`, closure)}`;
    return new Sanctioned("forbidden", "forbidden", message, waitOf(closure, now));
  }
}

/** The ban of a user, if it is known, or else of its address. Admins have none. */
export function banOf(
  user: User | undefined,
  ip: string,
  sanctions: Pick<Sanctions, "banOfAddress" | "banOfUser">,
): [who: string, ban: Applied | undefined] {
  const ban = user && sanctions.banOfUser(user);
  if (ban !== undefined || user?.role === "admin") return ["you are", ban];
  return ["this address is", sanctions.banOfAddress(ip)];
}

/** What applies, until when and why. */
export function describeApplied(what: string, { until, reason }: Applied): string {
  const end = until === undefined ? "" : ` until ${new Date(until).toISOString()}`;
  const why = reason === "" ? "" : `: ${reason}`;
  return `${what}${end}${why}`;
}

function waitOf({ until }: Applied, now: number): number | undefined {
  return until === undefined ? undefined : Math.max(0, until - now);
}
