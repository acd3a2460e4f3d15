/**
 * Bun's own publish/subscribe: sends each message to all clients unchanged, in native code.
 * `bun bun.ts` prints where it listens.
 *
 * @module
 */

/** The part of Bun's API that is used here. */
interface BunSocket {
  subscribe(topic: string): void;
}

interface BunServer {
  readonly port: number;
  upgrade(request: Request): boolean;
  publish(topic: string, message: string | Uint8Array): number;
}

declare const Bun: {
  serve(options: {
    hostname: string;
    port: number;
    fetch(request: Request, server: BunServer): Response | undefined;
    websocket: {
      open(socket: BunSocket): void;
      message(socket: BunSocket, message: string | Uint8Array): void;
    };
  }): BunServer;
};

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request, server) =>
    server.upgrade(request) ? undefined : new Response("Not a WebSocket", { status: 426 }),
  websocket: {
    open: (socket) => socket.subscribe("room"),
    message: (_socket, message) => {
      server.publish("room", message);
    },
  },
});
console.log(`Listening on http://127.0.0.1:${server.port}/`);
