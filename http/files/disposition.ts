/**
 * `Content-Disposition` (RFC 6266): reading the name of an upload, and writing that of a download.
 *
 * @module
 */

/** One parameter: its name, then its value as a token or between quotes. */
const PARAMETER = /;\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g;

/**
 * The file name that a header gives: `filename*` (RFC 8187), else `filename`.
 *
 * @param header as the runtime hands it over: one character for each byte
 * @returns `undefined` if it gives none that can be read
 */
export function readFileName(header: string): string | undefined {
  const parameters = new Map<string, string>();
  for (const [, name = "", quoted, token = ""] of header.matchAll(PARAMETER)) {
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? token);
  }
  const extended = parameters.get("filename*");
  const plain = parameters.get("filename");
  return (extended && readExtended(extended)) ?? (plain && readPlain(plain));
}

/** `UTF-8''caf%C3%A9.txt`; other character sets are long obsolete. */
function readExtended(value: string): string | undefined {
  const [, encoded] = /^UTF-8'[^']*'(.*)$/i.exec(value) ?? [];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** Bytes that most clients, curl among them, mean as UTF-8, and the standard as ISO-8859-1. */
function readPlain(value: string): string {
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
 * @param disposition whether a browser shows the file or saves it
 */
export function formatDisposition(disposition: "inline" | "attachment", name: string): string {
  // For clients that know no `filename*`. A percent sign some of them decode.
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/gu, "_");
  const header = `${disposition}; filename="${plain}"`;
  return plain === name ? header : `${header}; filename*=UTF-8''${encodeExtended(name)}`;
}

/** Leaves only what RFC 8187 allows unescaped. */
function encodeExtended(name: string): string {
  const escape = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(name).replace(/['()*]/g, escape);
}
