/**
 * Requests that become WebSockets.
 *
 * @module
 */
import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { getLogger } from "@logtape/logtape";
// @ts-types="npm:@types/ws@8.18.2"
import { type ServerOptions, WebSocketServer } from "ws";
import type { Refusals } from "../../log/refusals.ts";
import { networkOf } from "../../network/network.ts";
import { internalError } from "../failure.ts";
import type { Accepted, Peer, RequestHandler } from "../socket.ts";
import type { Connections } from "./connections.ts";
import { NEGOTIATION } from "./deflate.ts";
import type { HeldBytes } from "./held_bytes.ts";
import { badRequest, peerOf, requestUrl } from "./request_target.ts";
import type { RequestWatch } from "./request_watch.ts";
import { CLOSE_TIMEOUT_MS, CONTROL_FRAME_BURST, NodeSocket } from "./socket.ts";

const logger = getLogger(["hubbub", "transport"]);

/** What an upgrade needs of the rest of the transport. */
export interface UpgradeOptions {
  readonly requests: RequestHandler;
  readonly connections: Connections;
  readonly watch: RequestWatch;
  readonly held: HeldBytes;
  readonly refusals: Refusals;
  readonly deflate: boolean;
}

/** Whether a request asks for a WebSocket and can become one: behind its head there are only frames. */
export function mayUpgrade({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers.upgrade?.toLowerCase() === "websocket" &&
    headers["content-length"] === undefined && headers["transfer-encoding"] === undefined;
}

/** Accepts WebSockets. Returns those that are open. */
export function acceptUpgrades(server: Server, options: UpgradeOptions): ReadonlySet<NodeSocket> {
  const sockets = new Set<NodeSocket>();
  const chosen = new WeakMap<object, string>();
  const upgrader = createUpgrader(options.deflate, chosen);
  server.on("upgrade", (incoming, connection, head) => {
    connection.on("error", () => {});
    decide(incoming, options).then((accepted) => {
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
        const { held, refusals, connections } = options;
        const { ip } = accepted;
        const socket = new NodeSocket(webSocket, {
          connection,
          accepted: { ...accepted, gone: leave },
          heldBy: { held, address: networkOf(ip) },
          refusals,
          ip,
        });
        connections.upgraded(incoming.socket);
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

function createUpgrader(deflate: boolean, chosen: WeakMap<object, string>): WebSocketServer {
  // Documented, but missing from the types.
  const options: ServerOptions & { closeTimeout: number; maxPendingAutoPongs: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: deflate && NEGOTIATION,
    closeTimeout: CLOSE_TIMEOUT_MS,
    // For a peer that does not read. More than it may send at once, so that too many have a reason.
    maxPendingAutoPongs: 2 * CONTROL_FRAME_BURST,
    // Chosen already; `ws` only repeats it.
    handleProtocols: (_offered, incoming) => chosen.get(incoming) ?? false,
  };
  return new WebSocketServer(options);
}

/** Whether a request to upgrade is accepted, or the answer that refuses it. */
async function decide(
  incoming: IncomingMessage,
  { requests, refusals, watch }: UpgradeOptions,
): Promise<Accepted | Response> {
  const peer: Peer = peerOf(incoming);
  const url = requestUrl(incoming);
  // Answers come in the order of their requests, this one's too.
  await watch.answered(incoming.socket);
  if (url === undefined) return badRequest(peer, refusals);
  const request = toRequest(url, incoming);
  return await requests.connect(request, peer) ??
    await requests.fetch(request, peer).catch(internalError);
}

function toRequest(url: URL, { method = "GET", headers }: IncomingMessage): Request {
  const list = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) list.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return new Request(url, { method, headers: list });
}

/** Answers a request to upgrade as plain HTTP and ends the connection. */
async function refuse(connection: Duplex, response: Response): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  const head = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}`];
  for (const [name, value] of response.headers) {
    if (name !== "content-length" && name !== "connection") head.push(`${name}: ${value}`);
  }
  head.push("connection: close", `content-length: ${body.byteLength}`, "", "");
  connection.write(head.join("\r\n"));
  endWith(connection, body);
}

/** Ends a connection with these bytes, and cuts it if the peer does not end it too. */
export function endWith(connection: Duplex, data: string | Uint8Array): void {
  connection.end(data);
  // Until everything is read, the end of the other half does not show.
  connection.resume();
  const timer = setTimeout(() => connection.destroy(), CLOSE_TIMEOUT_MS);
  connection.once("close", () => clearTimeout(timer));
}
