/**
 * The log of a conversation: a virtual list of its messages and notices, with what is pending at the
 * end.
 *
 * @module
 */
import { messageOf } from "../logic/conversation.js";
import { estimateHeight, headingsOf } from "../logic/grouping.js";
import { PendingEntries } from "../logic/log.js";
import { emit, h, icon, setText } from "./dom.js";
import { followKeys } from "./log_keys.js";
import { mountToolbar } from "./message_toolbar.js";
import { makeRows } from "./rows.js";
import { VirtualList } from "./virtual_list.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./page.js").View} View */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").Entry} Entry */
/** @typedef {import("./message.js").RowFacts} RowFacts */

/** The next page is requested when fewer rows than this are left beyond the view. */
const NEAR_EDGE = 15;

/** Average width of a character, in pixels. Rows are estimated with it until they are measured. */
const CHARACTER = 8;

/** Space above the first unread message when a conversation is opened there, in pixels. */
const ABOVE_UNREAD = 80;

/** @param {Page} page */
export function mountLog(page) {
  return new LogView(page);
}

/**
 * Emits `need-older` and `need-newer` near an edge of what is loaded, `need-quoted` for a message that a
 * reply refers to, `attention` with whether the newest message is in view, and `return-to-present`.
 *
 * @implements {View}
 */
