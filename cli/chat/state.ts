/**
 * What a person at the terminal sees of the server: the rooms that they are in, which one is on the
 * screen, and whether they look. Takes the server's messages in; knows no terminal and no socket.
 *
 * @module
 */
import {
  MAX_USER_LIST,
  type Presence,
  type ServerMessage,
  type UserMessage,
} from "../../protocol.ts";
import { mentions, sameName } from "../../sdk/names.js";
import { noteText } from "./phrases.ts";
import { RoomLog } from "./room_log.ts";

/** How long somebody counts as typing after they were last seen to, in milliseconds. */
const TYPING_MS = 5000;

/** Who presses no key for this long is taken not to look, in milliseconds. */
const AWAY_MS = 120_000;

/** The state of the chat. */
export class ChatState {
  readonly #rooms = new Map<string, RoomLog>();
  readonly #now: () => number;
  #current: RoomLog;
  #epoch: string | undefined;
  #focused = true;
  #activeAt: number;
  /** The user's own name. */
  name: string;
  /** Called when something came that the user should hear of, and they may not be looking. */
  onCall: () => void = () => {};

  constructor(name: string, room: string, now: () => number) {
    this.name = name;
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
      room = new RoomLog(name);
      this.#rooms.set(name, room);
    }
    return room;
  }

  has(name: string): boolean {
    return this.#rooms.has(name);
  }

  /** Puts a room on the screen. */
  turnTo(name: string): void {
    if (this.#current.name !== name) this.#current.tidy();
    this.#current = this.room(name);
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
      case "handshake":
        return this.#greeted(message.epoch);
      case "login":
      case "logout":
        return this.#presence(message);
      case "rename":
        if (message.from === this.name) this.name = message.content;
        if (message.room !== "") this.#renamed(message);
        return;
      case "user":
      case "file": {
        const room = this.#rooms.get(message.room);
        if (room === undefined) return;
        room.add(message);
        const attended = this.#isAttended(message.room);
        const called = this.#count(room, message, attended);
        if (called && !attended) this.onCall();
        return;
      }
      case "history": {
        const room = this.#rooms.get(message.room);
        if (room === undefined) return;
        const { messages, complete } = message;
        if (message.id !== undefined) return room.prepend(messages, complete);
        const isFirst = room.last === undefined;
        room.catchUp(messages, complete);
        if (!isFirst) { for (const missed of messages) this.#count(room, missed, false); }
        return;
      }
      case "edit":
        return this.#rooms.get(message.room)?.edit(message.seq, message.content, message.time);
      case "delete":
        return this.#rooms.get(message.room)?.delete(message.seq);
      case "react":
        return this.#rooms.get(message.room)?.react(message.seq, message.reactions);
      case "typing":
        this.#rooms.get(message.room)?.typing.set(message.from, this.#now() + TYPING_MS);
        return;
      default:
        return this.#tell(message);
    }
  }

  #tell(message: ServerMessage): void {
    const text = noteText(message);
    if (text === undefined) return;
    if (message.type === "users") this.#rooms.get(message.room)?.note(text, this.#now());
    else this.note(text, message.type === "error");
    if (message.type === "direct" && message.from !== this.name) this.onCall();
  }

  /** Another epoch means another history: nothing of what is shown belongs to it. */
  #greeted(epoch: string): void {
    if (this.#epoch !== undefined && this.#epoch !== epoch) {
      for (const room of this.#rooms.values()) room.startAfresh();
    }
    this.#epoch = epoch;
  }

  #presence(event: Presence): void {
    const isOwn = event.from === this.name;
    if (event.type === "logout" && isOwn) return;
    const room = this.#rooms.get(event.room);
    // What still comes of a room that was left is of no interest.
    if (room === undefined) return;
    room.userCount = event.user_count;
    if (event.user_list !== undefined) setUsers(room, event.user_list);
    else if (event.type === "login") room.users.add(event.from);
    else room.users.delete(event.from);
    room.typing.delete(event.from);
    if (event.user_count > MAX_USER_LIST) room.users.clear();
    // In a crowd, people come and go all the time.
    if (isOwn || event.user_count > MAX_USER_LIST) return;
    room.note(noteText(event) ?? "", this.#now());
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

  /** Counts a message as read or unread. Returns whether it is somebody else's and names the user. */
  #count(room: RoomLog, message: UserMessage, attended: boolean): boolean {
    const isOwn = sameName(message.from, this.name);
    const mention = !isOwn && mentions(message.content, this.name);
    room.count(message, attended || isOwn, mention);
    return mention;
  }
}

function setUsers(room: RoomLog, names: readonly string[]): void {
  room.users.clear();
  for (const name of names) room.users.add(name);
}
