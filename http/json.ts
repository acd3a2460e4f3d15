/**
 * JSON responses.
 *
 * @module
 */
/** A JSON response that no cache stores: its content changes all the time. */
export function jsonResponse(
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(value, { status, headers: { "cache-control": "no-store", ...headers } });
}
