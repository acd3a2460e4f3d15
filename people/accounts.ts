/**
 * Accounts: entering with a name, signing in with a password, and what users do with their own account.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import type { Secret } from "../config/config.ts";
import { Refused, type Role, type User, type UserId } from "../protocol.ts";
import type { Attempts } from "./attempts.ts";
import { type NameRules, refuseName } from "./name_rules.ts";
import { checkPassword, normalizePassword, type Passwords } from "./passwords.ts";
import type { Principal } from "./principal.ts";
import { countRemembered, promote, requireName } from "./promotion.ts";
import { NO_SANCTIONS, type Sanctions } from "./sanctions.ts";
import { digestOf, newId } from "./secrets.ts";
import { type Device, type Sessions, type StartedSession, toUser } from "./sessions.ts";
import { NO_SIGN_IN_LIMIT, type SignInLimit } from "./sign_in_limit.ts";
import type { PeopleStore, UserRecord } from "./store.ts";
import { nameTaken, readName } from "./wording.ts";

const logger = getLogger(["hubbub", "people"]);

/** Whoever has no password must have signed in at most so long ago to change the account, in milliseconds. */
const FRESH_MS = 10 * 60 * 1000;

/** Who may become a member: anybody, those with an invitation, or nobody. */
export type Register = "open" | "invite" | "off";

/** What {@linkcode Accounts} works with. */
export interface AccountServices {
  readonly store: PeopleStore;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly attempts: Attempts;
  /** Counts those who are remembered; default: no limits. */
  readonly signIns?: SignInLimit;
}

/** What the server allows. */
export interface AccountOptions {
  readonly access: "open" | "members";
  readonly register: Register;
  /** The password that guests have to give, if the server has one. */
  readonly sharedPassword?: Secret;
  /** Which names are banned; default: none. */
  readonly sanctions?: Sanctions;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Somebody who has just signed in. */
export interface SignedIn extends StartedSession {
  readonly user: User;
}

/** A password was wrong. */
export class WrongPassword extends Refused {
  /** Whose password it should have been; absent if there is nobody of that name. For the operator only. */
  readonly user: UserId | undefined;

  constructor(text: string, user: UserId | undefined) {
    super("wrong_password", text);
    this.user = user;
  }
}

/** Deletes, or disowns, what a user has said. */
export type Forget = (user: UserId, what: { readonly messages: boolean }) => Promise<void>;

/** Does what concerns accounts. What is not allowed, or not right, is thrown as `Refused`. */
export class Accounts {
  readonly #services: AccountServices;
  readonly #options: AccountOptions;
  readonly #now: () => number;
  readonly #rules: NameRules;
  readonly #signIns: SignInLimit;

  constructor(services: AccountServices, options: AccountOptions) {
    this.#services = services;
    this.#signIns = services.signIns ?? NO_SIGN_IN_LIMIT;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#rules = { sanctions: options.sanctions ?? NO_SANCTIONS, now: this.#now };
  }

  /**
   * Lets a new guest in, who is remembered.
   *
   * @throws {Refused} `unauthorized` if guests may not enter, or need a password; `bad_name`; `name_taken`;
   *   `rate_limited`
   */
  async enterAsGuest(wanted: string | undefined, device: Device): Promise<SignedIn> {
    const { access, sharedPassword } = this.#options;
    if (access === "members") {
      const how = "sign in with name and password, or use an invitation";
      throw new Refused("unauthorized", `Cannot enter: only members may; ${how}`);
    }
    if (sharedPassword !== undefined) {
      throw new Refused("unauthorized", "Cannot enter: the server's password must be in password");
    }
    return this.#start(await this.#addGuest(readName("enter", wanted), device), device);
  }

