/**
 * The message box: grows with the text, keeps a draft for each conversation, sends on Enter, edits the last
 * message on ↑.
 *
 * @module
 */
import { MAX_CONTENT_BYTES } from "../../protocol/wire.js";
import { lastOwn } from "../chat/talk.js";
import { messageOf, targetOf } from "../logic/conversation.js";
import { byteLength, replaceRange } from "../logic/text.js";
import { mountCompletion } from "./completion.js";
import { emit, h, icon, iconButton, setAttributes, setText } from "./dom.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/conversation.js").Target} Target */

/** The size is shown from this fraction of the limit. */
const NEARLY_FULL = 0.9;

/**
 * @param {Page} page
 * @returns {import("./page.js").View & Record<"focus" | "restore", () => void> & { insert: (text: string) => void }}
 */
export function mountComposer(page) {
  const { speech, chat } = page;
  const input = h("textarea", {
    id: "composer",
    rows: 1,
    dir: "auto",
    enterkeyhint: "send",
    "aria-describedby": "composer-note",
  });
  const completion = mountCompletion(page, input, accept);
  const picker = h("input", { type: "file", multiple: true, hidden: true, tabindex: -1 });
  picker.setAttribute("aria-hidden", "true");
  const attach = iconButton("attach", speech.say("attach"));
  const emoji = iconButton("emoji", speech.say("emoji"));
  const send = h("button", { type: "submit", class: "send" }, icon("send"));
  const bannerText = h("span", { class: "banner-text", "aria-live": "polite" });
  const cancel = iconButton("close", speech.say("cancel"));
  const banner = h("div", { class: "composer-banner", hidden: true }, bannerText, cancel);
  const note = h("p", { class: "composer-note", id: "composer-note", "aria-live": "polite" });
  const element = h(
    "form",
    { class: "composer", novalidate: true },
    completion.element,
    banner,
    h("div", { class: "composer-box" }, attach, picker, input, emoji, send),
    note,
  );
  /** @type {Conversation | undefined} */
  let shown;
  /** @type {Target | null} */
  let editing = null;
  /** The text of what is edited, as it was when that began. */
  let original = "";

  element.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener("input", () => {
    if (shown && !editing) chat.memory.saveDraft(shown.key, input.value);
    if (input.value.trim() !== "") emit(element, "typing");
    grow();
    update();
  });
  input.addEventListener("keydown", (event) => {
    // While an input method composes, Enter picks a candidate and must not send.
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Enter" && !event.shiftKey) submit();
    else if (event.key === "Escape" && (shown?.editing || shown?.replyTo)) cancelBanner();
    else if (event.key === "ArrowUp" && input.value === "" && shown) return editLast(event);
    else return;
    event.preventDefault();
  });
  cancel.addEventListener("click", cancelBanner);
  attach.addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    emit(element, "files", [...picker.files ?? []]);
    picker.value = "";
  });
  emoji.addEventListener("click", () => emit(element, "pick-emoji", { anchor: emoji, insert }));

  /** @param {KeyboardEvent} event */
  function editLast(event) {
    const own = shown && lastOwn(chat, shown);
    if (!own) return;
    event.preventDefault();
    emit(element, "message-verb", { verb: "edit", seq: own.seq });
  }

  function submit() {
    const text = input.value.trim();
    if (!shown || (text === "" && !editing) || tooLong(text)) return;
    if (editing) {
      if (text !== "") emit(element, "save-edit", { seq: editing.seq, text });
      else emit(element, "message-verb", { verb: "delete", seq: editing.seq });
      return cancelBanner();
    }
    input.value = "";
    chat.memory.saveDraft(shown.key, "");
    emit(element, "say", { key: shown.key, text });
    grow();
    update();
  }

  function cancelBanner() {
    if (shown) {
      shown.editing = null;
      shown.replyTo = null;
    }
    update();
    input.focus();
  }

  /**
   * @param {{ from: number, to: number }} range
   * @param {string} replacement
   */
  function accept(range, replacement) {
    const { text, caret } = replaceRange(input.value, range, replacement);
    change(text, caret);
  }

  /** @param {string} text */
  function insert(text) {
    const { selectionStart, selectionEnd, value } = input;
    change(
      value.slice(0, selectionStart) + text + value.slice(selectionEnd),
      selectionStart + text.length,
    );
  }

  /**
   * @param {string} text
   * @param {number} caret
   */
  function change(text, caret) {
    input.value = text;
    input.focus();
    input.setSelectionRange(caret, caret);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function grow() {
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight}px`;
  }

  /** @param {string} text */
  function tooLong(text) {
    return byteLength(text) > (chat.limits?.content_bytes ?? MAX_CONTENT_BYTES);
  }

  /** Changes to another conversation, or starts or ends editing, as the model says. */
  function follow() {
    const { conversation } = chat;
    const nextEditing = conversation?.editing ?? null;
    if (conversation?.key === shown?.key && nextEditing === editing) {
      shown = conversation;
      return;
    }
    shown = conversation;
    editing = nextEditing;
    original = (shown && editing && messageOf(shown, editing.seq)?.content) ?? "";
    input.value = editing ? original : chat.memory.draft(shown?.key ?? "");
    completion.close();
    grow();
    if (editing) {
      input.focus();
      input.setSelectionRange(input.value.length, input.value.length);
    }
  }

  /**
   * Whether what is answered or edited is gone. Where that is not known, it is asked for.
   *
   * @param {Target | null | undefined} target
   */
  function isGone(target) {
    const message = shown && target ? targetOf(shown, target) : null;
    if (message === undefined) emit(element, "need-quoted", target?.seq);
    return message === null;
  }

  /** What is edited was deleted: what was typed goes on as a draft. */
  function stopEditing() {
    if (!shown || !editing || !isGone(editing)) return;
    const { key } = shown;
    const typed = input.value === original ? [] : [input.value];
    chat.memory.saveDraft(key, [chat.memory.draft(key), ...typed].filter(Boolean).join("\n"));
    shown.editing = null;
    emit(element, "edit-gone");
    follow();
  }

  function update() {
    follow();
    stopEditing();
    const direct = shown?.kind === "direct";
    const label = speech.say(direct ? "write_to" : "write_in", { name: shown?.name ?? "" });
    setAttributes(input, { "aria-label": label, placeholder: label });
    banner.hidden = !shown?.editing && !shown?.replyTo;
    setText(
      bannerText,
      shown?.editing
        ? speech.say("editing")
        : shown?.replyTo
        ? isGone(shown.replyTo)
          ? speech.say("reply_gone")
          : speech.say("replying", { name: chat.nameOf(shown.replyTo) })
        : "",
    );
    updateSize();
    const sendLabel = speech.say(editing ? "save" : "send");
    setAttributes(send, { "aria-label": sendLabel, title: sendLabel });
    completion.update();
  }

  function updateSize() {
    const most = chat.limits?.content_bytes ?? MAX_CONTENT_BYTES;
    // A cheap upper bound first: a UTF-16 code unit takes at most three bytes of UTF-8.
    const size = input.value.length * 3 > most * NEARLY_FULL ? byteLength(input.value.trim()) : 0;
    const text = size > most * NEARLY_FULL ? speech.say("size", { size, most }) : "";
    setText(note, text);
    element.classList.toggle("too-long", size > most);
    send.disabled = size > most || (input.value.trim() === "" && !editing);
  }

  /** Shows the draft again after text was put back into it. */
  function restore() {
    shown = undefined;
    update();
    input.focus();
  }

  return { element, update, insert, restore, focus: () => input.focus() };
}
