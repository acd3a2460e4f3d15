/**
 * Range requests (RFC 9110 §14): which part of a file a client requests. Pure.
 *
 * @module
 */

/** A part of a file, from the first byte to the last, both included. */
export interface Part {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads a `Range` header.
 *
 * @param size of the file in bytes, at least 1
 * @returns the part; `undefined` if the header is to be ignored, which includes multiple ranges;
 *   `"unsatisfiable"` if the range contains no byte of the file
 */
export function readRange(header: string, size: number): Part | "unsatisfiable" | undefined {
  const [, from = "", to = ""] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header) ?? [];
  if (from === "" && to === "") return undefined;
  if (from === "") {
    const length = Math.min(Number(to), size);
    return length === 0 ? "unsatisfiable" : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < first) return undefined;
  return first >= size ? "unsatisfiable" : { first, last };
}
