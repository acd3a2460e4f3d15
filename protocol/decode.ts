/**
 * Reading and checking what clients send: any text in, a checked request or an `error` message out,
 * never an exception. What leaves this file needs no further check but those that depend on who is
 * where.
 *
 * @module
 */
import {
  checkName,
  LOBBY,
  MAX_CONTENT_BYTES,
  MAX_ID_LENGTH,
  MAX_PAGE,
  ROOM_PATTERN,
} from "../static/wire.js";
import type { ClientRequest, ErrorCode, ErrorMessage } from "./messages.ts";

/** Messages in an answer to `history` or `search` that names no `limit`. */
export const DEFAULT_PAGE = 50;

/** Longest `epoch` or `session`, in UTF-16 code units; ours are shorter. */
const MAX_SECRET_LENGTH = 128;

/** Longest access token, in UTF-16 code units. */
const MAX_TOKEN_LENGTH = 8192;

/** Longest search, in UTF-16 code units. */
const MAX_QUERY_LENGTH = 256;

/** One emoji: something pictographic, a flag or a keycap, with the modifiers that belong to it. */
const EMOJI =
  /^(?=.{1,32}$)(?:\p{Extended_Pictographic}[\p{M}\p{Emoji_Modifier}\u200d\p{Extended_Pictographic}\u{e0020}-\u{e007f}\u2640\u2642]*|\p{Regional_Indicator}{2}|[#*0-9]\ufe0f?\u20e3)$/u;

const encoder = new TextEncoder();

/** Makes the answer to a request that is refused. */
export function refuse(code: ErrorCode, content: string, id?: string): ErrorMessage {
  return id === undefined ? { type: "error", code, content } : { type: "error", code, content, id };
}

/**
 * Whether a text takes more than `limit` bytes of UTF-8. Looks at the text itself only where its
 * length leaves that open: a code unit takes one to three bytes.
 */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length * 3 <= limit) return false;
  return text.length > limit || encoder.encode(text).length > limit;
}

/**
 * Reads one JSON object from a client.
 *
 * @param text one line of a `hubbub.v1` frame, or one whole frame without a subprotocol
 * @param maxContentBytes longest text of a message, in bytes of UTF-8
 * @returns the checked request, or the error with which to answer it; never throws
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
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse("bad_message", "Cannot read request: it must be a JSON object");
  }
  const fields = new Fields(value, maxContentBytes);
  const read = READERS.get(fields.type);
  if (read === undefined) return fields.unknownType();
  const request = read(fields);
  return fields.problem ?? request;
}

/** The members of one JSON object, taken out one by one; the first that is wrong is remembered. */
class Fields {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly maxContentBytes: number;
  readonly type: string;
  readonly id: string | undefined;
  problem: ErrorMessage | undefined = undefined;

  constructor(object: object, maxContentBytes: number) {
    this.#object = object as Readonly<Record<string, unknown>>;
    this.maxContentBytes = maxContentBytes;
    const { type, id } = this.#object;
    this.type = typeof type === "string" ? type : "";
    if (id === undefined) return;
    if (
      typeof id === "string" && id.length >= 1 && id.length <= MAX_ID_LENGTH && id.isWellFormed()
    ) this.id = id;
    else this.wrong("id", `a string of 1 to ${MAX_ID_LENGTH} characters`, id);
  }

  unknownType(): ErrorMessage {
    if (this.type === "") {
      return refuse("bad_message", "Cannot read request: type must be a string", this.id);
    }
    const known = [...READERS.keys()].join(", ");
    return refuse(
      "unknown_type",
      `Cannot read request: type must be one of ${known}, received ${show(this.type)}`,
      this.id,
    );
  }

  /** Remembers the first problem. */
  refuse(code: ErrorCode, reason: string): void {
    this.problem ??= refuse(code, `Cannot ${VERBS[this.type] ?? this.type}: ${reason}`, this.id);
  }

  wrong(field: string, allowed: string, received: unknown): void {
    this.refuse(
      "bad_message",
      received === undefined
        ? `${field} is missing; it must be ${allowed}`
        : `${field} must be ${allowed}, received ${show(received)}`,
    );
  }

  /** A required text that is kept and shown: not empty, well-formed, within the byte limit. */
  content(): string {
    const value = this.#object.content;
    if (typeof value !== "string" || value === "" || !value.isWellFormed()) {
      this.wrong("content", "a non-empty string of well-formed Unicode", value);
      return "";
    }
    if (exceedsBytes(value, this.maxContentBytes)) {
      this.refuse("too_long", `content must have at most ${this.maxContentBytes} bytes of UTF-8`);
    }
    return value;
  }

  name(): string {
    const value = this.#object.content;
    if (typeof value !== "string") {
      this.wrong("content", "a string, the name", value);
      return "";
    }
    const checked = checkName(value);
    if ("name" in checked) return checked.name;
    this.refuse("bad_name", checked.problem);
    return "";
  }

  room(): string | undefined {
    const value = this.#object.room;
    if (value === undefined) return undefined;
    if (typeof value !== "string") this.wrong("room", "a string", value);
    else if (ROOM_PATTERN.test(value)) return value;
    else {
      this.refuse(
        "bad_room",
        "room must have 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit, " +
          `received ${show(value)}`,
      );
    }
    return undefined;
  }

  requiredRoom(): string {
    const room = this.room();
    if (room === undefined) this.wrong("room", "a string", undefined);
    return room ?? "";
  }

