/**
 * What the page remembers between visits, in the browser's local storage. All of it belongs to one user,
 * and nothing of it opens anything. Nothing read from there is trusted: it is parsed at this edge, and
 * what is not as it should be counts as absent.
 *
 * @module
 */
import { ROOM_PATTERN } from "../../protocol/wire.js";

/** @typedef {import("../logic/types.js").Outgoing} Outgoing */
/** @typedef {import("../logic/types.js").Settings} Settings */

/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">} Store */
/** @typedef {{ key: string, name: string }} RememberedConversation */

const { pathname = "/" } = globalThis.location ?? {};

/** Begins the keys of this server: others may be on the same host. No path has a space. */
const PREFIX = pathname === "/" ? "hubbub." : `hubbub ${pathname} `;

/** Key of the id of the user to whom everything else belongs; other tabs see it change. */
export const OWNER = `${PREFIX}user`;

/** Browsers already hold unsent messages under this key. */
const UNSENT = "outbox";

/**
 * To whom belongs what a browser keeps: a user's id; empty if it keeps nothing.
 *
 * @param {Store | null} storage
 */
export function ownerOf(storage) {
  return storage?.getItem(OWNER) ?? "";
}

/**
 * Removes everything that the page has kept, whoever's it is.
 *
 * @param {Store | null} storage
 */
export function wipe(storage) {
  if (!storage) return;
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
  for (const key of keys) if (key.startsWith(PREFIX)) storage.removeItem(key);
}

/**
 * The memory of one user. What is kept of another one is removed first; once somebody else's is kept,
 * which another tab may do, this memory reads and writes nothing any more.
 */
export class Memory {
  #storage;
  #owner;
  /** Ids of all unsent messages that this memory has given or was given. @type {Set<string>} */
  #unsentSeen = new Set();

  /**
   * @param {Store | null} storage null: nothing is remembered
   * @param {string} owner the user's id
   */
  constructor(storage, owner) {
    this.#storage = storage;
    this.#owner = owner;
    if (ownerOf(storage) === owner) return;
    wipe(storage);
    try {
      storage?.setItem(OWNER, owner);
    } catch {
      this.#storage = null;
    }
  }

  /** Removes all of it, and remembers nothing from now on. */
  forget() {
    if (this.#isMine) wipe(this.#storage);
    this.#storage = null;
  }

  /** Of the server's data that was seen last. */
  get epoch() {
    return string(this.#load("epoch"));
  }

  set epoch(epoch) {
    this.#save("epoch", epoch);
  }

  /** @returns {Settings} */
  get settings() {
    const { theme, language, sound, notify } = record(this.#load("settings"));
    return {
      theme: theme === "light" || theme === "dark" ? theme : "system",
      language: string(language),
      sound: sound === true,
      notify: notify === true,
    };
  }

  set settings(settings) {
    this.#save("settings", settings);
  }

  /**
   * The conversations that were open, and the one that was shown.
   *
   * @returns {{ current: string, open: RememberedConversation[] }}
   */
  get conversations() {
    const { current, open } = record(this.#load("conversations"));
    const known = array(open).map(record).map(({ key, name }) => ({
      key: string(key),
      name: string(name),
    }));
    const valid = known.filter(({ key }) => key.startsWith("@") || ROOM_PATTERN.test(key));
    return { current: string(current), open: valid };
  }

  set conversations(conversations) {
    this.#save("conversations", conversations);
  }

  /**
   * What was said and is not confirmed. Other tabs of the same browser keep theirs beside it; whoever opens
   * the page next takes care of all that is left.
   *
   * @returns {Outgoing[]}
   */
  get unsent() {
    const items = this.#storedUnsent();
    for (const { id } of items) this.#unsentSeen.add(id);
    return items;
  }

  set unsent(items) {
    for (const { id } of items) this.#unsentSeen.add(id);
    const others = this.#storedUnsent().filter(({ id }) => !this.#unsentSeen.has(id));
    this.#save(UNSENT, [...others, ...items]);
  }

  /** @returns {Outgoing[]} */
  #storedUnsent() {
    return array(this.#load(UNSENT)).map(record).flatMap((item) => {
      const { type, state } = item;
      if (type !== "user" && type !== "direct" && type !== "file") return [];
      /** @type {Outgoing} */
      const outgoing = {
        id: string(item["id"]),
        key: string(item["key"]),
        type,
        content: string(item["content"]),
        time: whole(item["time"]),
        state: state === "failed" ? "failed" : "waiting",
      };
      if (item["to"] !== undefined) outgoing.to = string(item["to"]);
      if (item["replyTo"] !== undefined) outgoing.replyTo = whole(item["replyTo"]);
      if (item["label"] !== undefined) outgoing.label = string(item["label"]);
      if (item["problem"] !== undefined) outgoing.problem = string(item["problem"]);
      if (item["detail"] !== undefined) outgoing.detail = string(item["detail"]);
      return outgoing.id === "" || outgoing.key === "" ? [] : [outgoing];
    });
  }

  /**
   * Hides a direct conversation.
   *
   * @param {string} key
   * @param {number} last greatest `seq` there: what comes later shows it again
   */
  hide(key, last) {
    this.#save("hidden", { ...record(this.#load("hidden")), [key]: last });
  }

  /**
   * @param {string} key of a conversation
   * @param {number} last greatest `seq` there
   */
  isHidden(key, last) {
    const hidden = record(this.#load("hidden"))[key];
    return typeof hidden === "number" && last <= hidden;
  }

  /**
   * @param {string} key of the conversation
   * @returns {string}
   */
  draft(key) {
    return string(record(this.#load("drafts"))[key]);
  }

  /**
   * @param {string} key
   * @param {string} text empty: no draft
   */
  saveDraft(key, text) {
    const { [key]: _, ...others } = record(this.#load("drafts"));
    this.#save("drafts", text === "" ? others : { ...others, [key]: text });
  }

  get #isMine() {
    return ownerOf(this.#storage) === this.#owner;
  }

  /**
   * @param {string} key
   * @returns {unknown}
   */
  #load(key) {
    if (!this.#isMine) return null;
    try {
      return JSON.parse(this.#storage?.getItem(PREFIX + key) ?? "null");
    } catch {
      return null;
    }
  }

  /**
   * @param {string} key
   * @param {unknown} value
   */
  #save(key, value) {
    if (!this.#isMine) return;
    try {
      this.#storage?.setItem(PREFIX + key, JSON.stringify(value));
    } catch {
      // Storage is full or forbidden: the page goes on without remembering.
    }
  }
}

/**
 * @param {unknown} value
 * @returns {Record<string, unknown>}
 */
function record(value) {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/**
 * @param {unknown} value
 * @returns {unknown[]}
 */
function array(value) {
  return Array.isArray(value) ? value : [];
}

/** @param {unknown} value */
function string(value) {
  return typeof value === "string" ? value : "";
}

/** @param {unknown} value */
function whole(value) {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
