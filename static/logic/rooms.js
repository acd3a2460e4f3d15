/**
 * Room names as people type them, and conversations as links.
 *
 * @module
 */
import { ROOM_PATTERN } from "../../protocol/wire.js";
import { directKey } from "./conversation.js";

/**
 * The room that somebody probably means: `#Tea Time` is `tea-time`. Empty if nothing is left.
 *
 * @param {string} typed
 */
export function roomName(typed) {
  return typed.trim().replace(/^#/, "").toLowerCase().replace(/\s+/g, "-").slice(0, 64);
}

/**
 * The link to a conversation, within the page.
 *
 * @param {{ kind: string, key: string, name: string }} conversation
 */
export function hashOf({ kind, key, name }) {
  return kind === "direct" ? `#@${encodeURIComponent(name)}` : `#${key}`;
}

/**
 * The conversation that a link means.
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
