/**
 * The clients of the load generator: connects them, and sends their messages.
 *
 * @module
 */
import { LoadClient, LoadTotals, microseconds, type Room, textFrame } from "./client.ts";
import type { Dialect } from "./dialect.ts";
import { parseTarget, type Target } from "./handshake.ts";
import { blankMessage, MARK, writeStamp } from "./stamps.ts";

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

/**
 * Clients in rooms.
 *
 * - A client that cannot connect, is refused or loses its connection is counted in `totals.lost`; the
 *   first one also rejects `failed`. The others go on.
 * - Deliveries are counted from the bytes on the wire, without decoding them.
 */
export class ClientPool {
  readonly #options: PoolOptions;
  readonly #target: Target;
  readonly #rooms: readonly Room[];
  readonly #clients: readonly LoadClient[];
  /** The frame of a message whose stamp is still to be written, and the index of the stamp. */
  readonly #blank: Uint8Array;
  readonly #stampAt: number;
  readonly #failure = Promise.withResolvers<never>();
  #closing = false;
  /** What all clients have sent and received. */
  readonly totals = new LoadTotals();
  /** Called after deliveries have been counted, and after a client is gone. */
  onDeliveries: () => void = () => {};
  /** Called after an error of the server has been counted. */
  onRefusal: () => void = () => {};

  constructor(options: PoolOptions) {
    this.#options = options;
    const { url, clients, rooms, dialect, payload, timed, sampleEvery } = options;
    const { protocols, headers } = dialect;
    this.#target = { ...parseTarget(url), protocols, ...(headers && { headers }) };
    this.#rooms = Array.from({ length: rooms }, () => ({ size: 0, sent: 0, delivered: 0 }));
    const context = {
      dialect,
      totals: this.totals,
      payload,
      sampleEvery,
      delivered: () => this.onDeliveries(),
      refused: () => this.onRefusal(),
      gone: (client: LoadClient, reason: string) => this.#gone(client, reason),
    };
    const timedEvery = Math.max(1, Math.floor(clients / timed));
    this.#clients = Array.from(
      { length: clients },
      (_, index) =>
        new LoadClient(index, this.#rooms[index % rooms]!, index % timedEvery === 0, context),
    );
    const text = dialect.message(blankMessage(payload));
    this.#blank = textFrame(text);
    this.#stampAt = this.#blank.length - text.length + text.indexOf(String.fromCharCode(MARK)) + 1;
    // Callers that do not watch it learn of the failure in another way.
    this.#failure.promise.catch(() => {});
  }

  /** Number of clients that send. */
  get senders(): number {
    return this.#options.senders;
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
    const { clients } = this.#options;
    const end = performance.now() + ENTER_MS;
    for (let before = -1; before !== this.totals.payload || this.totals.members < clients;) {
      if (performance.now() > end) {
        throw new Error(`${clients - this.totals.members} clients could not enter their rooms`);
      }
      before = this.totals.payload;
      await Promise.race([this.failed, pause(quiet)]);
    }
  }

  /**
   * Makes the clients that are not timed read only now and then, so that their work does not delay
   * those that are. Everything is counted as before.
   */
  relax(): void {
    for (const client of this.#clients) if (!client.isTimed) client.relax();
  }

  /** Sends a message of a client. Returns `false` if the client is not in its room. */
  say(client: number): boolean {
    const frame = this.#blank.slice();
    writeStamp(frame, this.#stampAt, microseconds());
    return this.#clients[client]?.say(frame) ?? false;
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  /** Resolves when the client is connected; if it logs in at once, when it is in its room or gone. */
  async #connectOne(client: LoadClient, login: boolean): Promise<void> {
    const { clients, hostname } = this.#options;
    const target = hostname === undefined
      ? this.#target
      : { ...this.#target, hostname: hostname(client.index) };
    const buffer = Math.min(MAX_READ, Math.max(MIN_READ, Math.floor(READ_TOTAL / clients)));
    const deadline = setTimeout(() => client.lose("no login in time"), LOGIN_MS);
    await Promise.race([client.open(target, buffer), client.settled]);
    if (login) {
      this.#login(client);
      await client.settled;
    }
    clearTimeout(deadline);
  }

  #login(client: LoadClient): void {
    client.login(client.index % this.#rooms.length);
  }

  #gone({ index }: LoadClient, reason: string): void {
    this.#failure.reject(new Error(`Client ${index} lost its connection: ${reason}`));
    this.onDeliveries();
  }
}

/** The loopback address of a client, for {@linkcode PoolOptions.hostname}: `127.0.0.1`, `127.0.0.2`, … */
export function loopbackAddress(client: number): string {
  return `127.0.0.${1 + Math.floor(client / PER_ADDRESS)}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
