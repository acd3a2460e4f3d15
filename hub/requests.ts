/**
 * What each request does to who is where, what is committed and what is answered: one row a type. Runs on
 * the hub's loop only, synchronously; what needs the store goes into the batch or to `Reads`.
 *
 * @module
 */
import {
  type ClientRequest,
  type Delete,
  type Edit,
  type React,
  refuse,
  type ServerMessage,
  type UserMessage,
  verbOf,
} from "../protocol.ts";
import type { Call, RequestContext } from "./context.ts";
import { toChange } from "./keep.ts";
import { findOtherHolder, join, login, nameTaken } from "./login.ts";
import { limitReads } from "./reads.ts";
import { Refused } from "./refused.ts";
import type { Participant, Registry } from "./registry.ts";
import type { Room } from "./room.ts";

/** When to ask again after too many reads, in milliseconds. */
const RETRY_MS = 1000;

type RequestOf<T extends ClientRequest["type"]> = Extract<ClientRequest, { type: T }>;

/** A request about a room. */
interface RoomCall extends Call {
  readonly room: Room;
}

/** How one type of request is served. How it is read stands in `protocol/decode.ts`. */
type Row<T extends ClientRequest["type"]> =
  & {
    /** Whether it is served before login too. */
    readonly beforeLogin?: true;
  }
  & (
    | {
      /** It is about a room that the requester is in: the one it names, or else the one entered last. */
      readonly needsRoom: true;
      serve(request: RequestOf<T>, call: RoomCall, context: RequestContext): void;
    }
    | {
      readonly needsRoom?: false;
      serve(request: RequestOf<T>, call: Call, context: RequestContext): void;
    }
  );

/** Serves one request. A refusal is answered; anything else that is thrown is an internal error. */
export function serve(request: ClientRequest, call: Call, context: RequestContext): void {
  const { from, batch } = call;
  try {
    const row = ROWS[request.type] as Row<ClientRequest["type"]>;
    if (!from.isLoggedIn && !row.beforeLogin) {
      throw new Refused("not_logged_in", `Cannot ${verbOf(request.type)}: log in first`);
    }
    const room = row.needsRoom ? roomOf(request, from) : undefined;
    if (!context.policy.may(from.principal, request.type, room?.name)) {
      throw new Refused("forbidden", `Cannot ${verbOf(request.type)}: you may not do this here`);
    }
    if (room !== undefined) row.serve(request, { from, batch, room }, context);
    else if (!row.needsRoom) row.serve(request, call, context);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const answer = refuse(error.code, error.message, request.id);
    batch.answer(from, error.code === "rate_limited" ? { ...answer, retry_ms: RETRY_MS } : answer);
  }
}

