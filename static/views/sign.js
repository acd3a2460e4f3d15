/**
 * The sign before a conversation's name: `#` for a room, a lock for a private one, and for a person a dot
 * that shows whether they are here.
 *
 * @module
 */
import { icon, setAttributes } from "./dom.js";

/** @typedef {import("../logic/conversation.js").Conversation} Conversation */

/**
 * @param {Pick<Conversation, "kind" | "isPrivate" | "online">} conversation
 * @returns {"is_private" | "person_online" | "person_offline" | ""} what it means, in words
 */
function meaningOf({ kind, isPrivate, online }) {
  if (kind === "room") return isPrivate ? "is_private" : "";
  return online ? "person_online" : "person_offline";
}

/**
 * Makes an element the sign of a conversation.
 *
 * @param {Element} element
 * @param {Pick<Conversation, "kind" | "isPrivate" | "online">} conversation
 * @returns {ReturnType<typeof meaningOf>} what it means, to be told to those who do not see it
 */
export function markSign(element, conversation) {
  const meaning = meaningOf(conversation);
  const sign = meaning || "room";
  if (element.getAttribute("data-sign") === sign) return meaning;
  setAttributes(element, { "data-sign": sign });
  const child = meaning === "" ? "#" : meaning === "is_private" ? icon("lock") : "";
  element.replaceChildren(child);
  return meaning;
}
