/**
 * Where every request goes, whichever transport it came through: to a WebSocket endpoint or to the HTTP
 * side. Everything that can refuse a WebSocket does so here, because there is no way back once the
 * runtime's upgrade has been called.
 *
 * @module
 */
import { LOGIN_FRAME_BYTES } from "../client.ts";
import type { AllowedOrigins } from "../config/config.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import { textResponse } from "../http/headers.ts";
import { isOwnOrigin } from "../http/origin.ts";
import { Problem } from "../http/problem.ts";
import type { Authenticate } from "../people/authenticator.ts";
import type { Policy } from "../people/policy.ts";
import { ANONYMOUS, type Principal } from "../people/principal.ts";
import type { Accepted, Peer, RequestHandler } from "../transport/socket.ts";
import type { Admission } from "./admission.ts";
import { checkUpgrade } from "./handshake.ts";

/** What requests are led to, and what decides about them. */
export interface ServerRequestHandlerOptions {
  readonly authenticate: Authenticate;
  readonly policy: Policy;
  readonly admission: Admission;
  readonly allowOrigins: AllowedOrigins;
  /** Where browsers find the page, if a proxy stands in front of the server. */
  readonly publicUrl?: string;
  readonly endpoints: readonly Endpoint[];
  /** Answers a request that does not become a WebSocket. */
  fetch(request: Request, principal: Principal, peer: Peer): Promise<Response>;
}

/** Handles requests. */
export class ServerRequestHandler implements RequestHandler {
  readonly #options: ServerRequestHandlerOptions;
  /** Set when the server is about to stop: nobody new is accepted. */
  draining = false;

  constructor(options: ServerRequestHandlerOptions) {
    this.#options = options;
  }

  async connect(request: Request, peer: Peer): Promise<Accepted | Response | undefined> {
    const { endpoints, allowOrigins, policy } = this.#options;
    const url = new URL(request.url);
    const endpoint = endpoints.find(({ matches }) => matches(url.pathname));
    if (endpoint === undefined) return undefined;
    const upgrade = checkUpgrade(request, allowOrigins, endpoint.subprotocols);
    if (upgrade instanceof Response) return upgrade;
    const principal = await this.#authenticate(request, peer);
    if (principal instanceof Response) return principal;
    if (principal === undefined || !policy.may(principal, "connect")) return unauthorized();
    const refusal = this.#admit(peer);
    if (refusal !== undefined) return refusal;
    const { subprotocol } = upgrade;
    const agent = request.headers.get("user-agent") ?? "";
    return {
      ...(subprotocol !== undefined && { subprotocol }),
      maxPayload: LOGIN_FRAME_BYTES,
      opened: (socket) => endpoint.opened(socket, { url, peer, principal, agent, ...upgrade }),
      gone: () => this.#options.admission.leave(peer.ip),
    };
  }

  async fetch(request: Request, peer: Peer): Promise<Response> {
    const principal = await this.#authenticate(request, peer);
    if (principal instanceof Response) return principal;
    return await this.#options.fetch(request, principal ?? ANONYMOUS, peer);
  }

  /**
   * What a request says of who sends it. The cookie of a page of another origin does not count, allowed or
   * not: the browser sends it without its user having asked for anything.
   */
  #credentialsOf({ headers }: Request): Headers {
    const origin = headers.get("origin");
    if (origin === null || !headers.has("cookie")) return headers;
    const { publicUrl } = this.#options;
    const isOwn = isOwnOrigin(origin, headers.get("host")) ||
      publicUrl !== undefined && origin === new URL(publicUrl).origin;
    if (isOwn) return headers;
    const rest = new Headers(headers);
    rest.delete("cookie");
    return rest;
  }

  /** Authenticates; answers for the hub if it is too busy, or about to stop, to look a session up. */
  async #authenticate(request: Request, peer: Peer): Promise<Principal | Response | undefined> {
    try {
      const headers = this.#credentialsOf(request);
      return await this.#options.authenticate({ headers }, peer);
    } catch (error) {
      const problem = Problem.from(error);
      if (problem === undefined) throw error;
      return problem.response();
    }
  }

  /** Gives a connection its place, or explains why there is none. */
  #admit({ ip }: Peer): Response | undefined {
    if (this.draining) return unavailable("the server is about to stop", 5);
    switch (this.#options.admission.enter(ip)) {
      case "full":
        return unavailable("the server has reached its limit of connections", 30);
      case "address_full":
        return textResponse(
          429,
          "Cannot connect: your address has reached its limit of connections",
        );
    }
    return undefined;
  }
}

function unauthorized(): Response {
  const allowed =
    "sign in first; a credential must be a session that has not ended, or a token of this server";
  return textResponse(401, `Cannot connect: ${allowed}`, { "www-authenticate": "Bearer" });
}

function unavailable(reason: string, seconds: number): Response {
  return textResponse(503, `Cannot connect: ${reason}`, { "retry-after": String(seconds) });
}
