/**
 * The second transport (`--transport node`): node:http with npm's `ws`, and the same handler of
 * requests through `@hono/node-server`. Unlike the first it shares one buffer among all receivers of a frame,
 * and bounds what a peer may hold and for how long: docs/transports.md.
 *
 * @module
 */
import { createServer, type Server, type ServerOptions } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { getLogger } from "@logtape/logtape";
import type { Address } from "../../config/address.ts";
import { networkOf } from "../../network/network.ts";
import type { Refusals } from "../../log/refusals.ts";
import { clientIp, formatUrl, listenError, removeStaleSocket, shareSocket } from "../address.ts";
import { internalError } from "../failure.ts";
import type { Listener, ListenOptions } from "../listener.ts";
import type { Peer, RequestHandler } from "../socket.ts";
import { readTls } from "../tls.ts";
import { Connections } from "./connections.ts";
import { HeldBytes } from "./held_bytes.ts";
import { peerOf, refuseBadRequest, requestUrl } from "./request_target.ts";
import { RequestWatch } from "./request_watch.ts";
import { acceptUpgrades, endWith, mayUpgrade } from "./upgrade.ts";
import { watchListener } from "./watch.ts";

const logger = getLogger(["hubbub", "transport"]);

/** Time for a TLS handshake, and for a request's headers to arrive, in milliseconds. */
const HEADERS_TIMEOUT_MS = 10_000;

/** Time that a connection may wait for its next request, in milliseconds. */
const KEEP_ALIVE_TIMEOUT_MS = 10_000;

/** How often connections and requests are looked at that take too long, in milliseconds. */
const SWEEP_MS = 1000;

/** Listens with node:http. See {@linkcode Listen}. */
export async function listen(options: ListenOptions, requests: RequestHandler): Promise<Listener> {
  const { addr, pingInterval, tls, refusals, metrics, maxConnectionsPerAddress } = options;
  const { server, reloadTls } = await create(options);
  await removeStaleSocket(addr);
  const addressKey = (ip: string) =>
    options.trustProxies?.networks.includes(ip) === true ? "" : networkOf(ip);
  const connections = new Connections({
    max: maxConnectionsPerAddress,
    rate: options.maxAcceptRate,
    refusals,
    metrics,
    addressKey,
  });
  const held = new HeldBytes(options.maxHeldBytes);
  metrics.register({
    name: "hubbub_held_bytes",
    help: "Memory that unfinished messages of all clients hold",
    type: "gauge",
    read: () => held.total,
  });
  const watch = new RequestWatch(refusals);
  server.on("connection", (socket) => connections.accept(socket));
  server.on("clientError", (error, socket) => {
    answerClientError(error, socket, { refusals, watch });
  });
  answerRequests(server, { requests, watch, refusals });
  const sockets = acceptUpgrades(server, {
    ...options,
    requests,
    connections,
    watch,
    held,
  });
  const bound = await listenOn(server, addr);
  server.on("error", (error) => logger.error("Listening failed: {error}", { error }));
  const endWatch = watchListener(server, bound, async () => {
    server.close();
    await removeStaleSocket(bound);
    await listenOn(server, bound);
  });
  const sweeps = setInterval(() => watch.sweep(), SWEEP_MS);
  const pings = pingInterval === 0 ? undefined : setInterval(() => {
    for (const socket of sockets) socket.ping();
  }, pingInterval);
  return {
    url: formatUrl(bound, tls === undefined ? "http" : "https"),
    reloadTls,
    async close(deadline) {
      clearInterval(pings);
      clearInterval(sweeps);
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

/** A server that does not listen yet, with TLS or without. */
async function create(
  { tls }: ListenOptions,
): Promise<{ server: Server; reloadTls: () => Promise<void> }> {
  // Missing from the types: which requests become `upgrade`, and not `request`.
  const options: ServerOptions & { shouldUpgradeCallback: typeof mayUpgrade } = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: SWEEP_MS,
    // Checked with the rest of the target, and noted.
    requireHostHeader: false,
    shouldUpgradeCallback: mayUpgrade,
  };
  if (tls === undefined) {
    return { server: createServer(options), reloadTls: () => Promise.resolve() };
  }
  const secure = { ...options, ...await readTls(tls), handshakeTimeout: HEADERS_TIMEOUT_MS };
  const server = createSecureServer(secure);
  return { server, reloadTls: async () => server.setSecureContext(await readTls(tls)) };
}

/** What answering needs of the rest of the transport. */
interface AnswerOptions {
  readonly requests: RequestHandler;
  readonly watch: RequestWatch;
  readonly refusals: Refusals;
}

/** Answers what does not ask for a WebSocket. */
function answerRequests(server: Server, { requests, watch, refusals }: AnswerOptions): void {
  const listener = getRequestListener(
    (request, { incoming }) => answer(request, peerOf(incoming), requests),
    { overrideGlobalObjects: false },
  );
  server.on("request", (incoming, outgoing) => {
    if (!watch.add(incoming, outgoing)) return;
    const url = requestUrl(incoming);
    if (url === undefined) return refuseBadRequest(incoming, outgoing, refusals);
    incoming.url = url.pathname + url.search;
    incoming.headers.host ??= url.host;
    void listener(incoming, outgoing);
  });
}

/** Answers a request that cannot become a WebSocket, so that none can be accepted. */
async function answer(request: Request, peer: Peer, requests: RequestHandler): Promise<Response> {
  try {
    const refusal = await requests.connect(request, peer);
    if (refusal instanceof Response) return refusal;
    refusal?.gone();
    return await requests.fetch(request, peer);
  } catch (error) {
    return internalError(error);
  }
}

/** The answers to what is no request, by the codes of node:http. */
const CLIENT_ERRORS: Readonly<Record<string, [status: string, reason: string]>> = {
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "its head is too large"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    "413 Content Too Large",
    "the extensions of a chunk are too large",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "its head did not come in time"],
};
const MALFORMED: [string, string] = ["400 Bad Request", "it is malformed"];

/** Answers bytes that are no request, or none in time, and ends the connection. */
function answerClientError(
  { code = "", message }: Error & { readonly code?: string },
  socket: Duplex & { readonly remoteAddress?: string; readonly bytesRead?: number },
  { refusals, watch }: Pick<AnswerOptions, "refusals" | "watch">,
): void {
  const { remoteAddress = "", bytesRead = 0 } = socket;
  const isTimeout = code === "ERR_HTTP_REQUEST_TIMEOUT" || message === "TLS handshake timeout";
  const isRequest = code.startsWith("HPE_") || code === "ERR_HTTP_REQUEST_TIMEOUT";
  // A browser connects in advance; and whoever only looks whether the port is open resets the connection.
  if (bytesRead > 0 && (isTimeout || isRequest)) {
    const reason = code === "HPE_HEADER_OVERFLOW"
      ? "too_large"
      : isTimeout
      ? "timeout"
      : "bad_request";
    refusals.note({ reason, ip: clientIp(remoteAddress), detail: code || message });
  }
  const isSilent = bytesRead === 0 || !socket.writable;
  // An answer that belongs to an earlier request must not be mixed with this one.
  if (!isRequest || isSilent || watch.isAnswering(socket)) return void socket.destroy();
  const [status, reason] = CLIENT_ERRORS[code] ?? MALFORMED;
  const body = `Cannot serve request: ${reason}\n`;
  const head = `content-type: text/plain; charset=utf-8\r\ncontent-length: ${body.length}`;
  endWith(socket, `HTTP/1.1 ${status}\r\n${head}\r\nconnection: close\r\n\r\n${body}`);
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
