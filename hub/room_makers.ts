/**
 * Which rooms there are, and who made them, so that no guest and no address fills the server with rooms. Owned
 * by the hub's loop.
 *
 * A room is made when somebody enters it first, or when something of it is first kept: a message, a
 * membership, what the room is. It counts for the network that its maker came from, and for the maker if it is
 * a guest, until the room expires (`room_expiry.ts`); a room in which something was said does not. Anybody may
 * become a member of most servers, so members are counted by network too, but for conversations among
 * themselves; bots and admins are not. A room takes about 100 bytes.
 *
 * @module
 */
import { networkOf } from "../network/network.ts";
import { LOBBY, Refused, type Role, type User, type UserId } from "../protocol.ts";
import type { Change, Maker, Outcome, RoomsState } from "../store/store.ts";
import type { Batch } from "./batch.ts";
import type { Memberships } from "./memberships.ts";

/** Bounds on rooms, and those that there are. */
export interface RoomMakersOptions {
  /** Maximum number of rooms that one guest has made; default: no limit. */
  readonly roomsPerGuest?: number;
  /** Maximum number of rooms that were made from one network; default: no limit. */
  readonly roomsPerAddress?: number;
  /** What the store knows of rooms; default: nothing. */
  readonly rooms?: RoomsState;
}

/** Who would make a room. */
export interface RoomVisitor {
  readonly user: User;
  /** May be empty: then no bound by address applies. */
  readonly ip: string;
  /** Whether no bound applies, whoever it is. */
  readonly isFree?: boolean;
}

/** What is known of a room that there is. */
interface RoomRecord {
  readonly maker: Maker | undefined;
  /** Whether the store knows of it. */
  isKept: boolean;
  /** Whether anything was ever said there. */
  isSpoken: boolean;
}

/** When to try again, in milliseconds: rooms in which nothing is said expire in their time. */
const RETRY_MS = 60_000;

/** Rooms and their makers. */
export class RoomMakers {
  readonly #perGuest: number;
  readonly #perAddress: number;
  readonly #rooms = new Map<string, RoomRecord>();
  /** The rooms in which nothing was said, and which may expire. */
  readonly #silent = new Map<string, Maker>();
  readonly #byUser = new Map<UserId, number>();
  readonly #byNetwork = new Map<string, number>();

  constructor(options: RoomMakersOptions) {
    const { roomsPerGuest = Infinity, roomsPerAddress = Infinity, rooms: state } = options;
    this.#perGuest = roomsPerGuest;
    this.#perAddress = roomsPerAddress;
    if (state === undefined) return;
    const spoken = new Set(state.spoken);
    for (const { room, user, network, time } of state.makers) {
      this.#add(room, { maker: { user, network, time }, isKept: true, isSpoken: spoken.has(room) });
    }
    for (const room of spoken) this.#addKnown(room, true);
    for (const { room } of state.rooms) this.#addKnown(room, false);
    for (const { room } of state.members) this.#addKnown(room, false);
  }

  /** Whether a room is there: the lobby always is. */
  has(room: string): boolean {
    return room === LOBBY || this.#rooms.has(room);
  }

  /** Whether the store knows of a room. */
  isKept(room: string): boolean {
    return room === LOBBY || this.#rooms.get(room)?.isKept === true;
  }

  /** Whether anything was ever said in a room. */
  isSpoken(room: string): boolean {
    return this.#rooms.get(room)?.isSpoken ?? false;
  }

  /**
   * Notes that a room is there from now on. No effect if it was there already.
   *
   * @param verb for the error message: "Cannot VERB: …"
   * @param now milliseconds since 1970
   * @throws {Refused} `too_many` if it would be one too many
   */
  make(room: string, { user, ip, isFree }: RoomVisitor, verb: string, now: number): void {
    if (this.has(room)) return;
    if (isFree || user.role === "admin" || user.role === "bot") {
      this.#add(room, { maker: undefined, isKept: false, isSpoken: false });
      return;
    }
    const maker = { user: user.id, network: networkOf(ip), time: now };
    this.#checkBounds(maker, user.role, verb);
    this.#add(room, { maker, isKept: false, isSpoken: false });
  }

  /** Nobody is in a room any more: forgets it, unless the store knows of it. */
  forget(room: string): void {
    const record = this.#rooms.get(room);
    if (record !== undefined && !record.isKept) this.#remove(room, record);
  }

