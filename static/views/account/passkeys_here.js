/**
 * Whether passkeys can be used on this page.
 *
 * @module
 */
import { hasPasskeys } from "../../../sdk/passkeys.js";

/**
 * The browser and the server must know them, and the address must be a name, which passkeys are bound to
 * (WebAuthn §5.1.3).
 *
 * @param {import("../page.js").Page} page
 */
export function hasPasskeysHere({ account }) {
  const isAddress = /^\[|^\d+(?:\.\d+){3}$/.test(location.hostname);
  return account.standing?.passkeys === true && !isAddress && hasPasskeys();
}
