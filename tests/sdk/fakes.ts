/**
 * A client's world without a network: time passes only when a test says so, and the server's end of
 * each socket is played by hand.
 *
 * @module
 */
import { HubbubClient } from "../../sdk/hubbub.js";
import type { Environment } from "../../sdk/environment.js";
import type { ClientOptions } from "../../sdk/types.js";
import type { ServerMessage, User } from "../../protocol/messages.ts";
import { LINES } from "../../protocol/wire.js";

/** A request as it went over the wire. */
// deno-lint-ignore no-explicit-any -- tests look at whatever was sent
type Sent = Record<string, any>;

/** One socket, seen from the server. */
export class FakeSocket extends EventTarget {
  readyState: number = WebSocket.CONNECTING;
  protocol = "";
  /** What the client sent, parsed. */
  readonly sent: Sent[] = [];
  /** The close code of the client; `undefined` until it closes. */
  closed: number | undefined;

  constructor(readonly url: string, readonly protocols: readonly string[]) {
    super();
  }

  send(frame: string): void {
    this.sent.push(JSON.parse(frame));
  }

  close(code = 1005): void {
    this.closed ??= code;
    this.readyState = WebSocket.CLOSING;
  }

  /** The server accepts the connection. */
  open(protocol = LINES): void {
    this.protocol = protocol;
    this.readyState = WebSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  /** The server sends messages in one frame. */
  say(...messages: (ServerMessage | Record<string, unknown>)[]): void {
    this.frame(messages.map((message) => JSON.stringify(message)).join("\n"));
  }

  frame(data: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  /** The connection breaks, or the server closes it. */
  break(code = 1006, reason = ""): void {
    this.readyState = WebSocket.CLOSED;
    this.dispatchEvent(new CloseEvent("close", { code, reason }));
  }

  /** The newest request of a type. */
  last(type: string): Sent {
    const found = this.sent.findLast((request) => request.type === type);
    if (found === undefined) {
      throw new Error(`Cannot find request: nothing of type ${type} was sent`);
    }
    return found;
  }

  /** All requests of a type. */
  all(type: string): Sent[] {
    return this.sent.filter((request) => request.type === type);
  }

  /** Opens and greets, as a server with this epoch, to which a credential may have told who this is. */
  greet(epoch = "e1", limits: Record<string, number> = {}, user?: User, run = "r1"): void {
    this.open();
    const greeting = handshake(epoch, `session-of-${epoch}`, limits, run);
    if (user === undefined) return this.say(greeting);
    const { session: _, ...recognised } = greeting;
    this.say({ ...recognised, user });
  }

  /**
   * Accepts the login, and answers its claim with these messages; `more` is put into the answer, `page` into
   * the history.
   */
  welcome(
    messages: Record<string, unknown>[] = [],
    complete = true,
    more: Record<string, unknown> = {},
    page: Record<string, unknown> = {},
  ): void {
    const { content = "ann", room = "lobby", id } = this.last("login");
    const answer = presence("login", room, content, [content], id);
    const user = { id: idOf(content), name: content, role: "guest" };
    this.say({ ...answer, user, ...more }, history(messages, { room, complete, ...page }));
  }

  /** Lets the client into a room that it asked for, where these messages are. */
  letIn(
    room: string,
    name = "ann",
    messages: Record<string, unknown>[] = [],
    page: Record<string, unknown> = {},
  ): void {
    const { id } = this.sent.findLast((sent) => sent.type === "join" && sent.room === room) ?? {};
    this.say(presence("login", room, name, [name], id), history(messages, { room, ...page }));
  }

  /** Refuses the newest request of a type. */
  refuse(type: string, code: string, more: Record<string, unknown> = {}): void {
    this.say({ type: "error", code, content: code, id: this.last(type).id, ...more });
  }
}

/** Time, chance and sockets. */
export class FakeWorld {
  time = 1_000_000;
  /** What `random` gives. */
  dice = 0;
  readonly sockets: FakeSocket[] = [];
  /** Status and body that `fetch` answers with. */
  answer: { status: number; json?: unknown; headers?: Record<string, string> } = { status: 200 };
  /** What was fetched. */
  readonly fetched: Request[] = [];
  #timers: { at: number; run: () => void }[] = [];
  #ids = 0;

  readonly environment: Environment = {
    now: () => this.time,
    random: () => this.dice,
    later: (run, milliseconds) => {
      const timer = { at: this.time + milliseconds, run };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      };
    },
    socket: (url, protocols) => {
      const socket = new FakeSocket(url, protocols);
      this.sockets.push(socket);
      return socket;
    },
    fetch: (input, init) => {
      this.fetched.push(new Request(input, init));
      const { status, json, headers = {} } = this.answer;
      return Promise.resolve(
        new Response(json === undefined ? null : JSON.stringify(json), { status, headers }),
      );
    },
    newId: () => `id${++this.#ids}`,
  };

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("Cannot find socket: none was opened");
    return socket;
  }

  /** How many timers run. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Lets time pass, and everything happen that is due, in order. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = end;
  }

  /** A client of this world, not started. */
  client(options: Partial<ClientOptions> = {}): HubbubClient {
    return new HubbubClient("http://test", {
      name: "ann",
      environment: this.environment,
      ...options,
    });
  }
}

export function handshake(
  epoch: string,
  session: string,
  limits: Record<string, number> = {},
  run = "r1",
): Record<string, unknown> {
  return {
    type: "handshake",
    session,
    number: 1,
    ip: "",
    epoch,
    run,
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
      ...limits,
    },
  };
}

export function presence(
  type: "login" | "logout",
  room: string,
  name: string,
  members: string[],
  id?: string,
): Record<string, unknown> {
  const who = { content: name, from: name, by: idOf(name) };
  const message = { type, room, ...who, user_count: members.length };
  return { ...message, user_list: members, ...(id !== undefined && { id }) };
}

/** The id of the user who had this name first. */
export function idOf(name: string): string {
  return `id-of-${name}`;
}

/** A message in the lobby, of bo unless `more` says otherwise. */
export function said(
  seq: number,
  content: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const from = typeof more.from === "string" ? more.from : "bo";
  const message = { type: "user", room: "lobby", from, by: idOf(from), content, seq };
  return { ...message, time: seq * 1000, ...more };
}

/** A room that the user is a member of, with two unread messages unless `more` says otherwise. */
export function membership(
  room: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return { room, last: 10, read: 8, unread: 2, mentions: 1, ...more };
}

/** A page of history. */
export function history(
  messages: Record<string, unknown>[],
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const [first, last] = [messages[0]?.seq ?? 0, messages.at(-1)?.seq ?? 0];
  return {
    type: "history",
    room: "lobby",
    messages,
    first,
    last,
    change: 0,
    complete: true,
    ...more,
  };
}
