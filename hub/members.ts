/**
 * Requests about a room and its members: making rooms, inviting, removing, topics, roles, read markers, and
 * who is there.
 *
 * @module
 */
import {
  type Create,
  isDirectRoom,
  LOBBY,
  type Membership,
  type Read,
  Refused,
  type RoleChange,
  type ServerMessage,
  type Topic,
  type User,
  type UserEntry,
  type UserId,
  type UserReference,
  verbOf,
} from "../protocol.ts";
import type { CreateRequest, InviteRequest, LeaveRequest, ReadRequest } from "../protocol.ts";
import type { RemoveRequest, RoleRequest, TopicRequest, UsersRequest } from "../protocol.ts";
import type { RoomChange } from "../store/store.ts";
import type { Batch } from "./batch.ts";
import type { Call, Continuation, RequestContext, RoomCall } from "./context.ts";
import { checkRoomCount, enterNewRoom, makeRoomOf, tellOtherConnections } from "./login.ts";
import type { LiveUser } from "./participant.ts";
import type { Room } from "./room.ts";
import { checkVisible, closureFor, findConnected, findUser } from "./rooms.ts";

/** Maximum members of a room who are not in it that one answer to `users` lists. */
const MAX_ABSENT = 1000;

/** Makes a room; its maker owns it, and enters it. */
export async function create(
  request: CreateRequest,
  { from }: Call,
  { reads }: RequestContext,
): Promise<Continuation> {
  if (!from.user.remembered) {
    const allowed = "only who is kept may own a room; log in with remember, or sign in";
    throw new Refused("forbidden", `Cannot create room: ${allowed}`);
  }
  const isUsed = await reads.hasMessages(request.room);
  return {
    serve(call, context) {
      const { memberships, registry } = context;
      const { room } = request;
      const isOpen = registry.findRoom(room) !== undefined || memberships.has(room);
      checkRoomCount(call.from, context);
      checkVisible(call.from.principal, room, "create room", context);
      if (isUsed || isOpen || room === LOBBY) {
        throw new Refused("conflict", `Cannot create room: the name ${room} is taken`);
      }
      makeRoomOf(room, "create room", call, context);
      makeRoom(request, call, context);
    },
  };
}

function makeRoom(request: CreateRequest, call: Call, context: RequestContext): void {
  const { room, private: isPrivate = false, topic = "", id } = request;
  const { from, batch } = call;
  const { memberships } = context;
  const { user } = from;
  if (isPrivate || topic !== "") {
    batch.changeRoom(memberships, { kind: "room", room, private: isPrivate, topic });
  }
  const event: Create = {
    type: "create",
    room,
    from: user.name,
    by: user.id,
    ...memberships.settings(room),
    ...(id !== undefined && { id }),
  };
  const membership = { kind: "member", room, user: user.id, role: "owner" } as const;
  batch.changeRoom(memberships, membership, { event, requester: from });
  enterNewRoom(room, call, context);
  tellOtherConnections(room, call);
  batch.afterFailure(() => {
    const entered = from.room(room);
    if (entered !== undefined) context.registry.leave(from, entered);
  });
}

/** Makes somebody a member of a room. */
export async function invite(
  { user: reference, id }: InviteRequest,
  { room }: RoomCall,
  context: RequestContext,
): Promise<Continuation> {
  const user = await findKept(reference, context);
  return inRoom("invite", room.name, (call) => {
    const { memberships } = context;
    if (memberships.member(room.name, user.id) !== undefined) {
      throw new Refused("conflict", `Cannot invite: ${user.name} is a member already`);
    }
    const event = membershipEvent("invite", { ...call, user, id });
    change(
      { kind: "member", room: room.name, user: user.id, role: "member" },
      event,
      call,
      context,
    );
    if (!call.room.isPresent(user.id)) call.batch.direct(user.id, event);
  });
}

/** Ends somebody's membership, and takes all their connections out of the room. */
export async function remove(
  { user: reference, id }: RemoveRequest,
  { room }: RoomCall,
  context: RequestContext,
): Promise<Continuation> {
  const user = await lookUp(reference, "remove member", context);
  return inRoom("remove", room.name, (call) => {
    const { memberships, registry, policy } = context;
    const member = memberships.member(room.name, user.id);
    const live = registry.findUser(user.id);
    if (member === undefined && !call.room.isPresent(user.id)) {
      throw new Refused("no_such_user", `Cannot remove member: ${user.name} is not in this room`);
    }
    const access = memberships.access(room.name, call.from.user.id);
    if (member?.role === "owner" && !policy.may(call.from.principal, "role", access)) {
      throw new Refused("forbidden", "Cannot remove member: only an owner may remove an owner");
    }
    checkOwnerLeft(room.name, user, "remove member", context);
    const event = membershipEvent("remove", { ...call, user, id });
    change({ kind: "unmember", room: room.name, user: user.id }, event, call, context);
    freeRoom(room.name, call.batch, context);
    if (!call.room.isPresent(user.id)) call.batch.direct(user.id, event);
    if (live !== undefined) leaveTogether(live, room.name, call, context);
  });
}

