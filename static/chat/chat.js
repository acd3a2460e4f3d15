/**
 * The page's model: who I am, my conversations, and which of them is shown. The connection, what is
 * unsent and the coming back are the client's, in `sdk/`. Talking is in `talk.js`, pages of history in
 * `history.js`, what the server says in `receive.js`; all of them work on this one object, and views
 * only read it.
 *
 * @module
 */
import { LOBBY } from "../../protocol/wire.js";
import { HubbubClient, RefusedError } from "../../sdk/hubbub.js";
import { attended, lineServed, readUpTo } from "../../sdk/unread.js";
import { createConversation, directKey } from "../logic/conversation.js";
import { openPage, refresh } from "./history.js";
import { receive } from "./receive.js";
import { Uploads } from "./uploads.js";

/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */
/** @typedef {import("../../sdk/hubbub.js").ConnectionState} ConnectionState */

/**
 * What the model tells the page, beside "something changed".
 *
 * @typedef {{ type: "said", conversation: Conversation, message: UserMessage, mention: boolean }
 *   | { type: "problem", code: string }
 *   | { type: "system", text: string }} ChatEvent
 */

/**
 * @typedef {object} ChatOptions
 * @property {import("../../protocol/messages.ts").User} user who is signed in: the cookie says so too
 * @property {string} url of the WebSocket
 * @property {import("./memory.js").Memory} memory
 * @property {import("../../sdk/environment.js").Environment} environment
 * @property {() => XMLHttpRequest} request
 * @property {() => void} onChange
 * @property {(event: ChatEvent) => void} onEvent
 * @property {() => void} onEnded called when the session is over
 */

export class Chat {
  #user;
  /** Every name that I had since the page was opened. @type {Set<string>} */
  myNames = new Set();
  /** @type {Map<string, Conversation>} */
  conversations = new Map();
  /** Key of the conversation that is shown. */
  current = "";
  /** All rooms of the server, as last asked. @type {import("../logic/types.js").RoomEntry[]} */
  directory = [];
  /** Of the server's data, as last known. */
  epoch;
  /** Whether the reader looks at the end of the current conversation. */
  attentive = false;

