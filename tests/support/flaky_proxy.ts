/**
 * A proxy between browser and server whose connections can be cut and delayed.
 *
 * @module
 */

/** Forwards TCP connections to a port of the loopback interface. */
export class FlakyProxy {
  #listener: Deno.TcpListener;
  #open = new Set<Deno.TcpConn>();
  #cut = false;
  /** Delay of each read before it is passed on, in milliseconds. */
  delay = 0;

  constructor(private readonly target: number) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accept();
  }

  /** Ends in `/`. */
  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}/`;
  }

  /** Closes every connection, and new ones as soon as they are opened. */
  cut(): void {
    this.#cut = true;
    for (const connection of this.#open) close(connection);
    this.#open.clear();
  }

  mend(): void {
    this.#cut = false;
  }

  stop(): void {
    this.cut();
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
      if (this.#cut) {
        close(near);
        continue;
      }
      this.#forward(near);
    }
  }

  async #forward(near: Deno.TcpConn): Promise<void> {
    try {
      const far = await Deno.connect({ hostname: "127.0.0.1", port: this.target });
      this.#open.add(near).add(far);
      await Promise.all([this.#pump(near, far), this.#pump(far, near)]);
    } catch {
      close(near);
    }
  }

  async #pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let n = await from.read(buffer); n !== null; n = await from.read(buffer)) {
        const piece = buffer.slice(0, n);
        if (this.delay > 0) await new Promise((done) => setTimeout(done, this.delay));
        for (let sent = 0; sent < piece.length;) sent += await to.write(piece.subarray(sent));
      }
    } catch {
      // The other side went away.
    }
    close(from);
    close(to);
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
