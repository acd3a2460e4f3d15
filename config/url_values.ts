/**
 * The kinds of values that are URLs.
 *
 * @module
 */
import type { ValueKind } from "./values.ts";

/** Maximum length of a URL, in characters. */
const MAX_URL_LENGTH = 2000;

/** Maximum length of a base path, in characters. */
const MAX_PATH_LENGTH = 200;

/** The hosts of this machine: what goes there crosses no network (RFC 6761 §6.3, RFC 1122 §3.2.1.3). */
const LOOPBACK = /^(?:localhost|(?:[a-z0-9-]+\.)+localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether a URL's host name is that of this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname);
}

/** Where people reach a server: `http:` or `https:`, perhaps with a path. Read with a `/` at its end. */
export const baseUrl: ValueKind<string> = {
  placeholder: "URL",
  expected: "http:// or https:// with a host and perhaps a path, such as https://chat.example.org",
  read(text) {
    const url = parseWebUrl(text);
    // A semicolon would end the path of a cookie.
    if (url === undefined || url.search !== "" || url.pathname.includes(";")) return undefined;
    return url.href.endsWith("/") ? url.href : `${url.href}/`;
  },
};

/**
 * The path under which the server is: `/`, or segments of unreserved characters (RFC 3986 §2.3). Read without
 * a `/` at its end, so that paths can be appended: `/` as the empty string.
 */
export const basePath: ValueKind<string> = {
  placeholder: "PATH",
  expected: "/ or a path of letters, digits and -._~ that begins with /, such as /chat",
  read(text) {
    const path = text.replace(/\/$/, "");
    if (path.length > MAX_PATH_LENGTH || !/^(?:\/[\w.~-]+)*$/.test(path)) return undefined;
    return path.split("/").some((segment) => segment === "." || segment === "..")
      ? undefined
      : path;
  },
};

/** Where keys are fetched: `https:`, or `http:` on this machine. */
export const keysUrl: ValueKind<string> = {
  placeholder: "URL",
  expected: "https:// with a host (http:// on this machine only), such as " +
    "https://id.example.org/.well-known/jwks.json",
  read(text) {
    const url = parseWebUrl(text);
    return url !== undefined && isTrusted(url) ? url.href : undefined;
  },
};

/**
 * An OpenID provider's issuer identifier: `https:` without query and fragment (OpenID Connect Discovery 1.0
 * §3), or `http:` on this machine. Kept as it is written: it is compared character by character.
 */
export const issuerUrl: ValueKind<string> = {
  placeholder: "URL",
  expected: "https:// with a host and perhaps a path (http:// on this machine only), such as " +
    "https://id.example.org",
  read(text) {
    const url = parseWebUrl(text);
    return url !== undefined && url.search === "" && isTrusted(url) ? text : undefined;
  },
};

function isTrusted(url: URL): boolean {
  return url.protocol === "https:" || isLoopback(url);
}

/** A URL of `http:` or `https:` without user information, fragment and anything that a parser would repair. */
function parseWebUrl(text: string): URL | undefined {
  if (text.length > MAX_URL_LENGTH || !/^https?:\/\/[^\s/?#@\\]+[^\s#@\\]*$/i.test(text)) {
    return undefined;
  }
  return URL.parse(text) ?? undefined;
}
