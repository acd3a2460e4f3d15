/**
 * A relay in this process, for tests of the load generator.
 *
 * @module
 */

/** A server that hands each frame to everybody as it is. Ends at the end of its scope. */
export class Relay implements AsyncDisposable {
  readonly sockets = new Set<WebSocket>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onopen = () => this.sockets.add(socket);
      socket.onclose = () => this.sockets.delete(socket);
      // A peer that cuts its line, as the load does at its end, is no news.
      socket.onerror = (event) => event.preventDefault();
      socket.onmessage = ({ data }) => {
        for (const other of this.sockets) other.send(data);
      };
      return response;
    });
  }

  get port(): number {
    return this.#server.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
