/**
 * What each request does to who is where, what is kept and what is answered. Runs on the hub's loop
 * only, synchronously; what needs the store goes into the turn's batch or to `Reads`.
 *
 * @module
 */
import type { Client } from "../client.ts";
import type { Registry } from "./registry.ts";
import {
  type ClientRequest,
  CloseCode,
  foldName,
  refuse,
  type ServerMessage,
  verbOf,
} from "../protocol.ts";
import type { FileService } from "./file_service.ts";
import { toChange } from "./keep.ts";
import { MAX_READS, type Reads } from "./reads.ts";
import type { Room } from "./room.ts";
import { Refused } from "./refused.ts";
import type { Turn } from "./batch.ts";

/** When to ask again after too many reads, in milliseconds. */
const RETRY_MS = 1000;

/** What requests work on. */
export interface RequestContext {
  readonly registry: Registry;
  readonly reads: Reads;
  /** Absent: there are no files. */
  readonly files?: FileService | undefined;
  /** Most rooms for one connection. */
  readonly maxRooms: number;
  /** Folded names that nobody can have, because programs speak under them. */
  readonly reservedNames: ReadonlySet<string>;
  /** Lets go of a connection and closes it. */
  disconnect(client: Client, code: CloseCode, reason: string): void;
  /** Must be called when a connection has logged in, or out with its connection open. */
  loginChanged(client: Client): void;
}

type Handler<T extends ClientRequest["type"]> = (
  request: Extract<ClientRequest, { type: T }>,
  client: Client,
  turn: Turn,
  context: RequestContext,
) => void;

/** Serves one request. A refusal is answered; anything else that is thrown is an internal error. */
export function serve(
  request: ClientRequest,
  client: Client,
  turn: Turn,
  context: RequestContext,
): void {
  try {
    if (client.name === "" && request.type !== "login" && request.type !== "ping") {
      throw new Refused("not_logged_in", `Cannot ${verbOf(request.type)}: log in first`);
    }
    const handle = HANDLERS[request.type] as Handler<ClientRequest["type"]>;
    handle(request, client, turn, context);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const answer = refuse(error.code, error.message, request.id);
    turn.answer(client, error.code === "rate_limited" ? { ...answer, retry_ms: RETRY_MS } : answer);
  }
}

