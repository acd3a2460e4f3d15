/**
 * The formats of the log: JSON lines for machines, and LogTape's text format for people.
 *
 * Properties may contain text that a client chose: a name, a close reason, a header. Both formats
 * therefore escape all characters that could move a terminal's cursor, break a line or change the
 * writing direction. LogTape itself escapes control characters, but not the format characters of
 * Unicode.
 *
 * @module
 */
import {
  type FormattedValues,
  getAnsiColorFormatter,
  getTextFormatter,
  type LogLevel,
  type LogRecord,
  type TextFormatter,
} from "@logtape/logtape";

/** Control characters, format characters (such as bidirectional ones), line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A string that needs no quotes to be recognised as one value. */
const PLAIN = /^[\p{L}\p{N}_.:/@#+*()[\]-]+$/u;

/** The keys of a JSON line that no property can take over. */
const RESERVED = new Set(["time", "level", "category", "message"]);

/** The names of the levels, which are those of `--log-level`. */
const LEVELS: Readonly<Record<LogLevel, string>> = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warning: "warn",
  error: "error",
  fatal: "error",
};

const COLORS = {
  trace: "cyan",
  debug: "cyan",
  info: "green",
  warning: "yellow",
  error: "red",
  fatal: "red",
} as const;

/**
 * Formats a record as a JSON line: `time` (ISO 8601, UTC), `level`, `category` (joined with dots),
 * `message`, then the properties. A property with one of these four names gets the prefix `_`.
 *
 * LogTape's JSON format has other keys and level names, and lets properties replace them.
 */
export function formatJson(record: LogRecord): string {
  const line: Record<string, unknown> = {
    time: new Date(record.timestamp).toISOString(),
    level: LEVELS[record.level],
    category: record.category.join("."),
    message: record.message.map(interpolate).join(""),
  };
  for (const [key, value] of Object.entries(record.properties)) {
    line[RESERVED.has(key) ? `_${key}` : key] = value;
  }
  return `${escapeUnprintable(toJson(line))}\n`;
}

/**
 * Makes a formatter for people: local time of day, level, category without the program's name,
 * message, and as `key=value` the properties that the message does not contain. The stacks of errors
 * follow on lines of their own.
 */
export function prettyFormatter({ colors }: { colors: boolean }): TextFormatter {
  const options = {
    timestamp: "time",
    timeZone: null,
    level: (level: LogLevel) => LEVELS[level].toUpperCase().padEnd(5),
    category: (category: readonly string[]) => category.slice(1).join(".") || category.join("."),
    value: interpolate,
    // All of the message is escaped below, including format characters.
    sanitize: false,
    format: formatParts,
  } as const;
  return colors
    ? getAnsiColorFormatter({ ...options, levelStyle: null, levelColors: COLORS })
    : getTextFormatter(options);
}

function formatParts({ timestamp, level, category, message, record }: FormattedValues): string {
  const parts = [timestamp, level, category, escapeUnprintable(message)];
  let stacks = "";
  for (const [key, value] of Object.entries(record.properties)) {
    if (value instanceof Error) stacks += `\n${indent(errorText(value))}`;
    else if (value !== undefined && !isShown(record, key)) parts.push(`${key}=${valueText(value)}`);
  }
  return `${parts.join("  ")}${stacks}`;
}

/** Whether the message has a placeholder for the property. */
function isShown({ rawMessage }: LogRecord, key: string): boolean {
  return typeof rawMessage === "string" && rawMessage.includes(`{${key}}`);
}

/** A part of a message: constant text, or the value of a placeholder. */
function interpolate(part: unknown): string {
  return typeof part === "string" ? part : valueText(part);
}

function valueText(value: unknown): string {
  if (typeof value === "string") {
    return PLAIN.test(value) ? value : escapeUnprintable(JSON.stringify(value));
  }
  return escapeUnprintable(value instanceof Error ? String(value) : toJson(value));
}

/** Never throws: what JSON cannot express (a cycle, a throwing getter) appears as Deno shows it. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value, replaceUnsupported) ?? String(value);
  } catch {
    if (typeof value !== "object" || value === null) return JSON.stringify(String(value));
    const shown = Object.entries(value).map(([key, inner]) =>
      [key, typeof inner === "object" ? Deno.inspect(inner) : inner] as const
    );
    return JSON.stringify(Object.fromEntries(shown), replaceUnsupported);
  }
}

function replaceUnsupported(_key: string, value: unknown): unknown {
  if (value instanceof Error) return errorText(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

/** The stack of an error, and those of its causes. */
function errorText(error: Error): string {
  return Deno.inspect(error, { colors: false });
}

function indent(text: string): string {
  return text.split("\n").map((line) => `    ${escapeUnprintable(line)}`).join("\n");
}

/** Writes each UTF-16 code unit as `\uXXXX`, which means the same within a JSON string. */
function escapeUnprintable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    let escaped = "";
    for (let i = 0; i < character.length; i++) {
      escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
    }
    return escaped;
  });
}
