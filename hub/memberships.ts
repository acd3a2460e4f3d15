/**
 * What rooms are, and who is a member of which: everything that the store knows of rooms besides their
 * messages, in memory. Owned by the hub's loop. A change takes effect here at once, so that the requests of
 * one batch see each other's, and is undone if the store does not commit it.
 *
 * A membership takes about 200 bytes.
 *
 * @module
 */
import type { RoomAccess } from "../people/policy.ts";
import { NO_SANCTIONS, type Sanctions } from "../people/sanctions.ts";
import { isDirectRoom, type RoomRole, type UserId, usersOf } from "../protocol.ts";
import type { RoomChange, RoomsState } from "../store/store.ts";

/** A user's membership of a room. */
export interface MemberRecord {
  readonly user: UserId;
  role: RoomRole;
  /** `seq` up to which the user has read. */
  read: number;
}

interface RoomRecord {
  private: boolean;
  topic: string;
  /** In order of becoming members. */
  readonly members: Map<UserId, MemberRecord>;
  /** How many of them are owners. */
  owners: number;
}

const NOTHING = { rooms: [], members: [] };

/** Rooms and their members. */
export class Memberships {
  readonly #rooms = new Map<string, RoomRecord>();
  readonly #byUser = new Map<UserId, Map<string, MemberRecord>>();

  readonly #sanctions: Pick<Sanctions, "closureOf" | "closedRooms">;

  constructor(
    { rooms, members }: Pick<RoomsState, "rooms" | "members"> = NOTHING,
    sanctions: Pick<Sanctions, "closureOf" | "closedRooms"> = NO_SANCTIONS,
  ) {
    this.#sanctions = sanctions;
    for (const { room, ...settings } of rooms) this.#set(room, settings);
    for (const { room, user, role, read } of members) this.#add(room, { user, role, read });
  }

  /** A room as the policy looks at it when a user asks; without a user: when nobody is logged in. */
  access(name: string, user?: UserId): RoomAccess {
    if (isDirectRoom(name)) {
      const isOne = user !== undefined && usersOf(name).includes(user);
      return { name, isPrivate: true, hasOwner: false, role: isOne ? "member" : undefined };
    }
    const closed = this.#sanctions.closureOf(name);
    const room = this.#rooms.get(name);
    if (room === undefined) return { name, isPrivate: false, hasOwner: false, closed };
    return {
      name,
      closed,
      isPrivate: room.private,
      hasOwner: room.owners > 0,
      role: user === undefined ? undefined : room.members.get(user)?.role,
    };
  }

  isPrivate(name: string): boolean {
    return isDirectRoom(name) || this.#rooms.get(name)?.private === true;
  }

  /** The rooms that an admin has closed. */
  closedRooms(): string[] {
    return this.#sanctions.closedRooms();
  }

  /** What is shown of a room besides its name. */
  settings(name: string): { private?: true; topic?: string } {
    const { private: isPrivate = false, topic = "" } = this.#rooms.get(name) ?? {};
    return { ...(isPrivate && { private: true as const }), ...(topic !== "" && { topic }) };
  }

  /** Whether anything is known of a room, be it that somebody is a member of it. */
  has(name: string): boolean {
    return this.#rooms.has(name);
  }

  member(room: string, user: UserId): MemberRecord | undefined {
    return this.#rooms.get(room)?.members.get(user);
  }

  /** The members of a room, in order of becoming members. */
  members(room: string): readonly MemberRecord[] {
    return [...this.#rooms.get(room)?.members.values() ?? []];
  }

  /** The same, without a copy: nothing may change meanwhile. */
  eachMember(room: string): Iterable<MemberRecord> {
    return this.#rooms.get(room)?.members.values() ?? [];
  }

  /** Number of rooms that a user is a member of. */
  count(user: UserId): number {
    return this.#byUser.get(user)?.size ?? 0;
  }

  /** Number of owners of a room. */
  owners(room: string): number {
    return this.#rooms.get(room)?.owners ?? 0;
  }

  /** Number of members of a room. */
  size(room: string): number {
    return this.#rooms.get(room)?.members.size ?? 0;
  }

  /** The rooms that a user is a member of, by name. */
  roomsOf(user: UserId): { room: string; role: RoomRole; read: number }[] {
    return Array.from(this.#byUser.get(user) ?? [], ([room, { role, read }]) => ({
      room,
      role,
      read,
    })).sort((a, b) => a.room < b.room ? -1 : 1);
  }

  /**
   * Makes a change.
   *
   * @returns undoes it
   */
  apply(change: RoomChange): () => void {
    switch (change.kind) {
      case "room": {
        const { private: isPrivate, topic } = this.#open(change.room);
        this.#set(change.room, change);
        return () => this.#set(change.room, { private: isPrivate, topic });
      }
      case "member": {
        const member = this.member(change.room, change.user);
        if (member === undefined) {
          this.#add(change.room, { user: change.user, role: change.role, read: 0 });
          return () => this.#remove(change.room, change.user);
        }
        const { role } = member;
        this.#setRole(change.room, member, change.role);
        return () => this.#setRole(change.room, member, role);
      }
      case "unmember": {
        const member = this.member(change.room, change.user);
        this.#remove(change.room, change.user);
        return () => member && this.#add(change.room, member);
      }
      case "read": {
        const member = this.member(change.room, change.user);
        if (member === undefined || member.read >= change.seq) return () => {};
        const { read } = member;
        member.read = change.seq;
        return () => member.read = read;
      }
      case "maker":
        // See `RoomMakers`.
        return () => {};
    }
  }

  #open(name: string): RoomRecord {
    let room = this.#rooms.get(name);
    if (room === undefined) {
      this.#rooms.set(name, room = { private: false, topic: "", members: new Map(), owners: 0 });
    }
    return room;
  }

  #set(name: string, { private: isPrivate, topic }: Pick<RoomRecord, "private" | "topic">): void {
    Object.assign(this.#open(name), { private: isPrivate, topic });
    this.#forgetIfEmpty(name);
  }

  #forgetIfEmpty(name: string): void {
    const room = this.#rooms.get(name);
    if (room?.members.size === 0 && !room.private && room.topic === "") this.#rooms.delete(name);
  }

  #setRole(name: string, member: MemberRecord, role: RoomRole): void {
    const room = this.#open(name);
    if (member.role === "owner") room.owners--;
    member.role = role;
    if (role === "owner") room.owners++;
  }

  #add(name: string, member: MemberRecord): void {
    const room = this.#open(name);
    room.members.set(member.user, member);
    if (member.role === "owner") room.owners++;
    let rooms = this.#byUser.get(member.user);
    if (rooms === undefined) this.#byUser.set(member.user, rooms = new Map());
    rooms.set(name, member);
  }

  #remove(name: string, user: UserId): void {
    const room = this.#rooms.get(name);
    if (room?.members.get(user)?.role === "owner") room.owners--;
    room?.members.delete(user);
    this.#forgetIfEmpty(name);
    const rooms = this.#byUser.get(user);
    rooms?.delete(name);
    if (rooms?.size === 0) this.#byUser.delete(user);
  }
}
