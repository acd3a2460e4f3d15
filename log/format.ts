/**
 * One log record as one text: a JSON line for machines, a coloured line for people.
 *
 * What a client chose (a name, a close reason, a header) may be among the properties. So both forms
 * escape controls and whatever could move a terminal's cursor, break a line or turn the writing
 * direction.
 *
 * @module
 */
import type { LogRecord } from "@logtape/logtape";

/** Turns a record into text that ends in a line feed. */
export type Format = (record: LogRecord) => string;

/** How the pretty form looks. */
export interface PrettyOptions {
  /** Whether to use ANSI colours. */
  colors: boolean;
}

/** Controls, format characters (bidirectional ones among them), line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text that needs no quotes to be seen as one value. */
const PLAIN = /^[\p{L}\p{N}_.:/@#+*()[\]-]+$/u;

/** The keys that a property cannot take over. */
const RESERVED = new Set(["time", "level", "category", "message"]);

/**
 * Writes a record as a JSON line: `time` (ISO 8601, UTC), `level`, `category` (joined with dots),
 * `message`, then the properties flat. A property with one of these four names gets a `_` before it.
 */
export function formatJson(record: LogRecord): string {
  const line: Record<string, unknown> = {
    time: new Date(record.timestamp).toISOString(),
    level: levelName(record),
    category: record.category.join("."),
    message: messageText(record),
  };
  for (const [key, value] of Object.entries(record.properties)) {
    line[RESERVED.has(key) ? `_${key}` : key] = value;
  }
  return `${escapeUnprintable(toJson(line))}\n`;
}

/**
 * Makes a format for a terminal: local time of day, level, category without the program's own name,
 * message, and as `key=value` the properties that the message does not show already; an error's stack
 * follows on lines of its own.
 */
export function prettyFormat(options: PrettyOptions): Format {
  const paint = (code: number, text: string) =>
    options.colors ? `\x1b[${code}m${text}\x1b[0m` : text;
  return (record) => {
    const level = levelName(record);
    const parts = [
      paint(DIM, localTime(record.timestamp)),
      paint(LEVEL_COLORS[level] ?? DIM, level.toUpperCase().padEnd(5)),
      paint(DIM, record.category.slice(1).join(".") || record.category.join(".")),
      escapeUnprintable(messageText(record)),
    ];
    let stacks = "";
    for (const [key, value] of Object.entries(record.properties)) {
      if (value instanceof Error) stacks += `\n${indent(errorText(value))}`;
      else if (value !== undefined && !shows(record, key)) {
        parts.push(`${paint(DIM, `${key}=`)}${valueText(value)}`);
      }
    }
    return `${parts.join("  ")}${stacks}\n`;
  };
}

/** Select Graphic Rendition codes (ECMA-48 §8.3.117). */
const DIM = 2;
const LEVEL_COLORS: Readonly<Record<string, number>> = { debug: 36, info: 32, warn: 33, error: 31 };

/** The level under the name that `--log-level` has for it; `fatal` and `trace` have none of their own. */
function levelName(record: LogRecord): string {
  switch (record.level) {
    case "warning":
      return "warn";
    case "fatal":
      return "error";
    case "trace":
      return "debug";
    default:
      return record.level;
  }
}

/** The message with its placeholders filled in. */
function messageText(record: LogRecord): string {
  return record.message.map((part) => typeof part === "string" ? part : valueText(part)).join("");
}

/** Whether the message has a placeholder for the property. */
function shows(record: LogRecord, key: string): boolean {
  return typeof record.rawMessage === "string" && record.rawMessage.includes(`{${key}}`);
}

function valueText(value: unknown): string {
  if (typeof value === "string") {
    return PLAIN.test(value) ? value : escapeUnprintable(JSON.stringify(value));
  }
  if (value instanceof Error) return escapeUnprintable(String(value));
  return escapeUnprintable(toJson(value));
}

/** Never throws: what JSON cannot say (a circle, a throwing getter) comes as Deno would show it. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value, replaceUnwritable) ?? String(value);
  } catch {
    if (typeof value !== "object" || value === null) return JSON.stringify(String(value));
    const shown = Object.entries(value).map(([key, inner]) =>
      [key, typeof inner === "object" ? Deno.inspect(inner) : inner] as const
    );
    return JSON.stringify(Object.fromEntries(shown), replaceUnwritable);
  }
}

function replaceUnwritable(_key: string, value: unknown): unknown {
  if (value instanceof Error) return errorText(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

/** The stack, and those of the causes. */
function errorText(error: Error): string {
  return Deno.inspect(error, { colors: false });
}

function indent(text: string): string {
  return text.split("\n").map((line) => `    ${escapeUnprintable(line)}`).join("\n");
}

function localTime(timestamp: number): string {
  const date = new Date(timestamp);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${
    String(date.getMilliseconds()).padStart(3, "0")
  }`;
}

/** Writes each UTF-16 code unit as `\uXXXX`, which inside of a JSON string means the same. */
function escapeUnprintable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    let escaped = "";
    for (let i = 0; i < character.length; i++) {
      escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
    }
    return escaped;
  });
}
