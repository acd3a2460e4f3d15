/**
 * Coming in: finding out who it is, entering a room, and catching up on what was missed there.
 *
 * @module
 */
import {
  isDirectRoom,
  type JoinRequest,
  LOBBY,
  type LoginRequest,
  type MembershipEntry,
  Refused,
  shownRoom,
  type User,
  type UserEntry,
} from "../protocol.ts";
import type { Visit } from "../people/visits.ts";
import type { Unread } from "../store/store.ts";
import type { Call, Continuation, RequestContext } from "./context.ts";
import { refuseBanned, refuseMuted } from "./enforcement.ts";
import type { Participant } from "./participant.ts";
import { checkReads, MAX_READS } from "./reads.ts";
import { countRename } from "./rename.ts";
import type { OwnEntry, Room } from "./room.ts";
import type { RoomVisitor } from "./room_makers.ts";
import { checkVisible } from "./rooms.ts";

/** Maximum number of rooms that a guest becomes a member of by entering them. */
const MAX_GUEST_MEMBERSHIPS = 200;

/**
 * Finds out who logs in. What was missed in the user's rooms is counted here too, because the answer tells
 * it.
 *
 * @throws {Refused} what `Visits.enter` throws
 */
export function login(
  request: LoginRequest,
  { from: participant }: Call,
  context: RequestContext,
): Promise<Continuation> {
  if (participant.isLoggedIn) {
    const { name } = participant.user;
    const reason = `Cannot log in: already logged in as ${name}; use rename or logout`;
    throw new Refused("already_logged_in", reason);
  }
  checkCatchUp(request, participant, context);
  const { connection, principal, secret } = participant;
  return arrive(
    request,
    { ip: connection.ip, agent: connection.agent, principal, secret },
    context,
  );
}

async function arrive(
  request: LoginRequest,
  from: Pick<
    Parameters<RequestContext["visits"]["enter"]>[0],
    "ip" | "agent" | "principal" | "secret"
  >,
  context: RequestContext,
): Promise<Continuation> {
  const { visits, reads, memberships } = context;
  const { content: name, session: credential, remember } = request;
  const changes = context.userChanges.count;
  const mayRename = (user: User) => {
    const verb = "log in with another name";
    refuseMuted(user, from.ip, verb, context);
    countRename(verb, user.id, context);
  };
  const visit = await visits.enter({ ...from, name, credential, remember, mayRename });
  try {
    const { user, remembered } = visit;
    const unread = remembered ? await reads.unread(user, memberships.roomsOf(user.id)) : [];
    const others = await visits.describe(
      unread.flatMap(({ room }) => isDirectRoom(room) ? [shownRoom(room, user.id).slice(1)] : []),
    );
    return {
      serve: (call, context) =>
        enterChat(request, { visit, unread, others, changes }, call, context),
      abandon: (context) => abandon(visit, context),
    };
  } catch (error) {
    return {
      serve(_call, context) {
        abandon(visit, context);
        throw error;
      },
      abandon: (context) => abandon(visit, context),
    };
  }
}

/**
 * Lets somebody who is logged in into a room.
 *
 * @param room its name; or a direct conversation, in which they are already
 */
export function join(
  request: JoinRequest,
  room: string | Room,
  call: Call,
  context: RequestContext,
): void {
  checkCatchUp(request, call.from, context);
  enter(request, room, {}, call, context);
}

/** Lets the maker of a room in. */
export function enterNewRoom(room: string, call: Call, context: RequestContext): void {
  enterRoom(room, {}, call, context);
}

/** What the answer to a login is made of. */
interface Arrived {
  readonly visit: Visit;
  readonly unread: readonly Unread[];
  /** Number of changes to users before it was looked up. */
  readonly changes: number;
  /** The other ones in the user's direct conversations. */
  readonly others: Awaited<ReturnType<RequestContext["visits"]["describe"]>>;
}

