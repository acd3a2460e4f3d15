/**
 * Listening with `Deno.serve`: an address of the configuration in, requests to their handler.
 *
 * @module
 */
import { FORBIDDEN_METHODS } from "../../network/host.ts";
import { getLogger } from "@logtape/logtape";
import type { Address } from "../../config/address.ts";
import type { TlsFiles } from "../../config/config.ts";
import { StartError } from "../../config/errors.ts";
import { clientIp, formatUrl, listenError, removeStaleSocket, shareSocket } from "../address.ts";
import { keepFreedMemory } from "./allocator.ts";
import { upgrade, type UpgradeOptions } from "./socket.ts";
import { internalError } from "../failure.ts";
import { readTls, type TlsCredentials } from "../tls.ts";
import type { Listener, ListenOptions } from "../listener.ts";
import type { Peer, RequestHandler } from "../socket.ts";

const logger = getLogger(["hubbub", "transport"]);

/** The environment variable that decides about `avoidCopies`. */
const WRITEV = "DENO_USE_WRITEV";

/** How long to wait before listening again after the listener broke, in milliseconds. */
const RELISTEN_MS = 200;

/** How long to wait before trying again to listen where the last listener is not quite gone, in milliseconds. */
const REOPEN_MS = 1;

/** How often to try: far longer than it takes. */
const REOPEN_TRIES = 2000;

/**
 * Listens, and listens again should the listener break (it does when the process runs out of file
 * descriptors).
 *
 * @throws {StartError} if the address cannot be listened on, or the certificate or key cannot be used
 */
export async function listen(
  options: ListenOptions,
  requests: RequestHandler,
): Promise<Listener> {
  const { addr, tls } = options;
  if (tls !== undefined && addr.kind === "unix") {
    throw new StartError(
      `Cannot use --cert with --addr unix:${addr.path}: TLS needs a port to listen on`,
    );
  }
  const credentials = tls && await readTls(tls);
  await removeStaleSocket(addr);
  avoidCopies();
  keepFreedMemory();
  const listener = new DenoListener(createHandler(requests, options), tls, credentials);
  listener.start(addr);
  return listener;
}

/** A server of the runtime, or several in turn. */
class DenoListener implements Listener {
  readonly #handler: Deno.ServeHandler<Deno.Addr>;
  readonly #tls: TlsFiles | undefined;
  #credentials: TlsCredentials | undefined;
  #server!: Deno.HttpServer<Deno.Addr>;
  /** With the port that the system chose. */
  #addr!: Address;
  /** Whether it is this class that ends the server. */
  #ending = false;

  constructor(
    handler: Deno.ServeHandler<Deno.Addr>,
    tls: TlsFiles | undefined,
    credentials: TlsCredentials | undefined,
  ) {
    this.#handler = handler;
    this.#tls = tls;
    this.#credentials = credentials;
  }

  get url(): string {
    return formatUrl(this.#addr, this.#tls === undefined ? "http" : "https");
  }

  start(addr: Address): void {
    this.#server = serveOn(addr, this.#handler, this.#credentials);
    this.#addr = boundAddress(addr, this.#server);
    this.#watch();
  }

  /**
   * The runtime can change neither a listener's certificate nor stop listening alone. So this shuts the server
   * down and listens again: for a few milliseconds nobody can connect. Deno 2.5 lets open WebSockets live on;
   * Deno 2.9 closes them (1001), and their clients come back.
   */
  async reloadTls(): Promise<void> {
    if (this.#tls === undefined || this.#ending) return;
    this.#credentials = await readTls(this.#tls);
    this.#ending = true;
    // It stops listening at once; requests that it is answering are finished.
    this.#server.shutdown().catch((error: unknown) => {
      logger.error("The last listener did not end well: {error}", { error });
    });
    try {
      await this.#reopen();
    } finally {
      this.#ending = false;
    }
    this.#watch();
  }

