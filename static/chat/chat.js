/**
 * The page's model: who I am, my conversations, and which of them is shown. Coming in is in
 * `session.js`, talking in `talk.js`, pages of history in `history.js`, what the server says in
 * `receive.js`; all of them work on this one object, and views only read it.
 *
 * @module
 */
import { LOBBY } from "../../protocol/wire.js";
import { createConversation, directKey } from "../logic/conversation.js";
import { attended, lineServed, readUpTo } from "../logic/unread.js";
import { Connection } from "./connection.js";
import { openPage, refresh } from "./history.js";
import { Outbox } from "./outbox.js";
import { receive } from "./receive.js";
import { Requests } from "./requests.js";
import { enterRoom, sendLogin } from "./session.js";
import { Uploads } from "./uploads.js";

/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */
/** @typedef {import("../logic/types.js").Limits} Limits */

/**
 * What the model tells the page, beside "something changed".
 *
 * @typedef {{ type: "said", conversation: Conversation, message: UserMessage, mention: boolean }
 *   | { type: "problem", code: string }
 *   | { type: "system", text: string }} ChatEvent
 */

/**
 * @typedef {object} ChatOptions
 * @property {string} url of the WebSocket
 * @property {import("./memory.js").Memory} memory
 * @property {import("./connection.js").Environment} environment
 * @property {() => string} newId
 * @property {() => XMLHttpRequest} request
 * @property {() => void} onChange
 * @property {(event: ChatEvent) => void} onEvent
 */

export class Chat {
  /** My name; empty before the first login. */
  me;
  /** Why the last login was refused: an error code of the protocol; empty if it was not. */
  loginProblem = "";
  /** Every name that I had since the page was opened. @type {Set<string>} */
  myNames = new Set();
  /** @type {Map<string, Conversation>} */
  conversations = new Map();
  /** Key of the conversation that is shown. */
  current = "";
  /** All rooms of the server, as last asked. @type {import("../logic/types.js").RoomEntry[]} */
  directory = [];
  /** @type {Limits | null} */
  limits = null;
  /** Of the connection that is open. */
  session = "";
  /** Of the last connection that logged in; takes the name back from it. */
  lastSession;
  epoch;
  /** Whether the reader looks at the end of the current conversation. */
  attentive = false;
  /** The id of the login under way; empty if there is none. */
  loginId = "";

  /** @param {ChatOptions} options */
  constructor(options) {
    const { memory, environment, onChange, onEvent } = options;
    this.memory = memory;
    this.environment = environment;
    this.newId = options.newId;
    this.changed = onChange;
    this.tell = onEvent;
    this.connection = new Connection(options.url, environment, {
      message: (message) => receive(this, message),
      change: () => this.#lineChanged(),
    });
    this.requests = new Requests((message) => this.connection.send(message), environment.later);
    this.outbox = new Outbox(memory.outbox, (items) => {
      memory.outbox = items;
      onChange();
    });
    this.uploads = new Uploads(this, options.request);
    const { name, session, epoch } = memory.identity;
    this.me = name;
    this.lastSession = session;
    this.epoch = epoch;
    for (const known of memory.conversations.open) this.#restore(known);
  }

  get online() {
    return this.connection.state.phase === "online";
  }

  /** @returns {Conversation | undefined} */
  get conversation() {
    return this.conversations.get(this.current);
  }

  /**
   * Takes a name, once connected, and shows a conversation.
   *
   * @param {string} name already checked
   * @param {string} key of the conversation to show first
   */
  login(name, key) {
    this.me = name;
    this.loginProblem = "";
    this.show(key === "" ? LOBBY : key);
    if (this.connection.state.phase === "open") sendLogin(this);
    else this.connection.start();
    this.changed();
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
    if (this.online) {
      enterRoom(this, conversation);
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
    if (conversation.joined) this.connection.send({ type: "leave", room: key });
    if (this.current === key) this.show([...this.conversations.keys()][0] ?? LOBBY);
    this.remember();
    this.changed();
  }

  /**
   * @param {string} name already checked
   * @throws {import("./requests.js").Refused}
   */
  async rename(name) {
    if (name !== this.me) await this.requests.ask({ type: "rename", content: name });
  }

  /** Asks which rooms there are. */
  async askRooms() {
    const answer = await this.ask({ type: "rooms" });
    if (answer?.type !== "rooms") return;
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
    await this.ask({ type: "users", room: conversation.key });
  }

  /**
   * Asks the server; a refusal is told to the reader, a broken line is not: the indicator says it.
   *
   * @param {object} message
   */
  async ask(message) {
    try {
      return await this.requests.ask(message);
    } catch (problem) {
      const code = problem instanceof Error && "code" in problem
        ? String(problem.code)
        : "internal";
      if (code !== "offline") this.tell({ type: "problem", code });
      return null;
    }
  }

  /** Sends what waits in the outbox. */
  flush() {
    if (!this.online) return;
    const items = this.outbox.take((key) => {
      const conversation = this.conversations.get(key);
      return key.startsWith("@") || conversation?.joined === true;
    });
    for (const { id, key, type, content, replyTo } of items) {
      if (type === "direct") {
        const to = this.conversations.get(key)?.name ?? key.slice(1);
        this.connection.send({ type, to, content, id });
      } else {
        const reply = replyTo === undefined ? {} : { reply_to: replyTo };
        this.connection.send({ type, room: key, content, id, ...reply });
      }
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
    const conversation = this.add(key);
    if (read === 0) return;
    conversation.log.startAfter(read);
    conversation.unread = readUpTo(read);
  }

  #lineChanged() {
    const { phase } = this.connection.state;
    if (phase === "waiting" || phase === "stopped" || phase === "idle") {
      this.requests.lost();
      this.outbox.lost();
      this.loginId = "";
      for (const conversation of this.conversations.values()) {
        conversation.joined = false;
        conversation.stale = true;
        conversation.loading = null;
        conversation.typing.clear();
      }
    }
    this.changed();
  }
}
