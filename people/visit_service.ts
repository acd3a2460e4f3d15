/**
 * Answers what the hub asks about people.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { foldName, Refused, type User, type UserId } from "../protocol.ts";
import { quote } from "../text/wording.ts";
import type { AuthenticateCredential } from "./authenticator.ts";
import { type NameRules, refuseBanned, refuseName } from "./name_rules.ts";
import type { Principal, SessionId } from "./principal.ts";
import { NO_SANCTIONS, type Sanctions } from "./sanctions.ts";
import { newId } from "./secrets.ts";
import { type Sessions, toUser } from "./sessions.ts";
import { NO_SIGN_IN_LIMIT, type SignInLimit } from "./sign_in_limit.ts";
import type { PeopleStore, UserRecord } from "./store.ts";
import { UserCache } from "./user_cache.ts";
import type { Arrival, UserState, Visit, Visits } from "./visits.ts";
import { nameTaken, readName } from "./wording.ts";

const logger = getLogger(["hubbub", "people"]);

/** How long a guest who is not remembered may be away and come back, in milliseconds. */
const AWAY_MS = 2 * 60 * 1000;

/** How often the sessions of those who are connected are renewed, in milliseconds. */
const RENEW_MS = 60 * 60 * 1000;

/** Who may enter, and for how long names are held. */
export interface VisitOptions {
  readonly access: "open" | "members";
  /** Whether guests need the server's shared password, which `login` cannot carry. */
  readonly needsPassword: boolean;
  /** How long a remembered guest is kept after it was last seen, in milliseconds. */
  readonly holdNames: number;
  readonly authenticateCredential: AuthenticateCredential;
  /** Who is banned; default: nobody. */
  readonly sanctions?: Sanctions;
  /** Counts those who enter; default: no limits. */
  readonly signIns?: SignInLimit;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Knows people by way of the store. */
export class VisitService implements Visits {
  readonly #store: PeopleStore;
  readonly #sessions: Sessions;
  readonly #options: VisitOptions;
  readonly #now: () => number;
  readonly #rules: NameRules;
  readonly #signIns: SignInLimit;
  readonly #cache: UserCache;
  /** Sessions by which users who are connected have logged in. */
  readonly #inUse = new Map<UserId, Set<SessionId>>();
  #changed: ((user: UserId) => void) | undefined;
  #renewed: number;
  #sweeping = false;

  constructor(store: PeopleStore, sessions: Sessions, options: VisitOptions) {
    this.#store = store;
    this.#sessions = sessions;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#rules = { sanctions: options.sanctions ?? NO_SANCTIONS, now: this.#now };
    this.#signIns = options.signIns ?? NO_SIGN_IN_LIMIT;
    this.#cache = new UserCache((ids) => store.findMany(ids));
    this.#renewed = this.#now();
    store.watch((user) => {
      this.#cache.forget(user);
      this.#changed?.(user);
    });
  }

  async enter(arrival: Arrival): Promise<Visit> {
    const { credential, principal, ip } = arrival;
    if (credential !== undefined || principal.user === undefined) this.#signIns.take(ip);
    const visit = credential === undefined && principal.user === undefined
      ? await this.#admitGuest(arrival)
      : await this.#welcomeBack(arrival);
    this.#cache.forget(visit.user.id);
    if (visit.session !== undefined) this.#use(visit.user.id, visit.session);
    return visit;
  }

