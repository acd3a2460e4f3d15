/**
 * Answers in JSON.
 *
 * @module
 */
import { secure } from "./headers.ts";

/** An answer that nobody keeps: what it tells changes all the time. */
export function jsonResponse(
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return secure(
    Response.json(value, { status, headers: { "cache-control": "no-store", ...headers } }),
  );
}
