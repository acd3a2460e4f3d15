/**
 * Gets the reader's attention while they look elsewhere: title, notifications, sound.
 *
 * @module
 */
import { plainText } from "../logic/markup.js";
import { hashOf } from "../logic/rooms.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("../chat/chat.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */

/** @type {AudioContext | null} */
let audio = null;

/** Notifications that may be on the screen, by conversation, with what they say. @type {Map<string, { message: UserMessage, close: () => void }>} */
const notices = new Map();

/**
 * "(3) #lobby · Hubbub": the number of mentions and direct messages, or a dot if only others are unread.
 *
 * @param {Page} page
 */
export function updateTitle({ chat }) {
  let count = 0;
  let unread = false;
  for (const conversation of chat.conversations.values()) {
    const all = chat.unread(conversation);
    count += all.mentions;
    unread ||= all.count > 0;
  }
  const badge = count > 0 ? `(${count}) ` : unread ? "• " : "";
  const { conversation } = chat;
  const sign = conversation?.kind === "direct" ? "@" : "#";
  const where = conversation ? `${sign}${conversation.name} · ` : "";
  const title = `${badge}${where}Hubbub`;
  if (document.title !== title) document.title = title;
}

/**
 * Called for a message that the reader does not see.
 *
 * @param {Page} page
 * @param {Conversation} conversation
 * @param {UserMessage} message
 */
export function callForAttention({ settings, speech }, conversation, message) {
  if (settings.sound) playSound();
  if (!settings.notify || !("Notification" in globalThis)) return;
  if (Notification.permission !== "granted") return;
  const title = conversation.kind === "direct"
    ? message.from
    : speech.say("notification_title", { name: message.from, room: conversation.name });
  const notification = new Notification(title, {
    body: plainText(message.content).slice(0, 200),
    tag: location.pathname + conversation.key,
    icon: "static/page/icon-192.png",
  });
  notices.set(conversation.key, { message, close: () => notification.close() });
  notification.addEventListener("click", () => {
    globalThis.focus();
    location.hash = hashOf(conversation);
    notification.close();
  });
}

/**
 * Takes away what is not true any more.
 *
 * @param {(message: UserMessage) => UserMessage} change gives back what does not change
 */
export function reviseNotices(change) {
  for (const [key, { message, close }] of notices) {
    const { content, deleted } = change(message);
    if (!deleted && content === message.content) continue;
    close();
    notices.delete(key);
  }
}

/**
 * Requests permission to notify. Must be called from a click.
 *
 * @returns {Promise<boolean>}
 */
export async function askToNotify() {
  if (!("Notification" in globalThis)) return false;
  return await Notification.requestPermission() === "granted";
}

/** Plays two soft tones, generated so that no sound file is needed. */
export function playSound() {
  audio ??= new AudioContext();
  const start = audio.currentTime;
  for (const [index, pitch] of [660, 880].entries()) {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    const at = start + index * 0.09;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(0.08, at + 0.01);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.25);
    tone.connect(loudness).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.3);
  }
}
