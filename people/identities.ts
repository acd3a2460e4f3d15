/**
 * Users who are known elsewhere: to an OpenID provider, or to the application that issues tokens. An
 * identity is an issuer and a subject; it belongs to one user for good, however that user is called.
 *
 * @module
 */
import { randomInt } from "node:crypto";
import { checkName, MAX_NAME_LENGTH, type User, type UserId } from "../protocol.ts";
import { isReserved } from "./name_rules.ts";
import { newId } from "./secrets.ts";
import type { PeopleStore, UserRecord } from "./store.ts";

/** Maximum length of a subject, in UTF-16 code units (OpenID Connect Core 1.0 §2: 255 ASCII characters). */
const MAX_SUBJECT_LENGTH = 255;

/** Highest number that is tried in turn behind a name that is taken; after that, random ones are. */
const LAST_NUMBER_IN_TURN = 20;

/** Bound of the random numbers. */
const RANDOM_NUMBERS = 1_000_000;

/** Maximum number of names that are tried for a new user. */
const MAX_TRIES = 40;

/** Name of a user about whom the issuer says nothing that could be one. */
const FALLBACK_NAME = "User";

/** Who somebody is elsewhere. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

/** Finds and adds the users that identities belong to. */
export class Identities {
  readonly #store: PeopleStore;
  readonly #now: () => number;

  constructor(store: PeopleStore, { now = Date.now }: { now?: () => number } = {}) {
    this.#store = store;
    this.#now = now;
  }

  /** Finds the user of an identity, disabled or not. */
  async find({ issuer, subject }: Identity): Promise<UserRecord | undefined> {
    const id = await this.#store.findIdentity(issuer, subject);
    return id === undefined ? undefined : await this.#store.find(id);
  }

  /**
   * Finds the user of an identity, or adds a member for it. Of several calls at once for the same new
   * identity one adds the user; all return it.
   *
   * @param names what the new user might be called, the best first; none has to be a good name, or free
   * @throws {Error} if no free name was found
   */
  async findOrAdd(identity: Identity, names: readonly string[]): Promise<UserRecord> {
    const found = await this.find(identity);
    if (found !== undefined) return found;
    const added = await this.#addMember(deriveName(names));
    if (await this.link(identity, added.id)) return added;
    await this.#store.remove(added.id);
    const winner = await this.find(identity);
    if (winner === undefined) throw new Error("Cannot add user: it was removed at the same time");
    return winner;
  }

  /** Links an identity to a user. Returns false if it is somebody's already. */
  link({ issuer, subject }: Identity, user: UserId): Promise<boolean> {
    return this.#store.addIdentity(issuer, subject, user);
  }

  /**
   * Signs a user in who comes with a token: finds or adds it, and makes its role what the token says.
   *
   * @returns `undefined` if the user is disabled. The last admin stays one in the store, but whoever
   *   comes with a token that does not say so acts as a member.
   */
  async signIn(
    identity: Identity,
    { names, admin }: { names: readonly string[]; admin: boolean },
  ): Promise<User | undefined> {
    const { id, name, role, disabled } = await this.findOrAdd(identity, names);
    if (disabled) return undefined;
    const said = admin ? "admin" : "member";
    if (role !== said) await this.#store.change(id, { role: said });
    return { id, name, role: said };
  }

  async #addMember(name: string): Promise<UserRecord> {
    const user = {
      id: newId(),
      role: "member",
      remembered: true,
      created: this.#now(),
    } as const;
    for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
      const candidate = { ...user, name: attempt === 1 ? name : numbered(name, attempt) };
      if (await this.#store.add(candidate)) {
        return { ...candidate, disabled: false, seen: candidate.created, visit: 0 };
      }
    }
    throw new Error(`Cannot add user: no free name in ${MAX_TRIES} tries`);
  }
}

/** Whether something can be the subject of an identity. */
export function isSubject(value: unknown): value is string {
  return typeof value === "string" && value.length >= 1 && value.length <= MAX_SUBJECT_LENGTH &&
    value.isWellFormed();
}

/** Makes a name of the first of the texts that can become one. */
export function deriveName(texts: readonly string[]): string {
  for (const text of texts.flatMap((text) => [text, clean(text)])) {
    const checked = checkName(text);
    if ("name" in checked && !isReserved(checked.name)) return checked.name;
  }
  return FALLBACK_NAME;
}

/** Drops from a text what a name must not have, and cuts it to the length of one. */
function clean(text: string): string {
  const plain = text.slice(0, 4 * MAX_NAME_LENGTH).toWellFormed().normalize("NFC")
    .replace(/\s+/gu, " ").replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|[\ufffc\ufffd]/gu, "").trim();
  return [...plain].slice(0, MAX_NAME_LENGTH).join("").trim();
}

/** The name with a number behind it, cut so that both fit. */
function numbered(name: string, attempt: number): string {
  const number = attempt <= LAST_NUMBER_IN_TURN ? attempt : randomInt(RANDOM_NUMBERS);
  const suffix = ` ${number}`;
  const base = [...name].slice(0, MAX_NAME_LENGTH - suffix.length).join("").trimEnd();
  return `${base}${suffix}`;
}
