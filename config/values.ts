/**
 * The kinds of values that flags take: how each is read from text, and how an error says what was
 * expected.
 *
 * @module
 */
import { checkName } from "../protocol.ts";
import { type Address, MAX_UNIX_PATH, parseAddress } from "./address.ts";
import { Secret } from "./secret.ts";
import { formatDuration, formatSize, parseDuration, parseSize } from "./units.ts";

/** How one kind of value is read. */
export interface ValueKind<T> {
  /** Stands for the value in `--help`, such as `DURATION`. */
  readonly placeholder: string;
  /** Completes the sentence "must be …". */
  readonly expected: string;
  /** All values there are, if they are few; for completions and `--help`. */
  readonly choices?: readonly string[];
  /** What a shell completes: names of directories or files. Absent: nothing. */
  readonly completes?: "directory" | "file";
  /** The value must not be repeated in errors. */
  readonly secret?: true;
  /** `undefined`: `text` is no such value. Never throws. */
  read(text: string): T | undefined;
}

/** Bounds, both included. */
export interface Bounds {
  min: number;
  max: number;
  /** What a plain 0 means, outside of the bounds; absent: 0 is refused unless within the bounds. */
  zero?: string;
}

/** A whole number. */
export function count(bounds: Bounds): ValueKind<number> {
  return {
    placeholder: "N",
    expected: `a whole number from ${bounds.min} to ${bounds.max}${orZero(bounds)}`,
    read: (text) => within(bounds, /^\d{1,15}$/.test(text) ? Number(text) : undefined),
  };
}

/** As {@linkcode count}, where 0 means no limit and is read as `Infinity`. */
export function limit(max: number): ValueKind<number> {
  const kind = count({ min: 1, max, zero: "no limit" });
  return { ...kind, read: (text) => zeroIsInfinity(kind.read(text)) };
}

/** A duration in milliseconds. */
export function duration(bounds: Bounds): ValueKind<number> {
  const range = `from ${formatDuration(bounds.min)} to ${formatDuration(bounds.max)}`;
  return {
    placeholder: "DURATION",
    expected: `a duration ${range} (a whole number with ms, s, m, h or d, such as 20s)${
      orZero(bounds)
    }`,
    read: (text) => within(bounds, parseDuration(text)),
  };
}

/** A size in bytes. */
export function size(bounds: Bounds): ValueKind<number> {
  const range = `from ${formatSize(bounds.min)} to ${formatSize(bounds.max)}`;
  return {
    placeholder: "SIZE",
    expected: `a size ${range} (a whole number of bytes, or with KiB, MiB, GiB or TiB)${
      orZero(bounds)
    }`,
    read: (text) => within(bounds, parseSize(text)),
  };
}

/** As {@linkcode size}, where 0 means no limit and is read as `Infinity`. */
export function sizeLimit(bounds: { min: number; max: number }): ValueKind<number> {
  const kind = size({ ...bounds, zero: "no limit" });
  return { ...kind, read: (text) => zeroIsInfinity(kind.read(text)) };
}

/** One of a few words. */
export function choice<const T extends string>(words: readonly T[]): ValueKind<T> {
  const last = words.at(-1);
  return {
    placeholder: words.join("|"),
    expected: `${words.slice(0, -1).join(", ")} or ${last}`,
    choices: words,
    read: (text) => words.find((word) => word === text),
  };
}

/** Where to listen. */
export const address: ValueKind<Address> = {
  placeholder: "ADDR",
  expected: "[HOST]:PORT or unix:PATH, such as :8080, 127.0.0.1:8080, [::1]:8080 or " +
    `unix:/run/hubbub.sock (a port up to 65535, a path up to ${MAX_UNIX_PATH} bytes)`,
  read: parseAddress,
};

/** Where messages are kept. `memory` forgets them at the end of the process. */
export type DataLocation =
  | { readonly kind: "memory" }
  | { readonly kind: "directory"; readonly path: string };

/** A directory, or `:memory:`. */
export const dataLocation: ValueKind<DataLocation> = {
  placeholder: "DIR",
  expected: "a directory, or :memory: to keep nothing",
  completes: "directory",
  read(text) {
    if (text === ":memory:") return { kind: "memory" };
    return text === "" || text.includes("\0") ? undefined : { kind: "directory", path: text };
  },
};

/** `scheme://host[:port]` as a browser's `Origin` header has it (RFC 6454 §6.2), or `*`. */
export const origin: ValueKind<string> = {
  placeholder: "ORIGIN",
  expected: "scheme://host[:port] without a path, such as https://example.org, or * for any",
  read(text) {
    if (text === "*") return "*";
    if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@,*\\]+$/i.test(text)) return undefined;
    const url = URL.parse(text);
    if (url === null || url.host === "" || url.protocol === "ws:" || url.protocol === "wss:") {
      return undefined;
    }
    // Only http and https have an origin in the URL standard; a packaged app has a scheme of its own.
    return url.origin !== "null" ? url.origin : text.toLowerCase();
  },
};

/** Who may speak through the HTTP API. */
export interface ApiToken {
  /** The name that messages sent with it carry, in NFC. */
  readonly name: string;
  readonly secret: Secret;
}

/** Shortest secret of a token; 16 random characters of base64 are 96 bits. */
const MIN_SECRET_LENGTH = 16;
const MAX_SECRET_LENGTH = 256;

/** `NAME:SECRET`; the secret is what may stand after `Bearer` in a header (RFC 6750 §2.1). */
export const apiToken: ValueKind<ApiToken> = {
  placeholder: "NAME:SECRET",
  expected: "NAME:SECRET, a name of 1 to 32 characters without a comma and a secret of " +
    `${MIN_SECRET_LENGTH} to ${MAX_SECRET_LENGTH} letters, digits and -._~+/ (openssl rand -hex 32)`,
  secret: true,
  read(text) {
    const colon = text.lastIndexOf(":");
    const secret = text.slice(colon + 1);
    const checked = checkName(text.slice(0, Math.max(colon, 0)));
    if ("problem" in checked || checked.name.includes(",")) return undefined;
    if (secret.length < MIN_SECRET_LENGTH || secret.length > MAX_SECRET_LENGTH) return undefined;
    if (!/^[A-Za-z0-9._~+/-]+=*$/.test(secret)) return undefined;
    return { name: checked.name, secret: new Secret(secret) };
  },
};

function orZero(bounds: Bounds): string {
  return bounds.zero === undefined ? "" : `, or 0 for ${bounds.zero}`;
}

function within(bounds: Bounds, value: number | undefined): number | undefined {
  if (value === 0 && bounds.zero !== undefined) return 0;
  if (value === undefined || value < bounds.min || value > bounds.max) return undefined;
  return value;
}

function zeroIsInfinity(value: number | undefined): number | undefined {
  return value === 0 ? Infinity : value;
}