const ROWS: { readonly [T in ClientRequest["type"]]: Row<T> } = {
  user: {
    needsRoom: true,
    serve({ content, id, reply_to }, { from, batch, room }, { registry }) {
      const event: UserMessage = {
        type: "user",
        room: room.name,
        from: from.name,
        content,
        seq: 0,
        time: batch.now,
      };
      if (id !== undefined) event.id = id;
      if (reply_to !== undefined) event.reply_to = reply_to;
      batch.add(toChange(event), event, from);
      registry.touch(room.name).record(event);
    },
  },

  login: { beforeLogin: true, serve: login },

  join: { serve: join },

  leave: {
    needsRoom: true,
    serve({ id }, { from, room }, { registry }) {
      registry.leave(from, room, id);
    },
  },

  rename: {
    serve({ content: name, id }, { from, batch }, context) {
      if (findOtherHolder(name, from, "rename", context) !== undefined) {
        throw nameTaken("rename", name);
      }
      const before = from.name;
      context.registry.rename(from, name, id);
      if (from.rooms.size > 0) return;
      const answer: ServerMessage = {
        type: "rename",
        room: "",
        from: before,
        content: name,
        user_count: 0,
        ...(id !== undefined && { id }),
      };
      batch.answer(from, answer);
    },
  },

  direct: {
    serve({ to, content, id }, { from, batch }, { registry }) {
      const receiver = findReceiver(to, registry);
      const message: ServerMessage = {
        type: "direct",
        from: from.name,
        to: receiver.name,
        content,
        time: batch.now,
        ...(id !== undefined && { id }),
      };
      batch.direct(from.number, message);
      if (receiver !== from) batch.direct(receiver.number, message);
    },
  },

  users: {
    needsRoom: true,
    serve({ id }, { from, batch, room }) {
      batch.answer(from, {
        type: "users",
        room: room.name,
        user_count: room.userCount,
        user_list: room.userList(),
        ...(id !== undefined && { id }),
      });
    },
  },

  rooms: {
    serve(request, { from, batch }, { reads }) {
      limitReads(from);
      batch.afterCommit(() => reads.rooms(from.connection, request));
    },
  },

  history: {
    needsRoom: true,
    serve(request, { from, batch, room }, { reads }) {
      limitReads(from);
      batch.afterCommit(() => reads.history(from.connection, request, room.name));
    },
  },

  search: {
    serve(request, { from, batch }, { reads }) {
      const rooms = request.room === undefined ? [...from.rooms] : [roomOf(request, from)];
      const names = rooms.map(({ name }) => name);
      limitReads(from);
      batch.afterCommit(() => reads.search(from.connection, request, names));
    },
  },

  edit: {
    needsRoom: true,
    serve({ seq, content, id }, { from, batch, room }, { registry }) {
      const target = { room: room.name, seq };
      const event: Edit = {
        type: "edit",
        ...target,
        from: from.name,
        content,
        time: batch.now,
        ...(id !== undefined && { id }),
      };
      const by = [...from.keys];
      batch.add({ kind: "edit", ...target, content, time: batch.now, by }, event, from);
      registry.touch(room.name).record(event);
    },
  },

  delete: {
    needsRoom: true,
    serve({ seq, id }, { from, batch, room }, { registry, files }) {
      const target = { room: room.name, seq };
      const event: Delete = {
        type: "delete",
        ...target,
        from: from.name,
        ...(id !== undefined && { id }),
      };
      batch.add({ kind: "delete", ...target, by: [...from.keys] }, event, from);
      registry.touch(room.name).record(event);
      batch.afterCommit(() => {
        if (!batch.dropped.has(event)) files?.withdraw(room.name, seq);
      });
    },
  },

  react: {
    needsRoom: true,
    serve({ seq, content, id }, { from, batch, room }, { registry }) {
      const target = { room: room.name, seq, from: from.name };
      const event: React = {
        type: "react",
        ...target,
        content,
        reactions: {},
        ...(id !== undefined && { id }),
      };
      batch.add({ kind: "react", ...target, emoji: content }, event, from);
      registry.touch(room.name).record(event);
    },
  },

  typing: {
    needsRoom: true,
    serve(_request, { from, room }, { registry }) {
      registry.touch(room.name).recordTyping(from);
    },
  },

  file: {
    needsRoom: true,
    serve({ content: fileId, id }, call, { registry, files }) {
      if (files === undefined) {
        throw new Refused("forbidden", "Cannot announce file: uploads are switched off");
      }
      files.announce(fileId, { ...call, registry, id });
    },
  },

  ping: {
    beforeLogin: true,
    serve({ id }, { from, batch }) {
      batch.answer(from, { type: "pong", time: batch.now, ...(id !== undefined && { id }) });
    },
  },

  logout: {
    serve({ id }, { from, batch }, { registry, loginChanged }) {
      const { name } = from;
      if (from.rooms.size === 0) {
        batch.answer(from, {
          type: "logout",
          room: "",
          content: name,
          from: name,
          user_count: 0,
          ...(id !== undefined && { id }),
        });
      }
      registry.logout(from, id);
      loginChanged(from);
    },
  },
};

/** The room that a request is about. */
function roomOf(request: ClientRequest, from: Participant): Room {
  const name = "room" in request ? request.room : undefined;
  const room = name === undefined ? from.currentRoom : from.room(name);
  if (room !== undefined) return room;
  const problem = name === undefined
    ? "you are in no room; join one"
    : `you are not in ${name}; join it first`;
  throw new Refused("not_in_room", `Cannot ${verbOf(request.type)}: ${problem}`);
}

/** Who is meant by a name or by `#NUMBER`. */
function findReceiver(to: string, registry: Registry): Participant {
  const [, number] = /^#(\d+)$/.exec(to) ?? [];
  const receiver = number === undefined
    ? registry.findName(to)
    : registry.find({ number: Number(number) });
  if (receiver?.isLoggedIn) return receiver;
  const problem = number === undefined
    ? `nobody is here as ${JSON.stringify(to)}`
    : `there is no connection number ${number} that has logged in`;
  throw new Refused("no_such_user", `Cannot send direct message: ${problem}`);
}