const HANDLERS: { readonly [T in ClientRequest["type"]]: Handler<T> } = {
  user(request, client, turn, { registry }) {
    const room = roomOf(request, client);
    const { content, id, reply_to } = request;
    const event: ServerMessage = {
      type: "user",
      room: room.name,
      from: client.name,
      content,
      seq: 0,
      time: turn.now,
    };
    if (id !== undefined) event.id = id;
    if (reply_to !== undefined) event.reply_to = reply_to;
    turn.keep(toChange(event), event, client);
    registry.touch(room).record(event);
  },

  login(request, client, turn, context) {
    if (client.name !== "") {
      const reason = `Cannot log in: already logged in as ${client.name}; use rename or logout`;
      throw new Refused("already_logged_in", reason);
    }
    checkCatchUp(request, client, context);
    takeName(request.content, client, request.session, context);
    context.loginChanged(client);
    enter(request, client, turn, context);
  },

  join(request, client, turn, context) {
    checkCatchUp(request, client, context);
    enter(request, client, turn, context);
  },

  leave(request, client, _turn, { registry }) {
    registry.leave(client, roomOf(request, client), request.id);
  },

  rename(request, client, turn, { registry, reservedNames }) {
    const { content, id } = request;
    if (reservedNames.has(foldName(content))) throw nameReserved("rename", content);
    const holder = registry.byName(content);
    if (holder !== undefined && holder !== client) throw nameTaken("rename", content);
    const from = client.name;
    if (registry.rename(client, content, id) > 0) return;
    const answer: ServerMessage = { type: "rename", room: "", from, content, user_count: 0 };
    turn.answer(client, id === undefined ? answer : { ...answer, id });
  },

  direct(request, client, turn, { registry }) {
    const { to, content, id } = request;
    const receiver = /^#\d+$/.test(to)
      ? registry.clients.get(Number(to.slice(1)))
      : registry.byName(to);
    if (receiver === undefined || receiver.name === "") {
      const problem = /^#\d+$/.test(to)
        ? `there is no connection number ${to.slice(1)} that has logged in`
        : `nobody is here as ${JSON.stringify(to)}`;
      throw new Refused("no_such_user", `Cannot send direct message: ${problem}`);
    }
    const message: ServerMessage = {
      type: "direct",
      from: client.name,
      to: receiver.name,
      content,
      time: turn.now,
      ...(id !== undefined && { id }),
    };
    turn.answer(client, message);
    if (receiver !== client) turn.answer(receiver, message);
  },

  users(request, client, turn) {
    const room = roomOf(request, client);
    turn.answer(client, {
      type: "users",
      room: room.name,
      user_count: room.members.size,
      user_list: room.userList(),
      ...(request.id !== undefined && { id: request.id }),
    });
  },

  rooms(request, client, turn, { reads }) {
    limitReads(client);
    turn.afterwards(() => reads.rooms(client, request));
  },

  history(request, client, turn, { reads }) {
    const room = roomOf(request, client);
    limitReads(client);
    turn.afterwards(() => reads.history(client, request, room.name));
  },

  search(request, client, turn, { reads }) {
    const rooms = request.room === undefined ? [...client.rooms] : [roomOf(request, client)];
    const names = rooms.map(({ name }) => name);
    limitReads(client);
    turn.afterwards(() => reads.search(client, request, names));
  },

  edit(request, client, turn, { registry }) {
    const room = roomOf(request, client);
    const { seq, content, id } = request;
    const target = { room: room.name, seq };
    const event: ServerMessage = {
      type: "edit",
      ...target,
      from: client.name,
      content,
      time: turn.now,
      ...(id !== undefined && { id }),
    };
    const by = [...client.keys];
    turn.keep({ kind: "edit", ...target, content, time: turn.now, by }, event, client);
    registry.touch(room).record(event);
  },

  delete(request, client, turn, { registry, files }) {
    const room = roomOf(request, client);
    const { seq, id } = request;
    const target = { room: room.name, seq };
    const event: ServerMessage = {
      type: "delete",
      ...target,
      from: client.name,
      ...(id !== undefined && { id }),
    };
    turn.keep({ kind: "delete", ...target, by: [...client.keys] }, event, client);
    registry.touch(room).record(event);
    turn.afterwards(() => {
      if (!turn.dropped.has(event)) files?.withdraw(room.name, seq);
    });
  },

  react(request, client, turn, { registry }) {
    const room = roomOf(request, client);
    const { seq, content, id } = request;
    const target = { room: room.name, seq, from: client.name };
    const event: ServerMessage = {
      type: "react",
      ...target,
      content,
      reactions: {},
      ...(id !== undefined && { id }),
    };
    turn.keep({ kind: "react", ...target, emoji: content }, event, client);
    registry.touch(room).record(event);
  },

  typing(request, client, _turn, { registry }) {
    registry.touch(roomOf(request, client)).recordTyping(client);
  },

  file(request, client, turn, { registry, files }) {
    const room = roomOf(request, client);
    if (files === undefined) {
      throw new Refused("forbidden", "Cannot announce file: uploads are switched off");
    }
    files.announce(request.content, { client, room, turn, registry, id: request.id });
  },

  ping(request, client, turn) {
    const { id } = request;
    turn.answer(client, { type: "pong", time: turn.now, ...(id !== undefined && { id }) });
  },

  logout(request, client, turn, context) {
    if (client.rooms.size === 0) {
      const { name } = client;
      turn.answer(client, {
        type: "logout",
        room: "",
        content: name,
        from: name,
        user_count: 0,
        ...(request.id !== undefined && { id: request.id }),
      });
    }
    context.registry.logout(client, request.id);
    context.loginChanged(client);
  },
};

