/**
 * What the API is asked for, read and checked as the same request on the WebSocket would be, so that
 * there is one set of bounds and one wording of errors.
 *
 * @module
 */
import type { HonoRequest } from "hono";
import { type ClientRequest, decodeRequest, MAX_CONTENT_BYTES } from "../../protocol.ts";
import { Problem } from "../problem.ts";

type RequestOf<T extends ClientRequest["type"]> = Extract<ClientRequest, { type: T }>;

/** How a request is checked. */
export interface ReadRequestOptions {
  /** Status of the answer to one that is wrong; default: 400. */
  readonly status?: number;
  /** Longest text of a message, in bytes of UTF-8. */
  readonly maxMessage?: number;
}

/**
 * Checks the members of a request.
 *
 * @throws {Problem} with the code and text of the error that the WebSocket would answer with
 */
export function readRequest<T extends ClientRequest["type"]>(
  type: T,
  members: object,
  { status = 400, maxMessage = MAX_CONTENT_BYTES }: ReadRequestOptions = {},
): RequestOf<T> {
  const request = decodeRequest(JSON.stringify({ ...members, type }), maxMessage);
  if (isOf(type, request)) return request;
  if (request.type !== "error") throw new TypeError(`Cannot read ${type}: got ${request.type}`);
  throw new Problem(status, request.content, { code: request.code });
}

function isOf<T extends ClientRequest["type"]>(
  type: T,
  request: ReturnType<typeof decodeRequest>,
): request is RequestOf<T> {
  return request.type === type;
}

/** A query parameter as a number; as it came if it is none, for {@linkcode readRequest} to refuse. */
export function numberIn(req: HonoRequest, name: string): number | string | undefined {
  const text = req.query(name);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : text;
}
