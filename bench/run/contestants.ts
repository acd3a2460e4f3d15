/**
 * The servers of a comparison, and how each is started: as users would start it.
 *
 * @module
 */
import type { DialectName } from "../../cli/load/dialect.ts";
import { VERSION } from "../../config/version.ts";
import { installPeers } from "./peers.ts";

/** A server to measure. */
export interface Contestant {
  /** The name that `--contestants` takes. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly version: string;
  readonly dialect: DialectName;
  /**
   * The command that starts it.
   *
   * @param data directory for its data
   */
  command(data: string): readonly string[];
}

/** The servers that take part, and why others do not. */
export interface Field {
  readonly contestants: readonly Contestant[];
  readonly absent: readonly { readonly id: string; readonly reason: string }[];
}

/** The project's root, with a slash at its end. */
export const ROOT = `${import.meta.dirname}/../../`;

/** Hubbub on each of its transports. */
export const HUBBUB: readonly Contestant[] = [hubbub("deno"), hubbub("node")];

/** Finds all servers, and installs missing ones into a directory. */
export async function gatherField(cache: string): Promise<Field> {
  const peers = await installPeers(cache);
  const contestants = [...HUBBUB];
  const absent: { id: string; reason: string }[] = [];
  for (
    const { id, name, found } of [
      { id: "bun", name: "Bun", found: peers.bun },
      { id: "ws", name: "ws on Node.js", found: peers.ws },
    ]
  ) {
    if ("reason" in found) {
      absent.push({ id, reason: found.reason });
    } else {
      const { version, command } = found;
      contestants.push({ id, name, version, dialect: "relay", command: () => command });
    }
  }
  return { contestants, absent };
}

/** The smallest server on Deno, the reference for the memory of a connection. */
export function bareServer(hostname: string): Contestant {
  return {
    id: "bare",
    name: "bare Deno.upgradeWebSocket",
    version: Deno.version.deno,
    dialect: "relay",
    command: () => [
      Deno.execPath(),
      "run",
      "--no-config",
      "--allow-net",
      `${ROOT}bench/peers/bare.ts`,
      hostname,
    ],
  };
}

/** Hubbub with its defaults, except for the rate limit and the limit of connections per address. */
export function hubbub(
  transport: "deno" | "node",
  { hostname = "127.0.0.1", flags = [] }: { hostname?: string; flags?: readonly string[] } = {},
): Contestant {
  return {
    id: `hubbub-${transport}`,
    name: `Hubbub, ${transport}`,
    version: VERSION,
    dialect: "hubbub",
    command: (data) => [
      Deno.execPath(),
      "run",
      `--config=${ROOT}deno.json`,
      "-P",
      `${ROOT}main.ts`,
      "serve",
      ...["--addr", `${hostname}:0`],
      ...["--transport", transport],
      ...["--data", data],
      ...["--sync", "full"],
      ...["--rate", "0"],
      ...["--max-connections-per-address", "0"],
      ...flags,
    ],
  };
}
