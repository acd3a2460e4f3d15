/**
 * What a person at the terminal sees of the server: the rooms and direct conversations that they are in,
 * which one is on the screen, and whether they look. Takes the server's messages in; knows no terminal
 * and no socket.
 *
 * @module
 */
import {
  type Create,
  MAX_USER_LIST,
  type Membership,
  type Presence,
  type ServerMessage,
  type Topic,
  type UserId,
  type UserMessage,
} from "../../protocol.ts";
import type { Changed, HubbubClient } from "../../sdk/hubbub.js";
import { harmlessLine } from "../../text/harmless.ts";
import { directText, noteText } from "./phrases.ts";
import { RoomLog } from "./room_log.ts";

/** How long somebody counts as typing after they were last seen to, in milliseconds. */
const TYPING_MS = 5000;

/** Who presses no key for this long is taken not to look, in milliseconds. */
const AWAY_MS = 120_000;

/** What the client knows: who the user is, what everybody is called, what is unread. */
export type Knowledge = Pick<
  HubbubClient,
  "user" | "name" | "nameOf" | "memberships" | "unread" | "markRead"
>;

/** What is to know about a message, as the client tells it. */
interface About {
  readonly missed: boolean;
  readonly own: boolean;
  readonly mention: boolean;
}

/** The state of the chat. */
export class ChatState {
  readonly #rooms = new Map<string, RoomLog>();
  readonly #client: Knowledge;
  readonly #now: () => number;
  #current: RoomLog;
  #user: UserId | undefined;
  #focused = true;
  #activeAt: number;
  /** Called when something came that the user should hear of, and they may not be looking. */
  onCall: () => void = () => {};
  /** Called when a direct conversation is on the screen whose newest page was not asked for yet. */
  onOpen: (room: RoomLog) => void = () => {};
  /** Called when a direct conversation begins with somebody whose name is not known. */
  onMeet: (room: RoomLog) => void = () => {};

  constructor(client: Knowledge, room: string, now: () => number) {
    this.#client = client;
    this.#now = now;
    this.#activeAt = now();
    this.#current = this.room(room);
  }

  /** The room on the screen. */
  get current(): RoomLog {
    return this.#current;
  }

