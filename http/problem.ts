/**
 * Errors over HTTP: problem details (RFC 9457) with the protocol's error codes.
 *
 * @module
 */
import type { RefusalReason } from "../log/refusals.ts";
import { type ErrorCode, Refused } from "../protocol.ts";

/** What a problem may have beside its status and text. */
export interface ProblemOptions {
  readonly code?: ErrorCode;
  readonly headers?: Readonly<Record<string, string>>;
  readonly reason?: RefusalReason;
}

/** Why a request failed. Handlers throw it; the app responds with it. */
export class Problem extends Error {
  readonly status: number;
  /** One of the protocol's codes, where one fits. */
  readonly code: ErrorCode | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** What the operator is told, if it is something else than the status and code tell. */
  readonly reason: RefusalReason | undefined;

  /**
   * @param status the HTTP status
   * @param detail what is wrong and what is allowed
   */
  constructor(
    status: number,
    detail: string,
    { code, headers = {}, reason }: ProblemOptions = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.reason = reason;
  }

  /** The problem for a request that the hub or the decoder refuses with one of the protocol's codes. */
  static of(
    code: ErrorCode,
    detail: string,
    retryMs?: number,
    reason?: RefusalReason,
  ): Problem {
    const headers: Record<string, string> = {};
    const seconds = retryMs === undefined ? RETRY_AFTER.get(code) : Math.ceil(retryMs / 1000);
    if (seconds !== undefined) headers["retry-after"] = String(Math.max(1, seconds));
    const status = STATUS.get(code) ?? 400;
    // Each 401 has to say how to authenticate (RFC 9110 §15.5.2).
    if (status === 401) headers["www-authenticate"] = "Bearer";
    return new Problem(status, detail, { code, headers, ...(reason !== undefined && { reason }) });
  }

  /** The problem that a thrown value represents; `undefined` for an internal error. */
  static from(error: unknown): Problem | undefined {
    if (error instanceof Problem) return error;
    if (!(error instanceof Refused)) return undefined;
    return Problem.of(error.code, error.message, error.retryMs);
  }

  /** The body of the response. */
  get body(): string {
    const { status, code, message: detail } = this;
    const title = TITLES.get(status) ?? "Error";
    return `${JSON.stringify({ type: "about:blank", title, status, detail, code })}\n`;
  }

  /** The response. */
  response(): Response {
    const { status, headers, body } = this;
    return new Response(body, {
      status,
      headers: {
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        ...headers,
      },
    });
  }
}

/** Statuses of the codes for which HTTP has a more specific one than 400. */
const STATUS: ReadonlyMap<ErrorCode, number> = new Map([
  ["bad_message", 422],
  ["unknown_type", 422],
  ["too_long", 422],
  ["no_such_message", 422],
  ["too_large", 413],
  ["rate_limited", 429],
  ["not_logged_in", 401],
  ["unauthorized", 401],
  ["wrong_password", 401],
  ["forbidden", 403],
  ["muted", 403],
  ["not_yours", 403],
  ["no_such_room", 404],
  ["no_such_user", 404],
  ["name_taken", 409],
  ["conflict", 409],
  ["too_many", 409],
  ["unavailable", 503],
  ["internal", 500],
]);

/** Default `Retry-After` of a code, in seconds. */
const RETRY_AFTER: ReadonlyMap<ErrorCode, number> = new Map([
  ["rate_limited", 1],
  ["unavailable", 1],
]);

/** Titles of the statuses in use, as registered (RFC 9110 §15; RFC 4918 §11.5 for 507). */
const TITLES: ReadonlyMap<number, string> = new Map([
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [408, "Request Timeout"],
  [409, "Conflict"],
  [413, "Content Too Large"],
  [415, "Unsupported Media Type"],
  [416, "Range Not Satisfiable"],
  [422, "Unprocessable Content"],
  [429, "Too Many Requests"],
  [500, "Internal Server Error"],
  [503, "Service Unavailable"],
  [507, "Insufficient Storage"],
]);
