/**
 * Room names as people type them, and links to conversations.
 *
 * @module
 */
import { ROOM_PATTERN } from "../../protocol/wire.js";
import { directKey } from "./conversation.js";

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
 * @param {{ kind: string, key: string, name: string }} conversation
 */
export function hashOf({ kind, key, name }) {
  return kind === "direct" ? `#@${encodeURIComponent(name)}` : `#${key}`;
}

/**
 * The conversation of a URL fragment.
 *
 * @param {string} hash with the `#`
 * @returns {{ key: string, name: string } | null} null if it means none
 */
export function conversationOf(hash) {
  const text = decode(hash.slice(1));
  if (text.startsWith("@") && text.length > 1) {
    return { key: directKey(text.slice(1)), name: text.slice(1) };
  }
  return ROOM_PATTERN.test(text) ? { key: text, name: text } : null;
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
