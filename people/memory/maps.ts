/**
 * What the parts of the memory backend share.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** A digest as the key of a map. */
export function keyOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString("hex");
}

/** Removes entries by their values. Returns how many. */
export function deleteWhere<T>(map: Map<string, T>, matches: (value: T) => boolean): number {
  const before = map.size;
  for (const [key, value] of map) if (matches(value)) map.delete(key);
  return before - map.size;
}
