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
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/server";
import { Refused, type User, type UserId } from "../protocol.ts";
import { countRemembered, promote } from "./promotion.ts";
import { type ClientData, readAssertion, readAttestation } from "./passkey_responses.ts";
import { type Site, verifyAssertion, verifyAttestation } from "./passkey_verification.ts";
import { NO_SIGN_IN_LIMIT, type SignInLimit } from "./sign_in_limit.ts";
import type { PasskeyRecord, PeopleStore } from "./store.ts";

export type { Site };

/** Maximum number of passkeys of a user. */
export const MAX_PASSKEYS = 20;

/** How long a challenge can be answered, in milliseconds. */
const CEREMONY_MS = 5 * 60_000;

/** Maximum length of a label, in characters. */
const MAX_LABEL_LENGTH = 64;

/** What the browser shows the server as. */
const RP_NAME = "Hubbub";

/** What {@linkcode Passkeys} works with. */
export interface PasskeyOptions {
  /** Whether a guest may become a member by registering a passkey. */
  readonly mayBecomeMember: boolean;
  /** Counts guests who become members; default: no limits. */
  readonly signIns?: SignInLimit;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Registers, checks, lists and removes passkeys. What a client caused is thrown as `Refused`. */
export class Passkeys {
  readonly #store: PeopleStore;
  readonly #mayBecomeMember: boolean;
  readonly #signIns: SignInLimit;
  readonly #now: () => number;
  /** The latest removal: one at a time, so that two do not each take the other's for the one that stays. */
  #removal: Promise<unknown> = Promise.resolve();

  constructor(
    store: PeopleStore,
    { mayBecomeMember, signIns = NO_SIGN_IN_LIMIT, now = Date.now }: PasskeyOptions,
  ) {
    this.#store = store;
    this.#signIns = signIns;
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
   *   valid or the challenge is over; `conflict` if it is registered already; `rate_limited`
   */
  async register(
    user: User,
    { credential, label, ip = "" }: { credential: unknown; label: string; ip?: string },
    site: Site,
  ): Promise<PasskeyRecord> {
    const verb = "register passkey";
    const { response, client } = readAttestation(credential);
    if (await this.#end("register", client.challenge) !== user.id) throw over(verb);
    requireOrigin(verb, client, site);
    await this.#requireRoom(user);
    const made = await verifyAttestation(response, client, site);
    if (made === undefined) throw invalid(verb);
    await countRemembered(this.#store, this.#signIns, { id: user.id, ip });
    const now = this.#now();
    const passkey = { ...made, user: user.id, label: cutLabel(label), created: now, used: now };
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
   * @throws {Refused} `conflict` if it is the last one and the user has neither a password nor an identity
   *   elsewhere
   */
  remove(user: UserId, id: string): Promise<boolean> {
    const removal = this.#removal.then(() => this.#removeNow(user, id));
    this.#removal = removal.catch(() => {});
    return removal;
  }

  async #removeNow(user: UserId, id: string): Promise<boolean> {
    const passkeys = await this.#store.passkeys(user);
    if (!passkeys.some((passkey) => passkey.id === id)) return false;
    if (passkeys.length === 1 && !await this.#hasOtherWay(user)) {
      const reason = "it is the last way to sign in; set a password or add another passkey first";
      throw new Refused("conflict", `Cannot remove passkey: ${reason}`);
    }
    return await this.#store.removePasskey(user, id);
  }

  /** Whether a user can sign in without a passkey. */
  async #hasOtherWay(user: UserId): Promise<boolean> {
    return await this.#store.password(user) !== undefined ||
      (await this.#store.identities(user)).length > 0;
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
    if (await this.#store.find(passkey.user) === undefined) {
      throw new Refused("no_such_user", "Cannot register passkey: you are not there any more");
    }
    if (!await this.#store.addPasskey(passkey)) {
      throw new Refused("conflict", "Cannot register passkey: it is registered already");
    }
    try {
      await promote(this.#store, passkey.user, "member");
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
