/**
 * The load: clients in rooms that talk, and the counting of what reaches them. Speaks `hubbub.v1` as
 * any client does, over plain sockets, one for each client.
 *
 * @module
 */
import type { ClientRequest, Limits, ServerMessage } from "../../protocol.ts";
import { type ClientSocket, offeredProtocols, openWebSocket } from "./socket.ts";
import { FrameReader, stampedText } from "./frames.ts";
import { Histogram } from "./histogram.ts";

/** How the load talks. */
export type Pace =
  /** So many messages in flight at any time: as fast as the server can. */
  | { readonly kind: "window"; readonly messages: number }
  /** So many messages a second, whatever the server does. */
  | { readonly kind: "rate"; readonly perSecond: number };

export interface LoadOptions {
  /** `ws:` or `wss:`. */
  readonly url: string;
  readonly token?: string;
  readonly clients: number;
  /** So many of the clients talk; the others listen. */
  readonly senders: number;
  readonly rooms: number;
  readonly pace: Pace;
  /** Length of each message's text, in bytes. */
  readonly payload: number;
  /** Over so many milliseconds the clients connect, evenly; 0: as fast as they are let in. */
  readonly ramp: number;
}

/** Connections that are being made at a time: more would only wait in the system's queue. */
const CONNECTING = 64;

/** A client that is not logged in by then will not be, in milliseconds. */
const LOGIN_MS = 10_000;

/** Between two looks at what a fixed rate makes due, in milliseconds. */
const RATE_TICK_MS = 1;

interface Room {
  readonly name: string;
  readonly members: Set<Member>;
  readonly senders: Member[];
  next: number;
  sent: number;
  /** Messages times members that they reached. */
  delivered: number;
}

interface Member {
  readonly index: number;
  readonly room: Room;
  socket: ClientSocket | undefined;
}

/** What was counted since the last {@linkcode Load.reset}. */
export interface Counts {
  readonly sent: number;
  readonly deliveries: number;
  readonly bytes: number;
  readonly latency: Histogram;
}

