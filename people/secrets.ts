/**
 * Random ids and secrets, and the digests under which secrets are stored.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";

/** Makes a public id of a user, a session or an invitation: 9 random bytes, 12 characters. */
export function newId(): string {
  return randomBytes(9).toString("base64url");
}

/** Makes the secret of a session: 32 random bytes, 43 characters. */
export function newSessionSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** Makes the code of an invitation: 16 random bytes, 22 characters. */
export function newInviteCode(): string {
  return randomBytes(16).toString("base64url");
}

/**
 * SHA-256 of a secret. A plain hash is enough: the secrets are random and long, so nobody can guess them
 * from it, as they could a password.
 */
export function digestOf(secret: string): Uint8Array {
  return createHash("sha256").update(secret).digest();
}
