/**
 * The people contract: users, what proves who they are, and their sessions, whichever backend holds them.
 * Types and promises only, no code. `memory/` and `sqlite/` fulfil it; one conformance suite
 * (`tests/people/conformance.ts`) tests them all.
 *
 * - **Atomicity.** Each method takes effect as a whole or not at all, in the order of the calls.
 * - **Durability.** When a method that changes something resolves, the change survives whatever a commit
 *   of the message store survives.
 * - **Reads** see every change that was called for before.
 * - **Secrets** never get here: only their SHA-256 digests (sessions, invitations) and password hashes do.
 * - **Names** belong to one user at a time, compared by `foldName`, and by `skeletonOf`, so that nobody can
 *   have a name that looks like somebody else's. A guest who is not remembered has its
 *   name only while it visits.
 *
 * Times are milliseconds since 1970.
 *
 * @module
 */
import type { Role, User, UserId } from "../protocol.ts";
import type { SessionId } from "./principal.ts";

/** A user to add. */
export interface NewUser extends User {
  /** Whether it is kept, and its name held, after its last visit; true unless it is a guest. */
  readonly remembered: boolean;
  readonly created: number;
}

/** A user. */
export interface UserRecord extends NewUser {
  /** Whether an admin keeps it from entering. */
  readonly disabled: boolean;
  /** When a visit last began or ended. */
  readonly seen: number;
  /** Number of the latest visit; 0 before the first. See {@linkcode PeopleStore.visit}. */
  readonly visit: number;
}

/** Which users to list. See {@linkcode PeopleStore.list}. */
export interface UsersPage {
  readonly after?: string;
  readonly containing?: string;
  readonly limit: number;
}

/** What an admin, or a user about itself, may change. */
export interface UserChange {
  readonly role?: Role;
  readonly remembered?: boolean;
  readonly disabled?: boolean;
}

/** Why a user was not changed or removed: it does not exist, or is the last admin that is not disabled. */
export type UserRefusal = "no_such_user" | "last_admin";

/** A session. */
export interface SessionRecord {
  readonly id: SessionId;
  readonly user: UserId;
  readonly created: number;
  /** When it was last used, to within a minute or so. */
  readonly seen: number;
  /** From when on it is no more. */
  readonly expires: number;
  /** What the user calls the device by: the `User-Agent`, cut to 200 characters; may be empty. */
  readonly agent: string;
  /** The address it was last used from; may be empty. */
  readonly ip: string;
}

/** A WebAuthn credential. */
export interface PasskeyRecord {
  /** The credential id, base64url. */
  readonly id: string;
  readonly user: UserId;
  /** COSE public key. */
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  /** What the user calls it by. */
  readonly label: string;
  readonly created: number;
  readonly used: number;
}

/** An invitation: a secret that lets somebody in as a member. */
export interface InviteRecord {
  /** Public id: tells invitations apart and opens nothing. */
  readonly id: string;
  readonly role: "member" | "admin";
  /** Rooms that who uses it becomes a member of. */
  readonly rooms: readonly string[];
  /** How often it may still be used. */
  readonly uses: number;
  readonly expires: number;
  /** Who made it; absent: the server. */
  readonly by?: UserId;
  readonly created: number;
}

/** What an admin has imposed on somebody: see `sanctions.ts`, which says who is meant. */
export interface SanctionRecord {
  /** Random; tells sanctions apart. */
  readonly id: string;
  /** `ban`: may not enter. `mute`: may enter and read, but say nothing. `close`: nobody may be in the room. */
  readonly kind: "ban" | "mute" | "close";
  /** A user's id, a name (as `skeletonOf` makes it), a network in CIDR; with `close` the name of a room. */
  readonly target:
    | { readonly user: UserId }
    | { readonly name: string }
    | { readonly network: string }
    | { readonly room: string };
  /** What the admin called the target: the user's name then, the name as it was written, … */
  readonly label: string;
  /** When it ends; absent: never. */
  readonly until?: number;
  /** Told to whoever is refused; may be empty. */
  readonly reason: string;
  /** The admin. */
  readonly by: UserId;
  readonly created: number;
}