function enterChat(
  request: LoginRequest,
  arrived: Arrived,
  call: Call,
  context: RequestContext,
): void {
  const { visit } = arrived;
  const { from: participant } = call;
  const { registry, loginChanged } = context;
  const room = roomFor(request, visit);
  try {
    const { ip } = participant.connection;
    // A ban may have come while it was looked up.
    refuseBanned(visit.user, ip, "log in", context);
    checkVisible(visit, room, "log in", context);
    makeRoom(room, { user: visit.user, ip }, "log in", call, context);
  } catch (error) {
    abandon(visit, context);
    throw error;
  }
  const user = registry.login(participant, visit);
  loginChanged(participant);
  // What changed while it was looked up may not have been seen.
  if (arrived.changes !== context.userChanges.count) context.userChanges.lookAgain(user.id);
  const rooms: MembershipEntry[] = [];
  // A membership of this batch shows nothing of its room unless it is committed.
  call.batch.afterCommit(() => rooms.push(...entriesOf(arrived, context)));
  enter(
    request,
    room,
    {
      user: user.toUser(),
      ...(visit.secret !== undefined && { session: visit.secret }),
      ...(visit.remembered && { rooms }),
    },
    call,
    context,
  );
}

/** The room to enter: without a wish, the first that a token opens. */
function roomFor({ room }: LoginRequest, { rooms }: Visit): string {
  if (rooms === undefined || rooms.includes(room) || room !== LOBBY) return room;
  return rooms[0] ?? room;
}

/** Ends a visit that came to nothing. */
function abandon({ user, visit }: Visit, { registry, visits }: RequestContext): void {
  const live = registry.findUser(user.id);
  if (live === undefined) visits.leave(user.id, visit);
  else live.visit = Math.max(live.visit, visit);
}

function entriesOf(
  { visit, unread, others }: Arrived,
  { memberships, registry, policy }: RequestContext,
): MembershipEntry[] {
  const { user } = visit;
  return unread.flatMap(({ room, last, unread, mentions }) => {
    const member = memberships.member(room, user.id);
    if (member === undefined || !policy.maySee(visit, memberships.access(room, user.id))) return [];
    const other = others.get(shownRoom(room, user.id).slice(1));
    const online = other !== undefined && registry.isOnline(other.id);
    const entry: UserEntry | undefined = other && { ...other, online };
    return [{
      room: shownRoom(room, user.id),
      last,
      read: member.read,
      unread,
      mentions,
      ...(member.role !== "member" && { role: member.role }),
      ...memberships.settings(room),
      ...(isDirectRoom(room) && entry !== undefined && { user: entry }),
    }];
  });
}

function enter(
  request: LoginRequest | JoinRequest,
  target: string | Room,
  own: OwnEntry,
  call: Call,
  context: RequestContext,
): void {
  const { from: participant, batch } = call;
  const { id, since } = request;
  const room = typeof target === "string"
    ? enterRoom(target, { ...own, ...(id !== undefined && { id }) }, call, context)
    : answerEntry(target, own, id, call);
  if (since === undefined) return;
  const { connection, user } = participant;
  const catchUp = room.startCatchUp(participant);
  participant.reads++;
  batch.afterCommit(() => {
    const returning = { viewer: { connection, user: user.id }, room: room.name, catchUp };
    const { at, changes = 0, epoch, run } = request;
    context.reads.catchUp(returning, { since, at, changes, epoch, run }, id);
  });
}

function enterRoom(name: string, own: OwnEntry, call: Call, context: RequestContext): Room {
  const { from: participant } = call;
  const { registry } = context;
  const present = participant.room(name);
  if (present !== undefined) {
    registry.setCurrentRoom(participant, present);
    return answerEntry(present, own, own.id, call);
  }
  checkRoomCount(participant, context);
  makeRoomOf(name, "join", call, context);
  keepMembership(name, call, context);
  if (context.memberships.isPrivate(name)) {
    // Nobody is in a private room by an invitation, or in one, that was not committed.
    call.batch.afterFailure(() => leaveIfHidden(name, participant, context));
  }
  return registry.enter(participant, name, own);
}

