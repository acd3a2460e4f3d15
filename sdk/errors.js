/**
 * What a promise of the client rejects with.
 *
 * @module
 */

/** @typedef {import("../protocol/codes.ts").ErrorCode} ErrorCode */

/**
 * Beside the codes of the protocol, the client has some of its own:
 *
 * - `offline`: there is no connection to ask on; ask again later;
 * - `lost`: the connection broke while a message was under way, and nobody can tell whether it arrived:
 *   it was for whoever has a name, or this client is another user since. Or it broke while an edit, a
 *   deletion, a reaction or another change was under way: look before you do it again;
 * - `closed`: the client was closed, or the server closed it for good, before the answer;
 * - `cancelled`: the user did not want to use a passkey, or not in time;
 * - `unsupported`: there are no passkeys here.
 *
 * @typedef {ErrorCode | "offline" | "lost" | "closed" | "cancelled" | "unsupported"} RefusalCode
 */

/** The server refused a request for good, or the client could not get it answered. */
export class RefusedError extends Error {
  /**
   * @param {RefusalCode} code for programs
   * @param {string} message for people: what was wrong and what is allowed
   * @param {number} [retryMs] minimum delay before the same is asked again, in milliseconds
   */
  constructor(code, message, retryMs) {
    super(message);
    this.name = "RefusedError";
    /** @type {RefusalCode} */
    this.code = code;
    this.retryMs = retryMs;
  }
}

/** Refusals after which the same request may succeed. @type {ReadonlySet<string>} */
const TEMPORARY = new Set(["rate_limited", "unavailable"]);

/**
 * Whether the same request may succeed a little later.
 *
 * @param {string} code
 */
export function isTemporary(code) {
  return TEMPORARY.has(code);
}
