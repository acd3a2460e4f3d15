/**
 * What a transport answers when the handler of requests fails.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";

/** Logs the error and makes an answer that does not tell it. */
export function internalError(error: unknown): Response {
  getLogger(["hubbub", "transport"]).error("A request failed: {error}", { error });
  return new Response("Cannot serve request: an internal error, which was logged\n", {
    status: 500,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}
