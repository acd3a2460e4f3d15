/**
 * Checks whether what an authenticator has answered is true, with `@simplewebauthn/server`, which is loaded
 * when it is first needed.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { getLogger } from "@logtape/logtape";
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import type { ClientData } from "./passkey_responses.ts";
import type { PasskeyRecord } from "./store.ts";

const logger = getLogger(["hubbub", "people"]);

/** Where the page is that asks for a passkey. */
export interface Site {
  /** The domain that passkeys are bound to. */
  readonly rpId: string;
  /** Origins that the page may have, the first of which is shown in errors. */
  readonly origins: readonly [string, ...string[]];
}

/** What a registration makes. */
export type NewCredential = Pick<PasskeyRecord, "id" | "publicKey" | "counter" | "transports">;

/** Returns the new credential; `undefined` if the attestation is not valid. */
export async function verifyAttestation(
  response: RegistrationResponseJSON,
  { challenge }: ClientData,
  { rpId, origins }: Site,
): Promise<NewCredential | undefined> {
  const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
  return await orUndefined("register", async () => {
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: false,
    });
    if (registrationInfo === undefined) return undefined;
    const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
    return { id, publicKey: new Uint8Array(publicKey), counter, transports };
  });
}

/** Returns the authenticator's counter; `undefined` if the assertion is not valid. */
export async function verifyAssertion(
  response: AuthenticationResponseJSON,
  { challenge }: ClientData,
  { id, user, publicKey, counter }: PasskeyRecord,
  { rpId, origins }: Site,
): Promise<number | undefined> {
  const handle = response.response.userHandle;
  if (handle !== undefined && handle !== Buffer.from(user).toString("base64url")) return undefined;
  const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
  return await orUndefined("sign in", async () => {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      credential: { id, publicKey: new Uint8Array(publicKey), counter },
      requireUserVerification: false,
    });
    return verified ? authenticationInfo.newCounter : undefined;
  });
}

/** The library throws for whatever is wrong with a response. */
async function orUndefined<T>(
  verb: string,
  verify: () => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    return await verify();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    logger.debug("A passkey was refused ({verb}): {reason}", { verb, reason });
    return undefined;
  }
}
