/**
 * Parses and formats listen addresses, the values of `--addr`. Imports nothing.
 *
 * @module
 */

/**
 * A listen address.
 *
 * - `any`: all interfaces, IPv6 and IPv4 (`:8080`). Bind `::`, or `0.0.0.0` on a machine without IPv6.
 * - `host`: the interface of a host name or address (`127.0.0.1:8080`, `[::1]:8080`); `hostname` has
 *   no brackets.
 * - `unix`: a Unix socket (`unix:/run/hubbub.sock`).
 *
 * Port 0 lets the system pick a free port.
 */
export type Address =
  | { readonly kind: "any"; readonly port: number }
  | { readonly kind: "host"; readonly hostname: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/**
 * Maximum length of a Unix socket's path, in bytes: `sun_path` has 108 bytes on Linux and 104 on
 * macOS, including the terminating NUL (unix(7)).
 */
export const MAX_UNIX_PATH = Deno.build.os === "darwin" ? 103 : 107;

/** One label of a host name (RFC 1123 §2.1), with the underscore that container networks use. */
const LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const HOSTNAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*\\.?$`, "i");
const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

/** Parses an address. Returns `undefined` if `text` is not one. */
export function parseAddress(text: string): Address | undefined {
  if (text.startsWith("unix:")) return parseUnix(text.slice("unix:".length));
  const match = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, host = "", digits = ""] = match;
  const port = Number(digits);
  if (port > 65_535) return undefined;
  if (host === "") return { kind: "any", port };
  const hostname = parseHostname(host);
  return hostname === undefined ? undefined : { kind: "host", hostname, port };
}

/** Formats an address so that {@linkcode parseAddress} reads it back. */
export function formatAddress(address: Address): string {
  switch (address.kind) {
    case "any":
      return `:${address.port}`;
    case "host":
      return address.hostname.includes(":")
        ? `[${address.hostname}]:${address.port}`
        : `${address.hostname}:${address.port}`;
    case "unix":
      return `unix:${address.path}`;
  }
}

/** Whether only programs on this machine can connect. */
export function isLoopback(address: Address): boolean {
  if (address.kind === "unix") return true;
  if (address.kind === "any") return false;
  return /^(localhost\.?|127(\.\d+){3}|::1|(0+:){7}0*1)$/i.test(address.hostname);
}

function parseUnix(path: string): Address | undefined {
  const length = new TextEncoder().encode(path).length;
  if (length < 1 || length > MAX_UNIX_PATH || path.includes("\0")) return undefined;
  return { kind: "unix", path };
}

function parseHostname(host: string): string | undefined {
  if (host.startsWith("[")) {
    return URL.canParse(`http://${host}/`) ? host.slice(1, -1) : undefined;
  }
  // Digits and dots alone are an IPv4 address or a typing error, never a name.
  if (/^[\d.]+$/.test(host)) return IPV4.test(host) ? host : undefined;
  return host.length <= 253 && HOSTNAME.test(host) ? host : undefined;
}
