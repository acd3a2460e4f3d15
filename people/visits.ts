/**
 * What the hub asks about people: who somebody is who logs in, and who is meant by a name. Types and
 * promises only. Errors that a client has caused are thrown as `Refused`.
 *
 * @module
 */
import type { User, UserId } from "../protocol.ts";
import type { Principal, SessionId } from "./principal.ts";

/** What somebody logs in with. */
export interface Arrival {
  /** Who opened the connection. */
  readonly principal: Principal;
  /** The name asked for; required unless a session tells who it is. */
  readonly name?: string | undefined;
  /** A session's secret or another credential, from the request. */
  readonly credential?: string | undefined;
  /** Whether a new guest is to be remembered. */
  readonly remember?: boolean | undefined;
  /** Secret of the connection, which becomes the session of a new guest. */
  readonly secret: string;
  readonly ip: string;
  /** `User-Agent`; may be empty. */
  readonly agent: string;
  /** Throws if a user may not change its name now, as the login would; default: it may. */
  readonly mayRename?: (user: User) => void;
}

/** Somebody who has logged in on a connection. */
export interface Visit extends Omit<Principal, "user"> {
  readonly user: User;
  /** Number of the visit, for `leave`. */
  readonly visit: number;
  /** Whether the user is kept after its last connection has ended: only then it has memberships. */
  readonly remembered: boolean;
  /** The session's secret, if the client has to be told: not if it came in a cookie or header. */
  readonly secret?: string;
}

/** A user whom the hub has to look at again. */
export interface UserState {
  readonly user: User;
  readonly remembered: boolean;
  /** Whether an admin keeps it from entering. */
  readonly disabled: boolean;
  /** The ids of all its sessions. */
  readonly sessions: ReadonlySet<SessionId>;
}

/** Knows people. */
export interface Visits {
  /**
   * Finds out who logs in, or makes a new guest, and gives it the name.
   *
   * @throws {Refused} `unauthorized` if the credential is not, or no longer, valid; `name_taken`; `bad_name`
   *   if a name is needed; `forbidden` if guests may not enter, or the user or the
   *   name is banned; `rate_limited`; what `mayRename` throws
   */
  enter(arrival: Arrival): Promise<Visit>;

  /** A user's last connection is gone. Never throws; what goes wrong is logged. */
  leave(user: UserId, visit: number): void;

  /**
   * Gives a user another name.
   *
   * @throws {Refused} `name_taken`; `bad_name` if it is reserved; `forbidden` for a bot and a banned name
   */
  rename(user: UserId, name: string): Promise<User>;

  /** Who is meant by a name or by `@ID`; an id comes first. Disabled users are found too. */
  find(reference: string): Promise<User | undefined>;

  /** Those of the users that exist, by id. */
  describe(ids: Iterable<UserId>): Promise<ReadonlyMap<UserId, User>>;

  /** What a user is now; `undefined` if it was removed. */
  state(user: UserId): Promise<UserState | undefined>;

  /** Sets who is told of users to look at again: see `PeopleStore.watch`. */
  watch(changed: (user: UserId) => void): void;
}
