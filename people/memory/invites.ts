/**
 * The invitations of the memory backend. Every method is synchronous.
 *
 * @module
 */
import type { UserId } from "../../protocol.ts";
import type { InviteRecord } from "../store.ts";
import { deleteWhere, keyOf } from "./maps.ts";

/** Finds and changes invitations. See `PeopleStore` for what the methods do. */
export class Invites {
  /** By digest. */
  readonly #invites = new Map<string, InviteRecord>();

  add(invite: InviteRecord, digest: Uint8Array): void {
    const key = keyOf(digest);
    if (this.#invites.has(key) || [...this.#invites.values()].some(({ id }) => id === invite.id)) {
      throw new Error("Cannot add an invitation: its id or digest is in use");
    }
    this.#invites.set(key, copyInvite(invite));
  }

  find(digest: Uint8Array): InviteRecord | undefined {
    const invite = this.#invites.get(keyOf(digest));
    return invite && copyInvite(invite);
  }

  use(digest: Uint8Array, now: number): InviteRecord | undefined {
    const invite = this.#invites.get(keyOf(digest));
    if (invite === undefined || !isUsable(invite, now)) return undefined;
    const used = { ...invite, uses: invite.uses - 1 };
    this.#invites.set(keyOf(digest), used);
    return copyInvite(used);
  }

  list(now: number, by?: UserId): InviteRecord[] {
    return [...this.#invites.values()]
      .filter((invite) => isUsable(invite, now) && (by === undefined || invite.by === by))
      .sort((a, b) => b.created - a.created || (a.id < b.id ? -1 : 1))
      .map(copyInvite);
  }

  remove(id: string): boolean {
    return deleteWhere(this.#invites, (invite) => invite.id === id) === 1;
  }

  /** Removes those that cannot be used any more. */
  expire(now: number): void {
    deleteWhere(this.#invites, (invite) => !isUsable(invite, now));
  }

  /** Removes what belongs to users who are gone. */
  forget(users: ReadonlySet<UserId>): void {
    deleteWhere(this.#invites, ({ by }) => by !== undefined && users.has(by));
  }
}

function isUsable({ uses, expires }: InviteRecord, now: number): boolean {
  return uses > 0 && expires > now;
}

function copyInvite(invite: InviteRecord): InviteRecord {
  return { ...invite, rooms: [...invite.rooms] };
}
