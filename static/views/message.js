/**
 * One row of the log: a message, a pending message or a notice, with the headings above it.
 *
 * @module
 */
import { timeOf } from "../logic/grouping.js";
import { plainText } from "../logic/markup.js";
import { mixedMark } from "./mixed_mark.js";
import { hueOf, initials, mentions } from "../logic/names.js";
import { foldPresence } from "../logic/presence.js";
import { isOwn } from "../logic/rights.js";
import { avatar, h, icon } from "./dom.js";
import { fileView } from "./file.js";
import { explain } from "./page.js";
import { richText } from "./rich_text.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("../logic/types.js").Entry} Entry */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */
/** @typedef {import("../logic/types.js").Outgoing} Outgoing */

/**
 * Everything that a row shows apart from its entry. Rows with equal entries and facts look the same.
 *
 * @typedef {object} RowFacts
 * @property {boolean} day shows a heading with the day
 * @property {boolean} author shows name and time
 * @property {boolean} marker shows the unread marker
 * @property {boolean} intro shows the start of the conversation
 * @property {boolean} flash highlighted after a jump
 * @property {UserMessage | null | undefined} quoted the message it replies to; null: not loaded
 * @property {boolean} online whether a pending message is being sent
 * @property {string} me
 * @property {string} from what the author is called now
 * @property {string} quotedFrom the same, of the message it replies to
 * @property {string} title the conversation's name
 */

/**
 * Fills a row.
 *
 * @param {HTMLElement} row
 * @param {Entry} entry
 * @param {RowFacts} facts
 * @param {Page} page
 * @param {readonly string[]} names that may be mentioned
 */
export function fillRow(row, entry, facts, page, names) {
  const { speech, chat } = page;
  row.replaceChildren();
  if (facts.intro) row.append(intro(facts.title, page));
  if (facts.day) {
    const label = speech.day(timeOf(entry), page.now());
    row.append(h("div", { class: "rule day" }, h("span", {}, label)));
  }
  if (facts.marker) {
    row.append(h("div", { class: "rule new" }, h("span", {}, speech.say("new_line"))));
  }
  if (entry.kind === "presence" || entry.kind === "system") {
    row.className = "row notice";
    row.append(h("p", { dir: "auto" }, noticeText(entry, page)));
    return;
  }
  const said = entry.kind === "message" ? entry.message : asMessage(entry.item, chat.user);
  const mention = !isOwn(chat.user, said) && mentions(said.content, facts.me);
  row.className = `row message${facts.author ? " first" : ""}${mention ? " mentions-me" : ""}${
    facts.flash ? " flash" : ""
  }${entry.kind === "pending" ? ` ${entry.item.state}` : ""}`;
  const content = h("div", { class: "content" });
  if (facts.author) content.append(heading(said, facts.from, page));
  if (said.reply_to !== undefined) content.append(quote(said.reply_to, facts, page));
  content.append(body(said, facts, page, names));
  if (said.reactions) content.append(reactions(said, page));
  if (entry.kind === "pending") content.append(status(entry.item, page));
  const gutter = facts.author
    ? avatar(initials(facts.from), hueOf(said.by ?? said.from))
    : h("time", { class: "gutter-time", "aria-hidden": "true" }, speech.shortClock(said.time));
  row.append(h("div", { class: "bubble" }, gutter, content));
}

/**
 * @param {string} title
 * @param {Page} page
 */
function intro(title, { speech, chat }) {
  const direct = chat.conversation?.kind === "direct";
  return h(
    "div",
    { class: "intro" },
    h("h2", {}, speech.say(direct ? "intro_direct" : "intro_room", { name: title })),
    h("p", {}, speech.say(direct ? "intro_direct_text" : "intro_room_text")),
  );
}

/**
 * @param {UserMessage} said
 * @param {string} from what the author is called now
 * @param {Page} page
 */
function heading({ by, from: signed, time }, from, { speech, chat }) {
  const clock = h("time", { datetime: new Date(time).toISOString() }, speech.clock(time));
  clock.title = speech.moment(time);
  const isOther = by !== undefined && by !== chat.user.id;
  const name = h("button", {
    type: "button",
    class: `author hue-${hueOf(by ?? signed)}`,
    "data-verb": "person",
    "data-id": by,
    disabled: !isOther,
    title: isOther && speech.say("write_to", { name: from }),
  });
  name.dataset["name"] = from;
  name.append(h("bdi", {}, from));
  return h("div", { class: "heading" }, name, mixedMark(speech, from), clock);
}

/**
 * @param {number} seq
 * @param {RowFacts} facts
 * @param {Page} page
 */
