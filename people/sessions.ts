/**
 * Sessions: what proves on one device who its user is.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Role, User, UserId } from "../protocol.ts";
import { type NameRules, refuseBanned } from "./name_rules.ts";
import type { Principal, SessionId } from "./principal.ts";
import { NO_SANCTIONS, type Sanctions } from "./sanctions.ts";
import { digestOf, newId, newSessionSecret } from "./secrets.ts";
import type { PeopleStore, SessionRecord, UserRecord } from "./store.ts";

const logger = getLogger(["hubbub", "people"]);

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long a session lives after it was last used, in milliseconds. */
const GUEST_LIFETIME_MS = 30 * DAY_MS;
const LIFETIME_MS = 90 * DAY_MS;

/** That a session was used is written at most so often, in milliseconds. */
const WRITE_INTERVAL_MS = 60_000;

/** Maximum number of sessions of one user; a new one ends that which was used longest ago. */
const MAX_SESSIONS = 100;

/** Longest `User-Agent` that is kept, in UTF-16 code units. */
const MAX_AGENT_LENGTH = 200;

/** Where somebody signs in from. */
export interface Device {
  /** `User-Agent`; may be empty. */
  readonly agent: string;
  /** May be empty. */
  readonly ip: string;
}

/** A session that has begun, with the secret that nobody but its user may learn. */
export interface StartedSession {
  readonly secret: string;
  readonly session: SessionRecord;
}

/** What {@linkcode Sessions} may be given. */
export interface SessionsOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly newSecret?: () => string;
  /** Who is banned; default: nobody. */
  readonly sanctions?: Sanctions;
}

/**
 * Begins, finds and ends sessions. One lives for 30 days after its last use, or 90 if its user is no guest,
 * and does not outlive its user.
 */
export class Sessions {
  readonly #store: PeopleStore;
  readonly #now: () => number;
  readonly #newSecret: () => string;
  readonly #rules: NameRules;

  constructor(
    store: PeopleStore,
    { now = Date.now, newSecret = newSessionSecret, sanctions = NO_SANCTIONS }: SessionsOptions =
      {},
  ) {
    this.#store = store;
    this.#now = now;
    this.#newSecret = newSecret;
    this.#rules = { sanctions, now };
  }

  /**
   * Begins a session.
   *
   * @param device.secret what the secret is to be, unless a session has it already
   * @throws {Refused} `forbidden` if the user is banned
   */
  async start(
    user: User,
    { agent, ip, secret }: Device & { readonly secret?: string },
  ): Promise<StartedSession> {
    refuseBanned("sign in", user, this.#rules);
    const now = this.#now();
    const session: SessionRecord = {
      id: newId(),
      user: user.id,
      created: now,
      seen: now,
      expires: now + lifetimeOf(user.role),
      agent: agent.slice(0, MAX_AGENT_LENGTH).toWellFormed(),
      ip,
    };
    const chosen = await this.#freeSecret(secret);
    await this.#store.addSession(session, digestOf(chosen));
    // A guest has one session only: whoever enters again as a guest is another one.
    if (user.role !== "guest") await this.#endOldest(user.id);
    return { secret: chosen, session };
  }

  /**
   * Finds out whose session this is, and notes that it was used.
   *
   * @returns `undefined` if there is no such session, or it has ended or expired, or its user is disabled
   */
  async find(secret: string, ip: string): Promise<Principal | undefined> {
    const found = await this.#store.findSession(digestOf(secret));
    if (found === undefined) return undefined;
    const { session, user } = found;
    if (user.disabled || session.expires <= this.#now()) return undefined;
    if (this.#now() - session.seen >= WRITE_INTERVAL_MS) await this.#used(session, user, ip);
    return { user: toUser(user), session: session.id };
  }

  /** A user's sessions that have not expired, that used last first. */
  async list(user: UserId): Promise<SessionRecord[]> {
    const sessions = await this.#store.sessions(user);
    return sessions.filter(({ expires }) => expires > this.#now());
  }

  /** One session of a user; `undefined` if it has ended or expired. */
  async get(user: UserId, id: SessionId): Promise<SessionRecord | undefined> {
    return (await this.list(user)).find((session) => session.id === id);
  }

  /** Ends a session. Returns false if the user has no such session. */
  end(user: UserId, id: SessionId): Promise<boolean> {
    return this.#store.endSession(user, id);
  }

  /** Ends a user's sessions, but for one. Returns how many. */
  endOthers(user: UserId, except?: SessionId): Promise<number> {
    return this.#store.endSessions(user, except);
  }

  /** Starts a session's time anew: it is in use, or its user is no guest any more. */
  async renew({ id, role }: Pick<User, "id" | "role">, session: SessionId): Promise<void> {
    const found = await this.get(id, session);
    if (found !== undefined) await this.#used(found, { role }, found.ip);
  }

  async #used(session: SessionRecord, { role }: Pick<User, "role">, ip: string): Promise<void> {
    const seen = this.#now();
    try {
      await this.#store.usedSession(session.id, { seen, expires: seen + lifetimeOf(role), ip });
    } catch (error) {
      // It is still valid, and the next use tries again.
      logger.warn("Cannot note that a session was used: {error}", { error });
    }
  }

  /** A client that logs in twice on one connection asks for the same secret twice. */
  async #freeSecret(wanted: string | undefined): Promise<string> {
    if (wanted === undefined) return this.#newSecret();
    const taken = await this.#store.findSession(digestOf(wanted));
    return taken === undefined ? wanted : this.#newSecret();
  }

  async #endOldest(user: UserId): Promise<void> {
    const surplus = (await this.#store.sessions(user)).slice(MAX_SESSIONS);
    for (const { id } of surplus) await this.#store.endSession(user, id);
  }
}

function lifetimeOf(role: Role): number {
  return role === "guest" ? GUEST_LIFETIME_MS : LIFETIME_MS;
}

/** What everybody may know of a user. */
export function toUser({ id, name, role }: User | UserRecord): User {
  return { id, name, role };
}
