/**
 * The clients of the load generator: connects them, sends their messages, and counts and times what
 * they receive.
 *
 * @module
 */
import { LoadSocket, type LoadSocketListener, MASK } from "./socket.ts";
import type { Dialect } from "./dialect.ts";
import { clientFrame, Opcode } from "./frames.ts";
import { parseTarget, type Target } from "./handshake.ts";
import { LatencyHistogram } from "./histogram.ts";
import { NoticeReader } from "./notices.ts";
import { blankMessage, MARK, MessageCounter, writeStamp } from "./stamps.ts";

/** Maximum number of connections that are being opened at a time. */
const CONNECTING = 64;

/**
 * Maximum number of connections to one address: a system has some 28,000 ports for them. Further
 * clients take the next address.
 */
export const PER_ADDRESS = 20_000;

/** How long one client may take to connect and log in, in milliseconds. */
const LOGIN_MS = 10_000;

/** How long all clients may take to enter their rooms, in milliseconds. */
const ENTER_MS = 90_000;

/** Interval at which clients that are not timed read, in milliseconds. */
const REST_MS = 1000;

/** Read buffers, in bytes: of all connections together, and bounds for each. */
const READ_TOTAL = 128 * 1024 * 1024;
const MIN_READ = 4 * 1024;
const MAX_READ = 256 * 1024;

/** The clients and their server. */
export interface PoolOptions {
  /** The WebSocket endpoint, `ws:` or `wss:`. */
  readonly url: string;
  readonly dialect: Dialect;
  readonly clients: number;
  /** Number of clients that send; the others only receive. At least one in each room. */
  readonly senders: number;
  /** The clients are spread evenly over the rooms: client `i` is in room `i % rooms`. */
  readonly rooms: number;
  /** Length of a message's text in bytes; at least `MIN_MESSAGE`. */
  readonly payload: number;
  /** Number of clients whose deliveries are timed. The others may be late to read. */
  readonly timed: number;
  /** One of this many deliveries to a timed client is timed. */
  readonly sampleEvery: number;
  /** The host to connect a client to instead of the URL's, to spread many over several addresses. */
  hostname?(client: number): string;
}

/** How the clients connect. */
export interface ConnectOptions {
  /** Milliseconds over which the connections are spread. Default: 0, as fast as possible. */
  readonly ramp?: number;
  /**
   * When the clients log in: each as soon as it is connected, or all at once after the last one is,
   * so that a large room need not announce each newcomer to all members. Default: `each`.
   */
  readonly login?: "each" | "together";
}

interface Room {
  /** Clients that are in the room. */
  size: number;
  /** Messages sent to the room, and deliveries of them, since it last lost a member. */
  sent: number;
  delivered: number;
}

interface Client {
  readonly index: number;
  readonly room: Room;
  connection: LoadSocket | undefined;
  state: "outside" | "inside" | "gone";
  /** Resolves when the client has entered its room or is gone. */
  readonly settled: PromiseWithResolvers<void>;
}

/**
 * Clients in rooms.
 *
 * - A client that cannot connect, is refused or loses its connection is counted in `lost`; the first
 *   one also rejects `failed`. The others go on.
 * - Deliveries are counted from the bytes on the wire, without decoding them.
 */
export class ClientPool {
  readonly #options: PoolOptions;
  readonly #target: Target;
  readonly #clients: readonly Client[];
  readonly #rooms: readonly Room[];
  readonly #blank: Uint8Array;
  readonly #stampAt: number;
  readonly #failure = Promise.withResolvers<never>();
  #closing = false;
  #members = 0;
  /** Bytes of payload received, without control frames. */
  #heard = 0;
  /** Errors that the server reported, by their code. */
  readonly refusals = new Map<string, number>();
  /** Clients that could not connect or lost their connection, by the reason. */
  readonly lost = new Map<string, number>();
  /** Messages per second that the server allows a connection; `undefined` if it has not said so. */
  rateLimit: number | undefined;
  /** Messages sent. */
  sent = 0;
  /** Messages received, by all clients together. */
  deliveries = 0;
  /** Data frames received. */
  frames = 0;
  /** Bytes received, including frame headers. */
  bytes = 0;
  /** Latency of the timed deliveries, in microseconds. */
  latency = new LatencyHistogram();
  /** Called after deliveries have been counted, and after a client is gone. */
  onDeliveries: () => void = () => {};
  /** Called after an error of the server has been counted. */
  onRefusal: () => void = () => {};

