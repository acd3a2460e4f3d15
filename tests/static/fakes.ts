/**
 * The page's world, without a browser: a clock that is moved by hand, sockets that are played from
 * the server's end, and storage in memory.
 *
 * @module
 */
import { Chat } from "../../static/chat/chat.js";
import { Memory } from "../../static/chat/memory.js";
import type { ClientRequest, ServerMessage } from "../../protocol.ts";

/** One socket, seen from the server. */
export class FakeSocket extends EventTarget {
  readyState: number = WebSocket.CONNECTING;
  sent: (ClientRequest & { id?: string })[] = [];
  closedByPage = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closedByPage = true;
    this.readyState = WebSocket.CLOSED;
  }

  /** The server says something. */
  say(...messages: ServerMessage[]): void {
    this.readyState = WebSocket.OPEN;
    const data = messages.map((message) => JSON.stringify(message)).join("\n");
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  /** The line breaks, or the server closes it. */
  break(code = 1006): void {
    this.readyState = WebSocket.CLOSED;
    this.dispatchEvent(new CloseEvent("close", { code }));
  }

  /** What was sent last of a type. */
  last<T extends ClientRequest["type"]>(type: T): Extract<ClientRequest, { type: T }> {
    const found = this.sent.findLast((message) => message.type === type);
    if (!found) throw new Error(`Nothing of type ${JSON.stringify(type)} was sent`);
    return found as Extract<ClientRequest, { type: T }>;
  }
}

/** A page's model in a world that is moved by hand. */
export class World {
  time = 1_000_000;
  sockets: FakeSocket[] = [];
  stored = new Map<string, string>();
  events: Parameters<ConstructorParameters<typeof Chat>[0]["onEvent"]>[0][] = [];
  #timers: { at: number; run: () => void }[] = [];
  #ids = 0;

  /** Opens the page. */
  open(): Chat {
    const storage = {
      getItem: (key: string) => this.stored.get(key) ?? null,
      setItem: (key: string, value: string) => void this.stored.set(key, value),
    };
    return new Chat({
      url: "ws://test/ws",
      memory: new Memory(storage),
      environment: {
        now: () => this.time,
        random: () => 0,
        later: (run, milliseconds) => this.#later(run, milliseconds),
        socket: () => {
          const socket = new FakeSocket();
          this.sockets.push(socket);
          return socket as unknown as WebSocket;
        },
      },
      newId: () => `id${++this.#ids}`,
      request: () => {
        throw new Error("No uploads here");
      },
      onChange: () => {},
      onEvent: (event) => this.events.push(event),
    });
  }

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("No socket was opened");
    return socket;
  }

  /** Lets time pass and everything happen that is due. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.time = due.at;
      due.run();
    }
    this.time = end;
  }

  /** The server greets and accepts the login, with nothing to replay. */
  welcome(epoch = "e1"): void {
    this.socket.say(handshake(epoch, `s${this.sockets.length}`));
    const { content, room, id } = this.socket.last("login");
    this.socket.say(presence("login", room, content, [content], id));
  }

  #later(run: () => void, milliseconds: number): () => void {
    const timer = { at: this.time + milliseconds, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
}

export function handshake(epoch: string, session: string): ServerMessage {
  return {
    type: "handshake",
    session,
    number: 1,
    ip: "",
    epoch,
    user_count: 0,
    limits: {
      content_bytes: 16_384,
      name_length: 32,
      rate: 20,
      burst: 40,
      rooms: 100,
      file_bytes: 1_000,
      page: 200,
      replay: 1_000,
      user_list: 100,
    },
  };
}

export function presence(
  type: "login" | "logout",
  room: string,
  name: string,
  members: string[],
  id?: string,
): ServerMessage {
  const message = { type, room, content: name, from: name, user_count: members.length };
  return { ...message, user_list: members, ...(id === undefined ? {} : { id }) };
}

/** A message in the lobby. */
export function said(seq: number, from: string, content: string, id?: string): ServerMessage {
  const message = { type: "user" as const, room: "lobby", from, content, seq, time: seq };
  return id === undefined ? message : { ...message, id };
}
