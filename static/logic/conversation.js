/**
 * The page's model of a room or a direct conversation.
 *
 * @module
 */
import { Log } from "./log.js";

/** @typedef {import("./types.js").UserMessage} UserMessage */
/** @typedef {import("./types.js").UserEntry} UserEntry */

/**
 * @typedef {object} Conversation
 * @property {string} key the room's name, or `@` and the id of the other person
 * @property {"room" | "direct"} kind
 * @property {string} name the room's name, or what the other person is called now
 * @property {Log} log
 * @property {number} served the "new" line above this message has been seen: it is not shown again
 * @property {Map<string, UserEntry> | null} members by id, those who are not here now too; null: not
 * known
 * @property {boolean} membersStale whether the members are to be asked for again
 * @property {number} memberCount how many are here now
 * @property {import("./types.js").RoomRole | undefined} role what the reader is in the room, as far as told
 * @property {boolean} isPrivate
 * @property {string} topic
 * @property {boolean} online of a direct conversation: whether the other one is here
 * @property {boolean} joined whether the server has let us in on this connection
 * @property {Map<string, number>} typing id of a user → when they last typed
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
    served: 0,
    members: null,
    membersStale: true,
    memberCount: 0,
    role: undefined,
    isPrivate: false,
    topic: "",
    online: false,
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
 * The names that can be mentioned.
 *
 * @param {Pick<Conversation, "members"> | undefined} conversation
 * @returns {string[]}
 */
export function namesIn(conversation) {
  return [...conversation?.members?.values() ?? []].map(({ name }) => name);
}
