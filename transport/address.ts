/**
 * What both transports need to know of addresses: how to name them, what to say when one cannot be
 * listened on, and whose address a client has.
 *
 * @module
 */
import type { Address } from "../config/address.ts";
import { StartError } from "../config/errors.ts";

/** The text form of `--addr`. */
function formatAddress(addr: Address): string {
  if (addr.kind === "unix") return `unix:${addr.path}`;
  const host = addr.kind === "any" ? "" : addr.hostname;
  return `${host.includes(":") ? `[${host}]` : host}:${addr.port}`;
}

/** Where a browser on this machine finds the server, or `unix:PATH`. */
export function formatUrl(addr: Address, scheme: "http" | "https" = "http"): string {
  if (addr.kind === "any") return `${scheme}://localhost:${addr.port}/`;
  return addr.kind === "unix" ? formatAddress(addr) : `${scheme}://${formatAddress(addr)}/`;
}

/** The client's IP address, that of an IPv4 client on an IPv6 socket in IPv4 (RFC 4291 §2.5.5.2). */
export function clientIp(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, "");
}

/** Why an address cannot be listened on, with the fix. */
export function listenError(
  addr: Address,
  reason: "in_use" | "not_permitted" | Error,
): StartError {
  const what = `Cannot listen on ${formatAddress(addr)}`;
  if (reason === "in_use") {
    return new StartError(
      `${what}: it is in use; stop the other program or choose another --addr`,
    );
  }
  if (reason === "not_permitted") {
    return new StartError(
      addr.kind === "unix"
        ? `${what}: not permitted; choose an --addr in a directory that you may write to`
        : `${what}: not permitted; choose an --addr with a port above 1023`,
    );
  }
  return new StartError(`${what}: ${reason.message}; choose another --addr`, { cause: reason });
}

/**
 * Clears the way for a Unix socket: the file of a server that is dead is removed.
 *
 * @throws {StartError} if a server answers there, or the file is no socket
 */
export async function removeStaleSocket(addr: Address): Promise<void> {
  if (addr.kind !== "unix") return;
  const { path } = addr;
  const info = await Deno.lstat(path).catch(() => undefined);
  if (info === undefined) return;
  if (!info.isSocket) throw listenError(addr, new Error("there is a file that is no socket"));
  const connection = await Deno.connect({ transport: "unix", path }).catch(() => undefined);
  if (connection !== undefined) {
    connection.close();
    throw listenError(addr, "in_use");
  }
  await Deno.remove(path).catch((error: Error) => {
    throw listenError(addr, error);
  });
}

/** Lets the server's group connect to its Unix socket: a proxy that runs as another user. */
export function shareSocket(addr: Address): void {
  if (addr.kind === "unix") Deno.chmodSync(addr.path, 0o660);
}