  /**
   * Has the makers of rooms kept of which a batch keeps something for the first time, and notes what was said
   * once it is committed. To be called when the batch has all its changes.
   */
  keep(batch: Batch, memberships: Memberships): void {
    batch.afterOutcomes((outcomes) => this.#settle(batch.changes, outcomes));
    for (const { room } of batch.changes.filter(keepsRoom)) {
      if (this.#rooms.get(room)?.isKept) continue;
      this.#addKnown(room, false);
      const record = this.#rooms.get(room);
      if (record === undefined) continue;
      record.isKept = true;
      const { maker } = record;
      if (maker !== undefined) batch.changeRoom(memberships, { kind: "maker", room, maker });
      batch.afterFailure(() => record.isKept = false);
    }
  }

  /** Somebody takes care of a room who is no guest: it does not expire any more, but counts for its network. */
  adopt(room: string, batch: Batch, memberships: Memberships): void {
    const record = this.#rooms.get(room);
    if (record?.maker === undefined || record.maker.user === "") return;
    const maker = { ...record.maker, user: "" };
    this.#restore(room, { ...record, maker });
    if (record.isKept) batch.changeRoom(memberships, { kind: "maker", room, maker });
    batch.afterFailure(() => this.#restore(room, record));
  }

  /** Removes what is kept of a room in which nothing was ever said. */
  expire(room: string, batch: Batch, memberships: Memberships): void {
    const record = this.#rooms.get(room);
    if (record === undefined || record.isSpoken) return;
    for (const { user } of memberships.members(room)) {
      batch.changeRoom(memberships, { kind: "unmember", room, user });
    }
    const { private: isPrivate = false, topic = "" } = memberships.settings(room);
    if (isPrivate || topic !== "") {
      batch.changeRoom(memberships, { kind: "room", room, private: false, topic: "" });
    }
    this.#remove(room, record);
    batch.changeRoom(memberships, { kind: "maker", room });
    batch.afterFailure(() => this.#restore(room, record));
  }

  /**
   * Rooms that were made before a time, that nobody has adopted, and in which nothing was ever said.
   *
   * @param before milliseconds since 1970
   */
  *silent(before: number): Generator<string> {
    for (const [room, { time }] of this.#silent) if (time < before) yield room;
  }

  #settle(changes: readonly Change[], outcomes: readonly Outcome[]): void {
    for (const [index, change] of changes.entries()) {
      if (change.kind !== "message" || typeof outcomes[index] !== "number") continue;
      const record = this.#rooms.get(change.room);
      if (record === undefined || record.isSpoken) continue;
      record.isSpoken = true;
      this.#silent.delete(change.room);
    }
  }

  #checkBounds({ user, network }: Maker, role: Role, verb: string): void {
    const [perGuest, perAddress] = [this.#perGuest, this.#perAddress];
    const hint =
      "enter one that is there, or try again later: rooms expire in which nothing is said";
    if (role === "guest" && (this.#byUser.get(user) ?? 0) >= perGuest) {
      const problem = `a guest may make ${perGuest} rooms; ${hint}`;
      throw new TooManyRooms(`Cannot ${verb}: ${problem}`);
    }
    if (network !== "" && (this.#byNetwork.get(network) ?? 0) >= perAddress) {
      const problem = `${perAddress} rooms may be made from one address; ${hint}`;
      throw new TooManyRooms(`Cannot ${verb}: ${problem}`);
    }
  }

  #addKnown(room: string, isSpoken: boolean): void {
    if (this.#rooms.has(room)) return;
    this.#add(room, { maker: undefined, isKept: true, isSpoken });
  }

  #add(room: string, record: RoomRecord): void {
    this.#rooms.set(room, record);
    const { maker, isSpoken } = record;
    if (maker === undefined) return;
    if (!isSpoken && maker.user !== "") this.#silent.set(room, maker);
    count(this.#byUser, maker.user, 1);
    count(this.#byNetwork, maker.network, 1);
  }

  /** Puts a record in the place of the present one. */
  #restore(room: string, record: RoomRecord): void {
    const present = this.#rooms.get(room);
    if (present !== undefined) this.#remove(room, present);
    this.#add(room, record);
  }

  #remove(room: string, { maker }: RoomRecord): void {
    this.#rooms.delete(room);
    this.#silent.delete(room);
    if (maker === undefined) return;
    count(this.#byUser, maker.user, -1);
    count(this.#byNetwork, maker.network, -1);
  }
}

/** A room that was refused because it would be one too many. */
export class TooManyRooms extends Refused {
  constructor(message: string) {
    super("too_many", message, RETRY_MS);
  }
}

/** Whether the store knows of a room because of a change. */
function keepsRoom(change: Change): boolean {
  return change.kind === "message" || change.kind === "member" ||
    change.kind === "room" && (change.private || change.topic !== "");
}

function count(counts: Map<string, number>, key: string, by: number): void {
  const value = (counts.get(key) ?? 0) + by;
  if (value > 0) counts.set(key, value);
  else counts.delete(key);
}