class LogView {
  #page;
  #scroller;
  #empty = h("div", { class: "empty" });
  #loading = h("div", { class: "loading", hidden: true });
  #jumpLabel = h("span");
  /** Leads to the newest message, and says how many are unread. */
  #jump = h(
    "button",
    { type: "button", class: "jump", hidden: true },
    this.#jumpLabel,
    icon("down"),
  );
  #pending = new PendingEntries();
  #toolbar;
  #rows;
  /** @type {VirtualList<Entry>} */
  #list;
  /** @type {Conversation | undefined} */
  #shown;
  /** The log of that conversation: where it has started over, it has another one. */
  #shownLog = {};
  /** Where it has started over: `seq` of the message that the reader was at; 0 for the end; -1 otherwise. */
  #kept = -1;
  /** Whether the conversation was opened at its end or at its first unread message. */
  #placed = false;
  /** `seq` of the message that was jumped to; 0 if none was. */
  #flash = 0;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
    this.#scroller = h("div", { class: "log", role: "log", tabindex: 0, "aria-live": "off" });
    this.#list = new VirtualList(this.#scroller, {
      estimate: (entry, width) =>
        estimateHeight(entry, Math.max(20, Math.floor(width / CHARACTER))),
      rowOf: (entry, index) => this.#rows.rowOf(entry, this.#factsOf(entry, index)),
      keep: (keys) => this.#rows.keep(keys),
      drawn: () => this.#report(),
    });
    this.#toolbar = mountToolbar(page, this.#list.rows);
    this.#rows = makeRows(page, this.#list.rows, this.#scroller, this.#toolbar);
    this.element = h(
      "div",
      { class: "log-frame" },
      this.#scroller,
      this.#empty,
      this.#loading,
      this.#jump,
    );
    followKeys(this.#scroller, this.#list.rows, this.#list);
    this.#jump.addEventListener("click", () => {
      this.toEnd();
      emit(this.element, "return-to-present");
    });
  }

  update() {
    this.#sync();
    this.#place();
    this.#list.draw();
    const { speech } = this.#page;
    const shown = this.#shown;
    const nothing = this.#list.items.length === 0 && shown?.log.live === 0;
    this.#empty.hidden = !nothing;
    if (nothing && shown) fillEmpty(this.#empty, shown, this.#page);
    this.#loading.hidden = !shown?.loading;
    setText(this.#loading, speech.say("loading"));
    const label = shown?.kind === "direct" ? "log_direct" : "log_room";
    this.#scroller.setAttribute("aria-label", speech.say(label, { name: shown?.name ?? "" }));
    const count = shown ? this.#page.chat.unread(shown).count : 0;
    setText(
      this.#jumpLabel,
      count > 0 ? speech.say("new_messages", { count }) : speech.say("to_present"),
    );
    this.#jump.classList.toggle("has-new", count > 0);
    this.#toolbar.update();
  }

  /**
   * Shows a message that is loaded, highlights it and gives it the focus.
   *
   * @param {number} seq
   */
  jumpTo(seq) {
    this.#sync();
    this.#flash = seq;
    this.#placed = true;
    this.#list.goTo(`m${seq}`, -Math.round(this.#list.viewHeight / 3));
    this.#list.draw();
    this.#rows.focus(`m${seq}`);
  }

  toEnd() {
    this.#list.goToEnd();
  }

  /** Brings the list's items up to date with the model. */
  #sync() {
    const { conversation, queue } = this.#page.chat;
    if (!conversation) return;
    if (conversation !== this.#shown || conversation.log !== this.#shownLog) {
      this.#open(conversation);
    }
    const { log } = conversation;
    const pending = log.atEnd || log.live < 0 ? queue.of(conversation.key) : [];
    this.#list.setItems([...log.entries, ...this.#pending.of(pending, log.last)], log.atEnd);
  }

  /** @param {Conversation} conversation */
  #open(conversation) {
    const { atEnd, items, visible } = this.#list;
    const startsOver = conversation === this.#shown && this.#placed;
    this.#kept = startsOver ? atEnd ? 0 : items[visible.first]?.seq ?? 0 : -1;
    this.#flash = 0;
    this.#shown = conversation;
    this.#shownLog = conversation.log;
    this.#placed = false;
    this.#list.clear();
    this.#rows.clear();
  }

  /** Opens a conversation at its first unread message, if the unread ones fill more than the view. */
  #place() {
    const shown = this.#shown;
    if (this.#placed || !shown || shown.log.live < 0 || shown.loading) return;
    if (!this.#page.chat.isIn(shown)) return;
    if (this.#kept >= 0) return this.#placeAgain(shown, this.#kept);
    const { line } = this.#page.chat.unread(shown);
    const index = line > 0 ? this.#firstFrom(line) : -1;
    // Drawn rows are measured: what follows must not be decided by estimates.
    if (index >= 0) this.#list.draw();
    this.#placed = true;
    if (index >= 0 && this.#list.heightFrom(index) > this.#list.viewHeight * 0.8) {
      this.#list.goTo(this.#list.items[index]?.key ?? "", -ABOVE_UNREAD);
    }
  }

  /**
   * The conversation has started over: the reader stays where they were, if that is in the new page.
   *
   * @param {Conversation} conversation
   * @param {number} seq
   */
  #placeAgain({ log }, seq) {
    this.#placed = true;
    if (log.indexOf(seq) >= 0) this.#list.goTo(`m${seq}`, 0);
  }

  /**
   * Index of the first message at or behind a `seq`; -1 if those before it are not loaded, or it is not.
   *
   * @param {number} seq
   */
  #firstFrom(seq) {
    if (seq < (this.#shown?.log.first ?? Infinity)) return -1;
    return this.#list.items.findIndex((item) => item.kind === "message" && item.seq >= seq);
  }

  /**
   * Whether a message is the one below the "new" line.
   *
   * @param {number} seq
   * @param {number} index
   */
  #isFirstUnread(seq, index) {
    if (!this.#shown) return false;
    const { line } = this.#page.chat.unread(this.#shown);
    const isBehind = line > 0 && seq >= line && line >= this.#shown.log.first;
    return isBehind && (this.#list.items[index - 1]?.seq ?? 0) < line;
  }

  /** Tells the page what the reader sees and what has to be loaded. */
  #report() {
    const shown = this.#shown;
    if (!shown) return;
    const { first, last } = this.#list.visible;
    const { atStart, atEnd } = shown.log;
    if (first < NEAR_EDGE && !atStart) emit(this.element, "need-older");
    if (last > this.#list.items.length - NEAR_EDGE && !atEnd) emit(this.element, "need-newer");
    emit(this.element, "attention", this.#placed && this.#list.atEnd);
    const far = this.#list.rest > this.#list.viewHeight || !atEnd;
    this.#jump.hidden = this.#list.atEnd || !(far || this.#page.chat.unread(shown).count > 0);
  }

  /**
   * @param {Entry} entry
   * @param {number} index
   * @returns {RowFacts}
   */
  #factsOf(entry, index) {
    const { chat } = this.#page;
    const { me, online, user } = chat;
    const shown = this.#shown;
    const message = entry.kind === "message";
    const marker = message && this.#isFirstUnread(entry.seq, index);
    const headings = headingsOf(entry, this.#list.items[index - 1], user.id);
    const quoted = this.#quotedBy(entry);
    return {
      day: headings.day,
      author: headings.author || marker,
      marker,
      intro: index === 0 && shown?.log.atStart === true,
      flash: message && this.#flash === entry.seq,
      quoted,
      online: entry.kind !== "pending" || online,
      me,
      from: message ? chat.nameOf(entry.message) : me,
      quotedFrom: quoted ? chat.nameOf(quoted) : "",
      title: shown?.name ?? "",
    };
  }

  /**
   * The message that an entry replies to: undefined if it is no reply, null if it is not loaded.
   *
   * @param {Entry} entry
   */
  #quotedBy(entry) {
    const seq = replyTo(entry);
    if (seq === undefined) return undefined;
    const known = this.#shown && messageOf(this.#shown, seq);
    if (known === undefined) queueMicrotask(() => emit(this.element, "need-quoted", seq));
    return known ?? null;
  }
}

/** @param {Entry} entry */
function replyTo(entry) {
  if (entry.kind === "message") return entry.message.reply_to;
  return entry.kind === "pending" ? entry.item.replyTo : undefined;
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
