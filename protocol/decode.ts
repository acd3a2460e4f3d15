/**
 * Decodes what clients send: any text in, a checked request or an `error` message out, never an
 * exception. Callers need only the checks that depend on state, such as membership.
 *
 * @module
 */
import { Fields, MAX_TERM_LENGTH, show } from "./fields.ts";
import { isOvergrown, MAX_PARTS } from "./overgrown.ts";
import type { EveryOptional, OptionalKeysOf } from "./message_fields.ts";
import type { ErrorMessage } from "./messages.ts";
import { refuse } from "./refused.ts";
import type { ClientRequest, RoomRole, Seen, UserRequest } from "./requests.ts";
import { LOBBY, MAX_CONTENT_BYTES, MAX_PAGE } from "./wire.js";

/** Default `limit` of `history` and `search`, in messages. */
export const DEFAULT_PAGE = 50;

/** Longest credential in `session`, in UTF-16 code units: a JSON Web Token grows with its claims. */
const MAX_CREDENTIAL_LENGTH = 8192;

const ROOM_ROLES = ["owner", "moderator", "member"] as const satisfies readonly RoomRole[];

/** Longest search query, in UTF-16 code units. */
const MAX_QUERY_LENGTH = 256;

/**
 * Decodes one request.
 *
 * @param text one line of a `hubbub.v1` frame, or one whole frame without a subprotocol
 * @param maxContentBytes longest text of a message, in bytes of UTF-8
 * @returns the checked request, with known members only, or the error to answer with; never throws
 */
