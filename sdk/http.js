/**
 * Requests over HTTP, and what their errors become.
 *
 * @module
 */
import { RefusedError } from "./errors.js";

/** @typedef {import("./errors.js").RefusalCode} RefusalCode */

/** Codes for errors that name none, by status. @type {ReadonlyMap<number, RefusalCode>} */
const CODES = new Map([
  [401, "unauthorized"],
  [403, "forbidden"],
  [409, "conflict"],
  [413, "too_large"],
  [429, "rate_limited"],
  [503, "unavailable"],
]);

/**
 * @typedef {object} HttpRequest
 * @property {string} [method]
 * @property {string | undefined} [session] its secret; without one, the page's cookie goes along
 * @property {unknown} [json] the body, as a value
 * @property {BodyInit} [body] the body as it is
 * @property {AbortSignal | undefined} [signal]
 */

/**
 * Asks for something, and returns the JSON of the answer; undefined if there is none.
 *
 * @param {typeof fetch} fetch
 * @param {string} url
 * @param {HttpRequest} request
 * @returns {Promise<any>}
 * @throws {RefusedError} the server's code, text and delay; `offline` if it cannot be reached
 */
export async function ask(fetch, url, request) {
  const response = await open(fetch, url, request);
  const text = await response.text().catch(unreachable);
  const answer = parse(text);
  if (response.ok) return answer;
  const { code, detail, retry_ms } = Object(answer);
  const seconds = Number(response.headers.get("retry-after") ?? NaN);
  const retryMs = Number.isFinite(retry_ms) ? retry_ms : seconds * 1000;
  throw new RefusedError(
    typeof code === "string" ? /** @type {RefusalCode} */ (code) : codeOf(response.status),
    typeof detail === "string" ? detail : `The server answered ${response.status}`,
    Number.isFinite(retryMs) ? retryMs : undefined,
  );
}

/**
 * Whether a server refuses a credential; not if that cannot be found out.
 *
 * @param {typeof fetch} fetch
 * @param {string} url of something that tells who asks
 * @param {string} session
 */
export async function isRefused(fetch, url, session) {
  try {
    return Object(await ask(fetch, url, { session })).user === null;
  } catch (error) {
    return error instanceof RefusedError && error.code === "unauthorized";
  }
}

/**
 * @param {typeof fetch} fetch
 * @param {string} url
 * @param {HttpRequest} request
 */
function open(fetch, url, { method = "GET", session, json, body, signal }) {
  const isAlone = session !== undefined && session !== "";
  const content = json === undefined ? body : JSON.stringify(json);
  return fetch(url, {
    method,
    headers: {
      accept: "application/json",
      ...(isAlone && { authorization: `Bearer ${session}` }),
      ...(json !== undefined && { "content-type": "application/json" }),
    },
    credentials: isAlone ? "omit" : "same-origin",
    ...(content !== undefined && { body: content }),
    ...(signal && { signal }),
  }).catch(unreachable);
}

/**
 * @param {unknown} error
 * @returns {never}
 */
function unreachable(error) {
  if (error instanceof Error && error.name === "AbortError") throw error;
  throw new RefusedError("offline", "Cannot ask: the server cannot be reached");
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {number} status
 * @returns {RefusalCode}
 */
function codeOf(status) {
  return CODES.get(status) ?? (status >= 500 ? "unavailable" : "internal");
}
