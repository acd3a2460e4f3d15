/**
 * How a row depends on the one before it: whether it continues the same author's messages and whether
 * a new day begins. Also estimates the height of rows.
 *
 * @module
 */

/** @typedef {import("./types.js").Entry} Entry */
/** @typedef {import("./types.js").UserMessage} UserMessage */

/** A message that comes later than this after the one before it shows its author again. In milliseconds. */
export const GROUP_WITHIN = 5 * 60_000;

/**
 * @param {Entry} entry
 * @returns {number} milliseconds since 1970
 */
export function timeOf(entry) {
  if (entry.kind === "message") return entry.message.time;
  return entry.kind === "pending" ? entry.item.time : entry.time;
}

/**
 * @param {Entry} entry
 * @param {string} me the reader's id: the author of what is pending
 * @returns {string} their id, or a name that has none; empty for a notice
 */
export function authorOf(entry, me) {
  if (entry.kind === "message") return entry.message.by ?? `name:${entry.message.from}`;
  return entry.kind === "pending" ? me : "";
}

/**
 * @param {number} a milliseconds since 1970
 * @param {number} b
 */
export function sameDay(a, b) {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/**
 * Decides what is shown above an entry.
 *
 * @param {Entry} entry
 * @param {Entry | undefined} before
 * @param {string} me the reader's id
 * @returns {{ day: boolean, author: boolean }} `day`: a day's heading; `author`: name and time
 */
export function headingsOf(entry, before, me) {
  const time = timeOf(entry);
  const day = !before || !sameDay(timeOf(before), time);
  const author = authorOf(entry, me);
  if (author === "") return { day, author: false };
  const continues = before && !day && authorOf(before, me) === author &&
    time - timeOf(before) < GROUP_WITHIN && !quotes(entry);
  return { day, author: !continues };
}

/** @param {Entry} entry */
function quotes(entry) {
  return entry.kind === "message"
    ? entry.message.reply_to !== undefined
    : entry.kind === "pending" && entry.item.replyTo !== undefined;
}

/**
 * Estimates a row's height until it is drawn and measured.
 *
 * @param {Entry} entry
 * @param {number} columns characters that fit on a line
 * @returns {number} pixels
 */
export function estimateHeight(entry, columns) {
  if (entry.kind === "presence" || entry.kind === "system") return 28;
  if (entry.kind === "message" && entry.message.file) {
    return entry.message.file.media_type.startsWith("image/") ? 250 : 90;
  }
  const text = entry.kind === "message" ? entry.message.content : entry.item.content;
  let lines = 0;
  for (const line of text.slice(0, 16_384).split("\n")) {
    lines += Math.max(1, Math.ceil(line.length / columns));
  }
  return 12 + lines * 22;
}
