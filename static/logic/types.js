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
/** @typedef {import("../../protocol/messages.ts").FileInfo} FileInfo */
/** @typedef {import("../../protocol/messages.ts").ErrorMessage} ErrorMessage */

/**
 * Something of one's own that the server has not confirmed yet.
 *
 * @typedef {object} Outgoing
 * @property {string} id the client's own id, the same on every resend
 * @property {string} key the conversation it goes to
 * @property {"user" | "direct" | "file"} type
 * @property {string} content the text, or the id of an uploaded file
 * @property {number} time when it was written, in milliseconds since 1970
 * @property {number} [replyTo]
 * @property {string} [label] what to show instead of `content`: a file's name
 * @property {"waiting" | "failed"} state
 * @property {string} [problem] why it failed: an error code of the protocol
 */

/**
 * Somebody joined, left or changed their name.
 *
 * @typedef {{ what: "joined" | "left", name: string } | { what: "renamed", name: string, to: string }} PresenceChange
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

/**
 * How far a conversation was read.
 *
 * @typedef {object} Unread
 * @property {number} read greatest `seq` that was seen
 * @property {number} count messages of others after it
 * @property {number} mentions those of them that mention the reader
 * @property {number} line `seq` of the first message below the "new" line; 0 for no line
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
