/**
 * People in memory: a store with everything that works on it, a clock that is set by hand, and passwords
 * that cost little and are counted.
 *
 * @module
 */
import { scryptSync } from "node:crypto";
import { type AccountOptions, Accounts, type Forget } from "../../people/accounts.ts";
import { Attempts } from "../../people/attempts.ts";
import { createAuthenticator } from "../../people/authenticator.ts";
import { Invites, type InviteServices } from "../../people/invites.ts";
import { createMemoryPeople } from "../../people/memory/store.ts";
import { type Derive, Passwords, type ScryptCost } from "../../people/passwords.ts";
import type { Principal } from "../../people/principal.ts";
import type { PeopleStore } from "../../people/store.ts";
import { Sessions } from "../../people/sessions.ts";
import { NO_SIGN_IN_LIMIT, type SignInLimit } from "../../people/sign_in_limit.ts";
import { VisitService } from "../../people/visit_service.ts";
import type { Arrival } from "../../people/visits.ts";
import { type ErrorCode, Refused, type Role, type User } from "../../protocol.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A password that keeps the rules. */
export const PASSWORD = "correct horse";

export const DEVICE = { agent: "Firefox", ip: "192.0.2.1" };

/** As cheap as scrypt can be. */
export const COST: ScryptCost = { ln: 1, r: 1, p: 1 };

export const scryptCheaply: Derive = (password, salt, bytes, { ln, r, p }) =>
  Promise.resolve(scryptSync(password, salt, bytes, { N: 2 ** ln, r, p }));

/** What a test may configure. */
export interface PeopleOptions extends Partial<AccountOptions> {
  signIns?: SignInLimit;
  mayInviteTo?: InviteServices["mayInviteTo"];
}

/** People under test. */
export class PeopleHarness {
  /** Milliseconds since 1970. */
  time = 1_000 * DAY;
  /** Passwords hashed or verified so far. */
  hashes = 0;
  /** Users who were made members of rooms, and the rooms. */
  readonly joined: [string, readonly string[]][] = [];
  /** Users whose messages were forgotten or disowned. */
  readonly forgotten: { user: string; messages: boolean }[] = [];
  readonly store = createMemoryPeople();
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly attempts: Attempts;
  readonly signIns: SignInLimit;
  readonly accounts: Accounts;
  readonly invites: Invites;
  readonly visits: VisitService;

  constructor(
    { mayInviteTo = () => true, signIns = NO_SIGN_IN_LIMIT, ...options }: PeopleOptions = {},
  ) {
    const now = () => this.time;
    const settings = { access: "open", register: "open", now, ...options } as const;
    const { store } = this;
    const derive: Derive = (...input) => {
      this.hashes++;
      return scryptCheaply(...input);
    };
    this.sessions = new Sessions(store, { now });
    this.passwords = new Passwords({ cost: COST, derive });
    this.attempts = new Attempts({ now });
    this.signIns = signIns;
    this.accounts = new Accounts(this, settings);
    this.invites = new Invites({
      store,
      sessions: this.sessions,
      accounts: this.accounts,
      mayInviteTo,
      joinRooms: (user, rooms) => {
        this.joined.push([user.name, rooms]);
        return Promise.resolve();
      },
    }, settings);
    const { sessions } = this;
    this.visits = new VisitService(store, sessions, {
      access: settings.access,
      needsPassword: settings.sharedPassword !== undefined,
      holdNames: 7 * DAY,
      authenticateCredential:
        createAuthenticator({ store, bots: [], sessions }).authenticateCredential,
      signIns,
      now,
    });
  }

  readonly forget: Forget = (user, { messages }) => {
    this.forgotten.push({ user, messages });
    return Promise.resolve();
  };

  /** Adds a user who is remembered. */
  async add(name: string, role: Role = "member", password?: string): Promise<User> {
    const user = { id: `id-of-${name}`, name, role };
    assert(await this.store.add({ ...user, remembered: true, created: this.time }));
    if (password !== undefined) {
      await this.store.setPassword(user.id, await this.passwords.hash(password));
    }
    return user;
  }

  /** Adds a user who is remembered and has a session. */
  async addSignedIn(
    name: string,
    role: Role = "member",
    password?: string,
  ): Promise<{ user: User; principal: Principal; secret: string; session: string }> {
    const user = await this.add(name, role, password);
    const { secret, session } = await this.sessions.start(user, DEVICE);
    return { user, principal: { user, session: session.id }, secret, session: session.id };
  }

  /** Whether a session is valid. */
  async isValid(secret: string): Promise<boolean> {
    return await this.sessions.find(secret, DEVICE.ip) !== undefined;
  }
}

/** What somebody logs in with: nothing but the given. */
export function arrival(given: Partial<Arrival>): Arrival {
  return { principal: {}, secret: `secret-${crypto.randomUUID()}`, ...DEVICE, ...given };
}

/** Asserts that something is refused, and with what code. Returns the refusal. */
export async function assertRefused(
  code: ErrorCode,
  act: () => Promise<unknown>,
): Promise<Refused> {
  const refused = await assertRejects(act, Refused);
  assertEquals(refused.code, code, refused.message);
  return refused;
}

/** A store that differs in a few methods. */
export function override(store: PeopleStore, methods: Partial<PeopleStore>): PeopleStore {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(methods, name) ?? Reflect.get(target, name);
      return (...input: unknown[]) => Reflect.apply(method, target, input);
    },
  });
}
