/**
 * Invitations: links that let somebody in as a member.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { Refused, ROOM_PATTERN, type User } from "../protocol.ts";
import { quote } from "../text/wording.ts";
import { type Accounts, needUser, type Register, type SignedIn } from "./accounts.ts";
import type { Principal } from "./principal.ts";
import { requireName } from "./promotion.ts";
import { digestOf, newId, newInviteCode } from "./secrets.ts";
import type { Device, Sessions } from "./sessions.ts";
import type { InviteRecord, PeopleStore } from "./store.ts";
import { nameTaken } from "./wording.ts";

const logger = getLogger(["hubbub", "people"]);

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long an invitation is good, unless told otherwise, and at most, in milliseconds. */
const LIFETIME_MS = 7 * DAY_MS;
const MAX_LIFETIME_MS = 90 * DAY_MS;

/** How often an invitation may be used at most. */
const MAX_USES = 1000;

/** Maximum number of rooms of an invitation. */
const MAX_ROOMS = 50;

/** Maximum number of invitations of one user that can still be used. */
const MAX_INVITES = 100;

/** What {@linkcode Invites} works with. */
export interface InviteServices {
  readonly store: PeopleStore;
  readonly sessions: Sessions;
  readonly accounts: Accounts;
  /** Whether somebody may invite others to a room. */
  mayInviteTo(principal: Principal, room: string): boolean | Promise<boolean>;
  /** Makes somebody a member of rooms. */
  joinRooms(user: User, rooms: readonly string[]): Promise<void>;
}

/** What an invitation is to be. */
export interface NewInvite {
  readonly role?: string | undefined;
  readonly rooms?: readonly string[] | undefined;
  /** How often it may be used, 1 to 1000; default: once. */
  readonly uses?: number | undefined;
  /** When it ends, in milliseconds since 1970; default: in 7 days, at most in 90. */
  readonly expires?: number | undefined;
}

/** What somebody uses an invitation with. */
export interface InviteUse {
  readonly invite: string;
  /** Needed unless a guest uses it, whom it then renames. */
  readonly name?: string | undefined;
  readonly password?: string | undefined;
}

/** Somebody whom an invitation has let in; without a session if they had one. */
export type Invited = { readonly user: User } & Partial<SignedIn>;

/** Makes and uses invitations. What is not allowed, or not right, is thrown as `Refused`. */
export class Invites {
  readonly #services: InviteServices;
  readonly #register: Register;
  readonly #now: () => number;

  constructor(
    services: InviteServices,
    { register, now = Date.now }: { readonly register: Register; readonly now?: () => number },
  ) {
    this.#services = services;
    this.#register = register;
    this.#now = now;
  }

  /**
   * Makes an invitation: an admin for any role, a member for members, unless the server takes none.
   *
   * @returns the code, which is a secret and is told only now
   * @throws {Refused} `unauthorized`; `forbidden`; `bad_message`; `bad_room`; `no_such_room` if they may not
   *   invite there; `too_many`
   */
  async make(
    principal: Principal,
    wanted: NewInvite,
  ): Promise<{ code: string; invite: InviteRecord }> {
    const by = this.#inviter("invite", principal);
    const role = this.#roleOf(by, wanted.role);
    const created = this.#now();
    const rooms = [...new Set(wanted.rooms)];
    const invite: InviteRecord = {
      id: newId(),
      role,
      rooms,
      uses: readUses(wanted.uses),
      expires: readExpires(wanted.expires, created),
      by: by.id,
      created,
    };
    await this.#checkRooms(principal, rooms);
    const { store } = this.#services;
    if ((await store.invites(created, by.id)).length >= MAX_INVITES) {
      const problem = `you have ${MAX_INVITES} that can still be used; revoke some first`;
      throw new Refused("too_many", `Cannot invite: ${problem}`);
    }
    const code = newInviteCode();
    await store.addInvite(invite, digestOf(code));
    return { code, invite };
  }

  /** Lists the invitations that can still be used: a member's own, all for an admin. */
  list(principal: Principal): Promise<InviteRecord[]> {
    const { id, role } = this.#inviter("list invitations", principal);
    return this.#services.store.invites(this.#now(), role === "admin" ? undefined : id);
  }

  /** Revokes an invitation. Returns false if there is none with this id that they may see. */
  async revoke(principal: Principal, id: string): Promise<boolean> {
    const seen = await this.list(principal);
    return seen.some((invite) => invite.id === id) && await this.#services.store.removeInvite(id);
  }

