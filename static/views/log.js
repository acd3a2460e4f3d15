/**
 * The log of a conversation. Only the rows near the view are in the document; the others are room
 * above and below. Where the reader is, is kept as "so far into that row" or as "at the end", never
 * as a number of pixels from the top, so that nothing jumps when pages load or pictures appear.
 *
 * @module
 */
import { estimateHeight, headingsOf } from "../logic/grouping.js";
import { Heights } from "../logic/heights.js";
import { emit, h, setText } from "./dom.js";
import { mountJumpButton } from "./jump_button.js";
import { followKeys } from "./log_keys.js";
import { mountToolbar } from "./message_toolbar.js";
import { makeRows } from "./rows.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").Entry} Entry */
/** @typedef {import("./message.js").RowFacts} RowFacts */

/** Drawn above and below what can be seen, in pixels. */
const OVERSCAN = 600;

/** Room below the last row, as in the style sheet, in pixels. */
const FOOT = 8;

/** Nearer to the end than this, in pixels, counts as at the end. */
const AT_END = 24;

/** A further page is asked for when fewer rows than this are left. */
const NEAR_EDGE = 15;

/**
 * @param {Page} page
 * @returns {import("./page.js").View & { jumpTo: (seq: number) => void, toEnd: () => void, focusLast: () => void }}
 */
