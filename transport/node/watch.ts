/**
 * Makes sure that a node:http server still accepts connections. When the process runs out of file
 * descriptors, the runtime (Deno 2.9) stops accepting, for ever and without an event. So this connects to the
 * server while nobody else does, and has it listen again if it does not notice.
 *
 * Older runtimes (Deno 2.5) never report a connection; there, nothing is done.
 *
 * @module
 */
import type { Server } from "node:http";
import { connect, type Socket } from "node:net";
import { getLogger } from "@logtape/logtape";
import type { Address } from "../../config/address.ts";

const logger = getLogger(["hubbub", "transport"]);

/** How often to check, in milliseconds. It takes up to twice as long to notice. */
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
  // A connection that fails shows as one that was not accepted.
  socket.on("error", () => {});
  return socket;
}
