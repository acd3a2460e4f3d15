/**
 * Decodes what clients send: any text in, a checked request or an `error` message out, never an
 * exception. Callers need only the checks that depend on state, such as membership.
 *
 * @module
 */
import type { ErrorCode } from "./codes.ts";
import {
  checkName,
  LOBBY,
  MAX_CONTENT_BYTES,
  MAX_ID_LENGTH,
  MAX_PAGE,
  MAX_TOPIC_BYTES,
  ROOM_PATTERN,
} from "./wire.js";
import type { EveryOptional, OptionalKeysOf } from "./message_fields.ts";
import type { ErrorMessage } from "./messages.ts";
import type { ClientRequest, RoomRole, UserRequest } from "./requests.ts";

/** Default `limit` of `history` and `search`, in messages. */
export const DEFAULT_PAGE = 50;

/**
 * Longest `epoch`, `session`, receiver or file id, in UTF-16 code units. Everything that the server
 * generates is shorter, and so is a name, even when it is not in NFC.
 */
const MAX_TERM_LENGTH = 128;

/** Longest credential in `session`, in UTF-16 code units: the token of an application may have many claims. */
const MAX_CREDENTIAL_LENGTH = 8192;

const ROOM_ROLES = ["owner", "moderator", "member"] as const satisfies readonly RoomRole[];

/** Longest search query, in UTF-16 code units. */
const MAX_QUERY_LENGTH = 256;

/** Longest part of a received value that an error message quotes, in UTF-16 code units. */
const MAX_SHOWN = 64;

/**
 * One emoji: a flag, a keycap, or pictographs with skin tones, connected by joiners. Broader than
 * `\p{RGI_Emoji}`, which lacks emoji newer than the runtime and those without U+FE0F. The grammar is
 * Unicode UTS #51, ED-16; the limit of 32 code points is ours, the longest emoji in use has 10.
 */
const EMOJI =
  /^(?=.{1,32}$)(?:\p{RI}{2}|[#*0-9]\ufe0f?\u20e3|\p{RGI_Emoji_Tag_Sequence}|\p{ExtPict}[\p{EMod}\ufe0f]?(?:\u200d\p{ExtPict}[\p{EMod}\ufe0f]?)*)$/v;

/** Controls, line breaks among them. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;

const encoder = new TextEncoder();

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
  user: { verb: "send message", read: readUser },
  login: {
    verb: "log in",
    read: (f) =>
      make(f, { type: "login", room: f.publicRoom() ?? LOBBY }, {
        content: f.optionalName(),
        since: f.integer("since", 0),
        epoch: f.string("epoch", MAX_TERM_LENGTH),
        session: f.string("session", MAX_CREDENTIAL_LENGTH),
        remember: f.boolean("remember"),
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
    read: (f) => make(f, { type: "leave", room: f.requiredPublicRoom() }, {}),
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
    read: (f) => make(f, { type: "users" }, { room: f.room(), all: f.boolean("all") }),
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
  create: {
    verb: "create room",
    read: (f) =>
      make(f, { type: "create", room: f.requiredPublicRoom() }, {
        private: f.boolean("private"),
        topic: f.topic("topic"),
      }),
  },
  invite: {
    verb: "invite",
    read: (f) =>
      make(f, { type: "invite", user: f.requiredString("user", MAX_TERM_LENGTH) }, {
        room: f.publicRoom(),
      }),
  },
  remove: {
    verb: "remove member",
    read: (f) =>
      make(f, { type: "remove", user: f.requiredString("user", MAX_TERM_LENGTH) }, {
        room: f.publicRoom(),
      }),
  },
  topic: {
    verb: "set topic",
    read: (f) =>
      make(f, { type: "topic", content: f.requiredTopic("content") }, { room: f.publicRoom() }),
  },
  role: {
    verb: "set role",
    read: (f) =>
      make(f, {
        type: "role",
        user: f.requiredString("user", MAX_TERM_LENGTH),
        content: f.oneOf("content", ROOM_ROLES),
      }, { room: f.publicRoom() }),
  },
  read: {
    verb: "mark as read",
    read: (f) => make(f, { type: "read", seq: f.integer("seq", 0) ?? f.seq() }, { room: f.room() }),
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

/** Builds the answer to a refused request. */
export function refuse(code: ErrorCode, content: string, id?: string): ErrorMessage {
  return id === undefined ? { type: "error", code, content } : { type: "error", code, content, id };
}

/**
 * Whether a text takes more than `limit` bytes of UTF-8. Encodes it only when its length does not
 * decide the question: a UTF-16 code unit takes one to three bytes.
 */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length * 3 <= limit) return false;
  return text.length > limit || encoder.encode(text).length > limit;
}

/** Formats a received value for an error message: strings are quoted and cut, objects only named. */
export function show(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value);
  }
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? "an array" : "an object";
}

/** The members of one request. */
export class Fields {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #verb: string;
  readonly #maxContentBytes: number;
  /** The client's own id, if it is valid. */
  readonly id: string | undefined;
  /** The first problem found. */
  problem: ErrorMessage | undefined = undefined;

  /**
   * @param object what the client sent; only members that are asked for are examined
   * @param verb for error messages: "Cannot VERB: …"
   * @param maxContentBytes longest text of a message, in bytes of UTF-8
   */
  constructor(object: Readonly<Record<string, unknown>>, verb: string, maxContentBytes: number) {
    this.#object = object;
    this.#verb = verb;
    this.#maxContentBytes = maxContentBytes;
    this.id = this.string("id", MAX_ID_LENGTH);
  }

