/**
 * Checks API requests with the decoder of the WebSocket's requests, so that both have the same bounds
 * and error messages.
 *
 * @module
 */
import type { HonoRequest } from "hono";
import { type ClientRequest, decodeRequest, MAX_CONTENT_BYTES } from "../../protocol.ts";
import { Problem } from "../problem.ts";

type RequestOf<T extends ClientRequest["type"]> = Extract<ClientRequest, { type: T }>;

/** How a request is checked. */
export interface ReadRequestOptions {
  /** Status of the response to an invalid request; default: 400. */
  readonly status?: number;
  /** Maximum length of a message's text, in bytes of UTF-8. */
  readonly maxMessage?: number;
}

/**
 * Checks the members of a request.
 *
 * @throws {Problem} with the code and message of the error that the WebSocket would send
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

/** A query parameter as a number; unchanged if it is not one, for {@linkcode readRequest} to refuse. */
export function numberIn(req: HonoRequest, name: string): number | string | undefined {
  const text = req.query(name);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : text;
}
