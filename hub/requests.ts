/**
 * What each request does to who is where, what is committed and what is answered: one row a type. Runs on
 * the hub's loop only, synchronously; what needs the store goes into the batch or to `Reads`, and what needs
 * to be known about people first is looked up before the rest is served.
 *
 * @module
 */
import {
  type ClientRequest,
  type Delete,
  type Edit,
  isDirectRoom,
  type React,
  Refused,
  type ServerMessage,
  type UserMessage,
  type UserReference,
  verbOf,
} from "../protocol.ts";
import type { Call, Continuation, RequestContext, RoomCall } from "./context.ts";
import { isSilenced } from "./enforcement.ts";
import { join, login } from "./login.ts";
import type { Participant } from "./participant.ts";
import { limitReads, limitSearch } from "./reads.ts";
import { errorOf } from "./refused.ts";
import type { Room } from "./room.ts";
import { rename } from "./rename.ts";
import { checkVisible, closureFor, findConnected, findUser, listableFor } from "./rooms.ts";
import { create, invite, leave, markRead, remove, setRole, setTopic, users } from "./members.ts";
import { recordSpeech, speak, type Speaker } from "./speech.ts";

type RequestOf<T extends ClientRequest["type"]> = Extract<ClientRequest, { type: T }>;

/** Nothing if the request was served; the rest of it if something has to be looked up first. */
type Served = void | Promise<Continuation>;

/** How one type of request is served. How it is read stands in `protocol/decode.ts`. */
type Row<T extends ClientRequest["type"]> =
  & {
    /** Whether it is served before login too. */
    readonly beforeLogin?: true;
  }
  & (
    | {
      /**
       * It is about a room that the requester is in: the one it names, or else the one entered last. In
       * direct conversations everybody is who is one of the two.
       */
      readonly needsRoom: true;
      serve(request: RequestOf<T>, call: RoomCall, context: RequestContext): Served;
    }
    | {
      readonly needsRoom?: false;
      serve(request: RequestOf<T>, call: Call & Partial<RoomCall>, context: RequestContext): Served;
    }
  );

/**
 * Serves one request. A refusal is answered; anything else that is thrown is an internal error.
 *
 * @returns the rest of it, if something has to be looked up first; rejects with what is to be answered
 */
export function serve(
  request: ClientRequest,
  call: Call,
  context: RequestContext,
): Promise<Continuation> | undefined {
  return answerRefusals(request, call, context, () => {
    const verb = verbOf(request.type);
    if (!call.from.isLoggedIn && !ROWS[request.type].beforeLogin) {
      throw new Refused("not_logged_in", `Cannot ${verb}: log in first`);
    }
    if (isSilenced(request.type, call, context)) return;
    const reference = otherIn(request);
    if (reference === undefined) {
      return serveRow(request, roomOf(request, call.from), call, context);
    }
    return withUser(reference, verb, call, context, (other, later) => {
      const room = context.registry.openDirect(later.from.user.toUser(), other);
      return serveRow(request, room, later, context);
    });
  });
}

/** Serves the rest of a request, after `serve`. */
export function resume(
  request: ClientRequest,
  { serve }: Continuation,
  call: Call,
  context: RequestContext,
): Promise<Continuation> | undefined {
  return answerRefusals(
    request,
    call,
    context,
    () => isSilenced(request.type, call, context) ? undefined : serve(call, context),
  );
}

/** The answer to a request that is not served. */
export function answerError(
  request: ClientRequest,
  error: Refused,
  { from, batch }: Call,
  { refused }: Pick<RequestContext, "refused">,
): void {
  refused(from.connection, error);
  batch.answer(from, errorOf(error, request.id));
}

function answerRefusals(
  request: ClientRequest,
  call: Call,
  context: RequestContext,
  act: () => Served,
): Promise<Continuation> | undefined {
  try {
    return act() ?? undefined;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    answerError(request, error, call, context);
    return undefined;
  }
}

/** Goes on with the user who is meant, at once if it is connected. */
function withUser(
  reference: UserReference,
  verb: string,
  call: Call,
  { registry, visits }: RequestContext,
  act: (user: ReturnType<typeof findConnected> & object, call: Call) => Served,
): Served {
  const user = findConnected(reference, registry);
  if (user !== undefined) return act(user, call);
  return findUser(reference, verb, visits).then((found) => ({
    serve: (later) => act(found, later),
  }));
}

