/**
 * What counts as one place that requests come from.
 *
 * @module
 */

/**
 * The part of an address by which attempts are counted: of IPv6 the first 64 bits, which is what one customer
 * is given (RFC 6177); of IPv4 all.
 *
 * @param ip an address; empty for a client of a Unix socket, which stays empty
 */
export function networkOf(ip: string): string {
  if (!ip.includes(":")) return ip;
  const [head = "", tail] = ip.split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length);
  return [...groups, ...Array<string>(zeros).fill("0"), ...rest].slice(0, 4).join(":");
}
