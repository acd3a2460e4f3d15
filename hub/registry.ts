/**
 * Who is connected, as which user, in which rooms. Owned by the hub's loop: nobody else reads or changes it.
 *
 * @module
 */
import type { Broker } from "../broker/broker.ts";
import type { Connection } from "../client.ts";
import type { Visit, Visits } from "../people/visits.ts";
import {
  directRoom,
  foldName,
  isDirectRoom,
  type Role,
  type User,
  type UserId,
  usersOf,
} from "../protocol.ts";
import { DirectRoom } from "./direct_room.ts";
import { LiveUser, NOBODY, Participant } from "./participant.ts";
import { type OwnEntry, Room } from "./room.ts";
import type { RoomMakers } from "./room_makers.ts";
import { SortedRooms } from "./sorted_rooms.ts";

/** Participants, users and rooms. */
export class Registry {
  readonly #broker: Broker;
  readonly #visits: Pick<Visits, "leave">;
  readonly #makers: Pick<RoomMakers, "forget">;
  /** In order of arrival. */
  readonly #participants = new Map<number, Participant>();
  readonly #users = new Map<UserId, LiveUser>();
  /** By folded name. */
  readonly #names = new Map<string, LiveUser>();
  readonly #rooms = new Map<string, Room>();
  readonly #sorted = new SortedRooms();
  readonly #deferring = new Set<Room>();
  readonly #directRooms = new Map<string, DirectRoom>();
  /** Rooms in which something happened since they were last taken. */
  #touched = new Set<Room>();
  #logins = 0;

  /**
   * @param visits told when a user's last connection has logged out or ended
   * @param makers told when a room is forgotten, because nobody is in it
   */
  constructor(
    broker: Broker,
    visits: Pick<Visits, "leave">,
    makers: Pick<RoomMakers, "forget">,
  ) {
    this.#broker = broker;
    this.#visits = visits;
    this.#makers = makers;
  }

  /** Everybody who is connected, in order of arrival. */
  get participants(): Iterable<Participant> {
    return this.#participants.values();
  }

  /** The rooms that somebody is in, but for direct conversations, in the order of their names. */
  get rooms(): SortedRooms {
    return this.#sorted;
  }

  /** Those of them in which entries and exits are deferred. */
  get deferring(): Iterable<Room> {
    return this.#deferring;
  }

  /** The users who are connected. */
  get users(): Iterable<LiveUser> {
    return this.#users.values();
  }

  /** Number of logins so far. */
  get logins(): number {
    return this.#logins;
  }

  /**
   * Adds a connection that has just opened.
   *
   * @param now milliseconds since 1970
   */
  add(connection: Connection, now: number): Participant {
    const participant = new Participant(connection, now);
    this.#participants.set(connection.number, participant);
    return participant;
  }

  /** Removes a connection that is gone, from its rooms too. No effect the second time. */
  remove(connection: Connection): void {
    const participant = this.#participants.get(connection.number);
    if (participant === undefined) return;
    this.#participants.delete(connection.number);
    if (participant.isLoggedIn) this.logout(participant);
  }

  /** The participant behind a connection; `undefined` before `add` and after `remove`. */
  find({ number }: { readonly number: number }): Participant | undefined {
    return this.#participants.get(number);
  }

  /** A user who is connected. */
  findUser(id: UserId): LiveUser | undefined {
    return this.#users.get(id);
  }

  /** Who is connected under a name, in whatever letter case. */
  findName(name: string): LiveUser | undefined {
    return this.#names.get(foldName(name));
  }

  /** Whether a user is connected, to whichever server. */
  isOnline(user: UserId): boolean {
    return this.#broker.isOnline(user);
  }

  /** A room that somebody is in, or a direct conversation in which something is on its way. */
  findRoom(name: string): Room | undefined {
    return this.#rooms.get(name) ?? this.#directRooms.get(name);
  }

  /** A room in which something is about to be recorded, so that it is published with this batch. */
  open(name: string): Room {
    let room = this.#rooms.get(name);
    if (room === undefined) {
      this.#rooms.set(name, room = new Room(name, this.#broker.presence(name)));
      this.#sorted.add(room);
    }
    return this.touch(room);
  }

  /** Has what is recorded in a room published with this batch. */
  touch(room: Room): Room {
    this.#touched.add(room);
    return room;
  }