function serveRow(
  request: ClientRequest,
  room: Room | undefined,
  call: Call,
  context: RequestContext,
): Served {
  const { from } = call;
  const row = ROWS[request.type] as Row<ClientRequest["type"]>;
  const verb = verbOf(request.type);
  if (row.needsRoom && room === undefined) throw notInRoom(request, call, context);
  const access = room && context.memberships.access(room.name, from.user.id);
  if (!context.policy.may(from.principal, request.type, row.needsRoom ? access : undefined)) {
    throw room && closureFor(from.principal, room.name, verb, context) ||
      new Refused("forbidden", `Cannot ${verb}: you may not do this here`);
  }
  if (room !== undefined) return row.serve(request, { ...call, room }, context);
  if (!row.needsRoom) return row.serve(request, call, context);
}

const ROWS: { readonly [T in ClientRequest["type"]]: Row<T> } = {
  user: {
    needsRoom: true,
    serve(request, { from, batch, room }, context) {
      speak(request, speakerOf({ from, batch, room }), context);
    },
  },

  login: { beforeLogin: true, serve: login },

  join: {
    serve(request, call, context) {
      const { registry } = context;
      const checkEntry = (room: string, { from }: Call) =>
        checkVisible(from.principal, room, "join", context);
      if (isDirectRoom(request.room)) {
        return withUser(request.room, "join", call, context, (other, later) => {
          const room = registry.openDirect(later.from.user.toUser(), other);
          checkEntry(room.name, later);
          join(request, room, later, context);
        });
      }
      checkEntry(request.room, call);
      join(request, request.room, call, context);
    },
  },

  leave: { needsRoom: true, serve: leave },

  rename: { serve: rename },

  direct: {
    serve(request, call, context) {
      const verb = verbOf(request.type);
      return withUser(request.to, verb, call, context, (other, { from, batch }) => {
        const room = context.registry.openDirect(from.user.toUser(), other);
        checkVisible(from.principal, room.name, verb, context);
        speak(request, speakerOf({ from, batch, room }), context);
      });
    },
  },

  users: { needsRoom: true, serve: users },

  rooms: {
    serve(request, { from, batch }, { reads, memberships }) {
      limitReads(from);
      const viewer = { connection: from.connection, user: from.user.id };
      const listable = listableFor(from.principal, memberships);
      batch.afterCommit(() => reads.rooms(viewer, request, listable));
    },
  },

  history: {
    needsRoom: true,
    serve(request, { from, batch, room }, { reads }) {
      limitReads(from);
      const viewer = { connection: from.connection, user: from.user.id };
      batch.afterCommit(() => reads.history(viewer, request, room.name));
    },
  },

  search: {
    serve(request, { from, batch, room }, context) {
      const { reads, memberships, policy, searches } = context;
      const { user, principal } = from;
      if (request.room !== undefined && room === undefined) {
        throw notInRoom(request, { from, batch }, context);
      }
      const direct = memberships.roomsOf(user.id).map(({ room }) => room).filter(isDirectRoom);
      const isVisible = (name: string) =>
        policy.maySee(principal, memberships.access(name, user.id));
      const rooms = request.room === undefined || room === undefined
        ? [...Array.from(from.rooms, ({ name }) => name), ...direct].filter(isVisible)
        : [room.name];
      limitSearch(from, searches);
      const viewer = { connection: from.connection, user: user.id };
      batch.afterCommit(() => reads.search(viewer, request, rooms));
    },
  },

  edit: {
    needsRoom: true,
    serve({ seq, content, id }, { from, batch, room }, { policy, memberships, registry }) {
      const { id: by, name } = from.user;
      const target = { room: room.name, seq, by };
      const event: Edit = {
        type: "edit",
        ...target,
        from: name,
        content,
        time: batch.now,
        change: 0,
        ...(id !== undefined && { id }),
      };
      const access = memberships.access(room.name, by);
      const also = policy.may(from.principal, "adopt", access) ? "nobody" : undefined;
      batch.add({ kind: "edit", ...target, content, time: batch.now, also }, event, from);
      registry.touch(room).record(event);
    },
  },

  delete: {
    needsRoom: true,
    serve({ seq, id }, { from, batch, room }, context) {
      const { policy, memberships, registry, files, sanctions } = context;
      const { id: by, name } = from.user;
      const target = { room: room.name, seq, by };
      const event: Delete = {
        type: "delete",
        ...target,
        from: name,
        change: 0,
        ...(id !== undefined && { id }),
      };
      const access = memberships.access(room.name, by);
      // Whoever is muted may take back its own words, and no others.
      const isMuted = sanctions.muteOf(from.user, from.connection.ip) !== undefined;
      const also = isMuted
        ? undefined
        : policy.may(from.principal, "moderate", access)
        ? "anybody"
        : policy.may(from.principal, "adopt", access)
        ? "nobody"
        : undefined;
      batch.add({ kind: "delete", ...target, also }, event, from);
      registry.touch(room).record(event);
      batch.afterCommit(() => {
        if (!batch.dropped.has(event)) files?.withdraw(room.name, seq);
      });
    },
  },

  react: {
    needsRoom: true,
    serve({ seq, content, id }, { from, batch, room }, { registry }) {
      const target = { room: room.name, seq, from: from.user.name, by: from.user.id };
      const event: React = {
        type: "react",
        ...target,
        content,
        on: true,
        count: 0,
        change: 0,
        ...(id !== undefined && { id }),
      };
      batch.add({ kind: "react", ...target, emoji: content }, event, from);
      registry.touch(room).record(event);
    },
  },

  typing: {
    needsRoom: true,
    serve(_request, { from, room }, { registry }) {
      registry.touch(room).recordTyping(from);
    },
  },

  file: {
    needsRoom: true,
    serve({ content: fileId, id }, call, context) {
      const { files } = context;
      if (files === undefined) {
        throw new Refused("forbidden", "Cannot announce file: uploads are switched off");
      }
      const record = (event: UserMessage) => recordSpeech(event, speakerOf(call), context);
      files.announce(fileId, { ...call, record, id });
    },
  },

  create: { serve: create },
  invite: { needsRoom: true, serve: invite },
  remove: { needsRoom: true, serve: remove },
  topic: { needsRoom: true, serve: setTopic },
  role: { needsRoom: true, serve: setRole },
  read: { needsRoom: true, serve: markRead },

  ping: {
    beforeLogin: true,
    serve({ id }, { from, batch }) {
      batch.answer(from, { type: "pong", time: batch.now, ...(id !== undefined && { id }) });
    },
  },

  logout: {
    serve({ id }, { from, batch }, { registry, loginChanged }) {
      const { id: by, name } = from.user;
      if (from.rooms.size === 0) {
        const answer: ServerMessage = {
          type: "logout",
          room: "",
          content: name,
          from: name,
          by,
          user_count: 0,
          ...(id !== undefined && { id }),
        };
        batch.answer(from, answer);
      }
      registry.logout(from, id);
      loginChanged(from);
    },
  },
};

function speakerOf({ from, batch, room }: RoomCall): Speaker {
  return { room, user: from.user, ip: from.connection.ip, requester: from, batch };
}

/** The other one in the direct conversation that a request is about; `undefined` if it is about none. */
function otherIn(request: ClientRequest): UserReference | undefined {
  if (request.type === "join" || !("room" in request) || request.room === undefined) {
    return undefined;
  }
  return isDirectRoom(request.room) ? request.room : undefined;
}

/** The room that a request is about, if the requester is in it. */
function roomOf(request: ClientRequest, from: Participant): Room | undefined {
  const name = "room" in request ? request.room : undefined;
  return name === undefined ? from.currentRoom : from.room(name);
}

/** The refusal of a request about a room that the requester is not in. */
function notInRoom(request: ClientRequest, { from }: Call, context: RequestContext): Refused {
  const verb = verbOf(request.type);
  const name = "room" in request ? request.room : undefined;
  const problem = name === undefined
    ? "you are in no room; join one"
    : `you are not in ${name}; join it first`;
  return name !== undefined && closureFor(from.principal, name, verb, context) ||
    new Refused("not_in_room", `Cannot ${verb}: ${problem}`);
}
