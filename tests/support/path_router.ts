/**
 * A reverse proxy that puts servers under paths of one host.
 *
 * @module
 */

/** Where requests below a path go. */
export interface Route {
  /** Begins and ends in `/`. */
  readonly path: string;
  /** On the loopback interface. */
  readonly port: number;
  /** The server gets the rest of the path only. */
  readonly strips?: boolean;
}

/** Forwards each request, on a connection of its own, to the server of the first route that fits. */
export class PathRouter {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();

  constructor(private readonly routes: readonly Route[]) {
    this.#accept();
  }

  /** Ends in `/`. */
  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}/`;
  }

  stop(): void {
    this.#listener.close();
    for (const connection of this.#open) this.#close(connection);
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
      this.#open.add(near);
      this.#forward(near).catch(() => {}).finally(() => this.#close(near));
    }
  }

  async #forward(near: Deno.TcpConn): Promise<void> {
    const head = await readHead(near);
    const [, method = "", path = ""] = /^(\S+) (\S+)/.exec(head) ?? [];
    const route = this.routes.find((one) => path.startsWith(one.path));
    if (route === undefined) {
      await write(near, "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const far = await Deno.connect({ hostname: "127.0.0.1", port: route.port });
    this.#open.add(far);
    try {
      const target = route.strips ? path.slice(route.path.length - 1) : path;
      const isUpgrade = /^upgrade:/im.test(head);
      await write(
        far,
        head.replace(`${method} ${path}`, `${method} ${target}`)
          .replace(/^connection:.*\r\n/im, isUpgrade ? "$&" : "Connection: close\r\n"),
      );
      await Promise.race([pump(near, far), pump(far, near)]);
    } finally {
      this.#close(far);
    }
  }

  #close(connection: Deno.TcpConn): void {
    if (!this.#open.delete(connection)) return;
    try {
      connection.close();
    } catch {
      // Reading from it has failed, which closed it.
    }
  }
}

/** Reads up to the end of the headers, and whatever came with them; characters stand for bytes. */
async function readHead(connection: Deno.TcpConn): Promise<string> {
  const buffer = new Uint8Array(64 * 1024);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) throw new Error("The client went away");
    head += Array.from(buffer.subarray(0, count), (byte) => String.fromCharCode(byte)).join("");
  }
  return head;
}

async function write(connection: Deno.TcpConn, text: string): Promise<void> {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

async function pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (let n = await from.read(buffer); n !== null; n = await from.read(buffer)) {
    for (let sent = 0; sent < n;) sent += await to.write(buffer.subarray(sent, n));
  }
}
