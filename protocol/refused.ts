/**
 * Why something that was asked for is not done.
 *
 * @module
 */
import type { ErrorCode } from "./codes.ts";
import type { ErrorMessage } from "./messages.ts";

/** A request cannot be served; it is answered with this code and text, and with its `id`. */
export class Refused extends Error {
  readonly code: ErrorCode;
  /** Minimum delay before the request is made again, in milliseconds. */
  readonly retryMs: number | undefined;

  constructor(code: ErrorCode, message: string, retryMs?: number) {
    super(message);
    this.code = code;
    this.retryMs = retryMs;
  }
}

/** Builds the answer to a refused request. */
export function refuse(code: ErrorCode, content: string, id?: string): ErrorMessage {
  return id === undefined ? { type: "error", code, content } : { type: "error", code, content, id };
}