  /** A text to store and display: not empty, well-formed, within the byte limit. */
  content(): string {
    const value = this.#object.content;
    if (typeof value !== "string" || value === "" || !value.isWellFormed()) {
      this.#wrong("content", "a non-empty string of well-formed Unicode", value);
      return "";
    }
    if (exceedsBytes(value, this.#maxContentBytes)) {
      this.#refuse("too_long", `content must have at most ${this.#maxContentBytes} bytes of UTF-8`);
    }
    return value;
  }

  /** The name in `content`, in NFC, if there is one. */
  optionalName(): string | undefined {
    return this.#object.content === undefined ? undefined : this.name();
  }

  /** The name in `content`, in NFC. */
  name(): string {
    const value = this.#object.content;
    if (typeof value !== "string") {
      this.#wrong("content", "a string, the name", value);
      return "";
    }
    const checked = checkName(value);
    if ("name" in checked) return checked.name;
    this.#refuse("bad_name", checked.problem);
    return "";
  }

  /** A room, or `@` and the name or id of the other one in a direct conversation. */
  room(): string | undefined {
    const value = this.#object.room;
    if (typeof value !== "string" || !value.startsWith("@")) return this.publicRoom();
    if (value.length > 1 && value.length <= MAX_TERM_LENGTH && value.isWellFormed()) return value;
    this.#refuse("bad_room", `room must have a name or id behind @, received ${show(value)}`);
    return undefined;
  }

  /** A room that is no direct conversation. */
  publicRoom(): string | undefined {
    const value = this.#object.room;
    if (value === undefined) return undefined;
    if (typeof value !== "string") this.#wrong("room", "a string", value);
    else if (ROOM_PATTERN.test(value)) return value;
    else {
      const allowed = "1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit";
      this.#refuse("bad_room", `room must have ${allowed}, received ${show(value)}`);
    }
    return undefined;
  }

  requiredRoom(): string {
    return this.room() ?? this.#missing("room", "a string", "");
  }

  requiredPublicRoom(): string {
    return this.publicRoom() ?? this.#missing("room", "a string", "");
  }

  boolean(field: string): boolean | undefined {
    const value = this.#object[field];
    if (value === undefined || typeof value === "boolean") return value;
    this.#wrong(field, "true or false", value);
    return undefined;
  }

  /** One line of text for people: may be empty, has no line breaks. */
  topic(field: string): string | undefined {
    const value = this.#object[field];
    if (value === undefined) return undefined;
    if (typeof value !== "string" || !value.isWellFormed() || CONTROL.test(value)) {
      this.#wrong(field, "one line of well-formed Unicode", value);
    } else if (exceedsBytes(value, MAX_TOPIC_BYTES)) {
      this.#refuse("too_long", `${field} must have at most ${MAX_TOPIC_BYTES} bytes of UTF-8`);
    } else return value;
    return undefined;
  }

  requiredTopic(field: string): string {
    return this.topic(field) ?? this.#missing(field, "one line of well-formed Unicode", "");
  }

  oneOf<T extends string>(field: string, allowed: readonly [T, ...T[]]): T {
    const value = this.#object[field];
    for (const candidate of allowed) if (candidate === value) return candidate;
    this.#wrong(field, `one of ${allowed.join(", ")}`, value);
    return allowed[0];
  }

  /** A well-formed string of 1 to `maxLength` UTF-16 code units. */
  string(field: string, maxLength: number): string | undefined {
    const value = this.#object[field];
    if (value === undefined) return undefined;
    if (
      typeof value === "string" && value !== "" && value.length <= maxLength && value.isWellFormed()
    ) return value;
    this.#wrong(field, stringOf(maxLength), value);
    return undefined;
  }

  requiredString(field: string, maxLength: number): string {
    return this.string(field, maxLength) ?? this.#missing(field, stringOf(maxLength), "");
  }

  /** A safe integer within bounds; `least` must not be negative. */
  integer(field: string, least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.#object[field];
    if (value === undefined) return undefined;
    if (
      typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
    ) return value + 0; // -0 becomes 0
    this.#wrong(field, integerFrom(least, most), value);
    return undefined;
  }

  seq(): number {
    return this.integer("seq", 1) ??
      this.#missing("seq", integerFrom(1, Number.MAX_SAFE_INTEGER), 0);
  }

  emoji(): string {
    const value = this.#object.content;
    if (typeof value === "string" && EMOJI.test(value)) return value;
    this.#wrong("content", "one emoji", value);
    return "";
  }

  /** Records that a required member is missing, unless it is already recorded as wrong. */
  #missing<T>(field: string, allowed: string, substitute: T): T {
    this.#wrong(field, allowed, undefined);
    return substitute;
  }

  #wrong(field: string, allowed: string, received: unknown): void {
    this.#refuse(
      "bad_message",
      received === undefined
        ? `${field} is missing; it must be ${allowed}`
        : `${field} must be ${allowed}, received ${show(received)}`,
    );
  }

  #refuse(code: ErrorCode, reason: string): void {
    this.problem ??= refuse(code, `Cannot ${this.#verb}: ${reason}`, this.id);
  }
}

function stringOf(maxLength: number): string {
  return `a string of 1 to ${maxLength} characters of well-formed Unicode`;
}

function integerFrom(least: number, most: number): string {
  return most === Number.MAX_SAFE_INTEGER
    ? `an integer of at least ${least}`
    : `an integer from ${least} to ${most}`;
}
