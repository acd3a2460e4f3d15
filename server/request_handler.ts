/**
 * Where every request goes, whichever transport it came through: to a WebSocket endpoint or to the HTTP
 * side. Everything that can refuse a WebSocket does so here, because there is no way back once the
 * runtime's upgrade has been called.
 *
 * @module
 */
import { LOGIN_FRAME_BYTES } from "../client.ts";
import type { AllowedOrigins, TrustedProxies } from "../config/config.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import { BasePath, type Mount } from "../http/base_path.ts";
import { addTransportSecurity, secure, textResponse } from "../http/headers.ts";
import { describeRequest, noteProblem } from "../http/noted.ts";
import { isOwnOrigin } from "../http/origin.ts";
import { Problem } from "../http/problem.ts";
import { isSecure, markSecure } from "../http/scheme.ts";
import type { Allowances } from "../limits/allowances.ts";
import { Gate } from "../limits/gate.ts";
import type { Refusals } from "../log/refusals.ts";
import { forwardedClient } from "../network/forwarded.ts";
import { requestUrl } from "../network/host.ts";
import { networkOf } from "../network/network.ts";
import type { Authenticate } from "../people/authenticator.ts";
import type { Policy } from "../people/policy.ts";
import { ANONYMOUS, type Principal } from "../people/principal.ts";
import type { Sanctions } from "../people/sanctions.ts";
import type { Accepted, Peer, RequestHandler } from "../transport/socket.ts";
import type { Admission } from "./admission.ts";
import { checkUpgrade } from "./handshake.ts";
import type { MemoryRelief } from "./memory_relief.ts";
import * as problems from "./refused.ts";

/** What the body of a request counts for that does not say how long it is, in bytes. */
const UNKNOWN_LENGTH = 64 * 1024;

/** What load balancers ask. */
const PROBES: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

/** What anybody may have as often as they like, one after the other: it costs next to nothing. */
const UNCOUNTED = /^\/(?:$|static\/|healthz$|readyz$)/;

/** What requests are led to, and what decides about them. */
export interface ServerRequestHandlerOptions extends Mount {
  readonly authenticate: Authenticate;
  readonly policy: Policy;
  readonly admission: Admission;
  readonly sanctions: Sanctions;
  readonly allowances: Allowances;
  /** Requests a second of one address, and of one user. */
  readonly ratePerAddress: number;
  readonly ratePerUser: number;
  readonly refusals: Refusals;
  /** Tells when nobody new is accepted, because the server is about to stop, or is drained. */
  readonly isDraining?: () => boolean;
  /** Tells when the process has too much memory to accept anybody new. */
  readonly memory?: { isLimited(): boolean };
  /** Is told of connections that may be closed when memory runs short. */
  readonly relief?: MemoryRelief;
  readonly allowOrigins: AllowedOrigins;
  readonly trustProxies: TrustedProxies;
  /** Requests with a body that one address may have in progress; `Infinity`: no limit. */
  readonly maxConnectionsPerAddress: number;
  /** Present if TLS is served here. */
  readonly tls?: object;
  readonly endpoints: readonly Endpoint[];
  /** Answers a request that does not become a WebSocket. */
  fetch(request: Request, principal: Principal, peer: Peer): Promise<Response>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Who makes a request, as far as it is known yet, and what for. */
interface Caller {
  ip: string;
  user?: string | undefined;
  detail: string;
}

/** Handles requests. */
export class ServerRequestHandler implements RequestHandler {
  readonly #options: ServerRequestHandlerOptions;
  readonly #basePath: BasePath;
  /** Requests whose bodies are being read. */
  readonly #bodies: Gate;

  constructor(options: ServerRequestHandlerOptions) {
    this.#options = options;
    this.#basePath = new BasePath(options);
    this.#bodies = new Gate({ max: Infinity, maxEach: options.maxConnectionsPerAddress });
  }

  async connect(received: Request, peer: Peer): Promise<Accepted | Response | undefined> {
    const caller: Caller = { ip: peer.ip, detail: received.method };
    try {
      const request = this.#basePath.enter(received);
      if (request instanceof Response) return await this.#lead(received, request, caller);
      return await this.#connect(request, caller);
    } catch (error) {
      const { status, message, headers } = this.#explain(error, caller);
      return textResponse(status, message, headers);
    }
  }

