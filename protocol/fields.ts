/**
 * The members of one JSON object from a client, taken out and checked one by one. What is taken out is
 * a value of the right kind within its bounds; the first member that is not is remembered as the
 * `error` message with which to answer.
 *
 * @module
 */
import { checkName, MAX_ID_LENGTH, ROOM_PATTERN } from "./wire.js";
import type { ErrorCode, ErrorMessage } from "./messages.ts";

/** Longest part of a received value that an error message repeats, in UTF-16 code units. */
const MAX_SHOWN = 64;

/**
 * One emoji: a flag, a keycap, or pictographs with their skin tones, glued by joiners. Wider than
 * `\p{RGI_Emoji}`, which knows neither emoji newer than the runtime nor those without U+FE0F. The
 * grammar is Unicode UTS #51, ED-16; the bound of 32 code points is ours, the longest in use has 10.
 */
const EMOJI =
  /^(?=.{1,32}$)(?:\p{RI}{2}|[#*0-9]\ufe0f?\u20e3|\p{RGI_Emoji_Tag_Sequence}|\p{ExtPict}[\p{EMod}\ufe0f]?(?:\u200d\p{ExtPict}[\p{EMod}\ufe0f]?)*)$/v;

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

/** A received value in an error message: strings quoted and cut, what has members only named. */
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
  /** The client's own id, if it is one. */
  readonly id: string | undefined;
  /** The first thing that was wrong. */
  problem: ErrorMessage | undefined = undefined;

  /**
   * @param object what the client sent; only the members that are asked for are looked at
   * @param verb what the request would do, for error messages: "Cannot VERB: …"
   * @param maxContentBytes longest text of a message, in bytes of UTF-8
   */
  constructor(object: Readonly<Record<string, unknown>>, verb: string, maxContentBytes: number) {
    this.#object = object;
    this.#verb = verb;
    this.#maxContentBytes = maxContentBytes;
    this.id = this.string("id", MAX_ID_LENGTH);
  }

  /** A text that is kept and shown: not empty, well-formed, within the byte limit. */
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

  room(): string | undefined {
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

  /** An integer within bounds that a number holds exactly; the lower one must not be negative. */
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

  /** Remembers that a required member is not there, unless it was already found to be wrong. */
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
