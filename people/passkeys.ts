/**
 * Passkeys: WebAuthn credentials (Level 3) with which a user signs in without name or password.
 *
 * - **Registration** is for whoever is signed in; a guest becomes a member by it.
 * - **Sign-in** begins without a user: the credential, which the authenticator finds by itself, tells who
 *   it is.
 * - **Challenges** are good for five minutes and for one attempt, whatever comes of it.
 *
 * What the browser sends is checked by `@simplewebauthn/server`, which is loaded when it is first needed.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { getLogger } from "@logtape/logtape";
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
  VerifiedRegistrationResponse,
} from "@simplewebauthn/server";
import { Refused, type User, type UserId } from "../protocol.ts";
import { makeMember } from "./identities.ts";
import { type ClientData, readAssertion, readAttestation } from "./passkey_responses.ts";
import type { PasskeyRecord, PeopleStore } from "./store.ts";

const logger = getLogger(["hubbub", "people"]);

/** Maximum number of passkeys of a user. */
export const MAX_PASSKEYS = 20;

/** How long a challenge can be answered, in milliseconds. */
const CEREMONY_MS = 5 * 60_000;

/** Maximum length of a label, in characters. */
const MAX_LABEL_LENGTH = 64;

/** What the browser shows the server as. */
const RP_NAME = "Hubbub";

/** Where the page is that asks for a passkey. */
export interface Site {
  /** The domain that passkeys are bound to. */
  readonly rpId: string;
  /** Origins that the page may have, the first of which is shown in errors. */
  readonly origins: readonly [string, ...string[]];
}

/** What {@linkcode Passkeys} works with. */
export interface PasskeyOptions {
  /** Whether a guest may become a member by registering a passkey. */
  readonly mayBecomeMember: boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Registers, checks, lists and removes passkeys. What a client caused is thrown as `Refused`. */
export class Passkeys {
  readonly #store: PeopleStore;
  readonly #mayBecomeMember: boolean;
  readonly #now: () => number;
  /** The latest removal: one at a time, so that two do not each take the other's for the one that stays. */
  #removal: Promise<unknown> = Promise.resolve();

  constructor(store: PeopleStore, { mayBecomeMember, now = Date.now }: PasskeyOptions) {
    this.#store = store;
    this.#mayBecomeMember = mayBecomeMember;
    this.#now = now;
  }

  /**
   * Begins a registration.
   *
   * @returns what `PublicKeyCredential.parseCreationOptionsFromJSON()` takes
   * @throws {Refused} `forbidden` if a guest may not become a member, or for a bot; `too_many`
   */
  async registrationOptions(
    user: User,
    { rpId }: Site,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const passkeys = await this.#requireRoom(user);
    const { generateRegistrationOptions } = await import("@simplewebauthn/server");
    const options = await generateRegistrationOptions({
      rpName: RP_NAME,
      rpID: rpId,
      userID: new TextEncoder().encode(user.id),
      userName: user.name,
      userDisplayName: user.name,
      timeout: CEREMONY_MS,
      attestationType: "none",
      excludeCredentials: passkeys.map(({ id, transports }) => ({
        id,
        transports: [...transports],
      })),
      authenticatorSelection: { residentKey: "required", userVerification: "preferred" },
    });
    await this.#begin("register", options.challenge, user.id);
    return options;
  }

  /**
   * Completes a registration.
   *
   * @param credential what the browser made of the options, as `PublicKeyCredential.toJSON()` gives it
   * @param label what the user calls the passkey by
   * @throws {Refused} as {@linkcode Passkeys.registrationOptions}; `bad_message` if the credential is not
   *   valid or the challenge is over; `conflict` if it is registered already
   */
  async register(
    user: User,
    { credential, label }: { credential: unknown; label: string },
    site: Site,
  ): Promise<PasskeyRecord> {
    const verb = "register passkey";
    const { response, client } = readAttestation(credential);
    if (await this.#end("register", client.challenge) !== user.id) throw over(verb);
    requireOrigin(verb, client, site);
    await this.#requireRoom(user);
    const info = await verifyAttestation(response, client, site);
    if (info === undefined) throw invalid(verb);
    const { id, publicKey, counter, transports = [] } = info.credential;
    const created = this.#now();
    const passkey = {
      id,
      user: user.id,
      publicKey: new Uint8Array(publicKey),
      counter,
      transports,
      label: cutLabel(label),
      created,
      used: created,
    };
    await this.#add(passkey);
    return passkey;
  }

  /**
   * Begins a sign-in.
   *
   * @returns what `PublicKeyCredential.parseRequestOptionsFromJSON()` takes
   */
  async signInOptions({ rpId }: Site): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const { generateAuthenticationOptions } = await import("@simplewebauthn/server");
    const options = await generateAuthenticationOptions({
      rpID: rpId,
      timeout: CEREMONY_MS,
      userVerification: "preferred",
    });
    await this.#begin("sign-in", options.challenge, "");
    return options;
  }

