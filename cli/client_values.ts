/**
 * The kinds of values that only the client commands take: names, rooms and tokens.
 *
 * @module
 */
import { checkName, MAX_NAME_LENGTH, ROOM_PATTERN } from "../protocol.ts";
import { Secret } from "../config/secret.ts";
import type { ValueKind } from "../config/values.ts";
import { parseServerUrl } from "./server_url.ts";

/** A name that the server accepts. */
export const name: ValueKind<string> = {
  placeholder: "NAME",
  expected: `1 to ${MAX_NAME_LENGTH} visible characters without leading or trailing white space`,
  read(text) {
    const checked = checkName(text);
    return "name" in checked ? checked.name : undefined;
  },
};

/** A room's name. */
export const room: ValueKind<string> = {
  placeholder: "ROOM",
  expected: "1 to 64 of a-z, 0-9, - and _, starting with a letter or digit",
  read: (text) => ROOM_PATTERN.test(text) ? text : undefined,
};

/** Most rooms that a list may name. */
const MAX_ROOMS = 100;

/** Rooms' names, separated by commas; each once. */
export const rooms: ValueKind<readonly string[]> = {
  placeholder: "ROOM,...",
  expected: `1 to ${MAX_ROOMS} rooms separated by commas, each ${room.expected}`,
  read(text) {
    const names = new Set(text.split(",").map((part) => part.trim()));
    if (names.size > MAX_ROOMS || ![...names].every((one) => ROOM_PATTERN.test(one))) {
      return undefined;
    }
    return [...names];
  },
};

/** Maximum length of a token, in characters. */
const MAX_TOKEN_LENGTH = 4096;

/** An access token of characters that may also stand in a subprotocol, where it travels (RFC 9110 §5.6.2). */
export const token: ValueKind<Secret> = {
  placeholder: "TOKEN",
  expected: `at most ${MAX_TOKEN_LENGTH} letters, digits and -._~+`,
  secret: true,
  read(text) {
    if (text.length > MAX_TOKEN_LENGTH || !/^[A-Za-z0-9._~+-]+$/.test(text)) return undefined;
    return new Secret(text);
  },
};

/** Longest text, in characters; the server says if it is too long for what it is. */
const MAX_TEXT_LENGTH = 2048;

/** One line of text. */
export const text: ValueKind<string> = {
  placeholder: "TEXT",
  expected: `one line of 1 to ${MAX_TEXT_LENGTH} characters`,
  read: (line) =>
    line === "" || line.length > MAX_TEXT_LENGTH || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(line)
      ? undefined
      : line,
};

/** The address of a server. */
export const server: ValueKind<string> = {
  placeholder: "URL",
  expected: "the address of a server, such as localhost:8080 or https://chat.example.org",
  read: (url) => parseServerUrl(url)?.base,
};
