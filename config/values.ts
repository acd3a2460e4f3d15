/**
 * The kinds of values that flags take: how each is parsed, and how errors describe what is expected.
 *
 * @module
 */
import { checkName } from "../protocol.ts";
import { type Address, MAX_UNIX_PATH, parseAddress } from "./address.ts";
import { type Cidr, parseCidr } from "../network/cidr.ts";
import { Secret } from "./secret.ts";
import { formatDuration, formatSize, parseDuration, parseSize } from "./units.ts";

/** How a kind of value is parsed and described. */
export interface ValueKind<T> {
  /** The placeholder of the value in `--help`, such as `DURATION`. */
  readonly placeholder: string;
  /** Completes the sentence "must be …". */
  readonly expected: string;
  /** All valid values if there are only a few, for completions and `--help`. */
  readonly choices?: readonly string[];
  /** What a shell completes: names of directories or of files. Absent: nothing. */
  readonly completes?: "directory" | "file";
  /** The value must not appear in errors. */
  readonly secret?: true;
  /** Returns `undefined` if `text` is not such a value. Never throws. */
  read(text: string): T | undefined;
}

/** Bounds, both inclusive. */
export interface Bounds {
  min: number;
  max: number;
  /** What 0 means if it is outside the bounds. Absent: 0 is only valid within the bounds. */
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

/** Like {@linkcode count}, but 0 means no limit and is read as `Infinity`. */
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

/** Like {@linkcode size}, but 0 means no limit and is read as `Infinity`. */
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

/** Where messages are stored. `memory` loses them when the process ends. */
export type DataLocation =
  | { readonly kind: "memory" }
  | { readonly kind: "directory"; readonly path: string };

/** A directory, or `:memory:`. */
export const dataLocation: ValueKind<DataLocation> = {
  placeholder: "DIR",
  expected: "a directory, or :memory: to store nothing on disk",
  completes: "directory",
  read(text) {
    if (text === ":memory:") return { kind: "memory" };
    return text === "" || text.includes("\0") ? undefined : { kind: "directory", path: text };
  },
};

/** The path of a file. */
export const file: ValueKind<string> = {
  placeholder: "FILE",
  expected: "the path of a file",
  completes: "file",
  read: (text) => text === "" || text.includes("\0") ? undefined : text,
};

/** Maximum length of an {@linkcode identifier}, in characters. */
const MAX_IDENTIFIER_LENGTH = 500;

/** What another system calls something, such as a client id or the audience of a token. */
export const identifier: ValueKind<string> = {
  placeholder: "ID",
  expected: `1 to ${MAX_IDENTIFIER_LENGTH} visible characters without white space`,
  read(text) {
    if (text === "" || text.length > MAX_IDENTIFIER_LENGTH) return undefined;
    return /[\s\p{Cc}\p{Cf}\p{Cs}]/u.test(text) ? undefined : text;
  },
};

/** `scheme://host[:port]` as in the `Origin` header (RFC 6454 §6.2), or `*` for any. */
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
    // The URL standard gives other schemes, such as those of packaged apps, the origin "null".
    return url.origin !== "null" ? url.origin : text.toLowerCase();
  },
};

/** A token of the HTTP API. */
export interface ApiToken {
  /** The name of its messages' author, in NFC. */
  readonly name: string;
  readonly secret: Secret;
}

/** Bounds of a secret's length; 16 random characters of base64 are 96 bits. */
const MIN_SECRET_LENGTH = 16;
const MAX_SECRET_LENGTH = 256;

/** `NAME:SECRET`; the secret has the form that follows `Bearer` (RFC 6750 §2.1). */
export const apiToken: ValueKind<ApiToken> = {
  placeholder: "NAME:SECRET",
  expected: "NAME:SECRET, a name of 1 to 32 characters without commas and a secret of " +
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

/** From where forwarded addresses are believed: a network, or the Unix socket that is listened on. */
export const trustedProxy: ValueKind<Cidr | "unix"> = {
  placeholder: "CIDR",
  expected: "an IP address or a network, such as 127.0.0.1, 10.0.0.0/8 or fd00::/8, or unix",
  read: (text) => text === "unix" ? "unix" : parseCidr(text),
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
