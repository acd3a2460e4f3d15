/**
 * Saying something in a room, on a connection or over HTTP.
 *
 * @module
 */
import type { Principal } from "../people/principal.ts";
import {
  isDirectRoom,
  Refused,
  type User,
  type UserId,
  type UserMessage,
  type UserRequest,
  usersOf,
} from "../protocol.ts";
import { toChange } from "../store/messages.ts";
import type { Batch, Requester } from "./batch.ts";
import type { RequestContext } from "./context.ts";
import type { Room } from "./room.ts";
import { closureFor } from "./rooms.ts";

/** What is said. */
export type Speech = Pick<UserRequest, "content" | "id" | "reply_to">;

/** Who says it, and where. */
export interface Speaker {
  readonly room: Room;
  readonly user: User;
  /** The address that it comes from; may be empty. */
  readonly ip: string;
  readonly requester: Requester;
  readonly batch: Batch;
}

/** Says something in a room. */
export function speak(
  { content, id, reply_to }: Speech,
  { room, user, ip, requester, batch }: Speaker,
  context: RequestContext,
): void {
  const event: UserMessage = {
    type: "user",
    room: room.name,
    from: user.name,
    content,
    seq: 0,
    time: batch.now,
    by: user.id,
  };
  if (id !== undefined) event.id = id;
  if (reply_to !== undefined) event.reply_to = reply_to;
  recordSpeech(event, { room, user, ip, batch }, context);
  batch.add(toChange(event), event, requester);
}

/** Records a message in its room. Must come before the change that commits it. */
export function recordSpeech(
  event: UserMessage,
  { room, user, ip, batch }: Pick<Speaker, "room" | "user" | "ip" | "batch">,
  context: RequestContext,
): void {
  // A team behind one address may talk to each other as much as it likes.
  const isFree = isDirectRoom(room.name) && room.users().every(({ role }) => role !== "guest");
  context.makers.make(room.name, { user, ip, isFree }, "send message", batch.now);
  if (isDirectRoom(room.name)) keepConversation(room.name, batch, context);
  context.registry.touch(room).record(event);
}

/** Makes the two users of a direct conversation its members before anything is said there, if they are kept. */
function keepConversation(
  room: string,
  batch: Batch,
  { memberships, registry }: RequestContext,
): void {
  for (const user of usersOf(room)) {
    if (memberships.member(room, user) !== undefined || isPassing(user, registry)) continue;
    batch.changeRoom(memberships, { kind: "member", room, user, role: "member" });
  }
}

/** Whether a user is a guest who is not kept: one is only found while it is connected. */
function isPassing(user: UserId, registry: RequestContext["registry"]): boolean {
  return registry.findUser(user)?.remembered === false;
}

/**
 * The room in which somebody who is not connected wants to say something.
 *
 * @param name its name inside the server
 * @throws {Refused} `no_such_room` if it is not there for them; `forbidden` if an admin has closed it
 */
export function checkMaySpeak(
  name: string,
  principal: Principal,
  context: RequestContext,
): void {
  const { policy, memberships } = context;
  const access = memberships.access(name, principal.user?.id);
  if (policy.may(principal, "post", access)) return;
  throw closureFor(principal, name, "send message", context) ??
    new Refused("no_such_room", "Cannot send message: there is no such room for you");
}
