/**
 * A bounded queue between tasks, in the manner of a Go channel. The hub's inbox is one.
 *
 * @module
 */

/**
 * A bounded, asynchronous first-in-first-out queue.
 *
 * - **Order.** Values come out in the order in which they went in, those of waiting senders included;
 *   waiting receivers are served in the order in which they asked.
 * - **Backpressure.** At most `capacity` values wait inside. `trySend` refuses when there are as many;
 *   `send` waits for room. A value for which a receiver waits is handed over and takes up no room.
 * - **Close.** After `close` nothing goes in; what is inside still comes out, then `receive` reports
 *   the end. Waiting senders are rejected, because their values never went in.
 *
 * `undefined` cannot be sent: it is how `receive` tells the end.
 */
export class Channel<T extends NonNullable<unknown>> implements AsyncIterable<T> {
  readonly #capacity: number;
  #values: T[] = [];
  /** Index of the oldest value in `#values`: taking one out moves this instead of all others. */
  #head = 0;
  /** Waiting receivers; only while nothing is inside. */
  readonly #receivers: ((value: T | undefined) => void)[] = [];
  /** Waiting senders; only while the channel is full. */
  readonly #senders: { value: T; resolve: () => void; reject: (reason: Error) => void }[] = [];
  #closed = false;

  /**
   * @param capacity maximum number of values inside
   * @throws {RangeError} if `capacity` is not a positive integer
   */
  constructor(capacity: number) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError(
        `Cannot create channel: capacity must be a positive integer, received ${capacity}`,
      );
    }
    this.#capacity = capacity;
  }

  /** Number of values inside. */
  get size(): number {
    return this.#values.length - this.#head;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Puts a value in, unless the channel is full or closed. Returns whether it went in. */
  trySend(value: T): boolean {
    if (this.#closed) return false;
    if (this.#receivers.length > 0) this.#receivers.shift()?.(value);
    else if (this.size < this.#capacity) this.#values.push(value);
    else return false;
    return true;
  }

  /**
   * Puts a value in, waiting for room if there is none.
   *
   * @throws {Error} if the channel is, or meanwhile gets, closed
   */
  send(value: T): Promise<void> {
    if (this.trySend(value)) return Promise.resolve();
    if (this.#closed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => this.#senders.push({ value, resolve, reject }));
  }

  /** Takes the oldest value out, waiting for one; `undefined` once closed and empty. */
  receive(): Promise<T | undefined> {
    const value = this.#values[this.#head];
    if (value !== undefined) {
      this.#dropOldest();
      this.#admitSenders();
      return Promise.resolve(value);
    }
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#receivers.push(resolve));
  }

  /** Takes out all that is inside, waiting for at least one value; empty once closed and empty. */
  async receiveAll(): Promise<T[]> {
    if (this.size > 0) return this.drain();
    const first = await this.receive();
    return first === undefined ? [] : [first, ...this.drain()];
  }

  /** Takes out all that is inside now, without waiting. Values of waiting senders go in after it. */
  drain(): T[] {
    const values = this.#head === 0 ? this.#values : this.#values.slice(this.#head);
    this.#values = [];
    this.#head = 0;
    this.#admitSenders();
    return values;
  }

  /** Lets nothing further in. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const sender of this.#senders.splice(0)) sender.reject(closedError());
    for (const receive of this.#receivers.splice(0)) receive(undefined);
  }

  /** Receives until the channel is closed and empty. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (let value = await this.receive(); value !== undefined; value = await this.receive()) {
      yield value;
    }
  }

  /** Moves the rest up once it is the smaller half: for each value taken out, at most one is moved. */
  #dropOldest(): void {
    this.#head++;
    if (this.#head * 2 < this.#values.length) return;
    this.#values.splice(0, this.#head);
    this.#head = 0;
  }

  #admitSenders(): void {
    const free = this.#capacity - this.size;
    if (this.#senders.length === 0 || free === 0) return;
    for (const { value, resolve } of this.#senders.splice(0, free)) {
      this.#values.push(value);
      resolve();
    }
  }
}

function closedError(): Error {
  return new Error("Cannot send: the channel is closed");
}
