/**
 * Reads the JSON bodies of requests about accounts.
 *
 * @module
 */
import { type BodyTimeouts, readText, refuseEncoded } from "../body.ts";
import { Problem } from "../problem.ts";

/** Maximum size of a body, in bytes: twice a password of 256 characters with each byte escaped, and more. */
const MAX_BODY_BYTES = 16 * 1024;

/** A body is short. */
const TIMEOUTS: BodyTimeouts = { idle: 10_000, grace: 10_000, rate: 0 };

/**
 * Reads a body.
 *
 * @param verb completes "Cannot VERB: …"
 * @throws {Problem} 415 if it is not JSON, 413 if it is too long, 400 if it cannot be parsed, 422 if it is
 *   no object
 */
export async function readFields(request: Request, verb: string): Promise<Fields> {
  refuseEncoded(request);
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers.get("content-type") ?? "")) {
    const headers = { accept: "application/json" };
    throw new Problem(415, `Cannot ${verb}: Content-Type must be application/json`, { headers });
  }
  return new Fields(parse(await readText(request, MAX_BODY_BYTES, TIMEOUTS), verb), verb);
}

/** Like {@linkcode readFields}, but without a body there are no members: `DELETE` needs none. */
export function readOptionalFields(request: Request, verb: string): Promise<Fields> {
  const { headers } = request;
  const isEmpty = headers.get("content-type") === null &&
    !headers.has("transfer-encoding") && Number(headers.get("content-length") ?? 0) === 0;
  return isEmpty ? Promise.resolve(new Fields({}, verb)) : readFields(request, verb);
}

type Members = Readonly<Record<string, unknown>>;

function parse(body: string, verb: string): Members {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw Problem.of("bad_json", `Cannot ${verb}: the body must be one JSON object`);
  }
  if (isObject(value)) return value;
  throw Problem.of("bad_message", `Cannot ${verb}: the body must be an object`);
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The members of a body, each checked when it is asked for. Errors name a member, never its value. */
export class Fields {
  /** All of them, as they came. */
  readonly members: Members;
  readonly #verb: string;

  constructor(members: Members, verb: string) {
    this.members = members;
    this.#verb = verb;
  }

  text(name: string): string | undefined {
    return this.#read(name, "a string", (value) => typeof value === "string");
  }

  requiredText(name: string): string {
    const text = this.text(name);
    if (text !== undefined) return text;
    throw Problem.of(
      "bad_message",
      `Cannot ${this.#verb}: ${name} is missing; it must be a string`,
    );
  }

  number(name: string): number | undefined {
    return this.#read(name, "a number", (value) => typeof value === "number");
  }

  flag(name: string): boolean | undefined {
    return this.#read(name, "true or false", (value) => typeof value === "boolean");
  }

  /** A member that somebody else checks. */
  value(name: string): unknown {
    return Object.hasOwn(this.members, name) ? this.members[name] : undefined;
  }

  texts(name: string): string[] | undefined {
    return this.#read(name, "a list of strings", isTexts);
  }

  #read<T>(name: string, kind: string, is: (value: unknown) => value is T): T | undefined {
    const value = this.value(name);
    if (value === undefined || is(value)) return value;
    throw Problem.of("bad_message", `Cannot ${this.#verb}: ${name} must be ${kind}`);
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