function quote(seq, { quoted, quotedFrom }, { speech }) {
  const gone = !quoted || quoted.deleted;
  const text = gone ? speech.say("quote_gone") : plainText(quoted.content).slice(0, 200);
  const button = h("button", {
    type: "button",
    class: "quote",
    "data-verb": "jump",
    "data-seq": seq,
  });
  button.append(icon("reply"));
  if (!gone) button.append(h("b", {}, h("bdi", {}, quotedFrom)), " ");
  button.append(h("span", { dir: "auto" }, text));
  return button;
}

/**
 * @param {UserMessage} said
 * @param {RowFacts} facts
 * @param {Page} page
 * @param {readonly string[]} names
 */
function body(said, facts, page, names) {
  if (said.deleted) return h("p", { class: "body gone" }, page.speech.say("message_deleted"));
  if (said.file) return fileView(said.file, page);
  const text = richText(said.content, { me: facts.me, names });
  if (said.edited !== undefined) {
    const when = page.speech.moment(said.edited);
    const mark = h("span", { class: "edited" }, ` ${page.speech.say("edited")}`);
    mark.title = when;
    text.append(mark);
  }
  return text;
}

/**
 * @param {UserMessage} said
 * @param {Page} page
 */
function reactions({ reactions = {}, seq }, { speech }) {
  const chips = Object.entries(reactions).map(([emoji, { count, names, mine = false }]) => {
    const who = speech.list(names, names.length, count);
    const attributes = { type: "button", class: "chip", "data-verb": "react", "data-seq": seq };
    const chip = h(
      "button",
      attributes,
      emoji,
      h("span", {}, speech.number(count)),
      h("span", { class: "hidden-text" }, who),
    );
    chip.dataset["emoji"] = emoji;
    chip.setAttribute("aria-pressed", String(mine));
    chip.title = who;
    return chip;
  });
  return h("div", { class: "reactions" }, ...chips);
}

/**
 * @param {Outgoing} item
 * @param {Page} page
 */
function status(item, { speech, chat }) {
  if (item.state === "waiting") {
    return h("p", { class: "status" }, speech.say(chat.online ? "sending" : "waits"));
  }
  const reason = explain(speech, item.problem ?? "internal", {
    words: { conflict: "problem_id_used" },
  });
  /** @type {("retry" | "copy" | "discard")[]} */
  const verbs = item.type === "file" ? ["retry", "discard"] : ["retry", "copy", "discard"];
  const buttons = verbs.map((verb) =>
    h(
      "button",
      { type: "button", class: "link", "data-verb": verb, "data-id": item.id },
      speech.say(verb),
    )
  );
  // Only the server knows until when and why; it says so in English.
  const detail = item.problem === "muted" && item.detail
    ? [h("bdi", { lang: "en" }, item.detail), " "]
    : [];
  return h(
    "p",
    { class: "status" },
    speech.say("not_sent", { reason }),
    " ",
    ...detail,
    ...buttons,
  );
}

/**
 * @param {Extract<Entry, { kind: "presence" | "system" }>} entry
 * @param {Page} page
 */
function noticeText(entry, page) {
  const { speech } = page;
  if (entry.kind === "system") return entry.text;
  const { joined, left, others } = foldPresence(entry.changes);
  const parts = [];
  if (joined.length > 0) {
    parts.push(speech.say("joined", { count: joined.length, names: speech.list(joined) }));
  }
  if (left.length > 0) {
    parts.push(speech.say("left", { count: left.length, names: speech.list(left) }));
  }
  // The last ones: how it is now.
  for (const change of others.slice(-3)) parts.push(changeText(change, page));
  return parts.join(speech.say("separator"));
}

/**
 * @param {import("../logic/types.js").OtherChange} change
 * @param {Page} page
 */
function changeText(change, { speech }) {
  switch (change.what) {
    case "renamed":
      return speech.say("renamed", { from: change.name, to: change.to });
    case "invited":
    case "removed":
      return speech.say(`notice_${change.what}`, { from: change.from, name: change.name });
    case "role":
      return speech.say(`notice_${change.role}`, { from: change.from, name: change.name });
    case "topic": {
      const { from, topic } = change;
      return speech.say(topic === "" ? "notice_no_topic" : "notice_topic", { from, topic });
    }
  }
}

/**
 * @param {Outgoing} item
 * @param {import("../logic/types.js").User} user the reader
 * @returns {UserMessage}
 */
function asMessage(item, { id, name }) {
  /** @type {UserMessage} */
  const message = {
    type: "user",
    room: item.key,
    from: name,
    by: id,
    content: item.label ?? item.content,
    seq: 0,
    time: item.time,
  };
  if (item.replyTo !== undefined) message.reply_to = item.replyTo;
  return message;
}
