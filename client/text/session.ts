/**
 * `hubbub.text.v1`: a chat for a person at a terminal, with nothing but lines of text. The person gets
 * a name at once, types commands or just talks, and reads what happens. What a line asks for goes
 * the way of every other request; the rooms' events are written once for all who read them alike.
 *
 * @module
 */
import {
  CloseCode,
  decodeRequest,
  type ErrorMessage,
  foldName,
  LOBBY,
  refuse,
  type ServerMessage,
} from "../../protocol.ts";
import { type Frame, toFrame } from "../../transport/frame.ts";
import type { Client, ClientHost } from "../../client.ts";
import type { Codec, EventWriter, Reading } from "../codec.ts";
import { HELP, type Line, readLine } from "./commands.ts";
import * as write from "./lines.ts";

/** Most messages of a room's history that are shown on entering it; less than a page. */
const MAX_SHOWN = 20;

/** An epoch that no store has: who resumes from it is given the newest page. */
const NO_EPOCH = "-";

/** For who is in one room. */
const inOneRoom: EventWriter = (messages) => together(messages, write.eventLine);

/** For who is in several rooms. */
const inSeveralRooms: EventWriter = (messages) => together(messages, write.labelled);

function together(
  messages: readonly ServerMessage[],
  toLine: (message: ServerMessage) => string | undefined,
): Frame[] {
  const lines = messages.map((message) => toLine(message)).filter((line) => line !== undefined);
  return lines.length === 0 ? [] : [toFrame(lines.join("\n"))];
}

/** The codec of one person's connection. */
export class TextSession implements Codec {
  readonly multiline = true;
  readonly #now: () => number;
  #client: Client | undefined;
  #host: ClientHost | undefined;
  /** Number in the guest's name that is tried next. */
  #guest = 0;
  #introduced = false;
  /** The room that the person asked to enter last, while it is not known whether that was refused. */
  #entering: string | undefined;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Takes the connection that this codec is for, and logs it in. Called once, before any frame. */
  begin(client: Client, host: ClientHost): void {
    this.#client = client;
    this.#host = host;
    this.#guest = client.number;
    this.#login();
  }

  get events(): EventWriter {
    return (this.#client?.rooms.size ?? 0) > 1 ? inSeveralRooms : inOneRoom;
  }

  read(text: string, maxContentBytes: number): Reading {
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

  answers(messages: readonly ServerMessage[]): Frame[] {
    const limited = messages.filter(isRateLimited);
    const lines = messages.filter((message) => !isRateLimited(message))
      .flatMap((message) => this.#answer(message));
    const [first] = limited;
    if (first !== undefined) lines.push(write.errorLine(first, limited.length));
    return lines.map(toFrame);
  }

  #toRequest(line: Extract<Line, { kind: "request" | "join" | "leave" }>): object {
    if (line.kind === "request") return line.request;
    if (line.kind === "leave") {
      const room = line.room ?? this.#entering ?? this.#client?.currentRoom?.name;
      this.#entering = undefined;
      return { type: "leave", room: room ?? LOBBY };
    }
    const { room } = line;
    this.#entering = room;
    for (const { name } of this.#client?.rooms ?? []) {
      if (name === room) return { type: "join", room };
    }
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
    return [write.introduction(this.#client?.name ?? "", room), ...lines];
  }

  #lines(messages: readonly ServerMessage[]): string[] {
    const toLine = this.events === inSeveralRooms ? write.labelled : write.eventLine;
    return messages.map((message) => toLine(message, this.#now()))
      .filter((line) => line !== undefined);
  }

  #refusal(error: ErrorMessage): string[] {
    this.#entering = undefined;
    if (error.code !== "name_taken" || this.#client?.name !== "") return [write.errorLine(error)];
    this.#guest++;
    this.#login();
    return [];
  }

  /** Whether a direct message was sent from here, under a name that may have changed since. */
  #isMine({ from, to }: { from: string; to: string }): boolean {
    const client = this.#client;
    return client !== undefined && to !== client.name && client.keys.has(foldName(from));
  }

  #login(): void {
    const client = this.#client;
    if (client === undefined) return;
    const content = `guest-${this.#guest}`;
    const requested = this.#host?.request(client, {
      type: "login",
      content,
      room: LOBBY,
      since: 0,
      epoch: NO_EPOCH,
    });
    if (!requested) this.#disconnect(CloseCode.TooSlow, "The server is busy: come back later");
  }

  #disconnect(code: CloseCode, reason: string): void {
    if (this.#client !== undefined) this.#host?.disconnected(this.#client, code, reason);
  }
}

function isRateLimited(message: ServerMessage): message is ErrorMessage {
  return message.type === "error" && message.code === "rate_limited";
}
