/**
 * A clock that stands until it is moved, and a server's end of sockets without a network, for the
 * tests of the terminal programs.
 *
 * @module
 */
import type { Clock } from "../../cli/connection/clock.ts";
import type { ClientSocket, OpenSocket, SocketEvents } from "../../cli/connection/socket.ts";
import { LINES, type ServerMessage } from "../../protocol.ts";

/** Time that passes only in {@linkcode FakeClock.advance}. Dice always show the same. */
export class FakeClock implements Clock {
  #now = 1_000_000;
  #timers: { at: number; run: () => void }[] = [];
  dice = 0;

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.dice;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** How many timers run. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Lets time pass and everything happen that is due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }
}

/** The server's end of one socket. */
export class FakePeer implements ClientSocket {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly events: SocketEvents;
  /** What the client sent, parsed. */
  readonly received: Record<string, unknown>[] = [];
  /** The close code that the client sent. */
  closed: number | undefined;

  constructor(url: string, protocols: readonly string[], events: SocketEvents) {
    this.url = url;
    this.protocols = protocols;
    this.events = events;
  }

  send(frame: string): void {
    for (const line of frame.split("\n")) this.received.push(JSON.parse(line));
  }

  close(code: number): void {
    this.closed = code;
  }

  /** The newest request of a type. */
  last(type: string): Record<string, unknown> {
    const found = this.received.findLast((request) => request.type === type);
    if (found === undefined) throw new Error(`Cannot find request: no ${type} came`);
    return found;
  }

  /** Sends messages in one frame. */
  answer(...messages: (ServerMessage | Record<string, unknown>)[]): void {
    this.events.received(messages.map((message) => JSON.stringify(message)).join("\n"));
  }

  /** Opens the socket and greets, as a server with this epoch. */
  greet(epoch = "e1", limits: Record<string, number> = {}): void {
    this.events.opened(LINES);
    this.answer({
      type: "handshake",
      session: `session of ${epoch}`,
      number: 1,
      ip: "127.0.0.1",
      epoch,
      user_count: 0,
      user_list: [],
      limits: {
        content_bytes: 16_384,
        name_length: 32,
        rate: 0,
        burst: 40,
        rooms: 100,
        file_bytes: 1000,
        page: 200,
        replay: 1000,
        user_list: 100,
        ...limits,
      },
    });
  }

  /** Answers the login, and the claim of the room with these messages. */
  welcome(messages: Record<string, unknown>[] = [], complete = true): void {
    const { content, room, id } = this.last("login");
    this.answer(
      { type: "login", room, content, from: content, user_count: 1, user_list: [content], id },
      { type: "history", room, messages, first: 0, last: messages.at(-1)?.seq ?? 0, complete },
    );
  }
}

/** Opens sockets whose other ends are kept. */
export class FakeNetwork {
  readonly peers: FakePeer[] = [];

  readonly open: OpenSocket = (url, protocols, events) => {
    const peer = new FakePeer(url, protocols, events);
    this.peers.push(peer);
    return peer;
  };

  /** The newest. */
  get peer(): FakePeer {
    const peer = this.peers.at(-1);
    if (peer === undefined) throw new Error("Cannot find socket: none was opened");
    return peer;
  }
}

/** A message as it stands in a history. */
export function message(seq: number, content: string, more: Record<string, unknown> = {}) {
  return { type: "user", room: "lobby", from: "bo", content, seq, time: seq * 1000, ...more };
}