export function decodeRequest(
  text: string,
  maxContentBytes: number = MAX_CONTENT_BYTES,
): ClientRequest | ErrorMessage {
  if (isOvergrown(text)) {
    const allowed = `it must be one object with at most ${MAX_PARTS} parts`;
    return refuse("bad_message", `Cannot read request: ${allowed}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse("bad_json", "Cannot read request: it must be one JSON object");
  }
  if (!isObject(value)) {
    return refuse("bad_message", `Cannot read request: it must be an object, not ${show(value)}`);
  }
  const reader = typeof value.type === "string" ? READERS.get(value.type) : undefined;
  if (reader === undefined) return refuseType(value);
  const fields = new Fields(value, reader.verb, maxContentBytes);
  const request = reader.read(fields);
  return fields.problem ?? request;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuseType({ type, id }: Readonly<Record<string, unknown>>): ErrorMessage {
  const ownId = new Fields({ id }, "read request", 0).id;
  if (typeof type === "string") {
    const known = [...READERS.keys()].join(", ");
    const problem = `type must be one of ${known}, received ${show(type)}`;
    return refuse("unknown_type", `Cannot read request: ${problem}`, ownId);
  }
  const problem = type === undefined
    ? "type is missing; it must be a string"
    : `type must be a string, received ${show(type)}`;
  return refuse("bad_message", `Cannot read request: ${problem}`, ownId);
}

/**
 * Builds a request from its required members, its `id` and the optional members that are present: absent
 * ones are omitted, never `undefined` (`exactOptionalPropertyTypes`). Each optional member of `R` has to
 * be named.
 */
function make<R extends ClientRequest>(
  fields: Fields,
  required: Omit<R, OptionalKeysOf<R>>,
  optional: Omit<EveryOptional<R>, "id">,
): R {
  const members: object = { id: fields.id, ...optional };
  const present = Object.entries(members).filter(([, value]) => value !== undefined);
  // The parameters name every member of `R`, which the compiler cannot conclude for a generic type.
  return Object.assign(required, Object.fromEntries(present)) as R;
}

/** How far a client that comes back has seen a room. */
function readSeen(fields: Fields): EveryOptional<Seen> {
  return {
    since: fields.integer("since", 0),
    at: fields.integer("at", 0),
    changes: fields.integer("changes", 0),
    epoch: fields.string("epoch", MAX_TERM_LENGTH),
    run: fields.string("run", MAX_TERM_LENGTH),
  };
}

/** Written out because `user` is by far the most frequent request and `make` costs a loop. */
function readUser(fields: Fields): UserRequest {
  const request: UserRequest = { type: "user", content: fields.content() };
  const { room, id, reply_to }: EveryOptional<UserRequest> = {
    room: fields.room(),
    id: fields.id,
    reply_to: fields.integer("reply_to", 1),
  };
  if (room !== undefined) request.room = room;
  if (id !== undefined) request.id = id;
  if (reply_to !== undefined) request.reply_to = reply_to;
  return request;
}

/** How one type of request is read, and its verb in error messages: "Cannot VERB: …". */
interface RequestReader<R extends ClientRequest> {
  verb: string;
  read: (fields: Fields) => R;
}

const BY_TYPE: {
  [T in ClientRequest["type"]]: RequestReader<Extract<ClientRequest, { type: T }>>;
} = {
  user: { verb: "send message", read: readUser },
  login: {
    verb: "log in",
    read: (f) =>
      make(f, { type: "login", room: f.namedRoom() ?? LOBBY }, {
        content: f.optionalName(),
        ...readSeen(f),
        session: f.secret("session", MAX_CREDENTIAL_LENGTH),
        remember: f.boolean("remember"),
      }),
  },
  join: {
    verb: "join",
    read: (f) => make(f, { type: "join", room: f.requiredRoom() }, readSeen(f)),
  },
  leave: {
    verb: "leave",
    read: (f) => make(f, { type: "leave", room: f.requiredNamedRoom() }, {}),
  },
  rename: {
    verb: "rename",
    read: (f) => make(f, { type: "rename", content: f.name() }, {}),
  },
  direct: {
    verb: "send direct message",
    read: (f) =>
      make(f, {
        type: "direct",
        to: f.requiredUser("to"),
        content: f.content(),
      }, {}),
  },
  users: {
    verb: "list users",
    read: (f) => make(f, { type: "users" }, { room: f.room(), all: f.boolean("all") }),
  },
  rooms: {
    verb: "list rooms",
    read: (f) =>
      make(f, { type: "rooms", limit: f.integer("limit", 1, MAX_PAGE) ?? MAX_PAGE }, {
        after: f.string("after", MAX_TERM_LENGTH),
        content: f.string("content", MAX_TERM_LENGTH),
      }),
  },
  history: {
    verb: "read history",
    read: (f) =>
      make(f, { type: "history", limit: f.integer("limit", 1, MAX_PAGE) ?? DEFAULT_PAGE }, {
        room: f.room(),
        before: f.integer("before", 1),
        after: f.integer("after", 0),
      }),
  },
  search: {
    verb: "search",
    read: (f) =>
      make(f, {
        type: "search",
        content: f.requiredString("content", MAX_QUERY_LENGTH),
        limit: f.integer("limit", 1, MAX_PAGE) ?? DEFAULT_PAGE,
      }, { room: f.room(), before: f.position("before") }),
  },
  edit: {
    verb: "edit",
    read: (f) =>
      make(f, { type: "edit", seq: f.requiredInteger("seq", 1), content: f.content() }, {
        room: f.room(),
      }),
  },
  delete: {
    verb: "delete",
    read: (f) => make(f, { type: "delete", seq: f.requiredInteger("seq", 1) }, { room: f.room() }),
  },
  react: {
    verb: "react",
    read: (f) =>
      make(f, { type: "react", seq: f.requiredInteger("seq", 1), content: f.emoji() }, {
        room: f.room(),
      }),
  },
  typing: {
    verb: "show typing",
    read: (f) => make(f, { type: "typing" }, { room: f.room() }),
  },
  file: {
    verb: "announce file",
    read: (f) =>
      make(f, {
        type: "file",
        content: f.requiredString("content", MAX_TERM_LENGTH),
      }, { room: f.room() }),
  },
  create: {
    verb: "create room",
    read: (f) =>
      make(f, { type: "create", room: f.requiredNamedRoom() }, {
        private: f.boolean("private"),
        topic: f.topic("topic"),
      }),
  },
  invite: {
    verb: "invite",
    read: (f) =>
      make(f, { type: "invite", user: f.requiredUser("user") }, {
        room: f.namedRoom(),
      }),
  },
  remove: {
    verb: "remove member",
    read: (f) =>
      make(f, { type: "remove", user: f.requiredUser("user") }, {
        room: f.namedRoom(),
      }),
  },
  topic: {
    verb: "set topic",
    read: (f) =>
      make(f, { type: "topic", content: f.requiredTopic("content") }, { room: f.namedRoom() }),
  },
  role: {
    verb: "set role",
    read: (f) =>
      make(f, {
        type: "role",
        user: f.requiredUser("user"),
        content: f.oneOf("content", ROOM_ROLES),
      }, { room: f.namedRoom() }),
  },
  read: {
    verb: "mark as read",
    read: (f) => make(f, { type: "read", seq: f.requiredInteger("seq", 0) }, { room: f.room() }),
  },
  ping: {
    verb: "ping",
    read: (f) => make(f, { type: "ping" }, {}),
  },
  logout: {
    verb: "log out",
    read: (f) => make(f, { type: "logout" }, {}),
  },
};

/** A map, because a client's `type` may be `constructor` or `__proto__`. */
const READERS: ReadonlyMap<string, RequestReader<ClientRequest>> = new Map(Object.entries(BY_TYPE));

/** The verb of a request type in error messages: "Cannot VERB: …". */
export function verbOf(type: ClientRequest["type"]): string {
  return BY_TYPE[type].verb;
}
