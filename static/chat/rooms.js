/**
 * My rooms: which there are, what I am in them, and how that changes, here and on my other devices.
 *
 * @module
 */
import { RefusedError } from "../../sdk/hubbub.js";
import { askMembers } from "./people.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").RoomRole} RoomRole */
/** @typedef {import("../../protocol/messages.ts").Create} Create */
/** @typedef {import("../../protocol/messages.ts").Membership} Membership */
/** @typedef {import("../../protocol/messages.ts").Topic} Topic */
/** @typedef {import("../../protocol/messages.ts").RoleChange} RoleChange */

/**
 * After a login: the conversations are those that the server tells of, on whichever device they began.
 *
 * @param {Chat} chat
 * @param {readonly import("../logic/types.js").MembershipEntry[]} told by the answer to the login
 */
export function syncRooms(chat, told) {
  const { connection, conversations, memory } = chat;
  const { memberships } = connection;
  const mine = new Set([
    ...connection.rooms,
    ...connection.conversations,
    ...memberships.map(({ room }) => room),
  ]);
  for (const key of [...conversations.keys()]) if (!mine.has(key)) chat.drop(key);
  for (const { room, role = "member", private: isPrivate, topic = "", user, last } of memberships) {
    if (!conversations.has(room) && memory.isHidden(room, last)) continue;
    const conversation = conversations.get(room) ?? chat.add(room, user?.name);
    Object.assign(conversation, { role, isPrivate: isPrivate === true, topic });
    if (!user) continue;
    conversation.name = user.name;
    conversation.online = user.online;
  }
  for (const room of connection.rooms) if (!conversations.has(room)) chat.add(room);
  for (const { room } of told) Object.assign(conversations.get(room) ?? {}, { described: true });
  chat.remember();
}

/**
 * Asks what entering a room, or an invitation, leaves out.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 */
export async function askRoom(chat, conversation) {
  if (conversation.described || conversation.kind === "direct") return;
  conversation.described = true;
  const { key: content } = conversation;
  // Asked by itself, so a refusal is not worth a word.
  const answer = await chat.connection.ask({ type: "rooms", content, limit: 200 }).catch(() =>
    null
  );
  const entry = answer?.rooms.find(({ room }) => room === content);
  if (!entry) return void (conversation.described = false);
  const { private: isPrivate, topic = "" } = entry;
  Object.assign(conversation, { isPrivate: isPrivate === true, topic });
  chat.changed();
}

/**
 * Leaves a room, or closes a direct conversation.
 *
 * @param {Chat} chat
 * @param {string} key
 */
export async function leave(chat, key) {
  const { connection, memory } = chat;
  if (!key.startsWith("@")) {
    // The room goes when the server says so: it refuses that to its last owner.
    await chat.ask({ type: "leave", room: key }, { conflict: "last_owner" });
    return;
  }
  // The server keeps it: this device hides it until something is said there.
  memory.hide(key, connection.memberships.find(({ room }) => room === key)?.last ?? 0);
  connection.leave(key);
  chat.drop(key);
}

/**
 * @param {Chat} chat
 * @param {Create} created by me, here
 */
export function receiveCreate(chat, { room, private: isPrivate, topic = "" }) {
  const conversation = chat.conversations.get(room) ?? chat.add(room);
  const facts = {
    role: "owner",
    isPrivate: isPrivate === true,
    topic,
    joined: true,
    described: true,
  };
  Object.assign(conversation, facts);
  conversation.log.startAfter(0);
}

/**
 * @param {Chat} chat
 * @param {Membership} change
 */
export function receiveMembership(chat, { type, room, from, by, user }) {
  const invited = type === "invite";
  if (user.id === chat.user.id) return receiveOwn(chat, { invited, room, from, by });
  const conversation = chat.conversations.get(room);
  if (!conversation) return;
  const { members } = conversation;
  if (!invited) members?.delete(user.id);
  else {
    const online = members?.get(user.id)?.online ?? false;
    members?.set(user.id, { ...user, online, room_role: "member" });
  }
  const what = invited ? "invited" : "removed";
  conversation.log.notePresence({ what, from, name: user.name }, chat.environment.now());
}

/**
 * @param {Chat} chat
 * @param {{ invited: boolean, room: string, from: string, by: string }} change
 */