  async fetch(received: Request, peer: Peer): Promise<Response> {
    const caller: Caller = { ip: peer.ip, detail: received.method };
    const request = this.#basePath.enter(received);
    if (request instanceof Response) return request;
    let response: Response;
    try {
      response = await this.#fetch(request, caller);
    } catch (error) {
      response = secure(this.#explain(error, caller).response());
    }
    const { tls, publicUrl } = this.#options;
    const isServed = tls !== undefined || publicUrl?.startsWith("https:");
    if (isServed && isSecure(request)) addTransportSecurity(response);
    return this.#basePath.leave(response);
  }

  /** Answers a request for something outside the base path, which counts like any other. */
  async #lead(request: Request, answer: Response, caller: Caller): Promise<Response> {
    this.#identify(request, caller);
    await this.#pace(caller.ip);
    this.#refuseAddress("serve request", caller.ip);
    const wait = this.#options.allowances.takeAddressRequest(caller.ip);
    if (wait > 0) throw problems.requestRate(this.#options.ratePerAddress, "address", wait);
    return answer;
  }

  async #connect(request: Request, caller: Caller): Promise<Accepted | Response | undefined> {
    const { endpoints, allowOrigins, policy, publicUrl, admission } = this.#options;
    const url = this.#identify(request, caller);
    const endpoint = endpoints.find(({ matches }) => matches(url.pathname));
    if (endpoint === undefined) return undefined;
    await this.#pace(caller.ip);
    this.#refuseEarly(caller.ip);
    const allowed = { allowOrigins, publicUrl };
    const upgrade = checkUpgrade(request, allowed, endpoint.subprotocols);
    if (upgrade instanceof Response) {
      const reason = upgrade.status === 403 ? "origin" : "bad_request";
      this.#options.refusals.note({ ...caller, reason });
      return upgrade;
    }
    const principal = await this.#authenticate(request, caller);
    if (principal === undefined || !policy.may(principal, "connect")) {
      throw problems.unauthorized();
    }
    // It may have begun to drain meanwhile.
    this.#refuseNewcomers();
    const place = admission.enter(caller.ip, principal.user !== undefined);
    if (typeof place === "string") throw problems.full(place);
    const { subprotocol } = upgrade;
    const agent = request.headers.get("user-agent") ?? "";
    const peer: Peer = { ip: caller.ip };
    const { role = "guest" } = principal.user ?? {};
    const followed = this.#options.relief?.follow(place, role === "guest");
    const seat = followed?.place ?? place;
    return {
      ...(subprotocol !== undefined && { subprotocol }),
      ip: caller.ip,
      maxPayload: LOGIN_FRAME_BYTES,
      pace: this.#options.allowances.bytePace(caller.ip),
      opened: (socket) => {
        followed?.opened(socket);
        endpoint.opened(socket, { url, peer, principal, agent, place: seat, ...upgrade });
      },
      gone: () => seat.leave(),
    };
  }

  /** Refuses a connection before anything is done for it. */
  #refuseEarly(ip: string): void {
    this.#refuseAddress("connect", ip);
    this.#refuseNewcomers();
    const wait = this.#options.admission.attempt(ip);
    if (wait > 0) throw problems.connectRate(wait);
  }

