/**
 * Coming in: taking a name, entering a room, and catching up on what was missed there.
 *
 * @module
 */
import { CloseCode, type JoinRequest, type LoginRequest } from "../protocol.ts";
import type { Call, RequestContext } from "./context.ts";
import type { Participant } from "./registry.ts";
import { checkReads, MAX_READS } from "./reads.ts";
import { Refused } from "./refused.ts";

/** Gives somebody the name that they ask for, if need be from the dead connection that they were. */
export function login(
  request: LoginRequest,
  call: Call,
  context: RequestContext,
): void {
  const { from: participant } = call;
  if (participant.isLoggedIn) {
    const reason = `Cannot log in: already logged in as ${participant.name}; use rename or logout`;
    throw new Refused("already_logged_in", reason);
  }
  checkCatchUp(request, participant, context);
  takeName(request, participant, context);
  context.loginChanged(participant);
  enter(request, call, context);
}

/** Lets somebody who is logged in into a room. */
export function join(request: JoinRequest, call: Call, context: RequestContext): void {
  checkCatchUp(request, call.from, context);
  enter(request, call, context);
}

/**
 * Checks that somebody may be called this now.
 *
 * @param verb for the error message: "Cannot VERB: …"
 * @returns the participant that has the name, if it is another one
 * @throws {Refused} if the name is a program's
 */
export function findOtherHolder(
  name: string,
  participant: Participant,
  verb: string,
  { registry, policy }: RequestContext,
): Participant | undefined {
  if (!policy.mayUseName(participant.principal, name)) {
    const reason = `Cannot ${verb}: ${JSON.stringify(name)} is a program's name`;
    throw new Refused("name_taken", reason);
  }
  const holder = registry.findName(name);
  return holder === participant ? undefined : holder;
}

/** The refusal of a name that somebody else has. */
export function nameTaken(verb: string, name: string): Refused {
  return new Refused("name_taken", `Cannot ${verb}: ${JSON.stringify(name)} is taken`);
}

function takeName(
  { content: name, session: requested }: LoginRequest,
  participant: Participant,
  context: RequestContext,
): void {
  const { registry, disconnect } = context;
  const session = requested ?? participant.principal.sessions?.[0];
  const holder = findOtherHolder(name, participant, "log in", context);
  if (holder !== undefined) {
    if (session === undefined || !holder.sessions.includes(session)) {
      throw nameTaken("log in", name);
    }
    registry.replace(holder, participant);
    disconnect(holder, CloseCode.Replaced, "The same session connected elsewhere");
  }
  // Also if nobody had the name: a client that came back may never learn this connection's own session.
  const earlier = holder?.sessions ?? (session === undefined ? [] : [session]);
  registry.setSessions(participant, earlier);
  registry.setName(participant, name);
}

function enter(
  request: LoginRequest | JoinRequest,
  { from: participant, batch }: Call,
  { registry, reads, maxRooms }: RequestContext,
): void {
  const { room: name, id, since, epoch } = request;
  let room = participant.room(name);
  if (room === undefined) {
    if (participant.rooms.size >= maxRooms) {
      const reason = `Cannot join: a connection may be in ${maxRooms} rooms; leave one first`;
      throw new Refused("too_many_rooms", reason);
    }
    room = registry.enter(participant, name, id);
  } else {
    registry.setCurrentRoom(participant, room);
    batch.answer(participant, {
      type: "login",
      room: name,
      content: participant.name,
      from: participant.name,
      ...room.presence(),
      ...(id !== undefined && { id }),
    });
  }
  if (since === undefined) return;
  const { connection } = participant;
  const catchUp = room.startCatchUp(participant);
  participant.reads++;
  batch.afterCommit(() => reads.catchUp({ connection, room: name, catchUp }, { since, epoch }));
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
