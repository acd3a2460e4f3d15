/**
 * The members of one request, each read and checked when it is asked for.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { ErrorCode } from "./codes.ts";
import type { ErrorMessage } from "./messages.ts";
import { refuse } from "./refused.ts";
import type { SearchPosition, UserReference } from "./requests.ts";
import { checkName, MAX_ID_LENGTH, MAX_TOPIC_BYTES, ROOM_PATTERN } from "./wire.js";

/**
 * Longest `epoch`, name, id of a user, or file id, in UTF-16 code units. Everything that the server
 * generates is shorter, and so is a name, even when it is not in NFC.
 */
export const MAX_TERM_LENGTH = 128;

/** Longest part of a received value that an error message quotes, in UTF-16 code units. */
const MAX_SHOWN = 64;

/**
 * One emoji: a flag, a keycap, or pictographs with skin tones, connected by joiners. Broader than
 * `\p{RGI_Emoji}`, which lacks emoji newer than the runtime and those without U+FE0F. The grammar is
 * Unicode UTS #51, ED-16; the limit of 32 code points is ours, the longest emoji in use has 10.
 */
const EMOJI =
  /^(?=.{1,32}$)(?:\p{RI}{2}|[#*0-9]\ufe0f?\u20e3|\p{RGI_Emoji_Tag_Sequence}|\p{ExtPict}[\p{EMod}\ufe0f]?(?:\u200d\p{ExtPict}[\p{EMod}\ufe0f]?)*)$/v;

/** What one line for people must not contain: controls, line breaks among them. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** What such a line is, for error messages. */
const LINE = "one line of well-formed Unicode without control characters";

/**
 * Whether a text takes more than `limit` bytes of UTF-8. Counts them only when its length does not
 * decide the question: a UTF-16 code unit takes one to three bytes.
 */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length * 3 <= limit) return false;
  return text.length > limit || Buffer.byteLength(text) > limit;
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

  /** A named room, or `@` and the name or id of the other one in a direct conversation. */
  room(): string | undefined {
    const value = this.#object.room;
    if (typeof value !== "string" || !value.startsWith("@")) return this.namedRoom();
    if (isTerm(value.slice(1), MAX_TERM_LENGTH)) return value;
    const allowed = `${stringOf(MAX_TERM_LENGTH)} after @, a name or the id of a user`;
    this.#refuse("bad_room", `room must have ${allowed}, received ${show(value)}`);
    return undefined;
  }

  /** A room with a name of its own, public or private: no direct conversation. */
  namedRoom(): string | undefined {
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

  requiredNamedRoom(): string {
    return this.namedRoom() ?? this.#missing("room", "a string", "");
  }

  /** Whom a request is about; whether there is such a user is not checked. */
  requiredUser(field: "user" | "to"): UserReference {
    const value = this.#object[field];
    if (typeof value === "string" && isTerm(value, MAX_TERM_LENGTH + "@".length)) return value;
    this.#wrong(field, "a name, @ID of a user, or #NUMBER of a connection", value);
    return "";
  }

  boolean(field: string): boolean | undefined {
    const value = this.#object[field];
    if (value === undefined || typeof value === "boolean") return value;
    this.#wrong(field, "true or false", value);
    return undefined;
  }

  /** One line for people to read: may be empty; has no controls and at most `MAX_TOPIC_BYTES`. */
  topic(field: string): string | undefined {
    const value = this.#object[field];
    if (value === undefined) return undefined;
    if (typeof value !== "string" || !value.isWellFormed() || CONTROL.test(value)) {
      this.#wrong(field, LINE, value);
    } else if (exceedsBytes(value, MAX_TOPIC_BYTES)) {
      this.#refuse("too_long", `${field} must have at most ${MAX_TOPIC_BYTES} bytes of UTF-8`);
    } else return value;
    return undefined;
  }

  requiredTopic(field: string): string {
    return this.topic(field) ?? this.#missing(field, LINE, "");
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
    if (value === undefined || typeof value === "string" && isTerm(value, maxLength)) return value;
    this.#wrong(field, stringOf(maxLength), value);
    return undefined;
  }

  /** As {@linkcode string}, but an error message quotes nothing of it. */
  secret(field: string, maxLength: number): string | undefined {
    const value = this.#object[field];
    if (value === undefined || typeof value === "string" && isTerm(value, maxLength)) return value;
    this.#refuse("bad_message", `${field} must be ${stringOf(maxLength)}`);
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

  requiredInteger(field: string, least: number): number {
    return this.integer(field, least) ??
      this.#missing(field, integerFrom(least, Number.MAX_SAFE_INTEGER), least);
  }

  /** A position among the messages that a search finds. */
  position(field: string): SearchPosition | undefined {
    const value = this.#object[field];
    if (value === undefined) return undefined;
    const allowed = "an object with time, room and seq, as next of a search";
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const { time, room, seq } = value as Readonly<Record<string, unknown>>;
      const isPosition = Number.isSafeInteger(time) && Number.isSafeInteger(seq) &&
        typeof room === "string" && isTerm(room, MAX_TERM_LENGTH);
      if (isPosition) return { time: Number(time), room, seq: Number(seq) };
    }
    this.#wrong(field, allowed, value);
    return undefined;
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

/** Whether a text is well-formed and has 1 to `maxLength` UTF-16 code units. */
function isTerm(text: string, maxLength: number): boolean {
  return text !== "" && text.length <= maxLength && text.isWellFormed();
}

function stringOf(maxLength: number): string {
  return `a string of 1 to ${maxLength} characters of well-formed Unicode`;
}

function integerFrom(least: number, most: number): string {
  return most === Number.MAX_SAFE_INTEGER
    ? `an integer of at least ${least}`
    : `an integer from ${least} to ${most}`;
}
