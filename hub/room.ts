/**
 * One room: who is in it, and what happens in it. Everything that its members see is one sequence, the
 * same for all. A room records its events as a batch applies requests; once they are committed and come
 * back through the broker, it delivers them, as one frame to each member.
 *
 * @module
 */
import type { RoomPresence } from "../broker/broker.ts";
import { Delivery, type FlushThrottle } from "../client/outgoing.ts";
import { MAX_USER_LIST, type ServerMessage, type UserMessage } from "../protocol.ts";

/**
 * Maximum number of live events buffered for a member that catches up; beyond it the member is
 * disconnected.
 */
const MAX_BUFFERED = 10_000;

/** Maximum number of entries and exits that a large room defers. */
const MAX_DEFERRED = 1000;

/** What a room knows of somebody in it. */
export interface Member {
  readonly name: string;
  readonly connection: {
    readonly number: number;
    /** Whether nothing is sent on it any more. */
    readonly isClosed: boolean;
    /** Sends events; returns how many bytes of them the runtime has copied and not yet written. */
    deliver(delivery: Delivery): number;
    /** Disconnects a member that does not read fast enough. */
    fallBehind(): void;
  };
}

/** An entry or an exit that was recorded and not delivered yet. */
interface Move {
  readonly event: ServerMessage;
  readonly kind: "entry" | "exit";
  /**
   * Of an exit: the member was still catching up, so it sees nothing of what lies between its entry and
   * this. It would look like all there was, and the member could not resume from it.
   */
  readonly isCatchingUp?: boolean;
}

