/**
 * One client of the load generator: its connection, its way into a room, and the counting and timing
 * of what it receives.
 *
 * @module
 */
import type { Dialect } from "./dialect.ts";
import { clientFrame, Opcode } from "./frames.ts";
import type { Target } from "./handshake.ts";
import { LatencyHistogram } from "./histogram.ts";
import { NoticeReader } from "./notices.ts";
import { LoadSocket, type LoadSocketListener, MASK } from "./load_socket.ts";
import { MessageCounter } from "./stamps.ts";

/** Interval at which a relaxed client reads, in milliseconds. */
const REST_MS = 1000;

/** A room of the load. */
export interface Room {
  /** Clients that are in the room. */
  size: number;
  /** Messages sent to the room, and deliveries of them, since it last lost a client. */
  sent: number;
  delivered: number;
}

/** What all clients have sent and received. */
export class LoadTotals {
  /** Clients that are in their rooms. */
  members = 0;
  /** Messages sent. */
  sent = 0;
  /** Messages received, by all clients together. */
  deliveries = 0;
  /** Data frames received. */
  frames = 0;
  /** Bytes received, including frame headers. */
  bytes = 0;
  /** Bytes of payload received, without control frames. */
  payload = 0;
  /** Latency of the timed deliveries, in microseconds. */
  latency = new LatencyHistogram();
  /** Messages per second that the server allows a connection; `undefined` if it has not said so. */
  rateLimit: number | undefined;
  /** Errors that the server reported, by their code. */
  readonly refusals = new Map<string, number>();
  /** Clients that could not connect or lost their connection, by the reason. */
  readonly lost = new Map<string, number>();
}

/** What a client shares with the others. */
export interface ClientContext {
  readonly dialect: Dialect;
  readonly totals: LoadTotals;
  /** Length of a message's text in bytes. */
  readonly payload: number;
  /** One of this many deliveries is timed. */
  readonly sampleEvery: number;
  /** Called after deliveries have been counted. */
  delivered(): void;
  /** Called after an error of the server has been counted. */
  refused(): void;
  /** Called once when a client is gone. */
  gone(client: LoadClient, reason: string): void;
}

/** A client. */
export class LoadClient {
  readonly #context: ClientContext;
  readonly #settled = Promise.withResolvers<void>();
  #socket: LoadSocket | undefined;
  #state: "outside" | "inside" | "gone" | "closed" = "outside";

  /**
   * @param index number of the client
   * @param room the room that it enters
   * @param isTimed whether its deliveries are timed
   */
  constructor(
    readonly index: number,
    readonly room: Room,
    readonly isTimed: boolean,
    context: ClientContext,
  ) {
    this.#context = context;
  }

  /** Resolves when the client has entered its room or is gone. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /**
   * Opens the connection. Never rejects: a client that cannot connect is gone.
   *
   * @param buffer bytes to read at a time
   */
  async open(target: Target, buffer: number): Promise<void> {
    try {
      const socket = await LoadSocket.open(target, this.#listener(), buffer);
      if (this.#state === "gone" || this.#state === "closed") return void socket.close();
      this.#socket = socket;
      if (this.#context.dialect.greeting === 0) this.#enter();
    } catch (error) {
      this.lose(reasonOf(error));
    }
  }

  /**
   * Asks to enter the room.
   *
   * @param room number of the room
   */
  login(room: number): void {
    const request = this.#context.dialect.login?.(this.index, room);
    if (request !== undefined) this.#socket?.send(textFrame(request));
  }

  /** Sends a message. Returns `false` if the client is not in its room. */
  say(frame: Uint8Array): boolean {
    if (this.#state !== "inside") return false;
    this.#socket?.send(frame);
    this.room.sent++;
    this.#context.totals.sent++;
    return true;
  }

  /** Makes the client read only now and then. */
  relax(): void {
    if (this.#socket !== undefined) this.#socket.rest = REST_MS;
  }

  /** Counts the client as lost and closes its connection. Idempotent. */
  lose(reason: string): void {
    if (this.#state === "gone" || this.#state === "closed") return;
    const { totals, gone } = this.#context;
    if (this.#state === "inside") {
      totals.members--;
      this.room.size--;
      // Which of the messages in flight have reached the others is not known: start counting anew.
      this.room.sent = this.room.delivered = 0;
    }
    this.#state = "gone";
    increment(totals.lost, reason);
    void this.#socket?.close();
    this.#settled.resolve();
    gone(this, reason);
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    this.#state = "closed";
    this.#settled.resolve();
    await this.#socket?.close();
  }

  #enter(): void {
    this.#state = "inside";
    this.room.size++;
    this.#context.totals.members++;
    this.#settled.resolve();
  }

  #listener(): LoadSocketListener {
    const { dialect, totals, payload, sampleEvery, delivered } = this.#context;
    const samples = { every: sampleEvery, first: this.index };
    const counter = new MessageCounter(payload, samples, (stamp) => {
      if (this.isTimed) totals.latency.record(microseconds() - stamp);
    });
    const notices = new NoticeReader(dialect, () => totals.rateLimit === undefined);
    let counted = 0;
    let frames = 0;
    return {
      payload: (bytes, start, end) => {
        totals.payload += end - start;
        notices.read(bytes, start, end);
        counter.read(bytes, start, end);
      },
      frameEnd: () => {
        totals.frames++;
        const notice = notices.end();
        if (notice?.rateLimit !== undefined) totals.rateLimit = notice.rateLimit;
        for (const code of notice?.errors ?? []) this.#refuse(code);
        if (++frames === dialect.greeting && this.#state === "outside") this.#enter();
      },
      received: (bytes) => {
        totals.bytes += bytes;
        if (counter.count === counted) return;
        const count = counter.count - counted;
        counted = counter.count;
        totals.deliveries += count;
        this.room.delivered += count;
        delivered();
      },
      lost: (reason) => this.lose(reason),
    };
  }

  #refuse(code: string): void {
    increment(this.#context.totals.refusals, code);
    if (this.#state === "outside") this.lose(code);
    this.#context.refused();
  }
}

/** The frame that carries a text. */
export function textFrame(text: string): Uint8Array {
  return clientFrame(Opcode.Text, new TextEncoder().encode(text), MASK);
}

/** A monotonic clock in whole microseconds. */
export function microseconds(): number {
  return Math.floor(performance.now() * 1000);
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** An error in a few words: `Connection refused`. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^Cannot open WebSocket: /, "").replace(/ \(os error \d+\)/, "");
}