/** Clients that talk. */
export class Load {
  readonly #options: LoadOptions;
  readonly #run = crypto.randomUUID().slice(0, 8);
  readonly #rooms: Room[];
  readonly #reader = new FrameReader();
  readonly #refusals = new Map<string, number>();
  readonly #lost = new Map<string, number>();
  #limits: Limits | undefined;
  #members = 0;
  #talking = false;
  #ending = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #counts = emptyCounts();

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#rooms = Array.from({ length: options.rooms }, (_, i) => ({
      name: `bench-${this.#run}-${i}`,
      members: new Set(),
      senders: [],
      next: 0,
      sent: 0,
      delivered: 0,
    }));
  }

  /** Clients that are logged in. */
  get members(): number {
    return this.#members;
  }

  /** The server's limits, once somebody is logged in. */
  get limits(): Limits | undefined {
    return this.#limits;
  }

  /** Refusals by their code. */
  get refusals(): ReadonlyMap<string, number> {
    return this.#refusals;
  }

  /** Connections that could not be made or broke, by the reason. */
  get lost(): ReadonlyMap<string, number> {
    return this.#lost;
  }

  /** What was counted since the last reset; goes on counting. */
  get counts(): Counts {
    return this.#counts;
  }

  /** Begins to count afresh. Returns what was counted until now. */
  reset(): Counts {
    const counts = this.#counts;
    this.#counts = emptyCounts();
    return counts;
  }

  /** Connects all clients; resolves when each is logged in or lost. */
  async connect(): Promise<void> {
    const { clients, ramp } = this.#options;
    const start = performance.now();
    let next = 0;
    const connectSome = async () => {
      while (next < clients) {
        const index = next++;
        const wait = (ramp * index) / clients - (performance.now() - start);
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        await this.#login(index);
      }
    };
    await Promise.all(Array.from({ length: CONNECTING }, connectSome));
  }

  /** Begins to talk. */
  start(): void {
    this.#talking = true;
    const { pace } = this.#options;
    if (pace.kind === "window") {
      for (const room of this.#rooms) this.#fill(room, pace.messages);
    } else {
      this.#talkAtRate(pace.perSecond);
    }
  }

  /** Ends everything; does not wait for the server's answers. */
  stop(): void {
    this.#talking = false;
    this.#ending = true;
    clearInterval(this.#timer);
    for (const { members } of this.#rooms) {
      for (const { socket } of members) socket?.close(1000);
    }
  }

  #login(index: number): Promise<void> {
    const { url, token, senders } = this.#options;
    const room = this.#rooms[index % this.#rooms.length];
    if (room === undefined) throw new Error("Cannot log in: there is no room");
    const member: Member = { index, room, socket: undefined };
    const { promise, resolve } = Promise.withResolvers<void>();
    const giveUp = setTimeout(() => member.socket?.close(1000, "no login in time"), LOGIN_MS);
    const settle = () => {
      clearTimeout(giveUp);
      resolve();
    };
    member.socket = openWebSocket(url, offeredProtocols(token), {
      opened: () => {},
      received: (frame) => {
        for (const message of this.#receive(member, frame)) {
          if (message.type === "handshake") {
            this.#limits = message.limits;
            this.#send(member, this.#loginRequest(member));
          } else if (message.type === "login" && message.id === String(index)) {
            this.#members++;
            room.members.add(member);
            if (index < senders) room.senders.push(member);
            settle();
          } else if (message.type === "error") {
            count(this.#refusals, message.code);
            if (message.id === String(index)) member.socket?.close(1000, message.code);
          }
        }
      },
      closed: (code, reason) => {
        this.#gone(member, code, reason);
        settle();
      },
    });
    return promise;
  }

  #loginRequest({ index, room }: Member): ClientRequest {
    const { token } = this.#options;
    return {
      type: "login",
      content: `bench ${this.#run} ${index}`,
      room: room.name,
      id: String(index),
      ...(token !== undefined && { token }),
    };
  }

  /** Counts what a frame brought. Returns what else was in it. */
  #receive({ room }: Member, text: string): readonly ServerMessage[] {
    const { stamps, others } = this.#reader.read(text);
    if (stamps.length > 0) {
      const now = microseconds();
      const counts = this.#counts;
      for (const stamp of stamps) counts.latency.record(now - stamp);
      counts.deliveries += stamps.length;
      counts.bytes += text.length;
      room.delivered += stamps.length;
      const { pace } = this.#options;
      if (pace.kind === "window") this.#fill(room, pace.messages);
    }
    return others;
  }

  /** Talks until as much is in flight in the room as should be. */
  #fill(room: Room, messages: number): void {
    const share = messages / this.#rooms.length;
    while (this.#talking && room.senders.length > 0) {
      if (room.sent - room.delivered / room.members.size >= share) return;
      this.#say(room);
    }
  }

  #talkAtRate(perSecond: number): void {
    const start = performance.now();
    let said = 0;
    this.#timer = setInterval(() => {
      const due = ((performance.now() - start) / 1000) * perSecond;
      for (; said < due; said++) {
        const room = this.#rooms[said % this.#rooms.length];
        if (room !== undefined && room.senders.length > 0) this.#say(room);
      }
    }, RATE_TICK_MS);
  }

  #say(room: Room): void {
    const member = room.senders[room.next++ % room.senders.length];
    if (member === undefined) return;
    const content = stampedText(microseconds(), this.#options.payload);
    room.sent++;
    this.#counts.sent++;
    const id = `${member.index}-${room.sent}`;
    this.#send(member, { type: "user", room: room.name, content, id });
  }

  #send({ socket }: Member, request: ClientRequest): void {
    socket?.send(JSON.stringify(request));
  }

  #gone(member: Member, code: number, reason: string): void {
    const { room } = member;
    member.socket = undefined;
    if (!this.#ending) count(this.#lost, reason === "" ? `close code ${code}` : reason);
    if (!room.members.delete(member)) return;
    this.#members--;
    const index = room.senders.indexOf(member);
    if (index >= 0) room.senders.splice(index, 1);
    // What was in flight can no longer be told from what reached the others: the window starts afresh.
    room.sent = room.delivered = 0;
  }
}

function emptyCounts() {
  return { sent: 0, deliveries: 0, bytes: 0, latency: new Histogram() };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Whole microseconds of a clock that never goes back. */
function microseconds(): number {
  return Math.round(performance.now() * 1000);
}