  /**
   * Uses an invitation: makes a new member, or one of the guest who is signed in. A name or password that
   * cannot be had does not use it up.
   *
   * @throws {Refused} `forbidden`, always with the same text, if it is unknown, revoked, used up or expired;
   *   `conflict` if it changes nothing; `bad_name`; `name_taken`; `bad_message`
   */
  async use(principal: Principal, use: InviteUse, device: Device): Promise<Invited> {
    const digest = digestOf(use.invite);
    const invite = await this.#services.store.findInvite(digest);
    if (invite === undefined || invite.uses < 1 || invite.expires <= this.#now()) throw invalid();
    const { password } = use;
    const hash = password === undefined
      ? undefined
      : await this.#services.accounts.hashNew(password, device.ip);
    const invited = principal.user === undefined
      ? await this.#addMember(use, { digest, hash, device, role: invite.role })
      : await this.#promote(principal, use, { digest, hash, invite });
    await this.#join(invited.user, invite.rooms);
    return invited;
  }

  /** Nobody can use the account before the invitation is: without a session, and an admin only after. */
  async #addMember(
    { name: wanted }: InviteUse,
    { digest, hash, device, role }: {
      digest: Uint8Array;
      hash: string | undefined;
      device: Device;
      role: InviteRecord["role"];
    },
  ): Promise<Invited> {
    const { store, sessions, accounts } = this.#services;
    const name = accounts.readNewName("use invitation", wanted, role);
    const added: User = { id: newId(), name, role: "member" };
    if (!await store.add({ ...added, remembered: true, created: this.#now() })) {
      throw nameTaken("use invitation", name);
    }
    const invite = await this.#take(digest, () => store.remove(added.id));
    if (hash !== undefined) await store.setPassword(added.id, hash);
    if (invite.role === "admin") await store.change(added.id, { role: "admin" });
    const user: User = { ...added, role: invite.role };
    return { user, ...await sessions.start(user, device) };
  }

  /** Takes one use. If that fails, undoes what was done for it. */
  async #take(digest: Uint8Array, undo: () => Promise<unknown>): Promise<InviteRecord> {
    let invite: InviteRecord | undefined;
    try {
      invite = await this.#services.store.useInvite(digest, this.#now());
    } finally {
      if (invite === undefined) await undo();
    }
    if (invite === undefined) throw invalid();
    return invite;
  }

  async #promote(
    principal: Principal,
    { name: wanted }: InviteUse,
    { digest, hash, invite }: {
      digest: Uint8Array;
      hash: string | undefined;
      invite: InviteRecord;
    },
  ): Promise<Invited> {
    const verb = "use invitation";
    const { accounts, store } = this.#services;
    const before = needUser(verb, principal);
    refuseUseless(before, invite);
    const name = wanted === undefined
      ? before.name
      : accounts.readNewName(verb, wanted, invite.role);
    await requireName(store, verb, { ...before, name });
    if (name !== before.name && await store.rename(before.id, name) !== undefined) {
      throw nameTaken(verb, name);
    }
    await this.#take(digest, () => store.rename(before.id, before.name));
    if (hash !== undefined && before.role === "guest") await store.setPassword(before.id, hash);
    return { user: await accounts.promote(principal, invite.role) };
  }

  /** Somebody is in whether this works or not: the invitation is used. */
  async #join(user: User, rooms: readonly string[]): Promise<void> {
    if (rooms.length === 0) return;
    try {
      await this.#services.joinRooms(user, rooms);
    } catch (error) {
      logger.error("Cannot make somebody a member of the rooms of an invitation: {error}", {
        error,
      });
    }
  }

  #inviter(verb: string, principal: Principal): User {
    const user = needUser(verb, principal);
    if (user.role !== "member" && user.role !== "admin") {
      throw new Refused("forbidden", `Cannot ${verb}: only members may`);
    }
    if (principal.rooms !== undefined) {
      throw new Refused("forbidden", `Cannot ${verb}: your token is for certain rooms only`);
    }
    if (user.role === "admin" || this.#register !== "off") return user;
    throw new Refused("forbidden", `Cannot ${verb}: only admins may on this server`);
  }

  #roleOf(by: User, role: string = "member"): InviteRecord["role"] {
    if (role !== "member" && role !== "admin") {
      const problem = `role must be "member" or "admin", received ${quote(role)}`;
      throw new Refused("bad_message", `Cannot invite: ${problem}`);
    }
    if (role === "member" || by.role === "admin") return role;
    throw new Refused("forbidden", "Cannot invite: only admins may invite admins");
  }

  async #checkRooms(principal: Principal, rooms: readonly string[]): Promise<void> {
    if (rooms.length > MAX_ROOMS) {
      const problem = `at most ${MAX_ROOMS} rooms are allowed, received ${rooms.length}`;
      throw new Refused("bad_message", `Cannot invite: ${problem}`);
    }
    for (const room of rooms) {
      if (!ROOM_PATTERN.test(room)) {
        const problem = "room must match [a-z0-9][a-z0-9-_]{0,63}";
        throw new Refused("bad_room", `Cannot invite: ${problem}, received ${quote(room)}`);
      }
      if (await this.#services.mayInviteTo(principal, room)) continue;
      const problem = `there is no room ${room} to which you may invite`;
      throw new Refused("no_such_room", `Cannot invite: ${problem}`);
    }
  }
}

function readUses(uses: number = 1): number {
  if (Number.isInteger(uses) && uses >= 1 && uses <= MAX_USES) return uses;
  const problem = `uses must be an integer from 1 to ${MAX_USES}, received ${uses}`;
  throw new Refused("bad_message", `Cannot invite: ${problem}`);
}

function readExpires(expires: number | undefined, now: number): number {
  if (expires === undefined) return now + LIFETIME_MS;
  if (Number.isInteger(expires) && expires > now && expires <= now + MAX_LIFETIME_MS) {
    return expires;
  }
  const allowed = `a time within the next ${MAX_LIFETIME_MS / DAY_MS} days, in ms since 1970`;
  throw new Refused(
    "bad_message",
    `Cannot invite: expires must be ${allowed}, received ${expires}`,
  );
}

/** An invitation that changes nothing is not used up. */
function refuseUseless({ role }: User, invite: InviteRecord): void {
  if (role === "bot") {
    throw new Refused("forbidden", "Cannot use invitation: a program cannot become a member");
  }
  const raises = role === "guest" || (role === "member" && invite.role === "admin");
  if (raises || invite.rooms.length > 0) return;
  throw new Refused("conflict", "Cannot use invitation: you are a member already");
}

function invalid(): Refused {
  const problem = "it is not known, or cannot be used any more; ask for another one";
  return new Refused("forbidden", `Cannot use invitation: ${problem}`);
}