  constructor(options: PoolOptions) {
    this.#options = options;
    const { clients, rooms, dialect } = options;
    const { protocols, headers } = dialect;
    this.#target = { ...parseTarget(options.url), protocols, ...(headers && { headers }) };
    this.#rooms = Array.from({ length: rooms }, () => ({ size: 0, sent: 0, delivered: 0 }));
    this.#clients = Array.from({ length: clients }, (_, index) => ({
      index,
      room: this.#rooms[index % rooms]!,
      connection: undefined,
      state: "outside",
      settled: Promise.withResolvers<void>(),
    }));
    const text = dialect.message(blankMessage(options.payload));
    this.#blank = textFrame(text);
    this.#stampAt = this.#blank.length - text.length + text.indexOf(String.fromCharCode(MARK)) + 1;
    // Callers that do not watch it learn of the failure in another way.
    this.#failure.promise.catch(() => {});
  }

  /** Number of clients that send. */
  get senders(): number {
    return this.#options.senders;
  }

  /** Number of clients that are in their rooms. */
  get members(): number {
    return this.#members;
  }

  /** Rejects when a client is gone, with the reason; never resolves. */
  get failed(): Promise<never> {
    return this.#failure.promise;
  }

  /** Messages that have not reached all members of their room; one that reached some is a fraction. */
  get inFlight(): number {
    let sum = 0;
    for (const { sent, delivered, size } of this.#rooms) sum += sent - delivered / (size || 1);
    return sum;
  }

  /** Deliveries that are still to come. */
  get undelivered(): number {
    return this.#rooms.reduce((sum, { sent, delivered, size }) => sum + sent * size - delivered, 0);
  }

  /**
   * Connects all clients. Resolves when each has entered its room or is gone; with `together`, when
   * each has sent its login.
   */
  async connect({ ramp = 0, login = "each" }: ConnectOptions = {}): Promise<void> {
    const { clients } = this.#options;
    const start = performance.now();
    let next = 0;
    const connectSome = async () => {
      while (next < clients && !this.#closing) {
        const client = this.#clients[next++]!;
        const wait = (ramp * client.index) / clients - (performance.now() - start);
        if (wait > 0) await pause(wait);
        await this.#connectOne(client, login === "each");
      }
    };
    await Promise.all(Array.from({ length: CONNECTING }, connectSome));
    if (login === "together") { for (const client of this.#clients) this.#login(client); }
  }

  /**
   * Waits until all clients have entered their rooms, and then until nothing arrives for a while:
   * they have seen each other enter.
   *
   * @param quiet milliseconds
   * @throws {Error} if some do not enter, or a client is gone
   */
  async settle(quiet: number): Promise<void> {
    const end = performance.now() + ENTER_MS;
    for (let before = -1; before !== this.#heard || this.#members < this.#clients.length;) {
      if (performance.now() > end) {
        throw new Error(
          `${this.#clients.length - this.#members} clients could not enter their rooms`,
        );
      }
      before = this.#heard;
      await Promise.race([this.failed, pause(quiet)]);
    }
  }

  /**
   * Makes the clients that are not timed read only now and then, so that their work does not delay
   * those that are. Everything is counted as before.
   */
  relax(): void {
    for (const { index, connection } of this.#clients) {
      if (connection !== undefined && !this.#isTimed(index)) connection.rest = REST_MS;
    }
  }

  /** Sends a message of a client. Returns `false` if the client is not in its room. */
  say(index: number): boolean {
    const client = this.#clients[index];
    if (client?.state !== "inside") return false;
    const frame = this.#blank.slice();
    writeStamp(frame, this.#stampAt, microseconds());
    client.connection?.send(frame);
    client.room.sent++;
    this.sent++;
    return true;
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#clients.map(({ connection }) => connection?.close()));
  }

  /** Resolves when the client is connected; if it logs in at once, when it is in its room or gone. */
  async #connectOne(client: Client, login: boolean): Promise<void> {
    const deadline = setTimeout(() => this.#lose(client, "no login in time"), LOGIN_MS);
    try {
      const opened = this.#open(client);
      await Promise.race([opened, client.settled.promise]);
      if (login) {
        this.#login(client);
        await client.settled.promise;
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Opens the connection of a client. Never rejects. */
  async #open(client: Client): Promise<void> {
    const { clients, hostname, dialect } = this.#options;
    const target = hostname === undefined
      ? this.#target
      : { ...this.#target, hostname: hostname(client.index) };
    const buffer = Math.min(MAX_READ, Math.max(MIN_READ, Math.floor(READ_TOTAL / clients)));
    try {
      const connection = await LoadSocket.open(target, this.#listener(client), buffer);
      if (client.state === "gone" || this.#closing) return void connection.close();
      client.connection = connection;
      if (dialect.greeting === 0) this.#enter(client);
    } catch (error) {
      this.#lose(client, reasonOf(error));
    }
  }

  #login({ index, connection }: Client): void {
    const request = this.#options.dialect.login?.(index, index % this.#rooms.length);
    if (request !== undefined) connection?.send(textFrame(request));
  }

  #enter(client: Client): void {
    client.state = "inside";
    client.room.size++;
    this.#members++;
    client.settled.resolve();
  }

  /** Counts a client out. Idempotent. */
  #lose(client: Client, reason: string): void {
    if (client.state === "gone" || this.#closing) return;
    if (client.state === "inside") {
      this.#members--;
      client.room.size--;
      // Which of the messages in flight have reached the others is not known: start counting anew.
      client.room.sent = client.room.delivered = 0;
    }
    client.state = "gone";
    increment(this.lost, reason);
    void client.connection?.close();
    client.settled.resolve();
    this.#failure.reject(new Error(`Client ${client.index} lost its connection: ${reason}`));
    this.onDeliveries();
  }

  #isTimed(index: number): boolean {
    const { clients, timed } = this.#options;
    return index % Math.max(1, Math.floor(clients / timed)) === 0;
  }

  #listener(client: Client): LoadSocketListener {
    const { payload, sampleEvery, dialect } = this.#options;
    const { room, index } = client;
    const isTimed = this.#isTimed(index);
    const sampled = (stamp: number) => {
      if (isTimed) this.latency.record(microseconds() - stamp);
    };
    const counter = new MessageCounter(payload, { every: sampleEvery, first: index }, sampled);
    const notices = new NoticeReader(dialect, () => this.rateLimit === undefined);
    let counted = 0;
    let frames = 0;
    return {
      payload: (bytes, start, end) => {
        this.#heard += end - start;
        notices.read(bytes, start, end);
        counter.read(bytes, start, end);
      },
      frameEnd: () => {
        this.frames++;
        const notice = notices.end();
        if (notice?.rateLimit !== undefined) this.rateLimit = notice.rateLimit;
        for (const code of notice?.errors ?? []) {
          increment(this.refusals, code);
          this.onRefusal();
          if (client.state === "outside") this.#lose(client, code);
        }
        if (++frames === dialect.greeting && client.state === "outside") this.#enter(client);
      },
      received: (bytes) => {
        this.bytes += bytes;
        if (counter.count === counted) return;
        const count = counter.count - counted;
        counted = counter.count;
        this.deliveries += count;
        room.delivered += count;
        this.onDeliveries();
      },
      lost: (reason) => this.#lose(client, reason),
    };
  }
}

/** The loopback address of a client, for {@linkcode PoolOptions.hostname}: `127.0.0.1`, `127.0.0.2`, … */
export function loopbackAddress(client: number): string {
  return `127.0.0.${1 + Math.floor(client / PER_ADDRESS)}`;
}

function textFrame(text: string): Uint8Array {
  return clientFrame(Opcode.Text, new TextEncoder().encode(text), MASK);
}

function microseconds(): number {
  return Math.floor(performance.now() * 1000);
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** An error in few words: `Connection refused`. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^Cannot open WebSocket: /, "").replace(/ \(os error \d+\)/, "");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