  /** @param {ChatOptions} options */
  constructor(options) {
    const { user, memory, environment, onChange, onEvent } = options;
    this.#user = user;
    this.memory = memory;
    this.environment = environment;
    this.newId = environment.newId;
    this.changed = onChange;
    this.tell = onEvent;
    const { epoch } = memory;
    this.epoch = epoch;
    // Neither a name nor a session: only the cookie, which no script can read, opens anything.
    this.connection = new HubbubClient(options.url, {
      epoch,
      rooms: [],
      environment,
      persistence: {
        items: memory.unsent,
        save: (items) => {
          memory.unsent = items;
          onChange();
        },
      },
    });
    this.connection.on("event", (message) => receive(this, message));
    this.connection.on("status", (state) => this.#statusChanged(state));
    this.connection.on("refused", ({ code }) => this.#refused(code));
    this.connection.on("session-ended", options.onEnded);
    this.connection.on("reset", () => this.forgetRooms());
    this.uploads = new Uploads(this, options.request);
    for (const known of memory.conversations.open) this.#restore(known);
  }

  /** Who I am, as far as the connection knows. */
  get user() {
    return this.connection.user ?? this.#user;
  }

  get me() {
    return this.user.name;
  }

  get online() {
    return this.connection.isOnline;
  }

  get limits() {
    return this.connection.limits ?? null;
  }

  /** What was said and is not confirmed. */
  get queue() {
    return this.connection.queue;
  }

  /** @returns {Conversation | undefined} */
  get conversation() {
    return this.conversations.get(this.current);
  }

  /**
   * Connects, and shows a conversation.
   *
   * @param {string} key
   * @param {string} [name] the other person's, as they write it
   */
  open(key, name) {
    this.show(key, name);
    if (this.connection.rooms.length === 0) this.add(LOBBY);
    this.connection.start();
  }

  /** Ends for good: somebody else is about to use the page. */
  close() {
    this.uploads.close();
    return this.connection.close();
  }

  /**
   * Shows a conversation, entering the room if need be.
   *
   * @param {string} key
   * @param {string} [name] the other person's, as they write it
   */
  show(key, name) {
    const before = this.conversation;
    if (before && before.key !== key) before.unread = lineServed(before.unread);
    const conversation = this.conversations.get(key) ?? this.add(key, name);
    this.current = key;
    this.#enter(conversation);
    this.connection.prefer(key);
    if (this.online) {
      openPage(this, conversation);
      refresh(this, conversation);
    }
    this.remember();
    this.changed();
  }

  /**
   * @param {string} key
   * @param {string} [name]
   */
  add(key, name) {
    const conversation = createConversation(key, name ?? key.replace(/^@/, ""));
    if (conversation.kind === "direct") {
      const messages = this.memory.direct(key);
      conversation.log.open(messages, { live: messages.length, atStart: true });
      conversation.unread = readUpTo(messages.length);
    }
    this.conversations.set(key, conversation);
    this.#enter(conversation);
    return conversation;
  }

  /**
   * Leaves a room, or closes a direct conversation.
   *
   * @param {string} key
   */
  leave(key) {
    const conversation = this.conversations.get(key);
    if (!conversation) return;
    this.conversations.delete(key);
    if (conversation.kind === "room") this.connection.leave(key);
    if (this.current === key) this.show([...this.conversations.keys()][0] ?? LOBBY);
    this.remember();
    this.changed();
  }

  /**
   * @param {string} name already checked
   * @throws {import("../../sdk/hubbub.js").RefusedError}
   */
  async rename(name) {
    if (name !== this.me) await this.connection.ask({ type: "rename", content: name });
  }

  /** Asks which rooms there are. */
  async askRooms() {
    const answer = await this.ask({ type: "rooms" });
    if (!answer) return;
    this.directory = answer.rooms;
    this.changed();
  }

  /**
   * Asks who is in a room, if that is not known.
   *
   * @param {Conversation} conversation
   */
  async askMembers(conversation) {
    if (conversation.members || !conversation.joined) return;
    const answer = await this.ask({ type: "users", room: conversation.key });
    if (!answer) return;
    conversation.members = answer.user_list;
    conversation.memberCount = answer.user_count;
    this.changed();
  }

  /**
   * Asks the server; a refusal is told to the reader, a broken line is not: the indicator says it.
   *
   * @template {import("../../sdk/types.js").Question} Asked
   * @param {Asked} question
   */
  async ask(question) {
    try {
      return await this.connection.ask(question);
    } catch (problem) {
      this.#tellProblem(problem);
      return null;
    }
  }

  /**
   * The reader looks at the end of the current conversation, or away from it.
   *
   * @param {boolean} attentive
   */
  setAttentive(attentive) {
    this.attentive = attentive;
    const { conversation } = this;
    if (!attentive || !conversation || !conversation.log.atEnd) return;
    const unread = attended(conversation.unread, conversation.log.live);
    if (unread === conversation.unread) return;
    conversation.unread = unread;
    this.remember();
    this.changed();
  }

  /** Keeps which conversations are open and how far they were read. */
  remember() {
    const open = [...this.conversations.values()].map(({ key, name, unread }) => ({
      key,
      name,
      read: unread.read,
    }));
    this.memory.conversations = { current: this.current, open };
  }

  /** Notes what I am called. */
  noteIdentity() {
    this.myNames.add(this.me);
  }

  /** The server has other data than the one that we knew: sequence numbers mean nothing any more. */
  forgetRooms() {
    for (const conversation of this.conversations.values()) {
      if (conversation.kind === "direct") continue;
      this.conversations.set(conversation.key, createConversation(conversation.key));
    }
  }

  /** @param {import("./memory.js").RememberedConversation} known */
  #restore({ key, name, read }) {
    if (key.startsWith("@")) {
      this.add(name === "" ? key : directKey(name), name);
      return;
    }
    if (read > 0 && this.epoch !== "") {
      this.connection.join(key, { last: read, epoch: this.epoch });
    }
    const conversation = this.add(key);
    if (read === 0) return;
    conversation.log.startAfter(read);
    conversation.unread = readUpTo(read);
  }

  /** @param {Conversation} conversation */
  #enter({ key, kind }) {
    if (kind === "direct" || this.connection.rooms.includes(key)) return;
    this.connection.join(key).catch((problem) => this.#tellProblem(problem));
  }

  /** A refusal is told to the reader; a broken connection is not: the indicator says it. @param {unknown} problem */
  #tellProblem(problem) {
    const code = problem instanceof RefusedError ? problem.code : "internal";
    if (code !== "offline" && code !== "closed") this.tell({ type: "problem", code });
  }

  /** @param {ConnectionState} state */
  #statusChanged({ phase }) {
    if (phase === "online") this.#loggedIn();
    if (phase === "waiting" || phase === "stopped") {
      for (const conversation of this.conversations.values()) {
        conversation.joined = false;
        conversation.stale = true;
        conversation.loading = null;
        conversation.typing.clear();
      }
    }
    this.changed();
  }

  #loggedIn() {
    this.noteIdentity();
    this.memory.epoch = this.epoch;
    this.uploads.advance();
    this.askRooms();
  }

  /**
   * Stays away until the reader tries again.
   *
   * @param {string} code
   */
  #refused(code) {
    this.tell({ type: "problem", code });
    void this.connection.close();
    this.connection.login();
  }
}
