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
import { createConversation, gone, restart, revise } from "../logic/conversation.js";
import { Directory } from "./directory.js";
import { Found } from "./found.js";
import { openPage } from "./history.js";
import { askMembers, askPresence } from "./people.js";
import { receive } from "./receive.js";
import { Uploads } from "./uploads.js";

/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */
/** @typedef {import("../../sdk/hubbub.js").ConnectionState} ConnectionState */

/**
 * What the model tells the page, beside "something changed". `revised`: whatever is held of this message, or of
 * all messages of the room, becomes something else.
 *
 * @typedef {{ type: "said", conversation: Conversation, message: UserMessage, mention: boolean }
 *   | { type: "revised", room: string, seq: number | "all", change: (message: UserMessage) => UserMessage }
 *   | { type: "problem", code: string }
 *   | { type: "invited" | "removed", by: string, room: string }
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
  /** @type {Map<string, Conversation>} */
  conversations = new Map();
  /** Key of the conversation that is shown. */
  current = "";
  directory = new Directory();
  found = new Found();
  /** Of the server's data, as last known. */
  epoch;
  /** Whether the reader looks at the end of the current conversation. */
  attentive = false;
  /** What I have become since the login. @type {import("../logic/types.js").User["role"] | undefined} */
  role;
  /** A person to write to once there is a connection: `@` and an id or a name. */
  #wanted = "";

  /** @param {ChatOptions} options */
  constructor(options) {
    const { user, memory, environment, onChange, onEvent } = options;
    this.#user = user;
    this.memory = memory;
    this.environment = environment;
    this.newId = environment.newId;
    this.changed = onChange;
    this.tell = onEvent;
    const epoch = this.epoch = memory.epoch;
    // Neither a name nor a session: only the cookie, which no script can read, opens anything.
    this.connection = new HubbubClient(options.url, {
      epoch,
      rooms: "memberships",
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
    this.connection.on("join-refused", ({ room, error }) => this.#shutOut(room, error));
    this.connection.on("restart", ({ room }) => this.#restart(room));
    this.connection.on("changed", ({ room, messages }) => {
      for (const message of messages) this.revise(room, message.seq, () => message);
      onChange();
    });
    this.uploads = new Uploads(this, options.request);
    // Until the login tells which there are.
    for (const { key, name } of memory.conversations.open) this.add(key, name);
  }

  /** Who I am, as far as is known here. */
  get user() {
    const user = this.connection.user ?? this.#user;
    return { ...user, role: this.role ?? user.role };
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
   * @param {string} key a room, or `@` and the id or the name of a person
   */
  open(key) {
    const rooms = [...this.conversations.keys()].filter((known) => !known.startsWith("@"));
    const usual = rooms.includes(LOBBY) ? LOBBY : rooms[0] ?? LOBBY;
    const first = key.startsWith("@") ? usual : key;
    // The login enters a room: not the lobby, if the reader wants to be elsewhere.
    if (first !== LOBBY) this.connection.leave(LOBBY);
    this.show(first);
    if (key !== first) this.goTo(key);
    this.connection.start();
  }

  /** Ends for good: somebody else is about to use the page. */
  close() {
    this.uploads.close();
    return this.connection.close();
  }

  /**
   * What is unread in a conversation, and where the "new" line is.
   *
   * @param {Pick<Conversation, "key" | "served">} conversation
   * @returns {import("../logic/types.js").Unread}
   */
  unread({ key, served }) {
    const { read, count, mentions, line } = this.connection.unread(key);
    // What is said to me alone is meant for me.
    const own = key.startsWith("@") ? count : mentions;
    return { read, count, mentions: own, line: line === served ? 0 : line };
  }

  /**
   * What somebody is called now.
   *
   * @param {{ by?: string | undefined, from: string }} message something of theirs
   */
  nameOf({ by, from }) {
    return this.connection.nameOf(by, from);
  }

  /**
   * Whether the server answers questions about a conversation.
   *
   * @param {Conversation} conversation
   */
  isIn({ kind, joined }) {
    return this.online && (kind === "direct" || joined);
  }

  /**
   * Shows a room, or the conversation with a person.
   *
   * @param {string} key a room, or `@` and the id or the name of a person
   */
  goTo(key) {
    if (!key.startsWith("@") || this.conversations.has(key)) return this.show(key);
    if (this.online) this.#write(key);
    else this.#wanted = key;
  }

  /**
   * Shows a conversation, entering the room if need be.
   *
   * @param {string} key a room, or `@` and the id of a person
   * @param {string} [name] the person's
   */
  show(key, name) {
    const before = this.conversation;
    if (before && before.key !== key) this.turnAway(before);
    const conversation = this.conversations.get(key) ?? this.add(key, name);
    this.#wanted = "";
    this.current = key;
    this.#enter(conversation);
    this.connection.prefer(key);
    this.look();
    this.remember();
    this.changed();
  }

  /** Reads what the current conversation lacks. */
  look() {
    const { conversation } = this;
    if (!conversation || !this.isIn(conversation)) return;
    openPage(this, conversation);
    if (conversation.kind === "direct") askPresence(this, conversation);
    else if (conversation.memberCount <= (this.limits?.user_list ?? 0)) {
      askMembers(this, conversation);
    }
  }

  /**
   * @param {string} key
   * @param {string} [name]
   */
  add(key, name) {
    const known = this.connection.nameOf(key.slice(1), name);
    const conversation = createConversation(key, key.startsWith("@") ? known || key : key);
    this.conversations.set(key, conversation);
    return conversation;
  }

  /**
   * A conversation is none of mine any more.
   *
   * @param {string} key
   */
  drop(key) {
    if (!this.conversations.delete(key)) return;
    this.found.stale = true;
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

  /**
   * Asks the server; a refusal is told to the reader, a broken line is not: the indicator says it.
   *
   * @template {import("../../sdk/types.js").Question} Asked
   * @param {Asked} question
   * @param {Record<string, string>} [codes] what to say instead of some error codes
   */
  async ask(question, codes = {}) {
    try {
      return await this.connection.ask(question);
    } catch (problem) {
      this.#tellProblem(problem, codes);
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
    if (!attentive || !conversation?.log.atEnd) return;
    const { key, log: { live } } = conversation;
    if (this.connection.unread(key).read >= live) return;
    this.connection.markRead(key, live);
    this.changed();
  }

  /** Keeps which conversations are open. */
  remember() {
    const open = [...this.conversations.values()].map(({ key, name }) => ({ key, name }));
    this.memory.conversations = { current: this.current, open };
  }

  /**
   * A message was edited, deleted or reacted to: so is every copy that the page holds of it.
   *
   * @param {string} room
   * @param {number} seq
   * @param {(message: UserMessage) => UserMessage} change
   */
  revise(room, seq, change) {
    const conversation = this.conversations.get(room);
    if (conversation) revise(conversation, seq, change);
    this.found.revise(room, seq, change);
    this.tell({ type: "revised", room, seq, change });
  }

  /**
   * What is held of a room is void: its newest page comes next.
   *
   * @param {string} room
   */
  #restart(room) {
    const conversation = this.conversations.get(room);
    if (conversation) restart(conversation);
    this.found.stale = true;
    this.tell({ type: "revised", room, seq: "all", change: gone });
  }

  /** The reader has seen a conversation: its "new" line has served. @param {Conversation} conversation */
  turnAway(conversation) {
    const { count, line } = this.connection.unread(conversation.key);
    if (count === 0) conversation.served = line;
  }

  /** @param {Conversation} conversation */
  #enter({ key, kind }) {
    const { connection } = this;
    // What is refused is told by `join-refused`.
    if (kind === "room" && !connection.rooms.includes(key)) connection.join(key);
    if (kind === "direct") connection.direct({ id: key.slice(1) });
  }

  /**
   * Opens the direct conversation with somebody of whom only an id or a name is known.
   *
   * @param {string} reference `@` and either
   */
  async #write(reference) {
    try {
      this.show(await this.connection.direct(reference.slice(1)));
    } catch (problem) {
      this.#tellProblem(problem);
    }
  }

  /**
   * The server does not let me into a conversation.
   *
   * @param {string} key
   * @param {RefusedError} error
   */
  #shutOut(key, error) {
    this.#tellProblem(error, { forbidden: "room_closed", too_many: "too_many_made" });
    this.drop(key);
  }

  /**
   * A refusal is told to the reader; a broken connection is not: the indicator says it.
   *
   * @param {unknown} problem
   * @param {Record<string, string>} [codes] what to say instead of some error codes
   */
  #tellProblem(problem, codes = {}) {
    const code = problem instanceof RefusedError ? problem.code : "internal";
    if (["offline", "closed", "lost"].includes(code)) return;
    this.tell({ type: "problem", code: codes[code] ?? code });
  }

  /** @param {ConnectionState} state */
  #statusChanged({ phase }) {
    if (phase === "online") this.#loggedIn();
    if (phase === "waiting" || phase === "stopped") {
      for (const conversation of this.conversations.values()) {
        conversation.joined = false;
        conversation.loading = null;
        conversation.typing.clear();
        conversation.membersStale = true;
      }
    }
    this.changed();
  }

  #loggedIn() {
    this.role = undefined;
    this.memory.epoch = this.epoch;
    this.uploads.advance();
    if (this.#wanted === "") this.look();
    else this.goTo(this.#wanted);
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
