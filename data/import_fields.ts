/**
 * Reads the members of a line of an export, and says what is wrong with one.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { EveryOptional, FileInfo } from "../protocol.ts";
import type { Reactor, StoredMessage, StoredReactions } from "../store/store.ts";
import type { Line } from "./line_writer.ts";

/** The members of a JSON object. Every method throws an error that names the member if it is wrong. */
export class Fields {
  readonly #line: Line;

  constructor(line: Line) {
    this.#line = line;
  }

  has(name: string): boolean {
    return this.#line[name] !== undefined;
  }

  text(name: string): string {
    const value = this.#line[name];
    if (typeof value !== "string") throw wrong(name, "a text");
    return value;
  }

  texts<const N extends string>(...names: N[]): Record<N, string> {
    const entries = names.map((name) => [name, this.text(name)] as const);
    return Object.fromEntries(entries) as Record<N, string>;
  }

  count(name: string): number {
    const value = this.#line[name];
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
      throw wrong(name, "a whole number from 0");
    }
    return value;
  }

  /** A truth value as SQLite stores it. */
  bit(name: string): 0 | 1 {
    const value = this.#line[name];
    if (typeof value !== "boolean") throw wrong(name, "true or false");
    return value ? 1 : 0;
  }

  bytes(name: string): Uint8Array {
    const text = this.text(name);
    if (!/^[\w-]*$/.test(text)) throw wrong(name, "base64url");
    return Buffer.from(text, "base64url");
  }

  /** An object; `undefined` if it is not there. */
  object(name: string): Fields | undefined {
    if (!this.has(name)) return undefined;
    return new Fields(toLine(this.#line[name], name));
  }

  /** Objects; none if it is not there. */
  list(name: string): Fields[] {
    const value = this.#line[name] ?? [];
    if (!Array.isArray(value)) throw wrong(name, "a list");
    return value.map((one) => new Fields(toLine(one, name)));
  }

  /** The names of all members. */
  names(): string[] {
    return Object.keys(this.#line);
  }

  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  optionalCount(name: string): number | undefined {
    return this.has(name) ? this.count(name) : undefined;
  }
}

/** Reads a message with all of its fields. */
export function toMessage(fields: Fields): StoredMessage {
  const seq = fields.count("seq");
  if (seq === 0) throw wrong("seq", "a whole number from 1");
  const message: StoredMessage = {
    room: fields.text("room"),
    seq,
    time: fields.count("time"),
    from: fields.text("from"),
    content: fields.text("content"),
  };
  const file = fields.object("file");
  const reactions = fields.object("reactions");
  const optional: EveryOptional<Omit<StoredMessage, "room" | "seq" | "time" | "from" | "content">> =
    {
      by: fields.optionalText("by"),
      id: fields.optionalText("id"),
      reply_to: fields.optionalCount("reply_to"),
      edited: fields.optionalCount("edited"),
      deleted: fields.has("deleted") && fields.bit("deleted") === 1 ? true : undefined,
      file: file && toFile(file),
      reactions: reactions && toReactions(reactions),
    };
  const present = Object.entries(optional).filter(([, value]) => value !== undefined);
  return Object.assign(message, Object.fromEntries(present));
}

function toFile(fields: Fields): FileInfo {
  return {
    ...fields.texts("id", "name"),
    size: fields.count("size"),
    ...fields.texts("media_type", "url", "sha256"),
  };
}

function toReactions(fields: Fields): StoredReactions {
  const reactions: StoredReactions = Object.create(null);
  for (const emoji of fields.names()) {
    reactions[emoji] = fields.list(emoji).map((one): Reactor => {
      const by = one.optionalText("by");
      return { ...by !== undefined && { by }, from: one.text("from") };
    });
  }
  return reactions;
}

function toLine(value: unknown, name: string): Line {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Line;
  throw wrong(name, "a JSON object");
}

function wrong(name: string, expected: string): Error {
  return new Error(`"${name}" must be ${expected}`);
}
