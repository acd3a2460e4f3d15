/**
 * Pages of history: older and newer ones while scrolling, the surroundings of a search hit. The newest
 * page comes by itself on entering a room.
 *
 * @module
 */
/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").History} History */

/** Messages around one that is jumped to; with less than half of it, more are read. */
export const FIRST_PAGE = 60;

/** Messages in a further page. */
export const FURTHER_PAGE = 200;

/**
 * Shows what was said before, where less is known than fills the view, or not the first unread message.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 */
export async function openPage(chat, conversation) {
  const { log } = conversation;
  const { line } = chat.unread(conversation);
  const isEnough = log.entries.length >= FIRST_PAGE / 2 && (line === 0 || line >= log.first);
  if (log.live < 0 || log.atStart || isEnough) return;
  await loadOlder(chat, conversation);
}

/**
 * @param {Chat} chat
 * @param {Conversation} conversation
 */
export async function loadOlder(chat, conversation) {
  const { log } = conversation;
  if (log.atStart || log.live < 0) return;
  const range = { before: log.first, limit: FURTHER_PAGE };
  const page = await load(chat, conversation, "older", range);
  if (!page) return;
  log.prepend(page.messages, page.complete);
  chat.changed();
}

/**
 * @param {Chat} chat
 * @param {Conversation} conversation
 */
export async function loadNewer(chat, conversation) {
  const { log } = conversation;
  if (log.atEnd || log.live < 0) return;
  const range = { after: log.last, limit: FURTHER_PAGE };
  const page = await load(chat, conversation, "newer", range);
  if (!page) return;
  log.append(page.messages);
  // The server holds nothing newer: what we believed to be live is gone.
  if (page.complete && !log.atEnd) log.live = log.last;
  chat.changed();
}

/**
 * Shows the surroundings of a message.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {number} seq
 * @returns {Promise<boolean>} whether the message is there
 */
export async function loadAround(chat, conversation, seq) {
  const { log } = conversation;
  if (log.indexOf(seq) >= 0) return true;
  const before = seq + FIRST_PAGE / 2 + 1;
  const page = await load(chat, conversation, "page", { before, limit: FIRST_PAGE });
  // It may have started over meanwhile.
  if (!page || log !== conversation.log) return false;
  const live = Math.max(log.live, page.messages.at(-1)?.seq ?? 0);
  log.open(page.messages, { live, atStart: page.complete });
  chat.changed();
  return log.indexOf(seq) >= 0;
}

/**
 * Goes back to the newest messages, after a jump into the past.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 */
export async function returnToPresent(chat, conversation) {
  const { log } = conversation;
  if (log.atEnd) return;
  const page = await load(chat, conversation, "page", { limit: FIRST_PAGE });
  if (!page) return;
  log.open(page.messages, { live: page.last, atStart: page.complete });
  chat.changed();
}

/**
 * Fetches a message that a reply refers to, for its quote.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {number} seq
 */
export async function loadQuoted(chat, conversation, seq) {
  const { key: room, quoted } = conversation;
  if (quoted.has(seq) || !chat.isIn(conversation)) return;
  quoted.set(seq, undefined);
  const range = { before: seq + 1, limit: 1 };
  const page = await chat.ask({ type: "history", room, ...range });
  if (!page) return void quoted.delete(seq);
  quoted.set(seq, page.messages.find((candidate) => candidate.seq === seq) ?? null);
  chat.changed();
}

/**
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {"older" | "newer" | "page"} what
 * @param {{ before?: number, after?: number, limit: number }} range
 * @returns {Promise<History | null>} null if it could not be had, or one is on its way
 */
async function load(chat, conversation, what, range) {
  if (conversation.loading || !chat.isIn(conversation)) return null;
  conversation.loading = what;
  chat.changed();
  const answer = await chat.ask({ type: "history", room: conversation.key, ...range });
  conversation.loading = null;
  chat.changed();
  return answer;
}