/** Leaves a room, on all connections of whoever is a member of it. */
export function leave(
  { id }: LeaveRequest,
  { from, batch, room }: RoomCall,
  context: RequestContext,
): void {
  const { registry, memberships } = context;
  const { user } = from;
  if (memberships.member(room.name, user.id) === undefined) {
    registry.leave(from, room, id);
    return;
  }
  checkOwnerLeft(room.name, user, "leave", context);
  const change = { kind: "unmember", room: room.name, user: user.id } as const;
  batch.changeRoom(memberships, change, { requester: from, id });
  freeRoom(room.name, batch, context);
  leaveTogether(user, room.name, { from, batch }, context, id);
}

/**
 * A private room that its last member has left is there for nobody. Its name is free if nothing was ever said
 * there; what was said stays secret.
 */
function freeRoom(room: string, batch: Batch, { memberships, makers }: RequestContext): void {
  if (memberships.size(room) > 0 || !memberships.isPrivate(room)) return;
  if (isDirectRoom(room) || makers.isSpoken(room)) return;
  batch.changeRoom(memberships, { kind: "room", room, private: false, topic: "" });
}

/** Takes all connections of a user out of a room, unless the store does not commit that. */
function leaveTogether(
  user: LiveUser,
  room: string,
  { from, batch }: Call,
  { registry, sanctions }: RequestContext,
  id?: string,
): void {
  const inside = [...user.participants].filter((one) => one.room(room) !== undefined);
  registry.leaveWithAll(user, room, from.user === user ? from : undefined, id);
  batch.afterFailure(() => {
    if (sanctions.closureOf(room) !== undefined) return;
    for (const one of inside) if (one.user === user) registry.enter(one, room, {});
  });
}

/** Sets what a room is about. */
export function setTopic(
  { content, id }: TopicRequest,
  call: RoomCall,
  context: RequestContext,
): void {
  const { from, room: { name: room } } = call;
  const event: Topic = {
    type: "topic",
    room,
    from: from.user.name,
    by: from.user.id,
    content,
    ...(id !== undefined && { id }),
  };
  const { memberships, makers } = context;
  const isPrivate = memberships.isPrivate(room);
  // What somebody takes care of who is no guest is not a guest's any more.
  if (from.user.role !== "guest") makers.adopt(room, call.batch, memberships);
  change({ kind: "room", room, private: isPrivate, topic: content }, event, call, context);
}

/** Gives a member of a room another role. */
export async function setRole(
  { user: reference, content: role, id }: RoleRequest,
  { room }: RoomCall,
  context: RequestContext,
): Promise<Continuation> {
  const user = await lookUp(reference, "set role", context);
  return inRoom("role", room.name, (call) => {
    const { memberships } = context;
    if (memberships.member(room.name, user.id) === undefined) {
      throw new Refused("no_such_user", `Cannot set role: ${user.name} is no member of this room`);
    }
    if (role !== "owner") checkOwnerLeft(room.name, user, "set role", context);
    const event: RoleChange = {
      type: "role",
      room: room.name,
      from: call.from.user.name,
      by: call.from.user.id,
      user,
      content: role,
      ...(id !== undefined && { id }),
    };
    change({ kind: "member", room: room.name, user: user.id, role }, event, call, context);
  });
}

/** Records up to where somebody has read a room, and tells their other connections. */
export function markRead(
  { seq, id }: ReadRequest,
  { from, batch, room: { name: room } }: RoomCall,
  { memberships }: RequestContext,
): void {
  const { id: user } = from.user;
  const member = memberships.member(room, user);
  const event: Read = { type: "read", room, seq, ...(id !== undefined && { id }) };
  if (member === undefined || member.read >= seq) {
    if (id !== undefined) batch.answer(from, { ...event, seq: member?.read ?? seq });
    return;
  }
  batch.changeRoom(memberships, { kind: "read", room, user, seq }, { event, requester: from });
  batch.direct(user, event);
}

/**
 * Ends all memberships of a user who is no more. A room that is left without an owner goes to its eldest
 * moderator, or else its eldest member.
 */
