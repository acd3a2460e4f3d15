/**
 * The second transport (`--transport node`): node:http with npm's `ws`, and the same handler of
 * requests through `@hono/node-server`. Unlike the first it shares one buffer among all receivers of a frame, disconnects
 * peers that do not read or do not answer, and times out requests whose headers do not arrive.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { getLogger } from "@logtape/logtape";
// @ts-types="npm:@types/ws@8.18.2"
import { type ServerOptions, WebSocketServer } from "ws";
import type { Address } from "../../config/address.ts";
import { clientIp, formatUrl, listenError, removeStaleSocket, shareSocket } from "../address.ts";
import { internalError } from "../failure.ts";
import type { Listener, ListenOptions } from "../listener.ts";
import { NodeSocket } from "./socket.ts";
import { watchListener } from "./watch.ts";
import type { Accepted, Peer, RequestHandler } from "../socket.ts";

const logger = getLogger(["hubbub", "transport"]);

/** Time for a request's headers to arrive, in milliseconds. */
const HEADERS_TIMEOUT_MS = 10_000;

/** Time for a peer to complete the closing handshake, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2000;

/** Maximum message that is received at all, in bytes; the endpoints allow less. */
const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

/** Listens with node:http. See {@linkcode Listen}. */
export async function listen(
  { addr, pingInterval }: ListenOptions,
  requests: RequestHandler,
): Promise<Listener> {
  await removeStaleSocket(addr);
  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0 },
    getRequestListener(
      (request, { incoming }) => answer(request, peerOf(incoming), requests),
      { overrideGlobalObjects: false },
    ),
  );
  const sockets = acceptUpgrades(server, requests);
  const bound = await listenOn(server, addr);
  server.on("error", (error) => logger.error("Listening failed: {error}", { error }));
  const endWatch = watchListener(server, bound, async () => {
    server.close();
    await removeStaleSocket(bound);
    await listenOn(server, bound);
  });
  const pings = pingInterval === 0 ? undefined : setInterval(() => {
    for (const socket of sockets) socket.ping();
  }, pingInterval);
  return {
    url: formatUrl(bound),
    reloadTls: () => Promise.resolve(),
    async close(deadline) {
      clearInterval(pings);
      endWatch();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeIdleConnections();
      const timer = setTimeout(closed.resolve, deadline);
      await closed.promise;
      clearTimeout(timer);
      server.closeAllConnections();
    },
  };
}

/** Accepts WebSockets. Returns those that are open. */
function acceptUpgrades(server: Server, requests: RequestHandler): ReadonlySet<NodeSocket> {
  const sockets = new Set<NodeSocket>();
  // `closeTimeout` is documented, but missing from the types.
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD_BYTES,
    closeTimeout: CLOSE_TIMEOUT_MS,
    // Chosen already; `ws` only repeats it.
    handleProtocols: (_offered, incoming) => chosen.get(incoming) ?? false,
  };
  const upgrader = new WebSocketServer(options);
  const chosen = new WeakMap<object, string>();
  server.on("upgrade", (incoming, connection, head) => {
    connection.on("error", () => {});
    decide(incoming, requests).then((accepted) => {
      if (accepted instanceof Response) return refuse(connection, accepted);
      let gone = false;
      const leave = () => {
        if (!gone) accepted.gone();
        gone = true;
      };
      // Before the upgrade nothing else would tell that the peer went away.
      connection.once("close", leave);
      if (connection.destroyed) return leave();
      if (accepted.subprotocol !== undefined) chosen.set(incoming, accepted.subprotocol);
      upgrader.handleUpgrade(incoming, connection, head, (webSocket) => {
        const socket = new NodeSocket(webSocket, connection, { ...accepted, gone: leave });
        sockets.add(socket);
        webSocket.once("close", () => sockets.delete(socket));
        accepted.opened(socket);
      });
    }).catch((error: unknown) => {
      logger.error("An upgrade failed: {error}", { error });
      connection.destroy();
    });
  });
  return sockets;
}

/** Whether a request to upgrade is accepted, or the answer that refuses it. */
async function decide(
  incoming: IncomingMessage,
  requests: RequestHandler,
): Promise<Accepted | Response> {
  const request = toRequest(incoming);
  const peer = peerOf(incoming);
  return await requests.connect(request, peer) ??
    await requests.fetch(request, peer).catch(internalError);
}

/** Answers a request that node:http does not take for an upgrade, so that none can be accepted. */
async function answer(
  request: Request,
  peer: Peer,
  requests: RequestHandler,
): Promise<Response> {
  const refusal = await requests.connect(request, peer);
  if (refusal instanceof Response) return refusal;
  refusal?.gone();
  return await requests.fetch(request, peer).catch(internalError);
}

function toRequest({ method = "GET", url = "/", headers }: IncomingMessage): Request {
  const list = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) list.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return new Request(new URL(url, `http://${headers.host ?? "localhost"}`), {
    method,
    headers: list,
  });
}

/** Answers a request to upgrade as plain HTTP and ends the connection. */
async function refuse(connection: Duplex, response: Response): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  const head = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}`];
  for (const [name, value] of response.headers) {
    if (name !== "content-length") head.push(`${name}: ${value}`);
  }
  head.push("connection: close", `content-length: ${body.byteLength}`, "", "");
  connection.write(head.join("\r\n"));
  connection.end(body);
}

/** What HTTP/1.1 and HTTP/2 requests have in common, as far as it matters here. */
interface RemoteSocket {
  readonly socket: { readonly remoteAddress?: string | undefined };
}

function peerOf({ socket: { remoteAddress = "" } }: RemoteSocket): Peer {
  return { ip: clientIp(remoteAddress) };
}

/** Listens; returns the address with the port that the system chose. */
function listenOn(server: Server, addr: Address): Promise<Address> {
  const { promise, resolve, reject } = Promise.withResolvers<Address>();
  const explain = (error: Error & { code?: string }) => {
    if (error.code === "EADDRINUSE") return listenError(addr, "in_use");
    return listenError(addr, error.code === "EACCES" ? "not_permitted" : error);
  };
  const failedToListen = (error: Error) => reject(explain(error));
  server.once("error", failedToListen);
  const done = () => {
    server.off("error", failedToListen);
    shareSocket(addr);
    const bound = server.address();
    const port = typeof bound === "object" ? bound?.port : undefined;
    resolve(addr.kind === "unix" || port === undefined ? addr : { ...addr, port });
  };
  if (addr.kind === "unix") server.listen({ path: addr.path }, done);
  else server.listen({ port: addr.port, host: addr.kind === "any" ? "::" : addr.hostname }, done);
  return promise;
}