/** Something that an admin did. */
export interface AuditEntry {
  /** 1, 2, 3, … */
  readonly number: number;
  readonly time: number;
  /** The admin's id and the name it had; both empty: the server, or a command on its machine. */
  readonly by: UserId;
  readonly name: string;
  /** The admin's address; may be empty. */
  readonly ip: string;
  /** The verb: `kick`, `ban`, `unban`, `mute`, … */
  readonly act: string;
  /** Whom or what it was done to, as the admin named it; may be empty. */
  readonly target: string;
  /** With which details: for how long, why, what was announced; may be empty. */
  readonly detail: string;
}

/** Something that an admin does, before it has a number. */
export type NewAuditEntry = Omit<AuditEntry, "number">;

/** Stores people. A method that rejects has changed nothing, unless with a `LostWriteError`. */
export interface PeopleStore {
  /**
   * Resolves, with a `LostWriteError`, if the store has failed for good: nobody can tell what of the last
   * changes was kept. Every later call rejects, and the process has to end. Never rejects.
   */
  readonly failed: Promise<Error>;

  // Users.

  /** Adds a user who does not visit yet. Returns false, and adds nothing, if the name is somebody's. */
  add(user: NewUser): Promise<boolean>;
  find(id: UserId): Promise<UserRecord | undefined>;
  /** Finds who has a name now. */
  findByName(name: string): Promise<UserRecord | undefined>;
  /** Finds those of the users that exist, in any order. */
  findMany(ids: readonly UserId[]): Promise<UserRecord[]>;
  /**
   * Lists users by folded name.
   *
   * @param page.after the folded name after which to go on
   * @param page.containing what the folded name must contain; default: anything
   */
  list(page: UsersPage): Promise<UserRecord[]>;

  /**
   * Begins a visit: the first connection of a user who is not connected, or one more. The user has the
   * name from then on.
   *
   * @returns the visit's number, one more than that of the one before
   */
  visit(
    id: UserId,
    name: string,
    now: number,
  ): Promise<number | "name_taken" | "no_such_user">;

  /**
   * Ends the visits up to this number: the user's last connection is gone. A guest who is not remembered
   * gives its name up. No effect if another visit has begun meanwhile.
   */
  leave(id: UserId, visit: number, now: number): Promise<void>;

  /** Gives a user another name. */
  rename(id: UserId, name: string): Promise<"name_taken" | "no_such_user" | undefined>;

  /** Changes what a user is. */
  change(id: UserId, change: UserChange): Promise<UserRefusal | undefined>;

  /** Removes a user with everything that belongs to it. */
  remove(id: UserId): Promise<UserRefusal | undefined>;

  /** Counts the admins, and those of them that are not disabled. */
  countAdmins(): Promise<{ all: number; enabled: number }>;

  /**
   * Removes the guests whose time is over.
   *
   * @param limits.away guests that are not remembered: those whose last visit ended before this
   * @param limits.seen remembered guests that do not visit: those seen last before this
   * @returns the ids of those removed
   */
  expire(limits: { away: number; seen: number }): Promise<UserId[]>;

  // Credentials.

  setPassword(user: UserId, hash: string): Promise<void>;
  password(user: UserId): Promise<string | undefined>;

  /** Returns false if the credential id is in use. */
  addPasskey(passkey: PasskeyRecord): Promise<boolean>;
  findPasskey(id: string): Promise<PasskeyRecord | undefined>;
  passkeys(user: UserId): Promise<PasskeyRecord[]>;
  usedPasskey(id: string, counter: number, now: number): Promise<void>;
  /** Returns false if the user has no such passkey. */
  removePasskey(user: UserId, id: string): Promise<boolean>;

