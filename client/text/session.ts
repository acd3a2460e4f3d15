/**
 * `hubbub.text.v1`: a chat for a person at a terminal, with nothing but lines of text. The person is logged
 * in with a guest's name at once, types commands or just talks, and reads what happens. What a line asks
 * for takes the same path as every other request; the events of a room are encoded once for everybody
 * who sees them alike.
 *
 * @module
 */
import {
  CloseCode,
  type Codec,
  type Decoded,
  decodeRequest,
  type ErrorMessage,
  type EventEncoder,
  LOBBY,
  refuse,
  type ServerMessage,
  TEXT,
  type UserId,
} from "../../protocol.ts";
import type { Connection, ConnectionHost, Membership } from "../../client.ts";
import { HELP, type Line, readLine } from "./commands.ts";
import * as write from "./lines.ts";

/** Maximum messages of a room's history that are shown on entering it; less than a page. */
const MAX_SHOWN = 20;

/** An epoch that no store has: to resume from it gives the newest page. */
const NO_EPOCH = "-";

/** For somebody who is in one room. */
const inOneRoom: EventEncoder = (messages) => together(messages, write.eventLine);

/** For somebody who is in several rooms. */
const inSeveralRooms: EventEncoder = (messages) => together(messages, write.labelled);

function together(
  messages: readonly ServerMessage[],
  toLine: (message: ServerMessage) => string | undefined,
): string[] {
  const lines = messages.map((message) => toLine(message)).filter((line) => line !== undefined);
  return lines.length === 0 ? [] : [lines.join("\n")];
}

/** The codec of one person's connection. */
export class TextSession implements Codec {
  readonly subprotocol = TEXT;
  readonly multiline = true;
  readonly direct = true;
  readonly maxEventList = 0;
  readonly #now: () => number;
  #connection: Connection | undefined;
  #host: ConnectionHost | undefined;
  #membership: Membership = { user: "", name: "", role: "guest", rooms: [] };
  /** Number in the guest's name to try next. */
  #guest = 0;
  #introduced = false;
  /** The room that the person asked to enter last, until that is known to be refused. */
  #entering: string | undefined;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Sets the connection that this session is for, and logs it in. Called once, before any frame. */
  begin(connection: Connection, host: ConnectionHost): void {
    this.#connection = connection;
    this.#host = host;
    this.#guest = connection.number;
    this.#login();
  }

  get events(): EventEncoder {
    return this.#membership.rooms.length > 1 ? inSeveralRooms : inOneRoom;
  }

  /** Direct messages look different to the two who see them. */
  readonly personalEvents: EventEncoder = (messages) =>
    together(
      messages,
      (message) =>
        message.type === "direct"
          ? write.directLine(message, this.#isMine(message))
          : this.#toLine(message),
    );

  membershipChanged(membership: Membership): void {
    this.#membership = membership;
  }

  withholds(): boolean {
    return false;
  }

  read(text: string, maxContentBytes: number): Decoded {
    const line = readLine(text);
    switch (line.kind) {
      case "blank":
        return undefined;
      case "help":
        return { type: "system", content: HELP };
      case "quit":
        this.#disconnect(CloseCode.Normal, "Goodbye");
        return undefined;
      case "unreadable":
        return refuse("bad_message", line.reason);
      default:
        return decodeRequest(JSON.stringify(this.#toRequest(line)), maxContentBytes);
    }
  }

  answers(messages: readonly ServerMessage[]): string[] {
    const limited = messages.filter(isRateLimited);
    const lines = messages.filter((message) => !isRateLimited(message))
      .flatMap((message) => this.#answer(message));
    const [first] = limited;
    if (first !== undefined) lines.push(write.errorLine(first, limited.length));
    return lines;
  }

  #toRequest(line: Extract<Line, { kind: "request" | "join" | "leave" }>): object {
    if (line.kind === "request") return line.request;
    if (line.kind === "leave") {
      const room = line.room ?? this.#entering ?? this.#membership.rooms.at(-1);
      this.#entering = undefined;
      return { type: "leave", room: room ?? LOBBY };
    }
    const { room } = line;
    this.#entering = room;
    if (this.#membership.rooms.includes(room)) return { type: "join", room };
    return { type: "join", room, since: 0, epoch: NO_EPOCH };
  }

  /** The lines that tell of one answer. */
  #answer(message: ServerMessage): string[] {
    switch (message.type) {
      case "handshake":
        return [write.greeting(message)];
      case "history":
        return this.#history(message.room, message.messages);
      case "error":
        return this.#refusal(message);
      case "direct":
        return [write.directLine(message, this.#isMine(message))];
      case "users":
        return [write.usersLine(message)];
      case "rooms":
        return [write.roomsLine(message)];
      case "login":
        return [`* You talk in #${message.room} again (${message.user_count} here)`];
      default:
        return this.#lines([message]);
    }
  }

  #history(room: string, messages: readonly ServerMessage[]): string[] {
    const lines = this.#lines(messages.slice(-MAX_SHOWN));
    if (this.#introduced) return lines;
    this.#introduced = true;
    return [write.introduction(this.#membership.name, room), ...lines];
  }

  #lines(messages: readonly ServerMessage[]): string[] {
    return messages.map((message) => this.#toLine(message, this.#now()))
      .filter((line) => line !== undefined);
  }

  #toLine(message: ServerMessage, now?: number): string | undefined {
    const toLine = this.events === inSeveralRooms ? write.labelled : write.eventLine;
    return toLine(message, now);
  }

  #refusal(error: ErrorMessage): string[] {
    this.#entering = undefined;
    if (error.code !== "name_taken" || this.#membership.name !== "") {
      return [write.errorLine(error)];
    }
    this.#guest++;
    this.#login();
    return [];
  }

  /** Whether a direct message was sent by this user, here or on another connection. */
  #isMine({ by, to }: { by: UserId; to: string }): boolean {
    const { user, name } = this.#membership;
    return to !== name && by === user;
  }

  #login(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const isKnown = connection.principal.user !== undefined;
    const requested = this.#host?.request(connection, {
      type: "login",
      ...(!isKnown && { content: `guest-${this.#guest}` }),
      room: LOBBY,
      since: 0,
      epoch: NO_EPOCH,
    });
    if (!requested) this.#disconnect(CloseCode.TooSlow, "The server is busy: come back later");
  }

  #disconnect(code: CloseCode, reason: string): void {
    if (this.#connection === undefined) return;
    this.#host?.disconnected(this.#connection, code, reason);
  }
}

function isRateLimited(message: ServerMessage): message is ErrorMessage {
  return message.type === "error" && message.code === "rate_limited";
}
