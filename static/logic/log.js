/**
 * The loaded part of a conversation: a contiguous range of messages, with the notices between them.
 * It usually ends at the newest message. After a jump into the past it does not: then new messages are
 * only counted until the reader returns to the present.
 *
 * @module
 */

/** @typedef {import("./types.js").Entry} Entry */
/** @typedef {import("./types.js").Outgoing} Outgoing */
/** @typedef {import("./types.js").UserMessage} UserMessage */
/** @typedef {import("./types.js").PresenceChange} PresenceChange */

export class Log {
  /**
   * Ascending by `seq`; a notice follows the message whose `seq` it has.
   *
   * @type {Entry[]}
   */
  entries = [];
  /** `seq` of the first loaded message, or of the first one that would be loaded; 0 when unknown. */
  first = 0;
  /** `seq` of the last loaded message; `first - 1` when none is loaded. */
  last = 0;
  /** Greatest known `seq` of the conversation; -1 when unknown. */
  live = -1;
  /** Whether `first` is the oldest message on the server. */
  atStart = false;
  #notices = 0;
  /** Live messages that came before the first page. @type {Map<number, UserMessage>} */
  #early = new Map();

  /** Whether the newest message is loaded. */
  get atEnd() {
    return this.live >= 0 && this.last === this.live;
  }

  /**
   * Starts with an empty range after `seq`: the next message is `seq + 1`.
   *
   * @param {number} seq
   */
  startAfter(seq) {
    this.entries = [];
    this.first = seq + 1;
    this.last = seq;
    this.live = seq;
    this.atStart = seq === 0;
  }

  /**
   * Replaces the range by a page.
   *
   * @param {UserMessage[]} messages ascending and without gaps
   * @param {{ live: number, atStart: boolean }} where `live`: greatest `seq` known
   */
  open(messages, { live, atStart }) {
    this.entries = messages.map(entryOf);
    this.first = messages[0]?.seq ?? live + 1;
    this.last = messages.at(-1)?.seq ?? live;
    this.live = Math.max(live, this.last);
    this.atStart = atStart;
    // What the page holds of them is as true, or newer.
    const later = [...this.#early.values()].filter(({ seq }) => seq > this.last);
    for (const message of later.sort((a, b) => a.seq - b.seq)) this.receive(message);
    this.#early.clear();
  }

  /**
   * Inserts an older page at the start. A page that is not adjacent to the range is ignored.
   *
   * @param {UserMessage[]} messages
   * @param {boolean} atStart
   */
  prepend(messages, atStart) {
    const older = messages.filter((message) => message.seq < this.first);
    if (older.length > 0) {
      if (older.at(-1)?.seq !== this.first - 1) return;
      this.entries = [...older.map(entryOf), ...this.entries];
      this.first = older[0]?.seq ?? this.first;
    }
    this.atStart = atStart;
  }

  /**
   * Appends a newer page. Messages that are not adjacent to the range are ignored.
   *
   * @param {UserMessage[]} messages
   */
  append(messages) {
    for (const message of messages) {
      if (message.seq !== this.last + 1) continue;
      this.entries.push(entryOf(message));
      this.last = message.seq;
    }
    this.live = Math.max(this.live, this.last);
  }

  /**
   * Receives a live message.
   *
   * @param {UserMessage} message
   * @returns {"added" | "elsewhere" | "known" | "gap"} `added`: appended to the range; `elsewhere`: new, but
   * the range ends before it; `known`: already known; `gap`: messages before it are missing, and the
   * caller must request them
   */
  receive(message) {
    if (this.live < 0) {
      this.#early.set(message.seq, message);
      return "elsewhere";
    }
    if (message.seq <= this.live) {
      this.replace(message.seq, () => message);
      return "known";
    }
    const follows = this.atEnd;
    if (follows && message.seq !== this.last + 1) return "gap";
    this.live = message.seq;
    if (!follows) return "elsewhere";
    this.entries.push(entryOf(message));
    this.last = message.seq;
    return "added";
  }

  /**
   * Replaces one message, if it is held.
   *
   * @param {number} seq
   * @param {(message: UserMessage) => UserMessage} change
   */
  replace(seq, change) {
    const early = this.#early.get(seq);
    if (early) this.#early.set(seq, change(early));
    const index = this.indexOf(seq);
    const entry = this.entries[index];
    if (entry?.kind !== "message") return;
    this.entries[index] = { ...entry, message: change(entry.message) };
  }

  /**
   * Replaces every loaded message that changes.
   *
   * @param {(message: UserMessage) => UserMessage} change the same message: nothing changes
   */
  replaceAll(change) {
    this.entries = this.entries.map((entry) => {
      if (entry.kind !== "message") return entry;
      const message = change(entry.message);
      return message === entry.message ? entry : { ...entry, message };
    });
  }

  /**
   * Adds a notice about people: that somebody joined, left, was invited. Merged into the previous notice if
   * there was no message since.
   *
   * @param {PresenceChange} change
   * @param {number} now
   */
  notePresence(change, now) {
    if (!this.atEnd) return;
    const before = this.entries.at(-1);
    if (before?.kind === "presence") {
      const changes = [...before.changes, change];
      this.entries[this.entries.length - 1] = { ...before, changes };
    } else {
      this.#notice({ kind: "presence", time: now, changes: [change] });
    }
  }

  /**
   * @param {string} text
   * @param {number} now
   */
  noteSystem(text, now) {
    this.#notice({ kind: "system", time: now, text });
  }

  /**
   * Index of a message among the entries; -1 if it is not loaded.
   *
   * @param {number} seq
   */
  indexOf(seq) {
    const index = firstFrom(this.entries, seq);
    const entry = this.entries[index];
    return entry?.kind === "message" && entry.seq === seq ? index : -1;
  }

  /**
   * @param {number} seq
   * @returns {UserMessage | undefined}
   */
  find(seq) {
    const entry = this.entries[this.indexOf(seq)];
    return entry?.kind === "message" ? entry.message : undefined;
  }

  /** @param {{ kind: "presence", time: number, changes: PresenceChange[] } | { kind: "system", time: number, text: string }} notice */
  #notice(notice) {
    this.entries.push({ ...notice, key: `n${++this.#notices}`, seq: this.last });
  }
}

/**
 * The entries of what the server has not confirmed yet: the same entry for the same item, so that its row is
 * not drawn anew.
 */
export class PendingEntries {
  /** @type {WeakMap<Outgoing, Entry>} */
  #entries = new WeakMap();

  /**
   * @param {readonly Outgoing[]} items
   * @param {number} seq the last loaded message: they follow it
   * @returns {Entry[]}
   */
  of(items, seq) {
    return items.map((item) => this.#entryOf(item, seq));
  }

  /**
   * @param {Outgoing} item
   * @param {number} seq
   */
  #entryOf(item, seq) {
    const known = this.#entries.get(item);
    if (known?.seq === seq) return known;
    /** @type {Entry} */
    const entry = { kind: "pending", key: `p${item.id}`, seq, item };
    this.#entries.set(item, entry);
    return entry;
  }
}

/**
 * Binary search for the first entry whose `seq` is at least this one. A message comes before the notices
 * with its `seq`, so this finds the message.
 *
 * @param {readonly Entry[]} entries
 * @param {number} seq
 */
function firstFrom(entries, seq) {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.seq ?? Infinity) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * @param {UserMessage} message
 * @returns {Entry}
 */
function entryOf(message) {
  return { kind: "message", key: `m${message.seq}`, seq: message.seq, message };
}
