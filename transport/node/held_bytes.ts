/**
 * Memory that unfinished messages hold: of one connection, of all from one address, and of all together.
 *
 * @module
 */
/** Maximum bytes that unfinished messages from one address may hold. */
const MAX_PER_ADDRESS_BYTES = 64 * 1024 * 1024;

/** The sums of all connections. */
export class HeldBytes {
  readonly #max: number;
  readonly #maxPerAddress: number;
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  /** @param max bytes that all together may hold; `Infinity`: no limit */
  constructor(max: number, maxPerAddress: number = MAX_PER_ADDRESS_BYTES) {
    this.#max = max;
    this.#maxPerAddress = maxPerAddress;
  }

  /** Bytes that are held now. */
  get total(): number {
    return this.#total;
  }

  /**
   * Adds to what an address holds, or takes from it.
   *
   * @param address by which it is counted; empty: only all together
   * @returns whether it is still within the limits
   */
  add(address: string, bytes: number): boolean {
    this.#total += bytes;
    if (address === "") return this.#total <= this.#max;
    const held = (this.#byAddress.get(address) ?? 0) + bytes;
    if (held > 0) this.#byAddress.set(address, held);
    else this.#byAddress.delete(address);
    return held <= this.#maxPerAddress && this.#total <= this.#max;
  }
}