  /** The user that an identity elsewhere belongs to, such as a subject of an OpenID provider. */
  findIdentity(issuer: string, subject: string): Promise<UserId | undefined>;
  /** A user's identities elsewhere, in any order. */
  identities(user: UserId): Promise<{ issuer: string; subject: string }[]>;
  /** Returns false if the identity is somebody's already. */
  addIdentity(issuer: string, subject: string, user: UserId): Promise<boolean>;

  // Sessions.

  addSession(session: SessionRecord, digest: Uint8Array): Promise<void>;
  /** Finds a session with its user, whether it has expired or not. */
  findSession(
    digest: Uint8Array,
  ): Promise<{ session: SessionRecord; user: UserRecord } | undefined>;
  usedSession(
    id: SessionId,
    use: Pick<SessionRecord, "seen" | "expires" | "ip">,
  ): Promise<void>;
  /** A user's sessions, that used last first. */
  sessions(user: UserId): Promise<SessionRecord[]>;
  /** Returns false if the user has no such session. */
  endSession(user: UserId, id: SessionId): Promise<boolean>;
  /** Ends a user's sessions, but for one. Returns how many. */
  endSessions(user: UserId, except?: SessionId): Promise<number>;

  // Invitations.

  addInvite(invite: InviteRecord, digest: Uint8Array): Promise<void>;
  /** Finds an invitation, whether it can still be used or not. */
  findInvite(digest: Uint8Array): Promise<InviteRecord | undefined>;
  /** Takes one use. Returns the invitation as it is then; `undefined` if it cannot be used any more. */
  useInvite(digest: Uint8Array, now: number): Promise<InviteRecord | undefined>;
  /** Invitations that can still be used, the newest first; all, or those that a user has made. */
  invites(now: number, by?: UserId): Promise<InviteRecord[]>;
  /** Returns false if there is no such invitation. */
  removeInvite(id: string): Promise<boolean>;

  // Steps of a sign-in that takes several.

  /** Keeps what a later step needs to know. */
  putCeremony(id: string, value: string, expires: number): Promise<void>;
  /** Takes it, once; `undefined` if it is not there or has expired. */
  takeCeremony(id: string, now: number): Promise<string | undefined>;

  // Sanctions and what admins did.

  /** @param entry is added to the audit log in the same change */
  addSanction(sanction: SanctionRecord, entry?: NewAuditEntry): Promise<void>;
  /** All sanctions, the newest first, those whose time is over included until they are pruned. */
  sanctions(): Promise<SanctionRecord[]>;
  /**
   * Returns the one removed; `undefined` if there is none.
   *
   * @param entry is added to the audit log in the same change, if there is one
   */
  removeSanction(id: string, entry?: NewAuditEntry): Promise<SanctionRecord | undefined>;
  /** Sets who is told that sanctions were added or removed, by this process or another one. */
  watchSanctions(changed: () => void): void;

  /** Notes what an admin did. Returns its number. */
  addAudit(entry: NewAuditEntry): Promise<number>;
  /**
   * What admins did, the latest first.
   *
   * @param page.before number of the entry before which to go on
   */
  audit(page: { before?: number; limit: number }): Promise<AuditEntry[]>;

  /** Writes, so that everything stays as it is: proves that changes can be made. */
  probe(): Promise<void>;

  /**
   * Removes what is over: sessions and sanctions that expired before a time, invitations and steps of
   * sign-ins that cannot be used from then on, and all but the latest `MAX_AUDIT` entries of the audit log.
   */
  prune(now: number): Promise<void>;

  /**
   * Sets who is told of users whose name, role or sessions changed or who were disabled or removed, by
   * this process or by another one on the same data. Told after the change, within about a second.
   */
  watch(changed: (user: UserId) => void): void;

  /** Finishes pending work and releases all resources. Idempotent. */
  close(): Promise<void>;
}
