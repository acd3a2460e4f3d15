/**
 * The page's model of a room or a direct conversation.
 *
 * @module
 */
import { Log } from "./log.js";
import { sortBy } from "./presence.js";

/** @typedef {import("./types.js").UserMessage} UserMessage */
/** @typedef {import("./types.js").UserEntry} UserEntry */

/**
 * A message that the reader is about to answer or to edit, without its text. `time` tells it from one that has
 * its number after a backup of the server's data was put back.
 *
 * @typedef {{ seq: number, time: number, by: string | undefined, from: string }} Target
 */

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
 * @property {boolean} described whether the server has told `isPrivate` and `topic`
 * @property {boolean} online of a direct conversation: whether the other one is here
 * @property {boolean} joined whether the server has let us in on this connection
 * @property {Map<string, number>} typing id of a user → when they last typed
 * @property {"older" | "newer" | "page" | null} loading
 * @property {Target | null} replyTo
 * @property {Target | null} editing
 * @property {Map<number, UserMessage | null | undefined>} quoted messages that replies refer to, fetched from
 * outside of the log; undefined: being asked for; null: gone
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
    described: false,
    online: false,
    joined: false,
    typing: new Map(),
    loading: null,
    replyTo: null,
    editing: null,
    quoted: new Map(),
  };
}

/**
 * A message as it is now.
 *
 * @param {Pick<Conversation, "log" | "quoted">} conversation
 * @param {number} seq
 * @returns {UserMessage | null | undefined} undefined: not known; null: there is none
 */
export function messageOf({ log, quoted }, seq) {
  return log.find(seq) ?? quoted.get(seq);
}

/**
 * @param {UserMessage} message
 * @returns {Target}
 */
export function asTarget({ seq, time, by, from }) {
  return { seq, time, by, from };
}

/**
 * What the reader is about to answer or to edit, as it is now.
 *
 * @param {Pick<Conversation, "log" | "quoted">} conversation
 * @param {Pick<Target, "seq" | "time">} target
 * @returns {UserMessage | null | undefined} undefined: not known; null: deleted, or gone
 */
export function targetOf(conversation, { seq, time }) {
  const message = messageOf(conversation, seq);
  return message && (message.deleted || message.time !== time) ? null : message;
}

/**
 * Everything that is held of one message becomes something else.
 *
 * @param {Pick<Conversation, "log" | "quoted">} conversation
 * @param {number} seq
 * @param {(message: UserMessage) => UserMessage} change
 */
export function revise({ log, quoted }, seq, change) {
  log.replace(seq, change);
  const quote = quoted.get(seq);
  if (quote) quoted.set(seq, change(quote));
}

/**
 * What becomes of a message of which nothing is known any more.
 *
 * @param {UserMessage} message
 * @returns {UserMessage}
 */
export function gone(message) {
  return { ...message, deleted: true };
}

/**
 * What is held of a conversation is void. What the reader was about to do stays.
 *
 * @param {Conversation} conversation
 */
export function restart(conversation) {
  conversation.log = new Log();
  conversation.quoted = new Map();
}

/**
 * The conversations as they are listed, the same on all devices: rooms, then people, by name.
 *
 * @param {Iterable<Conversation>} conversations
 * @param {string} language
 */
export function inOrder(conversations, language) {
  const all = sortBy([...conversations], ({ name }) => name, language);
  return [
    ...all.filter(({ kind }) => kind === "room"),
    ...all.filter(({ kind }) => kind === "direct"),
  ];
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
