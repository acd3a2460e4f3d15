/**
 * What is said to those who do not get in: what is wrong, and when to try again.
 *
 * @module
 */
import { Problem } from "../http/problem.ts";
import type { Applied } from "../people/sanctions.ts";
import type { Full } from "./admission.ts";

const SECOND = 1000;
const DAY = 24 * 3600 * SECOND;

/** When connections may have become fewer, in milliseconds. */
const FULL_RETRY = 30 * SECOND;

/** When another server, or this one after its start, may answer, in milliseconds. */
const DRAINING_RETRY = 5 * SECOND;

/** The request names no valid host, or two. */
export function host(): Problem {
  const allowed =
    "Host must be a name or an address, perhaps with a port, and the one in the request";
  return new Problem(400, `Cannot serve request: ${allowed}`, { reason: "bad_request" });
}

/** A credential that nobody has, or none where one is needed. */
export function unauthorized(): Problem {
  const allowed =
    "sign in first; a credential must be a session that has not ended, or a token of this server";
  return Problem.of("unauthorized", `Cannot connect: ${allowed}`);
}

/**
 * A ban of the address or of the user.
 *
 * @param verb completes "Cannot VERB: …"
 * @param who is, or are
 * @param now milliseconds since 1970
 */
export function banned(
  verb: string,
  who: string,
  { until, reason }: Applied,
  now: number,
): Problem {
  const end = until === undefined ? "" : ` until ${new Date(until).toISOString()}`;
  const why = reason === "" ? "" : `: ${reason}`;
  const wait = until === undefined ? Infinity : until - now;
  return new Problem(403, `Cannot ${verb}: ${who} banned${end}${why}`, {
    code: "forbidden",
    reason: "banned",
    headers: wait <= DAY ? { "retry-after": String(Math.max(1, Math.ceil(wait / SECOND))) } : {},
  });
}

/** Clients are sent to another server, before this one stops or until an admin calls it off. */
export function draining(): Problem {
  const reason = "the server is draining: its clients move to another one";
  return Problem.of("unavailable", `Cannot connect: ${reason}`, DRAINING_RETRY);
}

/** The process has too much memory. */
export function memory(): Problem {
  const reason = "the server has reached its limit of memory";
  return Problem.of("unavailable", `Cannot connect: ${reason}`, FULL_RETRY, "memory");
}

/** There are too many connections. */
export function full(limit: Full): Problem {
  switch (limit) {
    case "full":
      return Problem.of(
        "unavailable",
        "Cannot connect: the server has reached its limit of connections",
        FULL_RETRY,
        "connections",
      );
    case "address_full":
      return Problem.of(
        "rate_limited",
        "Cannot connect: your address has reached its limit of connections",
        FULL_RETRY,
        "connections_per_address",
      );
    case "unauthenticated":
      return Problem.of(
        "unavailable",
        "Cannot connect: the server has reached its limit of connections that have not logged in; " +
          "whoever comes with a session is let in",
        FULL_RETRY,
        "unauthenticated",
      );
  }
}

/** @param wait milliseconds */
export function connectRate(wait: number): Problem {
  const reason = "your address opens connections too fast";
  return Problem.of("rate_limited", `Cannot connect: ${reason}`, wait, "connect_rate");
}

/** @param wait milliseconds */
export function requestRate(rate: number, of: "user" | "address", wait: number): Problem {
  const allowed = `at most ${rate} requests a second of one ${of}`;
  return Problem.of("rate_limited", `Cannot serve request: ${allowed}`, wait);
}

/** @param wait milliseconds */
export function byteRate(wait: number): Problem {
  const reason = "your address sends too many bytes a second";
  return Problem.of("rate_limited", `Cannot serve request: ${reason}`, wait);
}

/** Too many requests whose bodies have not come yet. */
export function bodies(max: number): Problem {
  const allowed = `at most ${max} requests with a body at a time from one address`;
  return Problem.of("rate_limited", `Cannot serve request: ${allowed}`);
}