  #refuseNewcomers(): void {
    if (this.#options.isDraining?.()) throw problems.draining();
    if (this.#options.memory?.isLimited()) throw problems.memory();
  }

  async #fetch(request: Request, caller: Caller): Promise<Response> {
    const { pathname } = this.#identify(request, caller);
    const { ip } = caller;
    await this.#pace(ip, pathname);
    this.#refuseAddress("serve request", ip);
    if (UNCOUNTED.test(pathname)) return this.#options.fetch(request, ANONYMOUS, { ip });
    using _body = this.#count(request, pathname, ip);
    const principal = await this.#authenticate(request, caller);
    const excess = this.#options.allowances.takeUserRequest(principal?.user?.id ?? "");
    if (excess > 0) throw problems.requestRate(this.#options.ratePerUser, "user", excess);
    const response = await this.#options.fetch(request, principal ?? ANONYMOUS, { ip });
    // Any other refusal has been noted by whoever has made it.
    if (principal === undefined && response.status !== 401) {
      this.#options.refusals.note({ ...caller, reason: "unauthorized" });
    }
    return response;
  }

  /** Lets the requests of one address come one after the other. What is not counted waits, but is not refused. */
  async #pace(ip: string, pathname = ""): Promise<void> {
    const { allowances, ratePerAddress } = this.#options;
    const { wait, most } = allowances.paceRequest(ip, PROBES.has(pathname));
    if (wait > most && !UNCOUNTED.test(pathname)) {
      throw problems.requestRate(ratePerAddress, "address", wait);
    }
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(wait, most)));
  }

  /** Counts a request and its body. */
  #count({ method, headers }: Request, pathname: string, ip: string): Disposable | undefined {
    const { allowances, ratePerAddress } = this.#options;
    const wait = allowances.takeAddressRequest(ip);
    if (wait > 0) throw problems.requestRate(ratePerAddress, "address", wait);
    if (method === "GET" || method === "HEAD") return undefined;
    const slot = this.#bodies.enter(networkOf(ip));
    if (typeof slot === "string") throw problems.bodies(this.#options.maxConnectionsPerAddress);
    // An upload is counted, and slowed down, while it comes.
    if (pathname === "/files") return slot;
    // Without either there is no body (RFC 9112 §6.3); HTTP/2 does not say.
    const unknown = headers.has("transfer-encoding") ? UNKNOWN_LENGTH : 0;
    const length = Number(headers.get("content-length") ?? unknown);
    const pause = allowances.takeBytes(ip, Number.isFinite(length) ? length : UNKNOWN_LENGTH);
    if (pause === 0) return slot;
    slot[Symbol.dispose]();
    throw problems.byteRate(pause);
  }

  /**
   * Finds out who sends a request, and notes it.
   *
   * @throws {Problem} 400 if it names no valid host
   */
  #identify(request: Request, caller: Caller): URL {
    const { trustProxies, publicUrl } = this.#options;
    const client = forwardedClient(request.headers, caller.ip, trustProxies);
    caller.ip = client.ip;
    const url = requestUrl(request);
    if (url === undefined) throw problems.host();
    caller.detail = describeRequest(request.method, url.pathname);
    if (client.isSecure || publicUrl?.startsWith("https:")) markSecure(request);
    return url;
  }

  #refuseAddress(verb: string, ip: string): void {
    const { sanctions, now = Date.now } = this.#options;
    const ban = sanctions.banOfAddress(ip);
    if (ban !== undefined) throw problems.banned(verb, "this address is", ban, now());
  }

  /**
   * What a request says of who sends it. The cookie of a page of another origin does not count, allowed or
   * not: the browser sends it without its user having asked for anything.
   */
  #credentialsOf({ headers }: Request): Headers {
    const origin = headers.get("origin");
    if (origin === null || !headers.has("cookie")) return headers;
    if (isOwnOrigin(origin, headers.get("host"), this.#options.publicUrl)) return headers;
    const rest = new Headers(headers);
    rest.delete("cookie");
    return rest;
  }

  /**
   * Authenticates, and notes who it is.
   *
   * @throws {Problem} 403 for a user who is banned
   * @throws {Refused} `unavailable` if the hub is too busy, or about to stop, to look a session up
   */
  async #authenticate(request: Request, caller: Caller): Promise<Principal | undefined> {
    const { authenticate, sanctions, now = Date.now } = this.#options;
    const headers = this.#credentialsOf(request);
    const principal = await authenticate({ headers }, { ip: caller.ip });
    const { user } = principal ?? ANONYMOUS;
    caller.user = user?.id;
    const ban = user && sanctions.banOfUser(user);
    // They may still have their browser forget the session.
    if (ban === undefined || caller.detail === "DELETE /api/session") return principal;
    throw problems.banned("serve request", "you are", ban, now());
  }

  /** The problem that was thrown, which is noted. Hands on what is none, for the transport to log. */
  #explain(error: unknown, caller: Caller): Problem {
    const problem = Problem.from(error);
    if (problem === undefined) throw error;
    noteProblem(this.#options.refusals, problem, caller, error);
    return problem;
  }
}
