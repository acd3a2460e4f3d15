/**
 * Makes sure that a node:http server still takes connections in. When the process runs out of file
 * descriptors, the runtime (Deno 2.9) accepts nobody any more, for ever and without an event. So the
 * server is connected to from here while nobody else connects, and listens anew if it does not notice.
 *
 * Older runtimes (Deno 2.5), which never say that somebody has connected, are left alone.
 *
 * @module
 */
import type { Server } from "node:http";
import { connect, type Socket } from "node:net";
import { getLogger } from "@logtape/logtape";
import type { Address } from "../../config/address.ts";

const logger = getLogger(["hubbub", "transport"]);

/** How often to look; nobody was taken in for up to twice as long before it is noticed. Milliseconds. */
const WATCH_MS = 3000;

/**
 * Watches a server that listens.
 *
 * @param addr where it listens, with the port that it has
 * @param listenAgain stops listening and starts anew
 * @returns ends the watch
 */
export function watchListener(
  server: Server,
  addr: Address,
  listenAgain: () => Promise<void>,
): () => void {
  let accepted = 0;
  let seen = 0;
  let probe: Socket | undefined;
  server.on("connection", () => accepted++);
  const timer = setInterval(() => {
    const isIdle = accepted === seen;
    const isDeaf = isIdle && probe !== undefined && accepted > 0;
    probe?.destroy();
    seen = accepted;
    probe = isIdle ? reach(addr) : undefined;
    if (!isDeaf) return;
    logger.error("Listening failed, probably for want of file descriptors");
    listenAgain().then(
      () => logger.info("Listening again"),
      (error: unknown) => logger.error("Cannot listen again yet: {error}", { error }),
    );
  }, WATCH_MS);
  return () => {
    clearInterval(timer);
    probe?.destroy();
  };
}

/** The loopback address of "every interface", to which nobody can connect everywhere. */
const LOOPBACK: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Connects to an address of this machine. */
function reach(addr: Address): Socket {
  const host = addr.kind === "host" ? LOOPBACK[addr.hostname] ?? addr.hostname : "localhost";
  const socket = addr.kind === "unix" ? connect(addr.path) : connect(addr.port, host);
  // That it could not even connect shows in that nobody was taken in.
  socket.on("error", () => {});
  return socket;
}
