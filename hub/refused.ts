/**
 * Why the hub does not do what it was asked to. Imports nothing but the codes.
 *
 * @module
 */
import type { ErrorCode } from "../protocol.ts";

/** A request cannot be served; it is answered with this code and text, and with its `id`. */
export class Refused extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
