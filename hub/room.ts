/**
 * One room: who is in it, and what happens in it. Everything that its members see is one sequence, the
 * same for all. Connections are members, users are present: others are told of a user's first connection
 * that enters and of its last that leaves. A room records its events as a batch applies requests; once they are committed and come
 * back through the broker, it delivers them, as one frame to each member.
 *
 * @module
 */
import type { RoomPresence } from "../broker/broker.ts";
import { Delivery, type FlushThrottle } from "../client/outgoing.ts";
import { CatchUps, type Shown } from "./catch_ups.ts";
import type { Member, Move, OwnEntry, Special } from "./member.ts";
import {
  MAX_USER_LIST,
  type Presence,
  type ServerMessage,
  type User,
  type UserId,
  type UserMessage,
  withShortLists,
} from "../protocol.ts";

export type { Member, OwnEntry } from "./member.ts";

/** Maximum number of entries and exits that a large room defers. */
const MAX_DEFERRED = 1000;

/** A room that somebody is in, or was in until this batch. */
export class Room {
  readonly name: string;
  /** In order of entering. */
  readonly members = new Set<Member>();
  readonly #presence: RoomPresence;
  /** Events of this batch. */
  #recorded: ServerMessage[] = [];
  /** Events that came back and were not delivered to everybody yet. */
  #pending: readonly ServerMessage[] = [];
  /** Whether deferred entries and exits are to be delivered with this batch. */
  #isDue = false;
  /** Entries and exits on their way, by member and in order. */
  readonly #moves = new Map<Member, Move[]>();
  /** How many of the pending events a member has been delivered ahead of the others. */
  readonly #delivered = new Map<Member, number>();
  /** By the event as it was recorded. */
  readonly #specials = new Map<ServerMessage, Special>();
  readonly #catchUps = new CatchUps<Member>();

  constructor(name: string, presence: RoomPresence) {
    this.name = name;
    this.#presence = presence;
  }

  /** Number of users who are present, on all servers. */
  get userCount(): number {
    return this.#presence.size;
  }

  /** Whether a user is in the room, on whichever connection. */
  isPresent(user: UserId): boolean {
    return this.#presence.has(user);
  }

  /** The users who are present, in order of entering. */
  users(): User[] {
    return this.#presence.users();
  }

  /** Their names. */
  userList(): string[] {
    return this.users().map(({ name }) => name);
  }

  /** The number of users and, in a room that is not too large, their names. */
  presence(): { user_count: number; user_list?: string[] } {
    const user_count = this.userCount;
    return user_count > MAX_USER_LIST ? { user_count } : { user_count, user_list: this.userList() };
  }

  /** Records an event. Its fields may still be set until the batch is committed. */
  record(event: ServerMessage): void {
    this.#recorded.push(event);
  }

  /** Records that a member is typing, for everybody but its user. */
  recordTyping(member: Member): void {
    const { id: by, name: from } = member.user;
    const event: ServerMessage = { type: "typing", room: this.name, from, by };
    this.#recorded.push(event);
    this.#specials.set(event, { member, user: member.user, seenBy: "others" });
  }