function leaveIfHidden(
  name: string,
  participant: Participant,
  { memberships, policy, registry }: RequestContext,
): void {
  const room = participant.room(name);
  const { principal, user } = participant;
  if (room === undefined || policy.maySee(principal, memberships.access(name, user.id))) return;
  registry.leave(participant, room);
}

/** Notes that a room is there which somebody is about to enter. See {@linkcode makeRoom}. */
export function makeRoomOf(
  room: string,
  verb: string,
  call: Call,
  context: RequestContext,
): void {
  const { user, connection: { ip } } = call.from;
  makeRoom(room, { user: user.toUser(), ip }, verb, call, context);
}

/**
 * Notes that a room is there. See {@linkcode RoomMakers.make}.
 *
 * @throws {Refused} `muted` if there is none yet: its name will be in everybody's list; `too_many`
 */
function makeRoom(
  room: string,
  { user, ip }: Pick<RoomVisitor, "user" | "ip">,
  verb: string,
  { batch }: Call,
  context: RequestContext,
): void {
  const { makers } = context;
  if (!makers.has(room)) refuseMuted(user, ip, "create room", context);
  makers.make(room, { user, ip }, verb, batch.now);
}

/** @throws {Refused} if a connection is in as many rooms as it may */
export function checkRoomCount({ rooms }: Participant, { maxRooms }: RequestContext): void {
  if (rooms.size < maxRooms) return;
  const reason = `Cannot join: a connection may be in ${maxRooms} rooms; leave one first`;
  throw new Refused("too_many_rooms", reason);
}

/** Answers somebody who is in the room already as if they had entered just now. */
function answerEntry(
  room: Room,
  own: OwnEntry,
  id: string | undefined,
  { from, batch }: Call,
): Room {
  const { user } = from;
  batch.answer(from, {
    type: "login",
    room: room.name,
    content: user.name,
    from: user.name,
    by: user.id,
    ...room.presence(),
    ...own,
    ...(id !== undefined && { id }),
  });
  return room;
}

/**
 * Who is kept after leaving is a member of the rooms that it enters; but not of a private room that only its
 * token opens, or it would still be one when the token has ended, nor a guest of any number of rooms, which
 * would all be counted at each login.
 */
export function keepMembership(room: string, call: Call, context: RequestContext): void {
  const { memberships } = context;
  const { from: { user, principal }, batch } = call;
  if (!user.remembered || memberships.member(room, user.id) !== undefined) return;
  if (user.role === "guest" && memberships.count(user.id) >= MAX_GUEST_MEMBERSHIPS) return;
  if (principal.rooms !== undefined && memberships.isPrivate(room)) return;
  batch.changeRoom(memberships, { kind: "member", room, user: user.id, role: "member" });
  tellOtherConnections(room, call);
}

/**
 * Tells the user's other connections that the user has become a member of a room, so that each of them can
 * enter it: as an `invite` by the user. Only those to this server; others hear of it at their next login.
 */
export function tellOtherConnections(room: string, { from, batch }: Call): void {
  const user = from.user.toUser();
  for (const other of from.user.participants) {
    const isElsewhere = other !== from && other.room(room) === undefined;
    // Clients without rooms of two only show what comes, and an invitation by oneself tells nobody anything.
    if (!isElsewhere || other.connection.codec.direct) continue;
    batch.answer(other, { type: "invite", room, from: user.name, by: user.id, user });
  }
}

/**
 * Refuses to enter with `since` before anything has changed. A client that comes back asks for all its
 * rooms at once, so each of them may wait for the store besides the other reads.
 */
function checkCatchUp(
  { since }: { since?: number },
  participant: Participant,
  { maxRooms }: RequestContext,
): void {
  if (since !== undefined) checkReads(participant, MAX_READS + maxRooms);
}