export function mountLog(page) {
  const before = h("div");
  const list = h("div", { class: "rows" });
  const after = h("div");
  const scroller = h("div", { class: "log", role: "log", tabindex: 0 }, before, list, after);
  scroller.setAttribute("aria-live", "off");
  const empty = h("div", { class: "empty" });
  const jump = mountJumpButton(page);
  const loading = h("div", { class: "loading", hidden: true }, page.speech.say("loading"));
  const element = h("div", { class: "log-frame" }, scroller, empty, loading, jump.element);
  const toolbar = mountToolbar(page, list);
  const rows = makeRows(page, list, scroller, toolbar);

  const heights = new Heights();
  /** Measured heights of rows by key, kept while the conversation is shown. @type {Map<string, number>} */
  const measured = new Map();
  /** @type {WeakMap<import("../logic/types.js").Outgoing, Entry>} */
  const pendingEntries = new WeakMap();
  /** @type {Entry[]} */
  let entries = [];
  /** @type {Conversation | undefined} */
  let shown;
  let shownLog = {};
  /** Whether the reader is where this conversation is to be opened: at the end, or at the line. */
  let placed = false;
  /** Null: at the end. @type {{ key: string, offset: number } | null} */
  let anchor = null;
  let lastTop = -1;
  let flash = 0;
  let columns = 80;

  scroller.addEventListener("scroll", () => {
    if (Math.abs(scroller.scrollTop - lastTop) < 1) return;
    noteScroll();
    draw();
  }, { passive: true });
  new ResizeObserver(() => {
    columns = Math.max(20, Math.floor(scroller.clientWidth / 8));
    draw();
  }).observe(scroller);
  new ResizeObserver(() => draw()).observe(list);
  followKeys(scroller, list, { reveal });
  jump.element.addEventListener("click", () => {
    toEnd();
    emit(element, "return-to-present");
  });

  function noteScroll() {
    lastTop = scroller.scrollTop;
    const rest = scroller.scrollHeight - scroller.clientHeight - lastTop;
    const index = heights.indexAt(lastTop);
    const key = entries[index]?.key;
    const atEnd = rest < AT_END && (shown?.log.atEnd ?? true);
    anchor = atEnd || key === undefined ? null : { key, offset: lastTop - heights.offset(index) };
  }

  /** Takes over the model's entries and makes the heights fit them. */
  function sync() {
    const { conversation } = page.chat;
    if (!conversation) return;
    if (conversation !== shown || conversation.log !== shownLog) {
      shown = conversation;
      shownLog = conversation.log;
      placed = false;
      anchor = null;
      measured.clear();
      rows.clear();
      entries = [];
    }
    const { log } = conversation;
    const pending = log.atEnd || log.live < 0 ? page.chat.queue.of(conversation.key) : [];
    const next = [
      ...conversation.log.entries,
      ...pending.map((item) => pendingEntry(item, log.last)),
    ];
    fitHeights(next);
    entries = next;
  }

  /**
   * The same object for the same item, so that its row is not drawn anew.
   *
   * @param {import("../logic/types.js").Outgoing} item
   * @param {number} seq
   */
  function pendingEntry(item, seq) {
    const known = pendingEntries.get(item);
    if (known?.seq === seq) return known;
    /** @type {Entry} */
    const entry = { kind: "pending", key: `p${item.id}`, seq, item };
    pendingEntries.set(item, entry);
    return entry;
  }

  /** @param {Entry[]} next */
  function fitHeights(next) {
    const older = next.length - entries.length;
    const [first] = entries;
    if (first && older > 0 && next[older]?.key === first.key && next[0]?.key !== first.key) {
      heights.prepend(next.slice(0, older).map(heightOf));
      return;
    }
    let same = Math.min(entries.length, next.length);
    const grown = entries[0]?.key === next[0]?.key && entries.length > 0;
    while (grown && same > 0 && entries[same - 1]?.key !== next[same - 1]?.key) same--;
    if (!grown || entries.length - same > 50) return heights.reset(next.map(heightOf));
    while (heights.length > same) heights.pop();
    for (const entry of next.slice(same)) heights.push(heightOf(entry));
  }

  /** @param {Entry} entry */
  function heightOf(entry) {
    return measured.get(entry.key) ?? estimateHeight(entry, columns);
  }

  /** Opens a conversation at its first unread message, if the unread ones fill more than the view. */
  function place() {
    const { log, unread, loading, joined, kind } = shown ?? {};
    const known = log && log.live >= 0 && !loading && (joined || kind === "direct");
    if (placed || !known || !unread) return;
    const index = unread.line > 0 ? log.indexOf(unread.line) : -1;
    if (index >= 0) draw();
    placed = true;
    const rest = index < 0 ? 0 : heights.total - heights.offset(index);
    if (rest > scroller.clientHeight * 0.8) anchor = { key: `m${unread.line}`, offset: -80 };
  }

  function draw() {
    if (!shown || scroller.clientHeight === 0) return;
    // A drawn row may turn out higher or lower than was guessed, and others come into view.
    for (let round = 0; round < 4; round++) {
      if (!drawOnce(wantedTop())) break;
    }
    settle();
  }

  function wantedTop() {
    const most = heights.total + FOOT - scroller.clientHeight;
    if (!anchor) return Math.max(0, most);
    const index = indexOf(anchor.key);
    return Math.max(0, Math.min(most, heights.offset(Math.max(0, index)) + anchor.offset));
  }

  /** @param {string} key */
  function indexOf(key) {
    if (key.startsWith("m")) {
      const index = shown?.log.indexOf(Number(key.slice(1))) ?? -1;
      if (index >= 0) return index;
    }
    return entries.findIndex((entry) => entry.key === key);
  }

  /**
   * @param {number} top
   * @returns {boolean} whether heights changed
   */
  function drawOnce(top) {
    const { from, to } = heights.window(top - OVERSCAN, top + scroller.clientHeight + OVERSCAN);
    const wanted = new Set();
    /** @type {Element | null} */
    let place = list.firstElementChild;
    for (let i = from; i < to; i++) {
      const entry = entries[i];
      if (!entry) continue;
      wanted.add(entry.key);
      const row = rows.rowOf(entry, factsOf(entry, i));
      if (place === row) place = row.nextElementSibling;
      else list.insertBefore(row, place);
    }
    rows.keep(wanted);
    let changed = false;
    const tops = [...list.children].map((row) => row.getBoundingClientRect().height);
    for (let i = from; i < to; i++) {
      const height = tops[i - from];
      const key = entries[i]?.key;
      if (height === undefined || key === undefined || heights.get(i) === height) continue;
      heights.set(i, height);
      measured.set(key, height);
      changed = true;
    }
    before.style.height = `${heights.offset(from)}px`;
    after.style.height = `${Math.max(0, heights.total - heights.offset(to))}px`;
    return changed;
  }

  /**
   * @param {Entry} entry
   * @param {number} index
   * @returns {RowFacts}
   */
  function factsOf(entry, index) {
    const { me } = page.chat;
    const replyTo = entry.kind === "message"
      ? entry.message.reply_to
      : entry.kind === "pending"
      ? entry.item.replyTo
      : undefined;
    const message = entry.kind === "message";
    const line = message && shown?.unread.line === entry.seq;
    const headings = headingsOf(entry, entries[index - 1], me);
    return {
      day: headings.day,
      author: headings.author || (line && message),
      line,
      intro: index === 0 && shown?.log.atStart === true,
      flash: message && flash === entry.seq,
      quoted: replyTo === undefined ? undefined : quotedOf(replyTo),
      online: entry.kind !== "pending" || page.chat.online,
      me,
      title: shown?.name ?? "",
    };
  }

  /** @param {number} seq */
  function quotedOf(seq) {
    const known = shown?.log.find(seq) ?? shown?.quoted.get(seq);
    if (known === undefined) queueMicrotask(() => emit(element, "need-quoted", seq));
    return known ?? null;
  }

  function settle() {
    const top = wantedTop();
    if (Math.abs(scroller.scrollTop - top) >= 1) scroller.scrollTop = top;
    lastTop = scroller.scrollTop;
    const first = heights.indexAt(lastTop);
    const last = heights.indexAt(lastTop + scroller.clientHeight);
    if (first < NEAR_EDGE && shown && !shown.log.atStart) emit(element, "need-older");
    if (last > entries.length - NEAR_EDGE && shown && !shown.log.atEnd) emit(element, "need-newer");
    emit(element, "attention", placed && anchor === null);
    const rest = heights.total - lastTop - scroller.clientHeight;
    const far = rest > scroller.clientHeight || shown?.log.atEnd === false;
    jump.show(anchor !== null && (far || (shown?.unread.count ?? 0) > 0));
  }

  /** @param {number} seq */
  function jumpTo(seq) {
    flash = seq;
    placed = true;
    sync();
    anchor = { key: `m${seq}`, offset: -Math.round(scroller.clientHeight / 3) };
    draw();
    rows.focus(`m${seq}`);
  }

  function toEnd() {
    anchor = null;
    draw();
  }

  /**
   * Brings a row beyond the drawn ones into view.
   *
   * @param {HTMLElement} row
   */
  function reveal(row) {
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function update() {
    sync();
    place();
    draw();
    const nothing = entries.length === 0 && shown?.log.live === 0;
    empty.hidden = !nothing;
    if (nothing && shown) fillEmpty(empty, shown, page);
    loading.hidden = !shown?.loading;
    setText(loading, page.speech.say("loading"));
    const label = shown?.kind === "direct" ? "log_direct" : "log_room";
    scroller.setAttribute("aria-label", page.speech.say(label, { name: shown?.name ?? "" }));
    jump.update();
    toolbar.update();
  }

  function focusLast() {
    const last = list.lastElementChild;
    if (last instanceof HTMLElement) reveal(last);
  }

  return { element, update, jumpTo, toEnd, focusLast };
}

/**
 * @param {HTMLElement} element
 * @param {Conversation} conversation
 * @param {Page} page
 */
function fillEmpty(element, { kind, name }, { speech }) {
  const direct = kind === "direct";
  const title = speech.say(direct ? "intro_direct" : "intro_room", { name });
  const text = speech.say(direct ? "intro_direct_text" : "empty_room_text");
  if (element.textContent === title + text) return;
  element.replaceChildren(h("h2", {}, title), h("p", {}, text));
}
