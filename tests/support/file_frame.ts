/**
 * Binary frames that carry a file, as clients make them.
 *
 * @module
 */

/** A frame of a name and bytes; the length of the name may lie. */
export function frame(name: string | number[], bytes: number[], length?: number): Uint8Array {
  const encoded = typeof name === "string" ? [...new TextEncoder().encode(name)] : name;
  const claimed = length ?? encoded.length;
  return Uint8Array.from([claimed & 0xff, claimed >> 8, ...encoded, ...bytes]);
}
