/**
 * Counts connections and enforces the limits on them.
 *
 * @module
 */

/** Maximum connections in total and from one IP address; `Infinity` is no limit. */
export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/** Counts connections from the moment they are accepted until they are really gone. */
export class Admission {
  readonly #limits: ConnectionLimits;
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Connections that are not gone yet, closing ones included. */
  get count(): number {
    return this.#count;
  }

  /**
   * Counts one more connection if the limits allow it.
   *
   * @param ip empty for a Unix socket, to which only the total applies
   * @returns `"full"` or `"address_full"` if it is refused
   */
  enter(ip: string): "full" | "address_full" | undefined {
    if (this.#count >= this.#limits.maxConnections) return "full";
    const there = this.#byAddress.get(ip) ?? 0;
    if (ip !== "" && there >= this.#limits.maxConnectionsPerAddress) return "address_full";
    this.#count++;
    this.#byAddress.set(ip, there + 1);
    return undefined;
  }

  /** Must be called once for each accepted connection that is gone. */
  leave(ip: string): void {
    this.#count--;
    const left = (this.#byAddress.get(ip) ?? 0) - 1;
    if (left > 0) this.#byAddress.set(ip, left);
    else this.#byAddress.delete(ip);
  }
}