  /**
   * Completes a sign-in.
   *
   * @param credential what the browser made of the options, as `PublicKeyCredential.toJSON()` gives it
   * @throws {Refused} `bad_message` if it is none, or its challenge is over; `unauthorized` if the passkey
   *   is unknown, its signature or counter wrong, or its user disabled
   */
  async signIn(credential: unknown, site: Site): Promise<User> {
    const verb = "sign in";
    const { response, client } = readAssertion(credential);
    if (await this.#end("sign-in", client.challenge) === undefined) throw over(verb);
    requireOrigin(verb, client, site);
    const passkey = await this.#store.findPasskey(response.id);
    const user = passkey && await this.#store.find(passkey.user);
    const counter = passkey && await verifyAssertion(response, client, passkey, site);
    if (passkey === undefined || user === undefined || counter === undefined || user.disabled) {
      throw new Refused("unauthorized", "Cannot sign in: this passkey is not valid here");
    }
    await this.#store.usedPasskey(passkey.id, counter, this.#now());
    return { id: user.id, name: user.name, role: user.role };
  }

  /** A user's passkeys. */
  list(user: UserId): Promise<PasskeyRecord[]> {
    return this.#store.passkeys(user);
  }

  /**
   * Removes a passkey.
   *
   * @returns false if the user has no such passkey
   * @throws {Refused} `conflict` if it is the last one and the user has no password
   */
  remove(user: UserId, id: string): Promise<boolean> {
    const removal = this.#removal.then(() => this.#removeNow(user, id));
    this.#removal = removal.catch(() => {});
    return removal;
  }

  async #removeNow(user: UserId, id: string): Promise<boolean> {
    const passkeys = await this.#store.passkeys(user);
    if (!passkeys.some((passkey) => passkey.id === id)) return false;
    if (passkeys.length === 1 && await this.#store.password(user) === undefined) {
      const reason = "it is the last way to sign in; set a password or add another passkey first";
      throw new Refused("conflict", `Cannot remove passkey: ${reason}`);
    }
    return await this.#store.removePasskey(user, id);
  }

  /** Checks that a user may have one more passkey. Returns those that there are. */
  async #requireRoom(user: User): Promise<PasskeyRecord[]> {
    if (user.role === "bot") {
      throw new Refused("forbidden", "Cannot register passkey: a bot signs in with its token only");
    }
    if (user.role === "guest" && !this.#mayBecomeMember) {
      const reason = "it would make a member of a guest, for which an invitation is needed";
      throw new Refused("forbidden", `Cannot register passkey: ${reason}`);
    }
    const passkeys = await this.#store.passkeys(user.id);
    if (passkeys.length < MAX_PASSKEYS) return passkeys;
    throw new Refused("too_many", `Cannot register passkey: at most ${MAX_PASSKEYS} are allowed`);
  }

  /** Adds a passkey and makes a member of its user, or does neither. */
  async #add(passkey: PasskeyRecord): Promise<void> {
    if (!await this.#store.addPasskey(passkey)) {
      throw new Refused("conflict", "Cannot register passkey: it is registered already");
    }
    try {
      await makeMember(this.#store, passkey.user);
    } catch (error) {
      await this.#store.removePasskey(passkey.user, passkey.id);
      throw error;
    }
  }

  #begin(kind: Ceremony, challenge: string, user: UserId | ""): Promise<void> {
    return this.#store.putCeremony(`${kind}:${challenge}`, user, this.#now() + CEREMONY_MS);
  }

  /** Returns what the ceremony began with; `undefined` if there is none, or no longer. */
  #end(kind: Ceremony, challenge: string): Promise<string | undefined> {
    return this.#store.takeCeremony(`${kind}:${challenge}`, this.#now());
  }
}

type Ceremony = "register" | "sign-in";

type RegistrationInfo = NonNullable<VerifiedRegistrationResponse["registrationInfo"]>;

async function verifyAttestation(
  response: RegistrationResponseJSON,
  { challenge }: ClientData,
  { rpId, origins }: Site,
): Promise<RegistrationInfo | undefined> {
  const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
  return await orUndefined("register", async () => {
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: false,
    });
    return registrationInfo;
  });
}

/** Returns the authenticator's counter; `undefined` if the assertion is not valid. */
async function verifyAssertion(
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

function requireOrigin(verb: string, { origin }: ClientData, { origins }: Site): void {
  if (origins.includes(origin)) return;
  const reason = `the page's origin must be ${origins[0]}, received "${origin.slice(0, 200)}"`;
  throw new Refused("forbidden", `Cannot ${verb}: ${reason}`);
}

function over(verb: string): Refused {
  return new Refused("bad_message", `Cannot ${verb}: the challenge is unknown, used or expired`);
}

function invalid(verb: string): Refused {
  return new Refused("bad_message", `Cannot ${verb}: the passkey is not valid for this challenge`);
}

function cutLabel(label: string): string {
  const plain = label.toWellFormed().replace(/\p{C}+/gu, " ").trim();
  return [...plain].slice(0, MAX_LABEL_LENGTH).join("") || "Passkey";
}
