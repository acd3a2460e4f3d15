/**
 * Opens the store that the configuration asks for.
 *
 * @module
 */
import type { DataLocation, Sync } from "../config.ts";
import { createMemoryStore } from "./memory.ts";
import type { Store } from "./store.ts";

/**
 * Opens the store.
 *
 * @throws {StartError} if the data directory cannot be used
 */
export async function openStore(
  { data }: { data: DataLocation; sync: Sync },
): Promise<Store> {
  if (data.kind === "memory") return createMemoryStore();
  throw new Error("not yet");
}
