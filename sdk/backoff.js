/**
 * When to connect again, as a state machine without timers or sockets: every function takes a state
 * and the time and returns the next state.
 *
 * @module
 */
import { shouldReconnect } from "../protocol/wire.js";

/** The session, or the user, is no more: `CloseCode.SessionEnded` of the protocol. */
export const CLOSE_SESSION_ENDED = 4504;

/** Longest wait before the first attempt after a break, in milliseconds. Doubles each time. */
export const FIRST_DELAY = 500;

/** Longest wait between attempts, in milliseconds. */
export const MAX_DELAY = 30_000;

/**
 * A connection that lasted this long, in milliseconds, was a good one: the wait starts from the
 * beginning. A shorter one counts as a failed attempt, or a flapping server would be hammered.
 */
export const STABLE_AFTER = 5_000;

/**
 * What the connection is doing:
 *
 * - `idle`: not started;
 * - `connecting`: the socket is opening;
 * - `open`: the handshake came, but nobody is logged in yet;
 * - `online`: logged in;
 * - `waiting`: broken, tries again at `retryAt`;
 * - `stopped`: closed, by the client or with a code that says not to come back; with the code 4504 it is
 *   signed out.
 *
 * @typedef {object} ConnectionState
 * @property {"idle" | "connecting" | "open" | "online" | "waiting" | "stopped"} phase
 * @property {number} attempt failed attempts in a row
 * @property {number} since when this phase began, in milliseconds since 1970
 * @property {number} retryAt when to try again; 0 unless `waiting`
 * @property {number} code the close code that led here; 0 if none
 * @property {string} reason why the connection broke or was closed; may be empty
 */

/** @returns {ConnectionState} */
export function idle() {
  return { phase: "idle", attempt: 0, since: 0, retryAt: 0, code: 0, reason: "" };
}

/**
 * @param {ConnectionState} state
 * @param {"connecting" | "open" | "online"} phase
 * @param {number} now
 * @returns {ConnectionState}
 */
export function advanced(state, phase, now) {
  return { ...state, phase, since: now, retryAt: 0 };
}

/**
 * The connection closed, or could not be made.
 *
 * @param {ConnectionState} state
 * @param {{ code: number, reason: string }} close
 * @param {number} now
 * @param {number} random from 0 up to, not including, 1
 * @returns {ConnectionState}
 */
export function closed(state, { code, reason }, now, random) {
  if (!shouldReconnect(code)) return stopped({ code, reason }, now);
  const stable = state.phase === "online" && now - state.since >= STABLE_AFTER;
  const attempt = stable ? 1 : state.attempt + 1;
  const retryAt = now + delay(attempt, random);
  return { phase: "waiting", attempt, since: now, retryAt, code, reason };
}

/**
 * @param {{ code: number, reason: string }} close
 * @param {number} now
 * @returns {ConnectionState}
 */
export function stopped({ code, reason }, now) {
  return { phase: "stopped", attempt: 0, since: now, retryAt: 0, code, reason };
}

/**
 * The wait before an attempt: between half and all of a bound that doubles, so that many clients
 * cut off at once do not come back at once.
 *
 * @param {number} attempt counted from 1
 * @param {number} random from 0 up to, not including, 1
 * @returns {number} milliseconds
 */
export function delay(attempt, random) {
  const bound = Math.min(MAX_DELAY, FIRST_DELAY * 2 ** Math.min(attempt - 1, 16));
  return Math.round(bound * (0.5 + random / 2));
}
