/**
 * Who is banned or muted, and which rooms are closed: the contract that doors and the hub ask. Types and promises only. The answer comes
 * from memory, kept equal to the people store's.
 *
 * @module
 */
import type { User } from "../protocol.ts";

/** A sanction that applies. */
export interface Applied {
  /** When it ends, in milliseconds since 1970; absent: never. */
  readonly until?: number;
  /** May be empty. */
  readonly reason: string;
}

/** Knows who is banned or muted. All methods are quick and never throw. */
export interface Sanctions {
  /** The ban of an address. An empty one (a Unix socket) has none. */
  banOfAddress(ip: string): Applied | undefined;
  /** The ban of a user, by id or by its present name. Admins have none. */
  banOfUser(user: User): Applied | undefined;
  /** The ban of a name that somebody wants to have. */
  banOfName(name: string): Applied | undefined;
  /** The mute of a user, or of the address it writes from. Admins have none. */
  muteOf(user: User, ip: string): Applied | undefined;
  /** Whether an admin has closed a room. */
  closureOf(room: string): Applied | undefined;
  /** The rooms that are closed. */
  closedRooms(): string[];
  /** Adds somebody who is told that sanctions have changed: whoever is connected may be banned now. */
  watch(changed: () => void): void;
}

/** Nobody is. */
export const NO_SANCTIONS: Sanctions = {
  banOfAddress: () => undefined,
  banOfUser: () => undefined,
  banOfName: () => undefined,
  muteOf: () => undefined,
  closureOf: () => undefined,
  closedRooms: () => [],
  watch() {},
};