  async close(deadline: number): Promise<void> {
    this.#ending = true;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, deadline);
    // What was closed in this task would be closed by the runtime instead, with its own reason.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await Promise.race([this.#server.shutdown(), late.promise]);
    clearTimeout(timer);
    if (this.#addr.kind === "unix") await Deno.remove(this.#addr.path).catch(() => {});
  }

  async #reopen(): Promise<void> {
    for (let left = REOPEN_TRIES;; left--) {
      try {
        this.#server = serveOn(this.#addr, this.#handler, this.#credentials);
        return;
      } catch (error) {
        if (left === 0) throw error;
        await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
      }
    }
  }

  #watch(): void {
    this.#server.finished.catch((error: unknown) => {
      if (this.#ending) return;
      logger.error("Listening failed, probably for want of file descriptors: {error}", { error });
      return this.#listenAgain();
    });
  }

  async #listenAgain(): Promise<void> {
    while (!this.#ending) {
      await new Promise((resolve) => setTimeout(resolve, RELISTEN_MS));
      try {
        await removeStaleSocket(this.#addr);
        if (this.#ending) return;
        this.#server = serveOn(this.#addr, this.#handler, this.#credentials);
        logger.info("Listening again");
        return this.#watch();
      } catch (error) {
        logger.error("Cannot listen again yet: {error}", { error });
      }
    }
  }
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
  { pingInterval, refusals }: ListenOptions,
): Deno.ServeHandler<Deno.Addr> {
  return async (original, info) => {
    // Must be read now: after the upgrade it throws.
    const peer = peerOf(info.remoteAddr);
    try {
      const request = withHost(original);
      const accepted = await requests.connect(request, peer);
      if (accepted instanceof Response) return accepted;
      if (accepted !== undefined) {
        const refused: UpgradeOptions["refused"] = (reason, detail) =>
          refusals.note({ reason, ip: accepted.ip, detail });
        // The runtime knows only its own request.
        return upgrade(original, accepted, { pingInterval, refused });
      }
      return endAfterChunks(request, await requests.fetch(request, peer));
    } catch (error) {
      return internalError(error);
    }
  };
}

/** HTTP/2 has no `Host`, and browsers use it over TLS; what stands for it is in the URL (RFC 9113 §8.3.1). */
function withHost(request: Request): Request {
  const { url, method, body } = request;
  if (request.headers.has("host") || FORBIDDEN_METHODS.has(method)) return request;
  const headers = new Headers(request.headers);
  headers.set("host", new URL(url).host);
  // Not from the request itself: that would read its `signal`, of which the runtime warns.
  return new Request(url, { method, headers, body });
}

/**
 * Ends the connection after a request whose body came in chunks. Deno 2.5 does not refuse one that has a length
 * too, and hides that; a proxy that goes by the length would take the rest for another request (RFC 9112 §6.3).
 */
function endAfterChunks({ headers }: Request, response: Response): Response {
  if (headers.has("transfer-encoding")) response.headers.set("connection", "close");
  return response;
}

function peerOf(address: Deno.Addr): Peer {
  if (!("hostname" in address)) return { ip: "" };
  return { ip: clientIp(address.hostname) };
}

function serveOn(
  addr: Address,
  handler: Deno.ServeHandler<Deno.Addr>,
  credentials: TlsCredentials | undefined,
): Deno.HttpServer<Deno.Addr> {
  const onListen = () => {};
  try {
    switch (addr.kind) {
      case "unix": {
        const server = Deno.serve({ path: addr.path, onListen }, handler);
        shareSocket(addr);
        return server;
      }
      case "host":
        return Deno.serve(
          { hostname: addr.hostname, port: addr.port, onListen, ...credentials },
          handler,
        );
      case "any":
        return serveOnAny(addr.port, handler, credentials);
    }
  } catch (error) {
    throw explain(error, addr);
  }
}

/** Every interface: IPv6 and IPv4 on one socket, or IPv4 alone where the machine has no IPv6. */
function serveOnAny(
  port: number,
  handler: Deno.ServeHandler<Deno.Addr>,
  credentials: TlsCredentials | undefined,
): Deno.HttpServer<Deno.Addr> {
  const onListen = () => {};
  try {
    return Deno.serve({ hostname: "::", port, onListen, ...credentials }, handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw error;
    return Deno.serve({ hostname: "0.0.0.0", port, onListen, ...credentials }, handler);
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