  /**
   * Signs a user in or, with the server's shared password and a name that is free, lets a new guest in. An
   * unknown name, a user without a password and a disabled one are refused like a wrong password, and take
   * as long.
   *
   * @throws {Refused} `wrong_password`; `bad_name`; `rate_limited`; `unavailable`
   */
  async signIn(
    { name: wanted, password }: { readonly name: string | undefined; readonly password: string },
    device: Device,
  ): Promise<SignedIn> {
    const name = readName("sign in", wanted);
    let user: User | undefined;
    let holder: UserRecord | undefined;
    await this.#services.attempts.run({ name, ip: device.ip }, async () => {
      holder = await this.#services.store.findByName(name);
      const opens = this.#opensServer(password);
      user = opens && holder === undefined
        ? await this.#addGuest(name, device)
        : await this.#verifyUser(holder, password);
      if (opens && user === undefined) throw nameTaken("enter", name);
      return user !== undefined;
    });
    if (user === undefined) {
      throw new WrongPassword("Cannot sign in: the name or the password is wrong", holder?.id);
    }
    return this.#start(user, device);
  }

  /**
   * Makes a guest a member of the same id and name.
   *
   * @throws {Refused} `unauthorized` for nobody; `conflict` if they are no guest; `forbidden` if it takes an
   *   invitation or is not possible here; `bad_message` if the password breaks the rules; `name_taken` if
   *   somebody took the name while they were away; `rate_limited`
   */
  async claim(principal: Principal, password: string, { ip }: Device): Promise<User> {
    const user = needUser("claim name", principal);
    if (user.role !== "guest") {
      throw new Refused("conflict", "Cannot claim name: it belongs to an account already");
    }
    this.#refuseRegistration("claim name");
    await requireName(this.#services.store, "claim name", user);
    const hash = await this.hashNew(password, ip);
    const { store } = this.#services;
    await countRemembered(store, this.#signIns, { id: user.id, ip });
    await store.setPassword(user.id, hash);
    return this.promote(principal, "member");
  }

  /**
   * Gives somebody who has entered a higher role, after which they are remembered, for longer.
   *
   * @throws {Refused} `unauthorized` for nobody; as {@linkcode promote}
   */
  async promote({ user: before, session }: Principal, role: "member" | "admin"): Promise<User> {
    const { id } = needUser("join", before === undefined ? {} : { user: before });
    const { store, sessions } = this.#services;
    const user = await promote(store, id, role);
    if (session !== undefined) await sessions.renew(user, session);
    return user;
  }

  /**
   * Makes a new member.
   *
   * @throws {Refused} `forbidden` if it takes an invitation or is not possible here; `unauthorized` if it
   *   takes the server's shared password; `bad_name`;
   *   `name_taken`; `bad_message` if the password breaks the rules; `rate_limited`
   */
  async register(
    { name: wanted, password }: { readonly name: string | undefined; readonly password: string },
    device: Device,
  ): Promise<SignedIn> {
    this.#refuseRegistration("register");
    if (this.#options.sharedPassword !== undefined) {
      const how = "enter with the server's password first, then choose your own";
      throw new Refused("unauthorized", `Cannot register: ${how}`);
    }
    const name = this.readNewName("register", wanted);
    this.#signIns.remember(device.ip);
    const hash = await this.hashNew(password, device.ip);
    const user: User = { id: newId(), name, role: "member" };
    const { store } = this.#services;
    if (!await store.add({ ...user, remembered: true, created: this.#now() })) {
      throw nameTaken("register", name);
    }
    await store.setPassword(user.id, hash);
    return this.#start(user, device);
  }

  /**
   * Sets a new password. Ends the user's other sessions. Who has none yet, but a passkey, needs no old one,
   * but must have signed in within the last ten minutes.
   *
   * @throws {Refused} `wrong_password` if the old one is; `rate_limited`; `unauthorized`; `forbidden` for
   *   guests and programs; `bad_message` if the new one breaks the rules
   */
  async changePassword(
    principal: Principal,
    { old, next }: { readonly old: string | undefined; readonly next: string },
    { ip }: Device,
  ): Promise<void> {
    const verb = "change password";
    const user = needUser(verb, principal);
    if (user.role === "guest" || user.role === "bot") {
      throw new Refused("forbidden", `Cannot ${verb}: only members have one`);
    }
    checkPassword(next);
    await this.#confirm(verb, principal, old, ip);
    const { store, sessions } = this.#services;
    await store.setPassword(user.id, await this.hashNew(next, ip));
    await sessions.endOthers(user.id, principal.session);
  }

  /**
   * Removes a user for good. Guests need no password: they have nothing but their session. Members without
   * one must have signed in within the last ten minutes.
   *
   * @param forget called before, so that a failure leaves everything to be tried again
   * @throws {Refused} `wrong_password`; `rate_limited`; `unauthorized`; `forbidden` for programs; `conflict`
   *   for the last admin
   */
  async remove(
    principal: Principal,
    { password, messages }: { readonly password: string | undefined; readonly messages: boolean },
    { ip, forget }: Device & { readonly forget: Forget },
  ): Promise<void> {
    const verb = "remove account";
    const user = needUser(verb, principal);
    if (user.role === "bot") {
      throw new Refused("forbidden", `Cannot ${verb}: a program's belongs to the configuration`);
    }
    if (user.role !== "guest") await this.#confirm(verb, principal, password, ip);
    const { store } = this.#services;
    if (user.role === "admin" && (await store.countAdmins()).enabled <= 1) throw lastAdmin(verb);
    await forget(user.id, { messages });
    if (await store.remove(user.id) === "last_admin") throw lastAdmin(verb);
  }

  /**
   * Hashes a new password. Counts how many one address has hashed at the same time, so that it cannot keep
   * everybody else from signing in.
   *
   * @throws {Refused} `bad_message` if it breaks the rules; `rate_limited`; `unavailable`
   */
  async hashNew(password: string, ip: string): Promise<string> {
    checkPassword(password);
    const { attempts, passwords } = this.#services;
    let hash = "";
    await attempts.run({ ip }, async () => {
      hash = await passwords.hash(password);
      return undefined;
    });
    return hash;
  }

  /**
   * Reads a name that somebody wants to have.
   *
   * @param role what they are going to be
   * @returns the name in NFC
   * @throws {Refused} `bad_name`; `forbidden` if it is banned
   */
  readNewName(verb: string, wanted: string | undefined, role: Role = "member"): string {
    const name = readName(verb, wanted);
    refuseName(verb, { name, role }, this.#rules);
    return name;
  }

  async #addGuest(name: string, { ip }: Device): Promise<User> {
    const user: User = { id: newId(), name, role: "guest" };
    refuseName("enter", user, this.#rules);
    this.#signIns.remember(ip);
    const guest = { ...user, remembered: true, created: this.#now() };
    if (await this.#services.store.add(guest)) return user;
    throw nameTaken("enter", name);
  }

  /** The user, if the password is theirs. */
  async #verifyUser(user: UserRecord | undefined, password: string): Promise<User | undefined> {
    const { store, passwords } = this.#services;
    const mayEnter = user !== undefined && !user.disabled && user.role !== "bot";
    const hash = mayEnter ? await store.password(user.id) : undefined;
    if (!await passwords.verify(password, hash)) return undefined;
    if (!mayEnter || hash === undefined) return undefined;
    if (passwords.needsRehash(hash)) await this.#rehash(user.id, password);
    return toUser(user);
  }

  /** Raises the cost of an old hash. The user signs in whether that works or not. */
  async #rehash(user: UserId, password: string): Promise<void> {
    try {
      await this.#services.store.setPassword(user, await this.#services.passwords.hash(password));
    } catch (error) {
      logger.warn("Cannot hash a password anew: {error}", { error });
    }
  }

  /** Makes sure that it is really the user who asks, and not somebody at a screen left open. */
  async #confirm(
    verb: string,
    principal: Principal,
    password: string | undefined,
    ip: string,
  ): Promise<void> {
    const user = needUser(verb, principal);
    const { attempts, passwords, store } = this.#services;
    const hash = await store.password(user.id);
    if (hash === undefined) return this.#needFreshSession(verb, principal);
    if (password === undefined) {
      throw new Refused("bad_message", `Cannot ${verb}: the present password is missing`);
    }
    let right = false;
    await attempts.run(
      { name: user.name, ip },
      async () => right = await passwords.verify(password, hash),
    );
    if (!right) throw new Refused("wrong_password", `Cannot ${verb}: the password is wrong`);
  }

  async #needFreshSession(verb: string, { user, session }: Principal): Promise<void> {
    const found = user === undefined || session === undefined
      ? undefined
      : await this.#services.sessions.get(user.id, session);
    if (found !== undefined && this.#now() - found.created <= FRESH_MS) return;
    const minutes = FRESH_MS / 60_000;
    const problem = `sign in again first; that must be at most ${minutes} minutes ago`;
    throw new Refused("unauthorized", `Cannot ${verb}: ${problem}`);
  }

  /** Whether this is the server's shared password. Takes equally long for any that is not. */
  #opensServer(password: string): boolean {
    const { access, sharedPassword } = this.#options;
    if (access === "members" || sharedPassword === undefined) return false;
    const expected = digestOf(normalizePassword(sharedPassword.reveal()));
    return timingSafeEqual(digestOf(normalizePassword(password)), expected);
  }

  #refuseRegistration(verb: string): void {
    const { register } = this.#options;
    if (register === "open") return;
    const problem = register === "invite"
      ? "it takes an invitation; use it with POST /api/session"
      : "this server takes no new members";
    throw new Refused("forbidden", `Cannot ${verb}: ${problem}`);
  }

  async #start(user: User, device: Device): Promise<SignedIn> {
    return { user, ...await this.#services.sessions.start(user, device) };
  }
}

/** @throws {Refused} `unauthorized` */
export function needUser(verb: string, { user }: Principal): User {
  if (user !== undefined) return user;
  throw new Refused("unauthorized", `Cannot ${verb}: sign in first`);
}

function lastAdmin(verb: string): Refused {
  const remedy = "make somebody else an admin first";
  return new Refused("conflict", `Cannot ${verb}: it is that of the last admin; ${remedy}`);
}
