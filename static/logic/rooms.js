/**
 * Room names as people type them, and links to conversations.
 *
 * @module
 */
import { ROOM_PATTERN } from "../../protocol/wire.js";

/**
 * Turns what somebody typed into a room name: `#Tea Time` becomes `tea-time`. Empty if no valid character is
 * left.
 *
 * @param {string} typed
 */
export function roomName(typed) {
  return typed.trim().replace(/^#/, "").toLowerCase().replace(/\s+/g, "-").slice(0, 64);
}

/**
 * The URL fragment of a conversation.
 *
 * @param {{ key: string }} conversation
 */
export function hashOf({ key }) {
  return `#${key}`;
}

/**
 * The conversation of a URL fragment.
 *
 * @param {string} hash with the `#`
 * @returns {{ key: string } | null} `key`: a room's name, or `@` and the id or the name of a person; null
 * if it means none
 */
export function conversationOf(hash) {
  const text = decode(hash.slice(1));
  const isPerson = text.startsWith("@") && text.length > 1;
  return isPerson || ROOM_PATTERN.test(text) ? { key: text } : null;
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
