/**
 * Decodes what clients send: any text in, a checked request or an `error` message out, never an
 * exception. Callers need only the checks that depend on state, such as membership.
 *
 * @module
 */
import { LOBBY, MAX_CONTENT_BYTES, MAX_PAGE } from "./wire.js";
import { Fields, refuse, show } from "./fields.ts";
import type { EveryOptional, OptionalKeysOf } from "./message_fields.ts";
import type { ErrorMessage } from "./messages.ts";
import type { ClientRequest, UserRequest } from "./requests.ts";

export { exceedsBytes, refuse } from "./fields.ts";

/** Default `limit` of `history` and `search`, in messages. */
export const DEFAULT_PAGE = 50;

/**
 * Longest `epoch`, `session`, receiver or file id, in UTF-16 code units. Everything that the server
 * generates is shorter, and so is a name, even when it is not in NFC.
 */
const MAX_TERM_LENGTH = 128;

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
  user: { verb: "say this", read: readUser },
  login: {
    verb: "log in",
    read: (f) =>
      make(f, { type: "login", content: f.name(), room: f.room() ?? LOBBY }, {
        since: f.integer("since", 0),
        epoch: f.string("epoch", MAX_TERM_LENGTH),
        session: f.string("session", MAX_TERM_LENGTH),
      }),
  },
  join: {
    verb: "join",
    read: (f) =>
      make(f, { type: "join", room: f.requiredRoom() }, {
        since: f.integer("since", 0),
        epoch: f.string("epoch", MAX_TERM_LENGTH),
      }),
  },
  leave: {
    verb: "leave",
    read: (f) => make(f, { type: "leave", room: f.requiredRoom() }, {}),
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
        to: f.requiredString("to", MAX_TERM_LENGTH),
        content: f.content(),
      }, {}),
  },
  users: {
    verb: "list users",
    read: (f) => make(f, { type: "users" }, { room: f.room() }),
  },
  rooms: {
    verb: "list rooms",
    read: (f) => make(f, { type: "rooms" }, {}),
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
      }, { room: f.room() }),
  },
  edit: {
    verb: "edit",
    read: (f) => make(f, { type: "edit", seq: f.seq(), content: f.content() }, { room: f.room() }),
  },
  delete: {
    verb: "delete",
    read: (f) => make(f, { type: "delete", seq: f.seq() }, { room: f.room() }),
  },
  react: {
    verb: "react",
    read: (f) => make(f, { type: "react", seq: f.seq(), content: f.emoji() }, { room: f.room() }),
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
