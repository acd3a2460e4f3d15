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
 *   `send` waits for a place.
 * - **Close.** After `close` nothing goes in; what is inside still comes out, then receivers learn of
 *   the end. Waiting senders are rejected, because their values never went in.
 *
 * `undefined` cannot be sent: it is how `receive` tells the end.
 */
export class Channel<T extends NonNullable<unknown>> implements AsyncIterable<T> {
  readonly #capacity: number;
  #values: T[] = [];
  /** Index of the oldest value in `#values`: taking one out moves this instead of all others. */
  #head = 0;
  #receivers: (() => void)[] = [];
  #senders: { value: T; resolve: () => void; reject: (reason: Error) => void }[] = [];
  #closed = false;

  /**
   * @param capacity most values that wait inside
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

  /** Values that wait inside. */
  get size(): number {
    return this.#values.length - this.#head;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Puts a value in, unless the channel is full or closed. Returns whether it went in. */
  trySend(value: T): boolean {
    if (this.#closed || this.size >= this.#capacity) return false;
    this.#values.push(value);
    this.#wakeReceiver();
    return true;
  }

  /**
   * Puts a value in, waiting for a place if there is none.
   *
   * @throws {Error} if the channel is, or meanwhile gets, closed
   */
  send(value: T): Promise<void> {
    if (this.trySend(value)) return Promise.resolve();
    if (this.#closed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => this.#senders.push({ value, resolve, reject }));
  }

  /** Takes the oldest value out, waiting for one; `undefined` once closed and empty. */
  async receive(): Promise<T | undefined> {
    while (this.size === 0) {
      if (this.#closed) return undefined;
      await new Promise<void>((resolve) => this.#receivers.push(resolve));
    }
    const value = this.#values[this.#head++];
    if (this.#head === this.#values.length || this.#head >= this.#capacity) {
      this.#values.splice(0, this.#head);
      this.#head = 0;
    }
    this.#admitSenders();
    return value;
  }

  /** Takes out all that is inside, waiting for at least one value; empty once closed and empty. */
  async receiveAll(): Promise<T[]> {
    while (this.size === 0) {
      if (this.#closed) return [];
      await new Promise<void>((resolve) => this.#receivers.push(resolve));
    }
    return this.drain();
  }

  /** Takes out all that is inside now, without waiting. */
  drain(): T[] {
    const values = this.#head === 0 ? this.#values : this.#values.slice(this.#head);
    this.#values = [];
    this.#head = 0;
    this.#admitSenders();
    return values;
  }

  /** Lets nothing further in. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const sender of this.#senders.splice(0)) sender.reject(closedError());
    for (const wake of this.#receivers.splice(0)) wake();
  }

  /** Receives until the channel is closed and empty. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (let value = await this.receive(); value !== undefined; value = await this.receive()) {
      yield value;
    }
  }

  #admitSenders(): void {
    while (this.#senders.length > 0 && this.size < this.#capacity) {
      const sender = this.#senders.shift();
      if (sender === undefined) return;
      this.#values.push(sender.value);
      sender.resolve();
      this.#wakeReceiver();
    }
  }

  #wakeReceiver(): void {
    this.#receivers.shift()?.();
  }
}

function closedError(): Error {
  return new Error("Cannot send: the channel is closed");
}
