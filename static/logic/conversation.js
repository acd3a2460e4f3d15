/**
 * The page's model of a room or a direct conversation.
 *
 * @module
 */
import { foldName } from "../../protocol/wire.js";
import { readUpTo } from "../../sdk/unread.js";
import { Log } from "./log.js";

export { directKey } from "../../sdk/names.js";

/** @typedef {import("./types.js").UserMessage} UserMessage */

/**
 * @typedef {object} Conversation
 * @property {string} key the room's name, or `@` and the folded name of the other person
 * @property {"room" | "direct"} kind
 * @property {string} name the room's name, or the other person's as they write it
 * @property {Log} log
 * @property {import("./types.js").Unread} unread
 * @property {string[] | null} members null: not known, ask for them
 * @property {number} memberCount
 * @property {boolean} joined whether the server has let us in on this connection
 * @property {Map<string, number>} typing name → when it was last said
 * @property {"older" | "newer" | "page" | null} loading
 * @property {boolean} stale edits may have been missed while the line was broken
 * @property {UserMessage | null} replyTo
 * @property {UserMessage | null} editing
 * @property {Map<number, UserMessage | null>} quoted messages that replies refer to, fetched from
 * outside of the log; null: being asked for, or gone
 */

/**
 * @param {string} key
 * @param {string} [name]
 * @returns {Conversation}
 */
export function createConversation(key, name = key) {
  return {
    key,
    kind: key.startsWith("@") ? "direct" : "room",
    name,
    log: new Log(),
    unread: readUpTo(),
    members: null,
    memberCount: 0,
    joined: false,
    typing: new Map(),
    loading: null,
    stale: false,
    replyTo: null,
    editing: null,
    quoted: new Map(),
  };
}

/**
 * The members after somebody came, went or changed names.
 *
 * @param {readonly string[] | null} members
 * @param {{ remove?: string, add?: string }} change
 * @returns {string[] | null}
 */
export function changedMembers(members, { remove, add }) {
  if (!members) return null;
  const gone = [remove, add].filter((name) => name !== undefined).map(foldName);
  const kept = members.filter((name) => !gone.includes(foldName(name)));
  return add === undefined ? kept : [...kept, add];
}