  /** The direct conversation of two users; all their connections that hear conversations are in it. */
  openDirect(one: User, other: User): DirectRoom {
    const name = directRoom(one.id, other.id);
    let room = this.#directRooms.get(name);
    if (room === undefined) {
      room = new DirectRoom(name, this.#broker.presence(name), [one, other]);
      this.#directRooms.set(name, room);
      for (const id of usersOf(name)) {
        for (const participant of this.#users.get(id)?.participants ?? []) {
          if (participant.hearsConversations) room.members.add(participant);
        }
      }
    }
    this.#touched.add(room);
    return room;
  }

  /** A room, or a direct conversation of which only the name inside the server is known. */
  openByName(name: string): Room {
    if (!isDirectRoom(name)) return this.open(name);
    const [one, other] = usersOf(name);
    return this.openDirect(this.#describe(one), this.#describe(other));
  }

  #describe(id: UserId): User {
    return this.#users.get(id)?.toUser() ?? { id, name: "", role: "guest" };
  }

  /** The rooms touched since the last call. */
  takeTouched(): Iterable<Room> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  /**
   * What happened in a room is delivered: forgets it if nobody is in it, or if it is a direct conversation in
   * which nothing is on its way.
   */
  removeIfEmpty(room: Room): void {
    if (room.hasDeferred) this.#deferring.add(room);
    else this.#deferring.delete(room);
    if (!room.isIdle) return;
    this.#deferring.delete(room);
    if (isDirectRoom(room.name)) this.#directRooms.delete(room.name);
    else {
      this.#rooms.delete(room.name);
      this.#sorted.delete(room);
    }
    this.#makers.forget(room.name);
  }

  /** Makes a connection one of a user. */
  login(participant: Participant, visit: Visit): LiveUser {
    const user = this.#users.get(visit.user.id) ?? this.#arrive(new LiveUser(visit));
    user.visit = Math.max(user.visit, visit.visit);
    user.participants.add(participant);
    participant.login = ++this.#logins;
    const { session, rooms, expires } = visit;
    participant.setUser(user, {
      ...(session !== undefined && { session }),
      ...(rooms !== undefined && { rooms }),
      ...(expires !== undefined && { expires }),
    });
    for (const room of this.#directRooms.values()) {
      if (!participant.hearsConversations) break;
      if (usersOf(room.name).includes(user.id)) room.members.add(participant);
    }
    if (user.name !== visit.user.name) this.rename(user, visit.user.name, undefined);
    participant.tellConnection();
    return user;
  }

  /** Takes a connection out of every room, and from its user. */
  logout(participant: Participant, id?: string): void {
    const { user } = participant;
    for (const room of participant.rooms) this.leave(participant, room, id);
    for (const room of this.#directRooms.values()) room.dismiss(participant);
    user.participants.delete(participant);
    participant.setUser(NOBODY, {});
    participant.tellConnection();
    if (user.participants.size > 0) return;
    this.#users.delete(user.id);
    this.#forgetName(user);
    this.#broker.offline(user.id);
    this.#visits.leave(user.id, user.visit);
  }

  /** Shows everybody a user's new name, on all its connections and in all their rooms. */
  rename(user: LiveUser, name: string, id: string | undefined): void {
    const from = user.name;
    this.#forgetName(user);
    user.name = name;
    this.#names.set(foldName(name), user);
    for (const participant of user.participants) participant.tellConnection();
    for (const room of roomsOf(user)) this.touch(room).rename(user.toUser(), from, id);
  }

  /** How many are told of what happens to a user: the connections in each of its rooms. */
  audienceOf(user: LiveUser): number {
    return roomsOf(user).values().reduce((sum, { members }) => sum + members.size, 0);
  }

  /** Gives a user another role; nobody is told. */
  setRole(user: LiveUser, role: Role): void {
    if (user.role === role) return;
    user.role = role;
    for (const room of roomsOf(user)) room.update(user.toUser());
  }

  /**
   * Lets a connection that is logged in into a room.
   *
   * @param own what its own entry tells besides what others see
   */
  enter(participant: Participant, name: string, own: OwnEntry): Room {
    const room = this.open(name);
    room.enter(participant, own);
    this.setCurrentRoom(participant, room);
    return room;
  }

  /** Makes a room the one that requests without a room are about. */
  setCurrentRoom(participant: Participant, room: Room): void {
    participant.rooms.delete(room); // so that it becomes the last
    participant.rooms.add(room);
    participant.tellConnection();
  }

  /** Takes a connection out of a room. */
  leave(participant: Participant, room: Room, id?: string): void {
    participant.rooms.delete(room);
    this.touch(room).leave(participant, id);
    participant.tellConnection();
  }

  /**
   * Takes everybody out of a room.
   *
   * @returns who was in it
   */
  evict(room: Room): Participant[] {
    const inside = this.#participants.values().filter(({ rooms }) => rooms.has(room)).toArray();
    this.touch(room).leaveAll();
    for (const participant of inside) {
      participant.rooms.delete(room);
      participant.tellConnection();
    }
    return inside;
  }

  /** Takes all connections of a user out of a room; the one that asked for it last, as the others see it. */
  leaveWithAll(user: LiveUser, name: string, requester?: Participant, id?: string): void {
    const inOrder = new Set(user.participants);
    if (requester !== undefined && inOrder.delete(requester)) inOrder.add(requester);
    for (const participant of inOrder) {
      const room = participant.room(name);
      if (room === undefined) continue;
      this.leave(participant, room, participant === requester ? id : undefined);
    }
  }

  #arrive(user: LiveUser): LiveUser {
    this.#users.set(user.id, user);
    this.#names.set(foldName(user.name), user);
    this.#broker.online(user.id);
    return user;
  }

  #forgetName(user: LiveUser): void {
    const key = foldName(user.name);
    if (this.#names.get(key) === user) this.#names.delete(key);
  }
}

/** The rooms in which a user is, on whichever connection. */
function roomsOf({ participants }: LiveUser): ReadonlySet<Room> {
  return new Set(Array.from(participants, ({ rooms }) => [...rooms]).flat());
}
