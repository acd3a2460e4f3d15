/**
 * What a message becomes by a change to it. Pure: each function returns a new value, so that the page, the
 * terminal and the client itself agree.
 *
 * @module
 */

/** @typedef {import("../protocol/message.ts").Reaction} Reaction */
/** @typedef {import("../protocol/message.ts").Reactions} Reactions */
/** @typedef {import("../protocol/message.ts").UserMessage} UserMessage */
/** @typedef {import("../protocol/messages.ts").Edit} Edit */
/** @typedef {import("../protocol/messages.ts").Delete} Delete */
/** @typedef {import("../protocol/messages.ts").React} React */
/** @typedef {Edit | Delete | React} Change */

/** Maximum number of names that are kept with an emoji, as `MAX_REACTION_NAMES` of the protocol. */
const MAX_NAMES = 20;

/**
 * The reactions to a message after somebody has put an emoji on it or taken it back. The count is exact; of
 * more than {@linkcode MAX_NAMES} users, the names are those of the first, and after one of them has taken
 * theirs back there may be one less than there could be.
 *
 * @example
 * client.on("react", (event) => {
 *   message.reactions = applyReaction(message.reactions, event, client.user?.id);
 * });
 *
 * @param {Reactions | undefined} reactions
 * @param {Pick<React, "content" | "on" | "count" | "from" | "by">} event
 * @param {string | undefined} me id of the user
 * @returns {Reactions | undefined} undefined if there are none
 */
export function applyReaction(reactions, event, me) {
  const { content: emoji, count } = event;
  const before = Object.entries(reactions ?? {});
  const known = before.find(([other]) => other === emoji)?.[1];
  const reaction = react(known, event, me);
  /** @type {[string, Reaction][]} */
  const after = before.flatMap(([other, old]) => {
    if (other !== emoji) return [[other, old]];
    return count === 0 ? [] : [[other, reaction]];
  });
  if (!known && count > 0) after.push([emoji, reaction]);
  return after.length === 0 ? undefined : Object.fromEntries(after);
}

/**
 * @param {Reaction | undefined} known
 * @param {Pick<React, "on" | "count" | "from" | "by">} event
 * @param {string | undefined} me
 * @returns {Reaction}
 */
function react(known, { on, count, from, by }, me) {
  const before = known?.names ?? [];
  const others = on && before.includes(from) ? before : before.filter((name) => name !== from);
  const names = on && !before.includes(from) ? [...others, from] : others;
  const mine = by === me ? on : known?.mine === true;
  // Somebody may have been called differently when they reacted: there are never more names than users.
  return { count, names: names.slice(0, Math.min(count, MAX_NAMES)), ...(mine && { mine }) };
}

/** Types of requests and of events that change a message. @type {ReadonlySet<string>} */
const CHANGES = new Set(["edit", "delete", "react"]);

/** Whether a request or an event is about changing a message. @param {{ type: string }} message */
export function isChange({ type }) {
  return CHANGES.has(type);
}

/**
 * A message after a change to it.
 *
 * @param {UserMessage} message
 * @param {Change} change of this message
 * @param {string | undefined} me id of the user
 * @returns {UserMessage}
 */
export function applyChange(message, change, me) {
  switch (change.type) {
    case "edit":
      return { ...message, content: change.content, edited: change.time };
    case "delete":
      return deleted(message);
    case "react": {
      const { reactions: before, ...rest } = message;
      const reactions = applyReaction(before, change, me);
      return reactions ? { ...rest, reactions } : rest;
    }
  }
}

/**
 * A message after it was deleted: who said it and when is all that is left.
 *
 * @param {UserMessage} message
 * @returns {UserMessage}
 */
function deleted({ file: _file, reactions: _reactions, edited: _edited, ...rest }) {
  return { ...rest, type: "user", content: "", deleted: true };
}