  /** All rooms, in the order of entering. */
  get rooms(): RoomLog[] {
    return [...this.#rooms.values()];
  }

  /** The log of a room, made if need be. */
  room(name: string): RoomLog {
    let room = this.#rooms.get(name);
    if (room === undefined) {
      room = new RoomLog(name, this.#client);
      this.#rooms.set(name, room);
      if (room.isDirect && this.#client.nameOf(name.slice(1)) === "") this.onMeet(room);
    }
    return room;
  }

  has(name: string): boolean {
    return this.#rooms.has(name);
  }

  /** What a room is called on the screen: `#room`, or `@name` of the other one. */
  titleOf(room: string): string {
    return room.startsWith("@") ? `@${this.#client.nameOf(room.slice(1), "…")}` : `#${room}`;
  }

  /** Whether the user said it, on whatever device. */
  isOwn({ by }: { by?: UserId }): boolean {
    return by !== undefined && by === this.#client.user?.id;
  }

  /** Puts a room on the screen. */
  turnTo(name: string): void {
    if (this.#current.name !== name) this.#current.tidy();
    this.#current = this.room(name);
    if (this.#current.isDirect && !this.#current.isOpened) {
      this.#current.isOpened = true;
      this.onOpen(this.#current);
    }
    this.attend();
  }

  /** The user left a room. The last one stays. */
  forget(name: string): void {
    if (this.#rooms.size < 2 || !this.#rooms.delete(name)) return;
    const [first] = this.#rooms.values();
    if (this.#current.name === name && first !== undefined) this.turnTo(first.name);
  }

  /** The user did something: they look. */
  attend(): void {
    this.#activeAt = this.#now();
    if (this.#current.bottom === undefined) this.#current.attend();
  }

  set focused(focused: boolean) {
    this.#focused = focused;
    if (focused) this.attend();
  }

  /** Tells the user something in the room on the screen. */
  note(text: string, alert = false): void {
    this.#current.note(text, this.#now(), alert);
  }

  /** Takes a message of the server's in. */
  apply(message: ServerMessage): void {
    switch (message.type) {
      case "login":
      case "logout":
        return this.#presence(message);
      case "rename":
        if (message.room !== "") this.#renamed(message);
        return;
      case "user":
      case "file":
        return this.#logOf(message.room)?.add(message);
      case "history": {
        const { room, id, messages, complete } = message;
        const log = this.#logOf(room);
        if (id !== undefined) return log?.prepend(messages, complete);
        log?.catchUp(messages);
        return;
      }
      case "edit":
      case "delete":
      case "react":
        return this.#rooms.get(message.room)?.change(message, this.#client.user?.id);
      case "typing":
        this.#rooms.get(message.room)?.typing.set(message.by, this.#now() + TYPING_MS);
        return;
      default:
        return this.#tell(message);
    }
  }

  /** A message is new, whether {@linkcode apply} was given it alone or among those that were missed. */
  received(message: UserMessage, { missed, own, mention }: About): void {
    const { room } = message;
    const log = this.#rooms.get(room);
    if (log === undefined || own) return;
    if (!missed && this.#isAttended(room)) return this.#client.markRead(room, message.seq);
    if (log.isDirect && log !== this.#current && !missed) {
      this.note(directText(message, this.#client.name));
    }
    if (mention || log.isDirect) this.onCall();
  }

  /** What was shown of a room is void, and its newest page comes next. */
  restart(room: string): void {
    this.#rooms.get(room)?.restart();
  }

  /** Messages were changed while the connection was broken. */
  changed({ room, messages }: Changed): void {
    this.#rooms.get(room)?.replace(messages);
  }

  /** The newest page of the room on the screen came: the user sees it. */
  showed(name: string): void {
    if (this.#isAttended(name)) this.#current.attend();
  }

  /** The log of a room that the user is in, or of a conversation, which begins by itself. */
  #logOf(name: string): RoomLog | undefined {
    return name.startsWith("@") ? this.room(name) : this.#rooms.get(name);
  }

  #tell(message: ServerMessage): void {
    switch (message.type) {
      case "create":
        return this.#created(message);
      case "topic":
        this.#setTopic(message);
        break;
      case "invite":
      case "remove":
        if (this.#isMe(message.user.id)) return this.#membershipChanged(message);
    }
    const text = noteText(message);
    if (text === undefined) return;
    if ("room" in message && message.room !== undefined) {
      this.#rooms.get(message.room)?.note(text, this.#now());
    } else this.note(text, message.type === "error");
  }

  #created({ room, topic = "" }: Create): void {
    const log = this.room(room);
    log.topic = topic;
    log.isComplete = true;
  }

  #setTopic({ room, content }: Topic): void {
    const log = this.#rooms.get(room);
    if (log !== undefined) log.topic = content;
  }

  #isMe(id: UserId): boolean {
    return id === this.#client.user?.id;
  }

  /** Somebody has made the user a member of a room, which the client enters by itself, or ended that. */
  #membershipChanged({ type, room, from, by }: Membership): void {
    // Entered on another device: the user knows.
    if (type === "invite" && this.#isMe(by)) return void this.room(room);
    this.onCall();
    if (type === "remove") {
      this.forget(room);
      return this.note(harmlessLine(`${from} has removed you from #${room}`), true);
    }
    this.room(room);
    this.note(harmlessLine(`${from} has invited you to #${room}: /join ${room}`), true);
  }

  #presence(event: Presence): void {
    if (event.user !== undefined) this.#loggedIn(event.user.id);
    const isOwn = this.#isMe(event.by);
    if (event.type === "logout" && isOwn) return;
    const room = this.#rooms.get(event.room);
    // What still comes of a room that was left is of no interest; in a conversation, both always are.
    if (room === undefined || room.isDirect) return;
    room.userCount = event.user_count;
    if (event.user_list !== undefined) setUsers(room, event.user_list);
    else if (event.type === "login") room.users.add(event.from);
    else room.users.delete(event.from);
    room.typing.delete(event.by);
    if (event.user_count > MAX_USER_LIST) room.users.clear();
    // In a crowd, people come and go all the time.
    if (isOwn || event.user_count > MAX_USER_LIST) return;
    room.note(noteText(event) ?? "", this.#now());
  }

  /** Shows the rooms that the user is a member of; of direct conversations, those with something new. */
  #loggedIn(user: UserId): void {
    if (this.#user !== undefined && this.#user !== user) this.#forgetConversations();
    this.#user = user;
    for (const { room, topic = "", unread } of this.#client.memberships) {
      if (room.startsWith("@") && unread === 0 && !this.has(room)) continue;
      this.room(room).topic = topic;
    }
  }

  /** The user is somebody else now, to whom the conversations of before do not belong. */
  #forgetConversations(): void {
    for (const { name, isDirect } of this.rooms) if (isDirect) this.forget(name);
  }

  #renamed(event: Extract<ServerMessage, { type: "rename" }>): void {
    const room = this.#rooms.get(event.room);
    if (room === undefined) return;
    if (room.users.delete(event.from)) room.users.add(event.content);
    room.note(noteText(event) ?? "", this.#now());
  }

  /** Whether the user sees what is added at the end of a room. */
  #isAttended(name: string): boolean {
    const { bottom } = this.#current;
    return this.#focused && bottom === undefined && name === this.#current.name &&
      this.#now() - this.#activeAt < AWAY_MS;
  }
}

function setUsers(room: RoomLog, names: readonly string[]): void {
  room.users.clear();
  for (const name of names) room.users.add(name);
}
