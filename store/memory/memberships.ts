/**
 * What rooms are and who their members are, in memory.
 *
 * @module
 */
import { isDirectRoom, type UserId } from "../../protocol.ts";
import type {
  Maker,
  RoomChange,
  RoomSettings,
  RoomsState,
  SetRoom,
  StoredMember,
} from "../store.ts";

/** Settings and memberships of all rooms. */
export class Memberships {
  #settings = new Map<string, RoomSettings>();
  /** By room, then by user. */
  #members = new Map<string, Map<UserId, StoredMember>>();
  #makers = new Map<string, Maker>();

  /** Whether a room is private; a direct conversation has no setting that says so. */
  isPrivate(room: string): boolean {
    return this.#settings.get(room)?.private ?? false;
  }

  /** See `Store.roomsState`. */
  state(): Omit<RoomsState, "spoken"> {
    const members = [...this.#members.values()].flatMap((room) => [...room.values()]);
    return {
      rooms: [...this.#settings.values()].map((settings) => ({ ...settings })),
      members: members.map((member) => ({ ...member })),
      makers: Array.from(this.#makers, ([room, maker]) => ({ room, ...maker })),
    };
  }

  /**
   * Makes a change.
   *
   * @param last greatest `seq` assigned in the change's room so far
   * @returns the outcome
   */
  apply(change: RoomChange, last: number): number {
    if (change.kind === "room") return this.#set(change);
    if (change.kind === "maker") {
      if (change.maker === undefined) this.#makers.delete(change.room);
      else this.#makers.set(change.room, { ...change.maker });
      return 0;
    }
    const { room, user } = change;
    const member = this.#members.get(room)?.get(user);
    switch (change.kind) {
      case "member":
        return this.#setMember({ room, user, role: change.role, read: member?.read ?? last });
      case "unmember":
        this.#members.get(room)?.delete(user);
        return 0;
      case "read":
        if (member === undefined) return 0;
        return member.read = Math.max(member.read, Math.min(change.seq, last));
    }
  }

  #set({ room, private: isPrivate, topic }: SetRoom): number {
    if (isDirectRoom(room)) return 0;
    if (isPrivate || topic !== "") this.#settings.set(room, { room, private: isPrivate, topic });
    else this.#settings.delete(room);
    return 0;
  }

  #setMember(member: StoredMember): number {
    const members = this.#members.get(member.room) ?? new Map<UserId, StoredMember>();
    this.#members.set(member.room, members);
    members.set(member.user, member);
    return member.read;
  }
}
