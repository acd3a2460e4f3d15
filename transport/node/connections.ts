/**
 * TCP connections that are no WebSockets: silent ones, those that wait for a next request, and those with a
 * request. They are counted by address, and refused before they have said anything.
 *
 * @module
 */
import type { Socket } from "node:net";
import { KeyedBuckets } from "../../limits/keyed_buckets.ts";
import type { Refusals } from "../../log/refusals.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import { clientIp } from "../address.ts";

/** So many are always allowed: one page opens several connections beside its WebSocket. */
const MIN_PER_ADDRESS = 32;

/** What is counted, and who is told. */
export interface ConnectionsOptions {
  /** Maximum from one address, at least 32; `Infinity`: no limit. */
  readonly max: number;
  /** Maximum a second from one address, and twice as many at once; `Infinity`: no limit. */
  readonly rate: number;
  readonly refusals: Refusals;
  readonly metrics: Metrics;
  /** By what an address counts; empty: no limit applies to it. */
  addressKey(ip: string): string;
}

/** Either end of TLS has these. */
type Named = Pick<Socket, "remoteAddress" | "remotePort">;

/** Counts connections from when they are accepted until they have ended or are WebSockets. */
export class Connections {
  readonly #options: ConnectionsOptions;
  /** By which address a connection is counted, by the name of its peer. */
  readonly #open = new Map<string, string>();
  readonly #byAddress = new Map<string, number>();
  readonly #accepts: KeyedBuckets;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    const { rate } = options;
    this.#accepts = new KeyedBuckets({ rate, burst: Math.max(1, 2 * rate) });
    options.metrics.register({
      name: "hubbub_http_connections",
      help: "TCP connections that are not WebSockets, idle ones included",
      type: "gauge",
      read: () => this.#open.size,
    });
  }

  /** Counts a TCP connection, or closes it if there are too many from its address, or too many a second. */
  accept(socket: Socket): void {
    // Over a Unix socket, nobody has an address.
    if (socket.remoteAddress === undefined) return;
    const ip = clientIp(socket.remoteAddress);
    const { max, refusals, addressKey } = this.#options;
    const address = addressKey(ip);
    if (this.#accepts.take(address) > 0) {
      socket.destroy();
      return refusals.note({ reason: "connect_rate", ip, detail: "TCP" });
    }
    const count = this.#byAddress.get(address) ?? 0;
    if (address !== "" && count >= Math.max(max, MIN_PER_ADDRESS)) {
      socket.destroy();
      return refusals.note({ reason: "connections_per_address", ip, detail: "TCP" });
    }
    const name = nameOf(socket);
    this.#byAddress.set(address, count + 1);
    this.#open.set(name, address);
    socket.once("close", () => this.#leave(name));
  }

  /** Tells that a connection has become a WebSocket, which is counted elsewhere. */
  upgraded(socket: Named): void {
    this.#leave(nameOf(socket));
  }

  #leave(name: string): void {
    const address = this.#open.get(name);
    if (address === undefined) return;
    this.#open.delete(name);
    const left = (this.#byAddress.get(address) ?? 0) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}

/** The name of a peer: no two connections have the same one at a time. */
function nameOf({ remoteAddress = "", remotePort = 0 }: Named): string {
  return `${remoteAddress} ${remotePort}`;
}