function receiveOwn(chat, { invited, room, from, by }) {
  if (!invited) {
    chat.tell({ type: "removed", by: from, room });
    return chat.drop(room);
  }
  const conversation = chat.conversations.get(room) ?? chat.add(room);
  // I have entered it myself, on another device.
  if (by !== chat.user.id) chat.tell({ type: "invited", by: from, room });
  chat.remember();
  void askRoom(chat, conversation);
}

/**
 * @param {Chat} chat
 * @param {Topic} change
 */
export function receiveTopic(chat, { room, from, content }) {
  const conversation = chat.conversations.get(room);
  if (!conversation) return;
  conversation.topic = content;
  conversation.log.notePresence({ what: "topic", from, topic: content }, chat.environment.now());
}

/**
 * @param {Chat} chat
 * @param {RoleChange} change
 */
export function receiveRole(chat, { room, from, user, content: role }) {
  const conversation = chat.conversations.get(room);
  if (!conversation) return;
  if (user.id === chat.user.id) conversation.role = role;
  const known = conversation.members?.get(user.id);
  if (known) conversation.members?.set(user.id, { ...known, room_role: role });
  const change = /** @type {const} */ ({ what: "role", from, name: user.name, role });
  conversation.log.notePresence(change, chat.environment.now());
}

/**
 * Makes a room and shows it.
 *
 * @param {Chat} chat
 * @param {{ room: string, private: boolean, topic: string }} wish
 * @returns {Promise<string>} an error code; empty if it was made
 */
export async function createRoom(chat, wish) {
  const problem = await attempt(chat.connection.create(wish.room, wish), {
    conflict: "room_exists",
    too_many: "too_many_made",
  });
  if (problem === "") chat.show(wish.room);
  return problem;
}

/**
 * @param {Chat} chat
 * @param {string} room
 * @param {string} user `@ID` or a name
 * @returns {Promise<string>} an error code; empty if they are a member now
 */
export function invite(chat, room, user) {
  const codes = { conflict: "member_already", forbidden: "not_kept" };
  return attempt(chat.connection.invite(room, user), codes);
}

/**
 * @param {Promise<unknown>} asked
 * @param {Record<string, string>} codes what to say instead of some error codes
 * @returns {Promise<string>} an error code; empty if it went well
 */
async function attempt(asked, codes) {
  try {
    await asked;
    return "";
  } catch (problem) {
    const code = problem instanceof RefusedError ? problem.code : "internal";
    return codes[code] ?? code;
  }
}

/**
 * @param {Chat} chat
 * @param {string} room
 * @param {string} id
 */
export function removeMember(chat, room, id) {
  return chat.ask({ type: "remove", room, user: `@${id}` }, { conflict: "last_owner" });
}

/**
 * @param {Chat} chat
 * @param {string} room
 * @param {{ id: string, role: RoomRole }} change
 */
export function giveRole(chat, room, { id, role }) {
  const question = /** @type {const} */ ({ type: "role", room, user: `@${id}`, content: role });
  return chat.ask(question, { conflict: "last_owner", no_such_user: "no_member" });
}

/**
 * Who is known: those who can be found by name.
 *
 * @param {Chat} chat
 * @returns {{ id: string, name: string, online: boolean }[]} without the reader
 */
export function knownPeople(chat) {
  /** @type {Map<string, { id: string, name: string, online: boolean }>} */
  const people = new Map();
  for (const { key, kind, name, online, members } of chat.conversations.values()) {
    const those = kind === "direct"
      ? [{ id: key.slice(1), name, online }]
      : members?.values() ?? [];
    for (const { id, name, online } of those) {
      people.set(id, { id, name, online: online || people.get(id)?.online === true });
    }
  }
  people.delete(chat.user.id);
  return [...people.values()];
}

/** Maximum number of rooms whose members are asked for at once. */
const MEETINGS = 10;

/**
 * Gets to know who is in my rooms, for finding them by name.
 *
 * @param {Chat} chat
 */
export function meetPeople(chat) {
  const unknown = [...chat.conversations.values()].filter(({ kind, members }) =>
    kind === "room" && members === null
  );
  for (const conversation of unknown.slice(0, MEETINGS)) askMembers(chat, conversation);
}