export function forgetMember(user: UserId, batch: Batch, context: RequestContext): void {
  const { memberships } = context;
  for (const { room } of memberships.roomsOf(user)) {
    const hadOwner = memberships.owners(room) > 0;
    batch.changeRoom(memberships, { kind: "unmember", room, user });
    freeRoom(room, batch, context);
    if (!hadOwner || memberships.owners(room) > 0) continue;
    const members = memberships.members(room);
    const heir = members.find(({ role }) => role === "moderator") ?? members[0];
    if (heir === undefined) continue;
    batch.changeRoom(memberships, { kind: "member", room, user: heir.user, role: "owner" });
  }
}

/** Lists who is in a room, and if asked for who else is a member of it. */
export function users(
  { all = false, id }: UsersRequest,
  { from, batch, room }: RoomCall,
  context: RequestContext,
): void | Promise<Continuation> {
  const { memberships, visits } = context;
  if (!all || isDirectRoom(room.name)) {
    batch.answer(from, listUsers(room, [], id, context));
    return;
  }
  const absent: UserId[] = [];
  for (const { user } of memberships.eachMember(room.name)) {
    if (!room.isPresent(user)) absent.push(user);
    if (absent.length === MAX_ABSENT) break;
  }
  return visits.describe(absent).then((found) =>
    inRoom("users", room.name, (call) => {
      const others = [...found.values()].filter(({ id }) => !call.room.isPresent(id));
      call.batch.answer(call.from, listUsers(call.room, others, id, context));
    })
  );
}

function listUsers(
  room: Room,
  others: readonly User[],
  id: string | undefined,
  { memberships, registry }: RequestContext,
): ServerMessage {
  const toEntry = ({ id, name, role }: User, online: boolean): UserEntry => {
    const member = isDirectRoom(room.name) ? undefined : memberships.member(room.name, id);
    return { id, name, role, online, ...(member && { room_role: member.role }) };
  };
  const isOnline = (user: User) => !isDirectRoom(room.name) || registry.isOnline(user.id);
  const present = room.users().map((user) => toEntry(user, isOnline(user)));
  return {
    type: "users",
    room: room.name,
    user_count: room.userCount,
    user_list: present.map(({ name }) => name),
    users: [...present, ...others.map((user) => toEntry(user, false))],
    ...(id !== undefined && { id }),
  };
}

/** Goes on in the room that the requester is still in, if they still may. */
function inRoom(
  type: "invite" | "remove" | "role" | "users",
  name: string,
  act: (call: RoomCall) => void,
): Continuation {
  return {
    serve(call, context) {
      const { memberships, policy } = context;
      const { from } = call;
      const room = from.room(name);
      const access = memberships.access(name, from.user.id);
      if (room === undefined || !policy.may(from.principal, type, access)) {
        const problem = `you are not in ${name}, or may not do this there any more`;
        throw closureFor(from.principal, name, verbOf(type), context) ??
          new Refused("forbidden", `Cannot ${verbOf(type)}: ${problem}`);
      }
      act({ ...call, room });
    },
  };
}

/** Makes a change that the members of the room are told of. */
function change(
  roomChange: RoomChange,
  event: Membership | Topic | RoleChange,
  { from, batch, room }: RoomCall,
  { memberships, registry }: RequestContext,
): void {
  batch.changeRoom(memberships, roomChange, { event, requester: from });
  registry.touch(room).record(event);
}

function membershipEvent(
  type: Membership["type"],
  { from, room, user, id }: RoomCall & { user: User; id: string | undefined },
): Membership {
  return {
    type,
    room: room.name,
    from: from.user.name,
    by: from.user.id,
    user,
    ...(id !== undefined && { id }),
  };
}

/** @throws {Refused} if somebody is the last owner of a room that has other members */
function checkOwnerLeft(
  room: string,
  { id }: User,
  verb: string,
  { memberships }: RequestContext,
): void {
  if (memberships.member(room, id)?.role !== "owner" || memberships.owners(room) > 1) return;
  if (verb !== "set role" && memberships.size(room) === 1) return;
  const problem = "this is the room's last owner; make another member owner first";
  throw new Refused("conflict", `Cannot ${verb}: ${problem}`);
}

/** Somebody who can be a member: who is kept, connected or not. */
async function findKept(
  reference: UserReference,
  context: RequestContext,
): Promise<User> {
  const user = await lookUp(reference, "invite", context);
  const state = await context.visits.state(user.id);
  if (state?.remembered) return user;
  const problem = `${user.name} is a guest who is not kept; only who is kept can be a member`;
  throw new Refused("forbidden", `Cannot invite: ${problem}`);
}

/** Who is meant, by name, `@ID` or `#NUMBER`. */
async function lookUp(
  reference: UserReference,
  verb: string,
  { visits, registry }: RequestContext,
): Promise<User> {
  return findConnected(reference, registry) ?? await findUser(reference, verb, visits);
}