  leave(user: UserId, visit: number): void {
    this.#inUse.delete(user);
    this.#store.leave(user, visit, this.#now()).catch((error: unknown) => {
      logger.error("Cannot note that a user has left: {error}", { error });
    });
  }

  async rename(id: UserId, name: string): Promise<User> {
    const verb = "rename";
    const user = await this.#store.find(id);
    if (user === undefined) throw noSuchUser(verb);
    if (user.role === "bot") throw keepsName(verb, user.name);
    this.#checkNew(verb, user, name);
    const refusal = await this.#store.rename(id, name);
    if (refusal === "name_taken") throw nameTaken(verb, name);
    if (refusal === "no_such_user") throw noSuchUser(verb);
    this.#cache.forget(id);
    return { ...toUser(user), name };
  }

  /** With `@`, an id comes before a name, so that nobody is taken for another by a name that begins with it. */
  async find(reference: string): Promise<User | undefined> {
    const found = reference.startsWith("@")
      ? await this.#store.find(reference.slice(1)) ??
        await this.#store.findByName(reference.slice(1)) ??
        await this.#store.findByName(reference)
      : await this.#store.findByName(reference);
    return found === undefined ? undefined : toUser(found);
  }

  describe(ids: Iterable<UserId>): Promise<ReadonlyMap<UserId, User>> {
    return this.#cache.get(ids);
  }

  async state(id: UserId): Promise<UserState | undefined> {
    const user = await this.#store.find(id);
    if (user === undefined) return undefined;
    const sessions = await this.#sessions.list(id);
    return {
      user: toUser(user),
      remembered: user.remembered,
      disabled: user.disabled,
      sessions: new Set(sessions.map((session) => session.id)),
    };
  }

  watch(changed: (user: UserId) => void): void {
    this.#changed = changed;
  }

  /**
   * Removes guests, sessions and invitations whose time is over, and renews the sessions of those who are connected.
   * To be called every few seconds. Never rejects; what goes wrong is logged.
   */
  async sweep(now: number = this.#now()): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    try {
      if (now - this.#renewed >= RENEW_MS) await this.#renewSessions(now);
      await this.#store.expire({ away: now - AWAY_MS, seen: now - this.#options.holdNames });
      await this.#store.prune(now);
    } catch (error) {
      logger.error("Cannot remove people whose time is over: {error}", { error });
    } finally {
      this.#sweeping = false;
    }
  }

  /** A user who comes back, or comes once more. What the request names is closer than who connected. */
  async #welcomeBack(arrival: Arrival): Promise<Visit> {
    const { credential, remember } = arrival;
    const principal = credential === undefined
      ? arrival.principal
      : await this.#options.authenticateCredential(credential, arrival.ip);
    const user = await this.#present(principal);
    if (principal === undefined || user === undefined) throw sessionEnded();
    refuseBanned("log in", toUser(user), this.#rules);
    const name = nameFor(user, arrival.name);
    this.#checkNew("log in", user, name);
    if (name !== user.name) arrival.mayRename?.(toUser(user));
    const remembered = user.remembered || remember === true;
    if (!user.remembered && remembered) this.#signIns.remember(arrival.ip);
    const visit = await this.#store.visit(user.id, name, this.#now());
    if (visit === "no_such_user") throw sessionEnded();
    if (visit === "name_taken") throw lostName(name, arrival.name);
    if (!user.remembered && remembered) await this.#store.change(user.id, { remembered });
    return {
      ...principal,
      user: { ...toUser(user), name },
      visit,
      remembered,
      ...(credential !== undefined && { secret: credential }),
    };
  }

  /** Who somebody is now: the connection may be older than the end of its session. */
  async #present({ user, session }: Principal = {}): Promise<UserRecord | undefined> {
    if (user === undefined) return undefined;
    const found = await this.#store.find(user.id);
    if (found === undefined || found.disabled) return undefined;
    const isOver = session !== undefined && !await this.#sessions.get(user.id, session);
    return isOver ? undefined : found;
  }

  async #admitGuest({ name: wanted, remember, secret, ip, agent }: Arrival): Promise<Visit> {
    this.#refuseGuests();
    const name = readName("log in", wanted);
    const user: User = { id: newId(), name, role: "guest" };
    refuseName("log in", user, this.#rules);
    const remembered = remember === true;
    if (remembered) this.#signIns.remember(ip);
    const now = this.#now();
    const adding = this.#store.add({ ...user, remembered, created: now });
    // Takes effect after that, without waiting for it to be durable: a login waits for one commit.
    const beginning = Promise.all([
      this.#sessions.start(user, { agent, ip, secret }),
      this.#store.visit(user.id, name, now),
    ]);
    beginning.catch(() => {}); // Fails as well if the name is taken.
    if (!await adding) throw nameTaken("log in", name);
    try {
      const [started, visit] = await beginning;
      if (typeof visit === "string") throw nameTaken("log in", name);
      return { user, visit, remembered, session: started.session.id, secret: started.secret };
    } catch (error) {
      await this.#store.remove(user.id);
      throw error;
    }
  }

  /** A name that a user has already stays, whatever the rules are now. */
  #checkNew(verb: string, { role, name: present }: UserRecord, name: string): void {
    if (foldName(name) !== foldName(present)) refuseName(verb, { name, role }, this.#rules);
  }

  #refuseGuests(): void {
    const { access, needsPassword } = this.#options;
    const how = "on its page or with POST /api/session";
    if (access === "members") {
      throw new Refused("unauthorized", `Cannot log in: only members may; sign in ${how} first`);
    }
    if (needsPassword) {
      throw new Refused("unauthorized", `Cannot log in: give the server's password ${how} first`);
    }
  }

  #use(user: UserId, session: SessionId): void {
    const sessions = this.#inUse.get(user);
    if (sessions === undefined) this.#inUse.set(user, new Set([session]));
    else sessions.add(session);
  }

  async #renewSessions(now: number): Promise<void> {
    this.#renewed = now;
    for (const [id, sessions] of [...this.#inUse]) {
      const user = await this.#store.find(id);
      if (user === undefined) continue;
      for (const session of sessions) await this.#sessions.renew(user, session);
    }
  }
}

/** The name of a user who enters: the one asked for, or else the one it has. */
function nameFor(user: UserRecord, wanted: string | undefined): string {
  if (wanted === undefined) return user.name;
  const name = readName("log in", wanted);
  if (user.role !== "bot") return name;
  if (foldName(name) !== foldName(user.name)) throw keepsName("log in", user.name);
  return user.name;
}

function sessionEnded(): Refused {
  const problem = "this session has ended or is not known; log in without it";
  return new Refused("unauthorized", `Cannot log in: ${problem}`);
}

/** A guest who is not remembered comes back, and meanwhile somebody else has its name. */
function lostName(name: string, wanted: string | undefined): Refused {
  if (wanted !== undefined) return nameTaken("log in", name);
  const problem = `${quote(name)} was taken meanwhile; log in with another name in content`;
  return new Refused("name_taken", `Cannot log in: ${problem}`);
}

function keepsName(verb: string, name: string): Refused {
  return new Refused("forbidden", `Cannot ${verb}: a program keeps its name, ${quote(name)}`);
}

function noSuchUser(verb: string): Refused {
  return new Refused("no_such_user", `Cannot ${verb}: the user is not there any more`);
}
