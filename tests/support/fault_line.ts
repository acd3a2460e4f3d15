/**
 * A TCP line between one client and a server that may be another process each time: it can be cut now or
 * in the middle of whatever comes, kept cut, and slowed down.
 *
 * @module
 */

/** What one connection is made of. */
interface Pair {
  readonly near: Deno.TcpConn;
  readonly far: Deno.TcpConn;
}

/** Forwards TCP connections to a port of the loopback interface. */
export class FaultLine implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #pairs = new Set<Pair>();
  #target: number | undefined;
  #left = Infinity;
  /** Delay of what is passed on, in milliseconds. */
  delay = 0;
  /** How often connections were cut. */
  cuts = 0;

  constructor() {
    this.#accept().catch(() => {});
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Lets connections through to this port, from now on. */
  mend(target: number): void {
    this.#target = target;
  }

  /** Ends all connections and lets none through until it is mended. */
  sever(): void {
    this.#target = undefined;
    this.#end();
  }

  /** Ends all connections; the next one is let through. */
  cut(): void {
    if (this.#pairs.size > 0) this.cuts++;
    this.#end();
  }

  /** Causes no more faults. */
  calm(): void {
    this.#left = Infinity;
    this.delay = 0;
  }

  #end(): void {
    this.#left = Infinity;
    for (const { near, far } of this.#pairs) {
      close(near);
      close(far);
    }
    this.#pairs.clear();
  }

  /** Cuts as soon as so many more bytes have come, in either direction, and loses the rest. */
  cutAfter(bytes: number): void {
    this.#left = bytes;
  }

  [Symbol.dispose](): void {
    this.sever();
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) this.#forward(near);
  }

  async #forward(near: Deno.TcpConn): Promise<void> {
    if (this.#target === undefined) return close(near);
    const target = this.#target;
    const far = await Deno.connect({ hostname: "127.0.0.1", port: target }).catch(() => undefined);
    if (far === undefined || this.#target !== target) {
      close(near);
      return close(far);
    }
    const pair = { near, far };
    this.#pairs.add(pair);
    await Promise.all([this.#pump(near, far), this.#pump(far, near)]);
    this.#pairs.delete(pair);
  }

  async #pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let n = await from.read(buffer); n !== null; n = await from.read(buffer)) {
        if (this.delay > 0) await new Promise((done) => setTimeout(done, this.delay));
        const passed = Math.min(n, this.#left);
        this.#left -= passed;
        for (let sent = 0; sent < passed;) sent += await to.write(buffer.subarray(sent, passed));
        if (this.#left === 0) this.cut();
      }
    } catch {
      // The other side went away.
    }
    close(from);
    close(to);
  }
}

function close(connection: Deno.TcpConn | undefined): void {
  try {
    connection?.close();
  } catch {
    // It is closed already.
  }
}