/** The room that a request is about: the one it names, else the one entered last. */
function roomOf(
  { type, room: name }: { type: ClientRequest["type"]; room?: string },
  client: Client,
): Room {
  if (name === undefined) {
    const room = client.currentRoom;
    if (room !== undefined) return room;
    throw new Refused("not_in_room", `Cannot ${verbOf(type)}: you are in no room; join one`);
  }
  for (const room of client.rooms) if (room.name === name) return room;
  const reason = `Cannot ${verbOf(type)}: you are not in ${name}; join it first`;
  throw new Refused("not_in_room", reason);
}

/** Gives a client the name it asks for, from the dead connection that it was if need be. */
function takeName(
  name: string,
  client: Client,
  session: string | undefined,
  { registry, disconnect, reservedNames }: RequestContext,
): void {
  if (reservedNames.has(foldName(name))) throw nameReserved("log in", name);
  const holder = registry.byName(name);
  if (holder !== undefined) {
    if (session === undefined || !holder.sessions.includes(session)) {
      throw nameTaken("log in", name);
    }
    registry.replace(holder, client);
    disconnect(holder, CloseCode.Replaced, "The same session connected elsewhere");
  }
  // Also if nobody held the name: whoever came back may never learn this connection's own session.
  registry.setLineage(client, holder?.sessions ?? (session === undefined ? [] : [session]));
  registry.setName(client, name);
}

function nameTaken(verb: string, name: string): Refused {
  return new Refused("name_taken", `Cannot ${verb}: somebody is here as ${JSON.stringify(name)}`);
}

function nameReserved(verb: string, name: string): Refused {
  return new Refused("name_taken", `Cannot ${verb}: ${JSON.stringify(name)} is a program's name`);
}

/** Lets a client into a room, and with `since` gives it what it missed there. */
function enter(
  request: Extract<ClientRequest, { type: "login" | "join" }>,
  client: Client,
  turn: Turn,
  { registry, reads, maxRooms }: RequestContext,
): void {
  const { room: name, id, since, epoch } = request;
  let room = registry.rooms.get(name);
  const isMember = room !== undefined && client.rooms.has(room);
  if (room === undefined || !isMember) {
    if (client.rooms.size >= maxRooms) {
      const reason = `Cannot join: a connection may be in ${maxRooms} rooms; leave one first`;
      throw new Refused("too_many_rooms", reason);
    }
    room = registry.enter(client, name, id);
  } else {
    // Entered last, from now on: what names no room is said here.
    client.rooms.delete(room);
    client.rooms.add(room);
    turn.answer(client, {
      type: "login",
      room: name,
      content: client.name,
      from: client.name,
      ...room.presence(),
      ...(id !== undefined && { id }),
    });
  }
  if (since === undefined) return;
  const entered = room;
  const held = entered.hold(client, !isMember);
  client.reads++;
  turn.afterwards(() => reads.catchUp(client, entered, held, { since, epoch }));
}

/**
 * Refuses to enter with `since` before anything has changed. Who comes back asks for all its rooms at
 * once, so each of them may wait for the store beside the other reads.
 */
function checkCatchUp(
  { since }: { since?: number },
  client: Client,
  { maxRooms }: RequestContext,
): void {
  if (since !== undefined) checkReads(client, MAX_READS + maxRooms);
}

/** Counts an answer from the store that the client will wait for. */
function limitReads(client: Client): void {
  checkReads(client, MAX_READS);
  client.reads++;
}

function checkReads(client: Client, most: number): void {
  if (client.reads < most) return;
  const reason = `Cannot read: at most ${most} requests may wait for the store at a time`;
  throw new Refused("rate_limited", reason);
}