/** The live events of a member that waits for missed history. */
interface CatchUp {
  /** Tells this catch-up from one that the same member asked for earlier. */
  readonly id: number;
  readonly events: ServerMessage[];
  /** The member's own entry, if it was not delivered yet. It is delivered without waiting. */
  entry: ServerMessage | undefined;
}

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
  /** Who caused an event that is for the others only. */
  readonly #typists = new Map<ServerMessage, Member>();
  readonly #catchUps = new Map<Member, CatchUp>();
  #lastCatchUp = 0;

  constructor(name: string, presence: RoomPresence) {
    this.name = name;
    this.#presence = presence;
  }

  /** Number of members, on all servers. */
  get userCount(): number {
    return this.#presence.size;
  }

  /** The members' names, in order of entering. */
  userList(): string[] {
    return this.#presence.names();
  }

  /** The number of members and, in a room that is not too large, their names. */
  presence(): { user_count: number; user_list?: string[] } {
    const user_count = this.userCount;
    return user_count > MAX_USER_LIST ? { user_count } : { user_count, user_list: this.userList() };
  }

  /** Records an event. Its fields may still be set until the batch is committed. */
  record(event: ServerMessage): void {
    this.#recorded.push(event);
  }

  /** Records that a member is typing, for everybody but that member. */
  recordTyping(member: Member): void {
    const event: ServerMessage = { type: "typing", room: this.name, from: member.name };
    this.#recorded.push(event);
    this.#typists.set(event, member);
  }

  /** Lets a member in and records it. The member sees its own entry, and everything after it. */
  enter(member: Member, id?: string): void {
    this.members.add(member);
    this.#presence.enter(member.connection.number, member.name);
    this.#recordMove("login", member, id);
  }

  /**
   * Lets a member go and records it. The member sees everything up to its own exit; if it is still
   * catching up, only its entry and its exit.
   */
  leave(member: Member, id?: string): void {
    this.members.delete(member);
    this.#presence.leave(member.connection.number);
    this.#recordMove("logout", member, id);
    this.#catchUps.delete(member);
  }

  /** Records that a member has another name. */
  rename(member: Member, from: string, id?: string): void {
    this.#presence.rename(member.connection.number, member.name);
    this.record({
      type: "rename",
      room: this.name,
      from,
      content: member.name,
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

  /**
   * Buffers a member's events until `endCatchUp`. If they are buffered already, for a history that was
   * asked for earlier, they stay so, and only the new catch-up ends it.
   *
   * @returns the catch-up's id
   */
  startCatchUp(member: Member): number {
    const last = this.#moves.get(member)?.at(-1);
    const entry = last?.kind === "entry" ? last.event : undefined;
    const { events, entry: due } = this.#catchUps.get(member) ?? { events: [], entry };
    const id = ++this.#lastCatchUp;
    this.#catchUps.set(member, { id, events, entry: due });
    return id;
  }

  /**
   * Ends a catch-up.
   *
   * @param last greatest `seq` that the member has been sent; buffered messages up to it are left out
   * @returns the buffered events; `undefined` if the member has left meanwhile or started another one
   */
  endCatchUp(member: Member, id: number, last: number): ServerMessage[] | undefined {
    const catchUp = this.#catchUps.get(member);
    if (catchUp?.id !== id) return undefined;
    this.#catchUps.delete(member);
    return catchUp.events.filter((event) =>
      event.type !== "user" && event.type !== "file" || event.seq > last
    );
  }

  /** Adds an answer to a member's buffered events. Returns false if none are being buffered. */
  buffer(member: Member, answer: UserMessage): boolean {
    const catchUp = this.#catchUps.get(member);
    catchUp?.events.push(answer);
    return catchUp !== undefined;
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
      const delivery = new Delivery(this.#pending);
      for (const member of this.members) {
        if (others.has(member)) continue;
        if (throttle.give(member.connection.deliver(delivery))) await throttle.pause();
      }
    }
    if (others.size > 0) this.#deliverViews(others);
    this.#pending = [];
    this.#isDue = false;
    this.#moves.clear();
    this.#delivered.clear();
    this.#typists.clear();
  }

  #recordMove(type: "login" | "logout", member: Member, id: string | undefined): void {
    const { name } = member;
    const event: ServerMessage = {
      type,
      room: this.name,
      content: name,
      from: name,
      ...this.presence(),
      ...(id !== undefined && { id }),
    };
    this.record(event);
    const move: Move = type === "login"
      ? { event, kind: "entry" }
      : { event, kind: "exit", isCatchingUp: this.#catchUps.has(member) };
    const moves = this.#moves.get(member);
    if (moves === undefined) this.#moves.set(member, [move]);
    else moves.push(move);
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

  /** Those who do not simply see all pending events. */
  #membersWithViews(): ReadonlySet<Member> {
    if (
      this.#moves.size + this.#delivered.size + this.#typists.size + this.#catchUps.size === 0
    ) return NOBODY;
    return new Set([
      ...this.#moves.keys(),
      ...this.#delivered.keys(),
      ...this.#typists.values(),
      ...this.#catchUps.keys(),
    ]);
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
    const view: ServerMessage[] = [];
    let from = this.#delivered.get(member) ?? 0;
    let isInside = moves[0]?.kind !== "entry";
    let entry: ServerMessage | undefined;
    for (const { event, kind, isCatchingUp } of moves) {
      const position = positions.get(event) ?? 0;
      isInside = kind === "entry";
      if (kind === "entry") {
        from = position;
        entry = event;
      } else if (!isCatchingUp) view.push(...this.#pending.slice(from, position + 1));
      else view.push(...(entry === undefined ? [event] : [entry, event]));
    }
    if (isInside) view.push(...this.#pending.slice(from));
    return view.filter((event) => this.#typists.get(event) !== member);
  }

  /** Sends a member its own view of the events, or buffers it. */
  #deliverView(member: Member, view: ServerMessage[]): void {
    const { connection } = member;
    const catchUp = this.#catchUps.get(member);
    if (catchUp === undefined) {
      connection.deliver(new Delivery(view));
      return;
    }
    if (catchUp.entry !== undefined) {
      connection.deliver(new Delivery(view.splice(0, view.indexOf(catchUp.entry) + 1)));
      catchUp.entry = undefined;
    }
    for (const event of view) catchUp.events.push(event);
    if (catchUp.events.length > MAX_BUFFERED) connection.fallBehind();
  }
}

const NOBODY: ReadonlySet<Member> = new Set();
