/**
 * What the runtime's WebSocket says when a peer breaks RFC 6455. It drops the connection by then and no close
 * frame can be sent any more; but the log and the figures get the code that the violation has.
 *
 * @module
 */

/** The message of the `error` event of Deno 2.5 to 2.9, and the close code (RFC 6455 §7.4.1). */
const CODES: ReadonlyMap<string, number> = new Map([
  ["Reserved bits are not zero", 1002],
  ["Invalid value", 1002],
  ["Control frame must not be fragmented", 1002],
  ["Ping frame too large", 1002],
  ["Invalid fragment", 1002],
  ["Invalid continuation frame", 1002],
  ["Invalid close frame", 1002],
  ["Invalid close code", 1002],
  ["Invalid UTF-8", 1007],
  ["Frame too large", 1009],
]);

/** The close code of what an `error` event reports; `undefined` if the peer did nothing wrong. */
export function violationCode(message: string): number | undefined {
  return CODES.get(message);
}
