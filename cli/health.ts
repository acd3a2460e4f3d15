/**
 * `hubbub health`: checks whether a server is alive. For health checks in containers that have no
 * curl.
 *
 * @module
 */
import { connect as connectTls } from "node:tls";
import { type Address, formatAddress } from "../config/address.ts";
import { StartError } from "../config/errors.ts";
import type { Input } from "./command.ts";
import { serverOperand } from "./server_operand.ts";
import type { HEALTH_FLAGS } from "./client_flags.ts";

const PATH = "/healthz";

const requestOf = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;

/**
 * Resolves to 0 if the server is alive.
 *
 * @throws {StartError} if it is not
 */
export async function run({ flags, operands }: Input<typeof HEALTH_FLAGS>): Promise<number> {
  const [url] = operands;
  const { addr, basePath, timeout } = flags;
  const target = url === undefined ? describe(addr, basePath) : serverOperand(url).base;
  try {
    const signal = AbortSignal.timeout(timeout);
    const status = url !== undefined
      ? await ask(new URL(`.${PATH}`, target), signal)
      : addr.kind === "unix"
      ? await askUnix(addr.path, basePath + PATH, signal)
      : await askHere(new URL(`.${PATH}`, target), signal);
    if (status === 200) return 0;
    throw new StartError(`Unhealthy: ${target} answered with status ${status}`);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`Unhealthy: cannot reach ${target} (${reason})`);
  }
}

/** The URL of a server on this machine; for a Unix socket, its address. */
function describe(addr: Address, basePath: string): string {
  switch (addr.kind) {
    case "any":
      // Not `localhost`: a container may have no hosts file.
      return `http://127.0.0.1:${addr.port}${basePath}/`;
    case "host": {
      // A server that listens on all interfaces is reached through the loopback interface.
      const { hostname, port } = addr;
      const loopback = { "0.0.0.0": "127.0.0.1", "::": "::1" }[hostname] ?? hostname;
      return `http://${formatAddress({ kind: "host", hostname: loopback, port })}${basePath}/`;
    }
    case "unix":
      return formatAddress(addr);
  }
}

async function ask(url: URL, signal: AbortSignal): Promise<number> {
  const response = await fetch(url, { signal, redirect: "manual" });
  await response.body?.cancel();
  return response.status;
}

/**
 * Asks a server on this machine, which may serve TLS. Its certificate is for the name by which others know
 * it, so it is not checked: nothing leaves the machine, and nothing secret is said.
 */
async function askHere(url: URL, signal: AbortSignal): Promise<number> {
  try {
    return await ask(url, signal);
  } catch (error) {
    const overTls = await askTls(url, signal).catch(() => undefined);
    if (overTls === undefined) throw error;
    return overTls;
  }
}

/** Resolves to the status; rejects if there is no TLS, or no answer in time. */
function askTls({ hostname, port, pathname }: URL, signal: AbortSignal): Promise<number> {
  const host = hostname.replace(/^\[|\]$/g, "");
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false }, () => {
    socket.write(requestOf(pathname));
  });
  const giveUp = () => socket.destroy(new Error("Timed out"));
  signal.addEventListener("abort", giveUp);
  if (signal.aborted) giveUp();
  socket.once("data", (bytes: Uint8Array) => {
    resolve(statusOf(bytes));
    socket.destroy();
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error("The connection was closed")));
  return promise.finally(() => signal.removeEventListener("abort", giveUp));
}

/** Plain `fetch` does not support Unix sockets, and the status line is all that is needed. */
async function askUnix(
  socket: string,
  path: string,
  signal: AbortSignal,
): Promise<number> {
  const connection = await Deno.connect({ transport: "unix", path: socket });
  const giveUp = () => connection.close();
  signal.addEventListener("abort", giveUp);
  try {
    await connection.write(new TextEncoder().encode(requestOf(path)));
    const buffer = new Uint8Array(1024);
    const count = await connection.read(buffer) ?? 0;
    return statusOf(buffer.subarray(0, count));
  } finally {
    signal.removeEventListener("abort", giveUp);
    if (!signal.aborted) connection.close();
  }
}

/** The status in the first line of an answer. */
function statusOf(answer: Uint8Array): number {
  const [, status = "0"] = new TextDecoder().decode(answer).split(" ");
  return Number(status);
}
