/**
 * What becomes of a connected user whose name, role or sessions have changed, or who was disabled or removed:
 * over HTTP, by an admin, by another program on the same data.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Connection } from "../client.ts";
import type { UserState } from "../people/visits.ts";
import { CloseCode, type UserId } from "../protocol.ts";
import type { Batch } from "./batch.ts";
import type { RequestContext } from "./context.ts";
import { endIfBanned } from "./enforcement.ts";
import { keepMembership } from "./login.ts";
import { forgetMember } from "./members.ts";
import type { LiveUser } from "./participant.ts";

const logger = getLogger(["hubbub", "hub"]);

/** What a user is now: a command to the hub. */
export interface UserChanged {
  readonly kind: "user_changed";
  readonly user: UserId;
  /** Absent if the user was removed. */
  readonly state: UserState | undefined;
  /** Number of logins before it was looked up. */
  readonly logins: number;
}

/** Looks at users again. */
export class UserChanges {
  readonly #context: () => RequestContext;
  readonly #post: (command: UserChanged) => void;
  readonly #disconnect: (connection: Connection, code: number, reason: string) => void;
  #count = 0;

  /** @param post takes what was looked up; always called later, never during a call of a method here */
  constructor(
    context: () => RequestContext,
    post: (command: UserChanged) => void,
    disconnect: (connection: Connection, code: number, reason: string) => void,
  ) {
    this.#context = context;
    this.#post = post;
    this.#disconnect = disconnect;
  }

  /** Number of changes applied so far. */
  get count(): number {
    return this.#count;
  }

  /** Looks a user up, and applies what it is now. */
  lookAgain(user: UserId): void {
    const { registry, visits } = this.#context();
    const { logins } = registry;
    visits.state(user).then(
      (state) => this.#post({ kind: "user_changed", user, state, logins }),
      (error: unknown) => logger.error("Could not look at a user again: {error}", { error }),
    );
  }

  /** Applies what a user is now. */
  apply(change: UserChanged, batch: Batch): void {
    const { user: id, state } = change;
    const context = this.#context();
    const user = context.registry.findUser(id);
    this.#count++;
    if (state === undefined) forgetMember(id, batch, context);
    if (user === undefined) return;
    this.#endSessions(user, change);
    if (state === undefined) return;
    context.registry.setRole(user, state.user.role);
    if (user.name !== state.user.name) context.registry.rename(user, state.user.name, undefined);
    for (const participant of [...user.participants]) endIfBanned(participant, context);
    if (user.remembered === state.remembered) return;
    user.remembered = state.remembered;
    for (const from of user.participants) {
      for (const { name } of from.rooms) keepMembership(name, { from, batch }, context);
    }
  }

  /** Closes the connections of a user whose session has ended, or all if the user may not be here. */
  #endSessions(user: LiveUser, { state, logins }: UserChanged): void {
    for (const { connection, login, principal: { session } } of user.participants) {
      const isOver = state === undefined || state.disabled ||
        // The state does not know the sessions of those who logged in since it was looked up.
        session !== undefined && login <= logins && !state.sessions.has(session);
      if (isOver) this.#disconnect(connection, CloseCode.SessionEnded, "The session has ended");
    }
  }
}
