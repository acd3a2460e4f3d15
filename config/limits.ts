/**
 * The limits on what one client may do: the values of the flags that follow from each other.
 *
 * @module
 */
import type { Values } from "./flags.ts";
import type { LIMIT_FLAGS, UPLOAD_LIMIT_FLAGS } from "./limit_flags.ts";

type LimitValues =
  & Values<typeof LIMIT_FLAGS>
  & Values<typeof UPLOAD_LIMIT_FLAGS>
  & { readonly maxStorage: number; readonly transport: "deno" | "node" };

/** The flags whose default is that of others. `Infinity` is no limit. */
const DERIVED = [
  "byteRate",
  "ratePerUser",
  "ratePerAddress",
  "connectRate",
  "signInRate",
  "searchRate",
  "maxUnauthenticated",
  "maxMemory",
  "storagePerUser",
  "storagePerAddress",
  "maxUnannounced",
] as const;

/** Names of the settings in {@linkcode LimitsConfig}. */
export const LIMIT_NAMES: readonly string[] = DERIVED;

/** Limits that always have a value. Bytes, counts; a second, but for sign-ins, which count by the minute. */
export type LimitsConfig = { readonly [Name in (typeof DERIVED)[number]]: number };

/** The share of the machine's memory that the process may have. */
const MEMORY_SHARE = 0.5;

/**
 * The most that the process may have by default where nothing else bounds what clients make it hold, in bytes:
 * several times what ten thousand connections need.
 */
const UNBOUNDED_MEMORY = 2 * 1024 ** 3;

/** Works out the limits that were not given. */
export function limitsConfig(flags: LimitValues): LimitsConfig {
  const { rate, maxConnections, maxMessage, maxStorage } = flags;
  const withRate = (value: number) => rate === 0 ? Infinity : value;
  return {
    byteRate: flags.byteRate ?? withRate(2 * rate * maxMessage),
    ratePerUser: flags.ratePerUser ?? withRate(2 * rate),
    ratePerAddress: flags.ratePerAddress ?? withRate(20 * rate),
    connectRate: flags.connectRate ?? withRate(10),
    signInRate: flags.signInRate ?? withRate(60),
    searchRate: flags.searchRate ?? withRate(5),
    maxUnauthenticated: flags.maxUnauthenticated ?? Math.ceil(maxConnections / 2),
    maxMemory: flags.maxMemory ?? defaultMemory(flags.transport),
    storagePerUser: flags.storagePerUser ?? Math.ceil(maxStorage / 10),
    storagePerAddress: flags.storagePerAddress ?? Math.ceil(maxStorage / 5),
    maxUnannounced: flags.maxUnannounced ?? Math.ceil(maxStorage / 10),
  };
}

function defaultMemory(transport: "deno" | "node"): number {
  const share = Math.floor(machineMemory() * MEMORY_SHARE);
  return transport === "deno" ? Math.min(share, UNBOUNDED_MEMORY) : share;
}

/** Memory of the machine, or of the control group that the process is in if that is less, in bytes. */
function machineMemory(): number {
  const { total } = Deno.systemMemoryInfo();
  return Math.min(total, groupLimit("/sys/fs/cgroup/memory.max") ?? total);
}

/** The limit of a control group (cgroup v2: a number, or `max`); `undefined` if there is none. */
function groupLimit(path: string): number | undefined {
  try {
    const limit = Number(Deno.readTextFileSync(path));
    return Number.isFinite(limit) && limit > 0 ? limit : undefined;
  } catch {
    return undefined;
  }
}
