/**
 * What the page offers: who may do what, as in the server's `people/policy.ts`, which decides.
 *
 * @module
 */

/** @typedef {import("./conversation.js").Conversation} Conversation */
/** @typedef {import("./types.js").User} User */
/** @typedef {import("./types.js").UserEntry} UserEntry */
/** @typedef {import("./types.js").UserMessage} UserMessage */

/**
 * An owner of the room, or an admin if the room is public.
 *
 * @param {User} user
 * @param {Conversation} room
 */
export function mayGiveRoles({ role }, { kind, role: own, isPrivate }) {
  return kind === "room" && (own === "owner" || role === "admin" && !isPrivate);
}

/**
 * Also a moderator.
 *
 * @param {User} user
 * @param {Conversation} room
 */
export function mayModerate(user, room) {
  return mayGiveRoles(user, room) || room.kind === "room" && room.role === "moderator";
}

/**
 * Invites and sets the topic. In a public room without an owner, whoever is no guest.
 *
 * @param {User} user
 * @param {Conversation} room
 */
export function mayArrange(user, room) {
  if (mayModerate(user, room)) return true;
  if (room.kind !== "room" || room.isPrivate || user.role === "guest" || !room.members) {
    return false;
  }
  return ![...room.members.values()].some(({ room_role: role }) => role === "owner");
}

/**
 * Only an owner removes an owner.
 *
 * @param {User} user
 * @param {Conversation} room
 * @param {UserEntry} other
 */
export function mayRemove(user, room, other) {
  if (other.id === user.id || !mayModerate(user, room)) return false;
  return other.room_role !== "owner" || mayGiveRoles(user, room);
}

/**
 * Kicks, mutes and bans, which an admin does to everybody but admins.
 *
 * @param {User} user
 * @param {User} other
 */
export function mayAdminister({ id, role }, other) {
  return role === "admin" && other.role !== "admin" && other.id !== id;
}

/**
 * @param {User} user
 * @param {UserMessage} message
 */
export function isOwn({ id }, { by }) {
  return by !== undefined && by === id;
}

/**
 * @param {User} user
 * @param {UserMessage} message
 */
export function mayEdit(user, message) {
  if (message.deleted || message.type !== "user") return false;
  return isOwn(user, message) || message.by === undefined && user.role === "admin";
}

/**
 * @param {User} user
 * @param {Conversation} room
 * @param {UserMessage} message
 */
export function mayDelete(user, room, message) {
  return !message.deleted && (isOwn(user, message) || mayModerate(user, room));
}
