/**
 * `Content-Disposition` (RFC 6266): reading the file name of an upload, and writing that of a download.
 *
 * @module
 */
import { create, decodeExtended, parse } from "content-disposition";

/**
 * The file name that a header gives: `filename*` (RFC 8187), else `filename`.
 *
 * @param header as the runtime delivers it: one character for each byte
 * @returns `undefined` if there is none that can be read
 */
export function readFileName(header: string): string | undefined {
  const { filename, "filename*": extended } = parse(header, { extended: false }).parameters;
  return (extended && decodeExtended(extended)) ?? (filename && decodeBytes(filename));
}

/** Decodes bytes that most clients, such as curl, send as UTF-8; the standard says ISO-8859-1. */
function decodeBytes(value: string): string {
  try {
    const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return value;
  }
}

/**
 * Writes a header that gives a file its name.
 *
 * @param type whether a browser shows the file or saves it
 */
export function formatDisposition(type: "inline" | "attachment", name: string): string {
  // For clients that do not know `filename*`; some of them decode percent signs.
  const fallback = name.replace(/[^\x20-\x7e]|["\\%]/gu, "_");
  return create(name, { type, fallback });
}
