/**
 * The clients of the load: connects them, lets them say something, and counts what reaches them.
 *
 * @module
 */
import { Histogram } from "../../cli/bench/histogram.ts";
import { Connection, MASK } from "./connection.ts";
import type { Dialect } from "./dialect.ts";
import { clientFrame, Opcode } from "./frames.ts";
import { blankMessage, MARK, MessageCounter, writeStamp } from "./stamps.ts";

/** Connections that are being made at a time. */
const CONNECTING = 64;

/** Connections to one address, for which a system has some 28,000 ports; beyond, the next one is taken. */
export const PER_ADDRESS = 20_000;

/** By then everybody must have been let in and be quiet, in milliseconds. */
const ENTER_MS = 90_000;

/** Clients that are not timed read again after so many milliseconds. */
const REST_MS = 1000;

/** Bytes that all connections together, and at least and most each, read at a time. */
const READ_TOTAL = 128 * 1024 * 1024;
const READ_LEAST = 4 * 1024;
const READ_MOST = 256 * 1024;

/** Who they are and whom they talk to. */
export interface CrowdOptions {
  /** At `127.0.0.1`, and at `127.0.0.2` and so on where one address has too few ports. */
  readonly port: number;
  readonly dialect: Dialect;
  readonly clients: number;
  /** They are spread over so many rooms, the same number in each. */
  readonly rooms: number;
  /** Bytes of each message; at least `MIN_MESSAGE`. */
  readonly payload: number;
  /** So many of the clients are timed, or all if there are fewer; the others may be late to read. */
  readonly timed: number;
  /** Of so many deliveries to one client, one is timed. */
  readonly sampleEvery: number;
}

/** Clients in rooms. */
export class Crowd {
  readonly #options: CrowdOptions;
  readonly #connections: Connection[] = [];
  readonly #blank: Uint8Array;
  readonly #stampAt: number;
  readonly #failure = Promise.withResolvers<never>();
  #closing = false;
  /** Clients that have not been let in. */
  #outside: number;
  /** Bytes of messages of whatever kind that arrived, without pings and such. */
  #heard = 0;
  /** Messages times those whom they reached. */
  deliveries = 0;
  /** Frames that brought messages, or anything else but control frames. */
  frames = 0;
  /** All bytes that arrived, headers included. */
  bytes = 0;
  /** Of the deliveries that were timed, in microseconds. */
  latency = new Histogram();
  /** Called after deliveries were counted. */
  onDeliveries: () => void = () => {};

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#outside = options.dialect.greeting === 0 ? 0 : options.clients;
    const text = options.dialect.message(blankMessage(options.payload));
    this.#blank = textFrame(text);
    this.#stampAt = this.#blank.length - text.length + text.indexOf(String.fromCharCode(MARK)) + 1;
    // Whoever does not wait for a failure is told by what waits instead.
    this.#failure.promise.catch(() => {});
  }

  /** Members of each room: so many deliveries a message is worth. */
  get fanOut(): number {
    return this.#options.clients / this.#options.rooms;
  }

  /** Rejects when a connection is lost; never resolves. */
  get failed(): Promise<never> {
    return this.#failure.promise;
  }

  /**
   * Connects all of them and has them enter their rooms.
   *
   * @throws {Error} if one cannot connect
   */
  async connect(): Promise<void> {
    const { clients, rooms, dialect } = this.#options;
    let next = 0;
    const connectSome = async () => {
      while (next < clients && !this.#closing) await this.#connectOne(next++);
    };
    await Promise.all(Array.from({ length: CONNECTING }, connectSome));
    // Together, so that a room need not tell those who are in of each newcomer by itself.
    for (const [client, connection] of this.#connections.entries()) {
      const login = dialect.login?.(client, client % rooms);
      if (login !== undefined) connection.send(textFrame(login));
    }
  }

  /**
   * Waits until everybody has been let in, and then until no message has arrived for a while: they have
   * seen each other come.
   *
   * @param quiet milliseconds
   * @throws {Error} if some are not let in, or a connection is lost
   */
  async settle(quiet: number): Promise<void> {
    const end = performance.now() + ENTER_MS;
    for (let before = -1; before !== this.#heard || this.#outside > 0;) {
      if (performance.now() > end) throw new Error(`${this.#outside} clients were not let in`);
      before = this.#heard;
      await Promise.race([this.failed, new Promise((resolve) => setTimeout(resolve, quiet))]);
    }
  }

  /**
   * Has those that are not timed read only now and then: what had to be done for them would make those
   * that are timed wait. All is counted as before.
   */
  relax(): void {
    for (const [client, connection] of this.#connections.entries()) {
      if (!this.#isTimed(client)) connection.rest = REST_MS;
    }
  }

  /** Has a client say something now. */
  say(client: number): void {
    const frame = this.#blank.slice();
    writeStamp(frame, this.#stampAt, microseconds());
    this.#connections[client]?.send(frame);
  }

  /** Cuts all lines. */
  close(): void {
    this.#closing = true;
    for (const connection of this.#connections) connection.close();
  }

  async #connectOne(client: number): Promise<void> {
    const { dialect, port, clients } = this.#options;
    const hostname = `127.0.0.${1 + Math.floor(client / PER_ADDRESS)}`;
    const { path, protocol } = dialect;
    const target = { hostname, port, path, ...(protocol !== undefined && { protocol }) };
    const buffer = Math.min(READ_MOST, Math.max(READ_LEAST, Math.floor(READ_TOTAL / clients)));
    this.#connections[client] = await Connection.open(target, this.#listener(client), buffer);
  }

  #isTimed(client: number): boolean {
    const { clients, timed } = this.#options;
    return client % Math.max(1, Math.floor(clients / timed)) === 0;
  }

  #listener(client: number) {
    const { payload, sampleEvery, dialect } = this.#options;
    const isTimed = this.#isTimed(client);
    const sampled = (stamp: number) => {
      if (isTimed) this.latency.record(microseconds() - stamp);
    };
    const counter = new MessageCounter(payload, { every: sampleEvery, first: client }, sampled);
    let counted = 0;
    let frames = 0;
    return {
      payload: (bytes: Uint8Array, start: number, end: number) => {
        this.#heard += end - start;
        counter.read(bytes, start, end);
      },
      frameEnd: () => {
        this.frames++;
        if (++frames === dialect.greeting) this.#outside--;
      },
      received: (bytes: number) => {
        this.bytes += bytes;
        if (counter.count === counted) return;
        this.deliveries += counter.count - counted;
        counted = counter.count;
        this.onDeliveries();
      },
      lost: (reason: string) => {
        this.#failure.reject(new Error(`Client ${client} lost its connection: ${reason}`));
      },
    };
  }
}

function textFrame(text: string): Uint8Array {
  return clientFrame(Opcode.Text, new TextEncoder().encode(text), MASK);
}

function microseconds(): number {
  return Math.floor(performance.now() * 1000);
}
