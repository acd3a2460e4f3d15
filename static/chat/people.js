/**
 * People: who is in a room and who has come back, and what they are called now.
 *
 * @module
 */
/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").UserEntry} UserEntry */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */
/** @typedef {import("../../protocol/messages.ts").Presence} Presence */
/** @typedef {import("../../protocol/messages.ts").Rename} Rename */

/** People come and go in crowds: the server is asked once about all of them, so many milliseconds later. */
const SETTLES = 1_000;

/** Conversations about which the server is about to be asked. @type {WeakSet<Conversation>} */
const asking = new WeakSet();

/**
 * Asks who is in a room, now or at other times, unless that is known.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 */
export async function askMembers(chat, conversation) {
  if (!conversation.membersStale || conversation.kind === "direct" || !chat.isIn(conversation)) {
    return;
  }
  conversation.membersStale = false;
  // Asked by itself, so a refusal is not worth a word.
  const answer = await chat.connection.users(conversation.key, { all: true }).catch(() => null);
  if (!answer) return void (conversation.membersStale = true);
  conversation.members = new Map(answer.users.map((user) => [user.id, user]));
  conversation.memberCount = answer.user_count;
  conversation.role = conversation.members.get(chat.user.id)?.room_role ?? conversation.role;
  chat.changed();
}

/**
 * Asks whether the other one of a direct conversation is here.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 */
export async function askPresence(chat, conversation) {
  const { key } = conversation;
  // Whoever is not known is no news: what is said to them will be refused.
  const answer = await chat.connection.users(key).catch(() => null);
  const other = answer?.users.find(({ id }) => id === key.slice(1));
  if (!other) return;
  conversation.online = other.online;
  rename(chat, conversation, other.name);
  chat.changed();
}

/**
 * @param {Chat} chat
 * @param {Presence} presence of somebody else
 */
export function receivePresence(chat, { type, room, from, by, user_count }) {
  const entered = type === "login";
  follow(chat, by, entered);
  const conversation = chat.conversations.get(room);
  if (!conversation) return;
  conversation.memberCount = user_count;
  conversation.typing.delete(by);
  const { members } = conversation;
  const known = members?.get(by);
  if (entered || known) {
    members?.set(by, { id: by, role: "guest", ...known, name: from, online: entered });
  }
  // Whether they are a member, who stays when they are gone, the server knows.
  askLater(chat, conversation);
  const what = entered ? "joined" : "left";
  conversation.log.notePresence({ what, id: by, name: from }, chat.environment.now());
}

/**
 * Somebody was here just now: the conversation with them shows it.
 *
 * @param {Chat} chat
 * @param {string | undefined} id
 * @param {boolean} isHere whether they certainly are; else the server is asked, for they may be elsewhere
 */
export function follow(chat, id, isHere) {
  const conversation = chat.conversations.get(`@${id}`);
  if (!conversation) return;
  if (isHere) conversation.online = true;
  else askLater(chat, conversation);
}

/**
 * @param {Chat} chat
 * @param {Rename} change
 */
export function receiveRename(chat, { room, by, from, content }) {
  const direct = chat.conversations.get(`@${by}`);
  if (direct) rename(chat, direct, content);
  const conversation = chat.conversations.get(room);
  if (!conversation) return;
  const known = conversation.members?.get(by);
  if (known) conversation.members?.set(by, { ...known, name: content });
  conversation.log.replaceAll((message) => withNewName(message, from, content));
  const change = /** @type {const} */ ({ what: "renamed", name: from, to: content });
  conversation.log.notePresence(change, chat.environment.now());
}

/**
 * Reactions tell names only.
 *
 * @param {UserMessage} message
 * @param {string} from
 * @param {string} to
 * @returns {UserMessage}
 */
function withNewName(message, from, to) {
  const all = Object.entries(message.reactions ?? {});
  if (!all.some(([, { names }]) => names.includes(from))) return message;
  const renamed = all.map(([emoji, reaction]) => [
    emoji,
    { ...reaction, names: reaction.names.map((name) => name === from ? to : name) },
  ]);
  return { ...message, reactions: Object.fromEntries(renamed) };
}

/**
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {string} name
 */
function rename(chat, conversation, name) {
  if (conversation.name === name) return;
  conversation.name = name;
  chat.remember();
}

/**
 * @param {Chat} chat
 * @param {Conversation} conversation
 */
function askLater(chat, conversation) {
  conversation.membersStale = true;
  if (asking.has(conversation)) return;
  asking.add(conversation);
  chat.environment.later(() => {
    asking.delete(conversation);
    if (!chat.isIn(conversation)) return;
    if (conversation.kind === "direct") askPresence(chat, conversation);
    else if (chat.current === conversation.key) chat.look();
  }, SETTLES);
}