  string(field: string, maxLength: number): string | undefined {
    const value = this.#object[field];
    if (value === undefined) return undefined;
    if (
      typeof value === "string" && value !== "" && value.length <= maxLength && value.isWellFormed()
    ) return value;
    this.wrong(field, `a string of 1 to ${maxLength} characters`, value);
    return undefined;
  }

  requiredString(field: string, maxLength: number): string {
    const value = this.string(field, maxLength);
    if (value === undefined) {
      this.wrong(field, `a string of 1 to ${maxLength} characters`, undefined);
    }
    return value ?? "";
  }

  integer(field: string, least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.#object[field];
    if (value === undefined) return undefined;
    if (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most) {
      return Number(value);
    }
    const bounds = most === Number.MAX_SAFE_INTEGER
      ? `of at least ${least}`
      : `from ${least} to ${most}`;
    this.wrong(field, `an integer ${bounds}`, value);
    return undefined;
  }

  seq(): number {
    const value = this.integer("seq", 1);
    if (value === undefined) this.wrong("seq", "an integer of at least 1", undefined);
    return value ?? 0;
  }

  emoji(): string {
    const value = this.#object.content;
    if (typeof value === "string" && EMOJI.test(value)) return value;
    this.wrong("content", "one emoji", value);
    return "";
  }
}

/** How an error message names what was tried. */
const VERBS: Readonly<Record<string, string>> = {
  login: "log in",
  user: "say this",
  direct: "send direct message",
  users: "list users",
  rooms: "list rooms",
  history: "read history",
  react: "react",
  typing: "show typing",
  file: "announce file",
  logout: "log out",
};

/** A received value in an error message: quoted, short, and free of lone surrogates. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return (text.length > 64 ? `${text.slice(0, 64)}…` : text).toWellFormed();
}

/** Adds those of the optional members that are there (`exactOptionalPropertyTypes`). */
function having<const R extends { type: ClientRequest["type"] }, O extends object>(
  required: R,
  optional: O,
): R & { [K in keyof O]?: Exclude<O[K], undefined> } {
  const there = Object.entries(optional).filter(([, value]) => value !== undefined);
  return Object.assign(required, Object.fromEntries(there));
}

const READERS: ReadonlyMap<string, (fields: Fields) => ClientRequest> = new Map<
  ClientRequest["type"],
  (fields: Fields) => ClientRequest
>([
  ["user", (f) => {
    // The message of all messages: written out, because `having` costs a loop.
    const request: ClientRequest = { type: "user", content: f.content() };
    const room = f.room();
    const replyTo = f.integer("reply_to", 1);
    if (room !== undefined) request.room = room;
    if (f.id !== undefined) request.id = f.id;
    if (replyTo !== undefined) request.reply_to = replyTo;
    return request;
  }],
  ["login", (f) =>
    having({ type: "login", content: f.name(), room: f.room() ?? LOBBY }, {
      id: f.id,
      since: f.integer("since", 0),
      epoch: f.string("epoch", MAX_SECRET_LENGTH),
      session: f.string("session", MAX_SECRET_LENGTH),
      token: f.string("token", MAX_TOKEN_LENGTH),
    })],
  ["join", (f) =>
    having({ type: "join", room: f.requiredRoom() }, {
      id: f.id,
      since: f.integer("since", 0),
      epoch: f.string("epoch", MAX_SECRET_LENGTH),
    })],
  ["leave", (f) => having({ type: "leave", room: f.requiredRoom() }, { id: f.id })],
  ["rename", (f) => having({ type: "rename", content: f.name() }, { id: f.id })],
  ["direct", (f) =>
    having({
      type: "direct",
      to: f.requiredString("to", MAX_SECRET_LENGTH),
      content: f.content(),
    }, { id: f.id })],
  ["users", (f) => having({ type: "users" }, { room: f.room(), id: f.id })],
  ["rooms", (f) => having({ type: "rooms" }, { id: f.id })],
  [
    "history",
    (f) =>
      having({ type: "history", limit: f.integer("limit", 1, MAX_PAGE) ?? DEFAULT_PAGE }, {
        room: f.room(),
        before: f.integer("before", 1),
        after: f.integer("after", 0),
        id: f.id,
      }),
  ],
  ["search", (f) =>
    having({
      type: "search",
      content: f.requiredString("content", MAX_QUERY_LENGTH),
      limit: f.integer("limit", 1, MAX_PAGE) ?? DEFAULT_PAGE,
    }, { room: f.room(), id: f.id })],
  [
    "edit",
    (f) =>
      having({ type: "edit", seq: f.seq(), content: f.content() }, { room: f.room(), id: f.id }),
  ],
  ["delete", (f) => having({ type: "delete", seq: f.seq() }, { room: f.room(), id: f.id })],
  [
    "react",
    (f) =>
      having({ type: "react", seq: f.seq(), content: f.emoji() }, { room: f.room(), id: f.id }),
  ],
  ["typing", (f) => having({ type: "typing" }, { room: f.room(), id: f.id })],
  [
    "file",
    (f) =>
      having({ type: "file", content: f.requiredString("content", MAX_SECRET_LENGTH) }, {
        room: f.room(),
        id: f.id,
      }),
  ],
  ["ping", (f) => having({ type: "ping" }, { id: f.id })],
  ["logout", (f) => having({ type: "logout" }, { id: f.id })],
]);
