/**
 * Listening with `Deno.serve`: an address of the configuration in, requests to their handler.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Address } from "../../config/address.ts";
import { clientIp, formatUrl, listenError, removeStaleSocket, shareSocket } from "../address.ts";
import { keepFreedMemory } from "./allocator.ts";
import { upgrade } from "./socket.ts";
import { internalError } from "../failure.ts";
import type { Listener, ListenOptions } from "../listener.ts";
import type { Peer, RequestHandler } from "../socket.ts";

const logger = getLogger(["hubbub", "transport"]);

/** The environment variable that decides about `avoidCopies`. */
const WRITEV = "DENO_USE_WRITEV";

/** How long to wait before listening again after the listener broke, in milliseconds. */
const RELISTEN_MS = 200;

/**
 * Listens, and listens again should the listener break (it does when the process runs out of file
 * descriptors).
 *
 * @throws {StartError} if the address cannot be listened on
 */
export async function listen(
  { addr, pingInterval }: ListenOptions,
  requests: RequestHandler,
): Promise<Listener> {
  await removeStaleSocket(addr);
  avoidCopies();
  keepFreedMemory();
  const handler = createHandler(requests, pingInterval);
  let server = serveOn(addr, handler);
  const bound = boundAddress(addr, server);
  let closing = false;
  const listenAgain = async (): Promise<void> => {
    while (!closing) {
      await new Promise((resolve) => setTimeout(resolve, RELISTEN_MS));
      try {
        await removeStaleSocket(bound);
        if (closing) return;
        server = serveOn(bound, handler);
        logger.info("Listening again");
        return watch();
      } catch (error) {
        logger.error("Cannot listen again yet: {error}", { error });
      }
    }
  };
  const watch = (): void => {
    server.finished.catch((error: unknown) => {
      logger.error("Listening failed, probably for want of file descriptors: {error}", { error });
      return listenAgain();
    });
  };
  watch();
  return {
    url: formatUrl(bound),
    reloadTls: () => Promise.resolve(),
    async close(deadline) {
      closing = true;
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, deadline);
      // What was closed in this task would be closed by the runtime instead, with its own reason.
      await new Promise((resolve) => setTimeout(resolve, 0));
      await Promise.race([server.shutdown(), late.promise]);
      clearTimeout(timer);
      if (bound.kind === "unix") await Deno.remove(bound.path).catch(() => {});
    },
  };
}

/**
 * Makes the runtime hand a frame's header and payload to the system as they are, instead of copying both
 * into one buffer first: a sixth to a third more deliveries if frames are large. The runtime reads the
 * variable at the first upgrade (Deno 2.5 to 2.9); a value that is already set stays.
 */
function avoidCopies(): void {
  if (Deno.env.get(WRITEV) === undefined) Deno.env.set(WRITEV, "1");
}

function createHandler(
  requests: RequestHandler,
  pingInterval: number,
): Deno.ServeHandler<Deno.Addr> {
  return async (request, info) => {
    // Must be read now: after the upgrade it throws.
    const peer = peerOf(info.remoteAddr);
    try {
      const accepted = await requests.connect(request, peer);
      if (accepted instanceof Response) return accepted;
      if (accepted !== undefined) return upgrade(request, accepted, pingInterval);
      return await requests.fetch(request, peer);
    } catch (error) {
      return internalError(error);
    }
  };
}

function peerOf(address: Deno.Addr): Peer {
  if (!("hostname" in address)) return { ip: "" };
  return { ip: clientIp(address.hostname) };
}

function serveOn(addr: Address, handler: Deno.ServeHandler<Deno.Addr>): Deno.HttpServer<Deno.Addr> {
  const onListen = () => {};
  try {
    switch (addr.kind) {
      case "unix": {
        const server = Deno.serve({ path: addr.path, onListen }, handler);
        shareSocket(addr);
        return server;
      }
      case "host":
        return Deno.serve({ hostname: addr.hostname, port: addr.port, onListen }, handler);
      case "any":
        return serveOnAny(addr.port, handler);
    }
  } catch (error) {
    throw explain(error, addr);
  }
}

/** Every interface: IPv6 and IPv4 on one socket, or IPv4 alone where the machine has no IPv6. */
function serveOnAny(
  port: number,
  handler: Deno.ServeHandler<Deno.Addr>,
): Deno.HttpServer<Deno.Addr> {
  const onListen = () => {};
  try {
    return Deno.serve({ hostname: "::", port, onListen }, handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw error;
    return Deno.serve({ hostname: "0.0.0.0", port, onListen }, handler);
  }
}

function explain(error: unknown, addr: Address): unknown {
  if (error instanceof Deno.errors.AddrInUse) return listenError(addr, "in_use");
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return listenError(addr, "not_permitted");
  }
  return error instanceof Error ? listenError(addr, error) : error;
}

/** The address with the port that the system chose. */
function boundAddress(addr: Address, server: Deno.HttpServer<Deno.Addr>): Address {
  return addr.kind !== "unix" && "port" in server.addr ? { ...addr, port: server.addr.port } : addr;
}