  /**
   * Lets a member in and records it. The member sees its own entry, and everything after it; the others
   * see it if no other connection of the user is in the room.
   */
  enter(member: Member, own: OwnEntry): void {
    const isFirst = !this.#presence.has(member.user.id);
    this.members.add(member);
    if (isFirst) this.#presence.enter(member.user.toUser());
    const event = this.#moveEvent("login", member, own.id);
    this.record(event);
    const seenBy = isFirst ? "all" : "own";
    if (!isFirst || own.user !== undefined) {
      this.#specials.set(event, {
        member,
        user: member.user,
        seenBy,
        own: { ...event, ...own },
      });
    }
    this.#addMove(member, { event, kind: "entry" });
  }

  /**
   * Lets a member go and records it. The member sees everything up to its own exit; if it is still
   * catching up, only its entry and its exit.
   */
  leave(member: Member, id?: string): void {
    this.members.delete(member);
    const isLast = this.#connectionsOf(member.user).length === 0;
    if (isLast) this.#presence.leave(member.user.id);
    const event = this.#moveEvent("logout", member, id);
    this.record(event);
    if (!isLast) {
      this.#specials.set(event, { member, user: member.user, seenBy: "own", own: event });
    }
    this.#addMove(member, {
      event,
      kind: "exit",
      isCatchingUp: this.#catchUps.has(member),
    });
    this.#catchUps.delete(member);
  }

  /**
   * Lets all members go and records it. Each sees what happened before, and its own exit: what all the others
   * see of each other would be as many events as the square of their number.
   */
  leaveAll(): void {
    const members = [...this.members];
    this.members.clear();
    for (const { user: { id } } of members) this.#presence.leave(id);
    const events = members.map((member) => this.#moveEvent("logout", member, undefined));
    for (const [index, member] of members.entries()) {
      const event = events[index];
      if (event === undefined) continue;
      this.record(event);
      const isCatchingUp = this.#catchUps.delete(member);
      this.#addMove(member, { event, kind: "exit", upTo: events[0], isCatchingUp });
    }
  }

  /** Forgets a member without telling anybody. */
  dismiss(member: Member): void {
    this.members.delete(member);
    this.#catchUps.delete(member);
  }

  /** Notes a user's present name and role. */
  update(user: User): void {
    this.#presence.update(user);
  }

  /** Records that a user has another name. */
  rename(user: User, from: string, id?: string): void {
    this.update(user);
    this.record({
      type: "rename",
      room: this.name,
      from,
      content: user.name,
      by: user.id,
      ...this.presence(),
      ...(id !== undefined && { id }),
    });
  }

  /** Takes the events recorded in this batch, without those that did not happen after all. */
  takeRecorded(dropped: ReadonlySet<ServerMessage>): ServerMessage[] {
    const recorded = this.#recorded;
    this.#recorded = [];
    return dropped.size === 0 ? recorded : recorded.filter((event) => !dropped.has(event));
  }

  /** See {@linkcode CatchUps.start}. */
  startCatchUp(member: Member): number {
    const last = this.#moves.get(member)?.at(-1);
    const entry = last?.kind === "entry" ? this.#own(last.event, member)[0] : undefined;
    return this.#catchUps.start(member, entry);
  }

  /** See {@linkcode CatchUps.end}. */
  endCatchUp(member: Member, id: number, shown: Shown): readonly ServerMessage[] | undefined {
    const isOwn = (message: UserMessage) =>
      message.id !== undefined && message.by === member.user.id;
    const events = this.#catchUps.end(member, id, shown, isOwn);
    return events && this.show(events, member);
  }

  /** See {@linkcode CatchUps.buffer}. */
  buffer(member: Member, answer: UserMessage): boolean {
    return this.#catchUps.buffer(member, answer);
  }

  /** Whether nothing is lost if this object is forgotten. */
  get isIdle(): boolean {
    return this.members.size === 0;
  }

  /** Whether somebody's events are being buffered. */
  protected get isCatchingUp(): boolean {
    return this.#catchUps.size > 0;
  }

  /** Whether entries and exits are deferred. */
  get hasDeferred(): boolean {
    return this.#pending.length > 0;
  }

  /** Has deferred entries and exits delivered with this batch. */
  deliverDeferred(): void {
    this.#isDue = true;
  }

  /**
   * Delivers events to the members. Until it resolves, nothing may be recorded, and nobody may enter or
   * leave.
   *
   * In a large room, where somebody comes or goes all the time, entries and exits alone are delivered
   * only to those who come and go; the others see them with whatever happens next, or after
   * `deliverDeferred`. Otherwise ten thousand members entering would cost fifty million frames.
   *
   * @param throttle when to pause on the way
   */
  async deliver(events: readonly ServerMessage[], throttle: FlushThrottle): Promise<void> {
    this.#pending = this.#pending.length === 0 ? events : this.#pending.concat(events);
    if (this.#mayDefer()) return this.#deliverToMoved();
    const others = this.#membersWithViews();
    if (this.#pending.length > 0) {
      const delivery = this.#sharedDelivery();
      for (const member of this.members) {
        if (others.has(member)) continue;
        if (throttle.give(member.connection.deliver(delivery(member)))) await throttle.pause();
      }
    }
    if (others.size > 0) this.#deliverViews(others);
    this.#pending = [];
    this.#isDue = false;
    this.#moves.clear();
    this.#delivered.clear();
    this.#specials.clear();
  }

  /** The events as a member is shown them: here, as they are. */
  show(events: readonly ServerMessage[], _member: Member): readonly ServerMessage[] {
    return events;
  }

  /** The deliveries of events that many see; the same one for all members who are shown the same. */
  protected share(events: readonly ServerMessage[]): (member: Member) => Delivery {
    const delivery = new Delivery(events);
    return () => delivery;
  }

  #sharedDelivery(): (member: Member) => Delivery {
    if (this.#specials.size === 0) return this.share(this.#pending);
    return this.share(this.#pending.filter((event) => this.#specials.get(event)?.seenBy !== "own"));
  }

  #moveEvent(type: "login" | "logout", { user }: Member, id: string | undefined): Presence {
    return {
      type,
      room: this.name,
      content: user.name,
      from: user.name,
      by: user.id,
      ...this.presence(),
      ...(id !== undefined && { id }),
    };
  }

  #addMove(member: Member, move: Move): void {
    const moves = this.#moves.get(member);
    if (moves === undefined) this.#moves.set(member, [move]);
    else moves.push(move);
  }

  /** The connections of a user that are in the room. */
  #connectionsOf({ participants }: Member["user"]): Member[] {
    return Array.from(participants).filter((member) => this.members.has(member));
  }

  #mayDefer(): boolean {
    return !this.#isDue && this.members.size > MAX_USER_LIST &&
      this.#pending.length < MAX_DEFERRED &&
      this.#pending.every(({ type }) => type === "login" || type === "logout");
  }

  /** Delivers to those who came or went what they are to see by now, and nothing to anybody else. */
  #deliverToMoved(): void {
    const moved = [...this.#moves.keys()];
    this.#deliverViews(moved);
    this.#moves.clear();
    for (const member of moved) {
      if (this.members.has(member)) this.#delivered.set(member, this.#pending.length);
      else this.#delivered.delete(member);
    }
  }

  /** Those who do not simply see all pending events that are for everybody. */
  #membersWithViews(): ReadonlySet<Member> {
    if (
      this.#moves.size + this.#delivered.size + this.#specials.size + this.#catchUps.size === 0
    ) return NOBODY;
    const members = new Set([
      ...this.#moves.keys(),
      ...this.#delivered.keys(),
      ...this.#catchUps.keys(),
    ]);
    for (const { user, seenBy } of this.#specials.values()) {
      if (seenBy === "others") { for (const own of this.#connectionsOf(user)) members.add(own); }
    }
    return members;
  }

  #deliverViews(members: Iterable<Member>): void {
    const positions = new Map<ServerMessage, number>();
    for (const [position, event] of this.#pending.entries()) positions.set(event, position);
    for (const member of members) {
      if (!member.connection.isClosed) this.#deliverView(member, this.#viewOf(member, positions));
    }
  }

  /** The pending events that a member sees: those while it is in the room, but for its own typing. */
  #viewOf(member: Member, positions: ReadonlyMap<ServerMessage, number>): ServerMessage[] {
    const moves = this.#moves.get(member) ?? [];
    let view: ServerMessage[] = [];
    let from = this.#delivered.get(member) ?? 0;
    let isInside = moves[0]?.kind !== "entry";
    let entry: ServerMessage | undefined;
    for (const { event, kind, upTo = event, isCatchingUp } of moves) {
      const position = positions.get(upTo) ?? 0;
      isInside = kind === "entry";
      if (kind === "entry") {
        from = position;
        entry = event;
      } else if (!isCatchingUp) view.push(...this.#pending.slice(from, position), event);
      else view.push(...(entry === undefined ? [event] : [entry, event]));
    }
    if (isInside) view.push(...this.#pending.slice(from));
    if (this.#specials.size > 0) view = view.flatMap((event) => this.#own(event, member));
    return withShortLists(view, member.user.id, member.connection.codec.maxEventList);
  }

  /** What a member sees of an event: the event, its own form of it, or nothing. */
  #own(event: ServerMessage, member: Member): ServerMessage[] {
    const special = this.#specials.get(event);
    if (special === undefined) return [event];
    if (special.member === member) return special.own === undefined ? [] : [special.own];
    const isOther = special.user !== member.user;
    return special.seenBy === "all" || special.seenBy === "others" && isOther ? [event] : [];
  }

  /** Sends a member its own view of the events, or buffers it. */
  #deliverView(member: Member, view: ServerMessage[]): void {
    const { connection } = member;
    const catchUp = this.#catchUps.get(member);
    if (catchUp === undefined) {
      connection.deliver(new Delivery(this.show(view, member), { isPersonal: true }));
      return;
    }
    if (catchUp.entry !== undefined) {
      const seen = view.splice(0, view.indexOf(catchUp.entry) + 1);
      connection.deliver(new Delivery(this.show(seen, member), { isPersonal: true }));
      catchUp.entry = undefined;
    }
    if (!this.#catchUps.add(catchUp, view)) connection.fallBehind();
  }
}

const NOBODY: ReadonlySet<Member> = new Set();
