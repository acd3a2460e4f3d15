/**
 * Reads what admins send: the members of a body and the parameters of a list, within the bounds that requests
 * on a connection have.
 *
 * @module
 */
import type { HonoRequest } from "hono";
import { duration } from "../../config/values.ts";
import { checkName, Fields, MAX_PAGE, MAX_TERM_LENGTH } from "../../protocol.ts";
import { quote } from "../../text/wording.ts";
import { readFields } from "../accounts/fields.ts";
import { numberIn } from "../api/query.ts";
import { Problem } from "../problem.ts";

/** Longest announcement, in bytes of UTF-8: it goes into the audit log too. */
export const MAX_ANNOUNCEMENT_BYTES = 2048;

/** Longest text of an address, a duration or an id, in UTF-16 code units. */
const MAX_TEXT_LENGTH = 64;

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;

/** How long a sanction may last. */
const SANCTION_TIME = duration({ min: SECOND, max: 36_500 * DAY, zero: "for ever" });

/** How long a drain may last, as with `--drain-for`. */
const DRAIN_TIME = duration({ min: SECOND, max: DAY / 24, zero: "at once" });

/** Reads a body. The verb completes "Cannot VERB: …". */
export async function readBody(request: Request, verb: string): Promise<Body> {
  return new Body((await readFields(request, verb)).members, verb);
}

/** The members of a body, each checked when it is asked for. What is wrong is thrown, as a {@linkcode Problem}. */
export class Body {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #verb: string;

  constructor(members: Readonly<Record<string, unknown>>, verb: string) {
    this.#members = members;
    this.#verb = verb;
  }

  has(name: string): boolean {
    return this.#members[name] !== undefined;
  }

  /**
   * Which one of several members is there.
   *
   * @throws {Problem} unless it is exactly one
   */
  oneOf<const T extends string>(...names: readonly T[]): T {
    const there = names.filter((name) => this.has(name));
    const [name] = there;
    if (name !== undefined && there.length === 1) return name;
    const allowed = `exactly one of ${names.join(", ")} must be there`;
    const received = there.length === 0 ? "none" : there.join(" and ");
    throw this.#problem(`${allowed}, received ${received}`);
  }

  /** A user by name or `@ID`; whether there is one is not checked. */
  user(): string {
    return this.#checked((fields) => fields.requiredString("user", MAX_TERM_LENGTH + 1));
  }

  /** A name as somebody could have it. */
  name(): string {
    const name = this.#checked((fields) => fields.requiredString("name", MAX_TERM_LENGTH));
    const checked = checkName(name);
    if ("name" in checked) return checked.name;
    throw Problem.of("bad_name", `Cannot ${this.#verb}: ${checked.problem}`);
  }

  /** What is to be an address or a network. */
  address(): string {
    return this.#checked((fields) => fields.requiredString("address", MAX_TEXT_LENGTH));
  }

  connection(): number {
    return this.#checked((fields) => fields.requiredInteger("connection", 1));
  }

  room(): string {
    return this.#checked((fields) => fields.requiredNamedRoom());
  }

  seq(): number {
    return this.#checked((fields) => fields.requiredInteger("seq", 1));
  }

  announcement(): string {
    return this.#checked((fields) => fields.content());
  }

  /** One line that is told to whoever is concerned; may be empty. */
  reason(): string {
    return this.#checked((fields) => fields.topic("reason")) ?? "";
  }

  /** How long a sanction lasts, in milliseconds; `undefined`: for ever. */
  sanctionTime(): number | undefined {
    const time = this.#duration(SANCTION_TIME);
    return time === 0 ? undefined : time;
  }

  /** How long a drain lasts, in milliseconds; `undefined`: as the server is told by its flags. */
  drainTime(): number | undefined {
    return this.#duration(DRAIN_TIME);
  }

  #duration(kind: ReturnType<typeof duration>): number | undefined {
    const text = this.#checked((fields) => fields.string("for", MAX_TEXT_LENGTH));
    if (text === undefined) return undefined;
    const time = kind.read(text);
    if (time !== undefined) return time;
    throw this.#problem(`for must be ${kind.expected}, received ${quote(text)}`);
  }

  #checked<T>(read: (fields: Fields) => T): T {
    const fields = new Fields(this.#members, this.#verb, MAX_ANNOUNCEMENT_BYTES);
    const value = read(fields);
    const { problem } = fields;
    if (problem !== undefined) throw Problem.of(problem.code, problem.content);
    return value;
  }

  #problem(text: string): Problem {
    return Problem.of("bad_message", `Cannot ${this.#verb}: ${text}`);
  }
}

/** Which part of a list is asked for. */
export interface PageQuery {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly content?: string | undefined;
}

/** Reads `limit`, `after` and `content`. */
export function pageOf(req: HonoRequest, verb: string): PageQuery {
  return readQuery(req, verb, (fields) => ({
    limit: limitIn(fields),
    after: fields.string("after", MAX_TERM_LENGTH),
    content: fields.string("content", MAX_TERM_LENGTH),
  }));
}

/** Reads `limit` and the number that a list goes on from. */
export function numberedPageOf(
  req: HonoRequest,
  verb: string,
  name: "after" | "before",
): { readonly limit: number; readonly from: number | undefined } {
  return readQuery(
    req,
    verb,
    (fields) => ({ limit: limitIn(fields), from: fields.integer(name, 0) }),
    [name],
  );
}

function limitIn(fields: Fields): number {
  return fields.integer("limit", 1, MAX_PAGE) ?? MAX_PAGE;
}

function readQuery<T>(
  req: HonoRequest,
  verb: string,
  read: (fields: Fields) => T,
  numbers: readonly string[] = [],
): T {
  const given = Object.entries(req.query())
    .map(([name, text]) => [
      name,
      name === "limit" || numbers.includes(name) ? numberIn(req, name) : text,
    ]);
  // An id means something in a request on a connection only.
  const fields = new Fields({ ...Object.fromEntries(given), id: undefined }, verb, 0);
  const value = read(fields);
  const { problem } = fields;
  if (problem !== undefined) throw new Problem(400, problem.content, { code: problem.code });
  return value;
}
