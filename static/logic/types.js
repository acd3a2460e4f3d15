/**
 * The page's own types; no code. The wire's types come from the server's `protocol/messages.ts`,
 * so that the type checker holds both sides to the same shapes.
 *
 * @module
 */

/** @typedef {import("../../protocol/messages.ts").ServerMessage} ServerMessage */
/** @typedef {import("../../protocol/messages.ts").UserMessage} UserMessage */
/** @typedef {import("../../protocol/messages.ts").History} History */
/** @typedef {import("../../protocol/messages.ts").Handshake} Handshake */
/** @typedef {import("../../protocol/messages.ts").Limits} Limits */
/** @typedef {import("../../protocol/messages.ts").RoomEntry} RoomEntry */
/** @typedef {import("../../protocol/messages.ts").MembershipEntry} MembershipEntry */
/** @typedef {import("../../protocol/messages.ts").User} User */
/** @typedef {import("../../protocol/messages.ts").UserEntry} UserEntry */
/** @typedef {import("../../protocol/requests.ts").RoomRole} RoomRole */
/** @typedef {import("../../protocol/messages.ts").FileInfo} FileInfo */
/** @typedef {import("../../protocol/messages.ts").ErrorMessage} ErrorMessage */
/** @typedef {import("../../sdk/types.js").Unsent} Outgoing */
/** @typedef {import("../../sdk/unread.js").Unread} Unread */

/**
 * Somebody changed their name, was invited or removed by `from`; or `from` has set the topic or given
 * somebody a role.
 *
 * @typedef {{ what: "renamed", name: string, to: string }
 *   | { what: "invited" | "removed", from: string, name: string }
 *   | { what: "topic", from: string, topic: string }
 *   | { what: "role", from: string, name: string, role: RoomRole }} OtherChange
 */

/**
 * Somebody joined or left, or something else happened to the room.
 *
 * @typedef {{ what: "joined", id: string, name: string } | { what: "left", id: string, name: string } | OtherChange} PresenceChange
 */

/** @typedef {{ kind: "message", key: string, seq: number, message: UserMessage }} MessageEntry */
/** @typedef {{ kind: "presence", key: string, seq: number, time: number, changes: PresenceChange[] }} PresenceEntry */
/** @typedef {{ kind: "system", key: string, seq: number, time: number, text: string }} SystemEntry */
/** @typedef {{ kind: "pending", key: string, seq: number, item: Outgoing }} PendingEntry */

/**
 * One row of a conversation. `seq` is that of the message itself, or of the message before it.
 * An entry is never changed, only replaced, so that "same object" means "same content".
 *
 * @typedef {MessageEntry | PresenceEntry | SystemEntry | PendingEntry} Entry
 */

/** @typedef {"system" | "light" | "dark"} Theme */

/**
 * What the user chose.
 *
 * @typedef {object} Settings
 * @property {Theme} theme
 * @property {string} language a language code, or empty for the browser's
 * @property {boolean} sound
 * @property {boolean} notify
 */

export {};
