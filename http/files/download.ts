/**
 * `GET /files/ID/NAME`: serves a file, whole or in part, to those who may read a room that it is in, and to
 * its uploader. For everybody else there is no such file. Bytes that are not those that were uploaded are not
 * served.
 *
 * No content of it can act on behalf of this site: its media type is detected from its bytes, browsers must
 * not sniff another one and show the file in a sandbox without scripts, and types that can contain scripts
 * are always saved.
 *
 * @module
 */
import { ifNoneMatch } from "@std/http/etag";
import type { Handler } from "hono";
import type { Principal } from "../../people/principal.ts";
import type { FileInfo } from "../../protocol.ts";
import type { FileStore, Unreadable } from "../../files/file_store.ts";
import type { AppEnv } from "../base_app.ts";
import { Problem } from "../problem.ts";
import { formatDisposition } from "./disposition.ts";
import { type Part, readRange } from "./range.ts";

/** Types that a browser may show; all others are saved. SVG can contain scripts. */
const INLINE = /^(?:image\/(?!svg)|audio\/|video\/|text\/plain$)/;

/** A file that a browser shows on its own may load nothing but itself. */
const CONTENT_SECURITY_POLICY = [
  "sandbox",
  "default-src 'none'",
  "img-src 'self'",
  "media-src 'self'",
  "style-src 'unsafe-inline'", // of the document that browsers make around an image
  "frame-ancestors 'none'",
].join("; ");

/** Size of the pieces in which a part is read, in bytes. */
const PIECE_BYTES = 64 * 1024;

/** Decides who may fetch what. */
export interface DownloadAccess {
  /**
   * Whether somebody may fetch a file: it is announced in a room that they may read, or they uploaded it.
   *
   * @param file may be unknown: then nobody may, which should take as long to find out
   */
  mayFetch(principal: Principal, file: Pick<FileInfo, "id">): Promise<boolean>;
  /** Whether a file is there for everybody: announced in a public room of a server that is open. */
  isPublic(file: Pick<FileInfo, "id">): Promise<boolean>;
}

/** What downloads need. */
export interface DownloadOptions {
  readonly files: FileStore;
  readonly access: DownloadAccess;
  /** Whether pages of other sites may embed files that anybody may fetch: so if any other origin may connect. */
  readonly crossOrigin: boolean;
}

/** Makes the handler of `GET /files/:id/:name`. */
export function downloadHandler(options: DownloadOptions): Handler<AppEnv, "/files/:id/:name"> {
  const { files, crossOrigin } = options;
  return async ({ req, env }) => {
    const request = req.raw;
    const { info, isPublic } = await find(req.param(), env.principal, options);
    const headers = headersOf(info, { isPublic, crossOrigin });
    if (!ifNoneMatch(request.headers.get("if-none-match"), etagOf(info))) {
      headers.delete("content-type");
      return new Response(null, { status: 304, headers });
    }
    const part = partOf(request, info);
    const file = await files.open(info);
    if (!(file instanceof Deno.FsFile)) throw explain(file);
    if (part !== undefined) {
      const range = `bytes ${part.first}-${part.last}/${info.size}`;
      headers.set("content-range", range);
    }
    const { first, last } = part ?? { first: 0, last: info.size - 1 };
    headers.set("content-length", String(last - first + 1));
    const status = part === undefined ? 200 : 206;
    if (request.method === "HEAD") file.close();
    const body = request.method === "HEAD" ? null : await read(file, info, part);
    return new Response(body, { status, headers });
  };
}

/**
 * Finds a file that somebody may fetch. The same questions are asked, and the same problem is thrown, whether
 * there is no such file, its name is wrong or access is denied, to reveal nothing.
 *
 * @returns the file, and whether anybody may fetch it
 */
async function find(
  { id, name }: { id: string; name: string },
  principal: Principal,
  { files, access }: DownloadOptions,
): Promise<{ info: FileInfo; isPublic: boolean }> {
  const [isAllowed, isPublic] = await Promise.all([
    access.mayFetch(principal, { id }),
    access.isPublic({ id }),
  ]);
  const info = files.find(id);
  if (!isAllowed || info?.name !== name.normalize("NFC")) throw notFound();
  return { info, isPublic };
}

function headersOf(
  info: FileInfo,
  { isPublic, crossOrigin }: { isPublic: boolean; crossOrigin: boolean },
): Headers {
  const { media_type: type, name } = info;
  const headers = new Headers({
    "accept-ranges": "bytes",
    "cache-control": isPublic ? "private, immutable, max-age=31536000" : "private, no-cache",
    "content-disposition": formatDisposition(INLINE.test(type) ? "inline" : "attachment", name),
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "content-type": type === "text/plain" ? "text/plain; charset=utf-8" : type,
    "cross-origin-resource-policy": isPublic && crossOrigin ? "cross-origin" : "same-origin",
    "etag": etagOf(info),
  });
  // Caches ask again each time: permission may have ended, or somebody else may use the browser now.
  if (!isPublic) headers.set("vary", "Cookie, Authorization");
  return headers;
}

/** A strong validator: it identifies the exact bytes (RFC 9110 §8.8.1). */
function etagOf({ sha256 }: FileInfo): string {
  return `"${sha256}"`;
}

/** The requested part; `undefined` for the whole file. */
function partOf({ method, headers }: Request, info: FileInfo): Part | undefined {
  const range = headers.get("range");
  const condition = headers.get("if-range");
  if (range === null || method !== "GET") return undefined;
  if (condition !== null && condition !== etagOf(info)) return undefined;
  const part = readRange(range, info.size);
  if (part !== "unsatisfiable") return part;
  throw new Problem(416, `Cannot serve range: the file has ${info.size} bytes`, {
    headers: { "content-range": `bytes */${info.size}` },
  });
}

/** A stream that closes the file when it ends or is cancelled. */
async function read(
  file: Deno.FsFile,
  { size }: FileInfo,
  part: Part | undefined,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  if (part === undefined) return file.readable;
  await file.seek(part.first, Deno.SeekMode.Start);
  // The runtime reads a file's own stream natively, without running JavaScript for each piece.
  return part.last === size - 1 ? file.readable : readPart(file, part.last - part.first + 1);
}

function readPart(file: Deno.FsFile, length: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = length;
  let isOpen = true;
  const close = () => {
    if (isOpen) file.close();
    isOpen = false;
  };
  return new ReadableStream({
    async pull(controller) {
      const piece = new Uint8Array(Math.min(left, PIECE_BYTES));
      const count = await file.read(piece) ?? 0;
      left -= count;
      if (count > 0) controller.enqueue(piece.subarray(0, count));
      if (count > 0 && left > 0) return;
      close();
      if (left === 0) controller.close();
      else controller.error(new Error("Cannot read file: it is shorter than it was"));
    },
    // May also be called after the last read, if the consumer has not taken everything.
    cancel: close,
  });
}

/** Why the bytes of a file that somebody may fetch are not served. */
function explain({ unreadable }: Unreadable): Problem {
  if (unreadable === "removed") return notFound();
  const state = unreadable === "missing"
    ? "no longer has its bytes"
    : "has other bytes than were sent";
  return new Problem(404, `Cannot fetch file: the server ${state}; ask those who run it`);
}

function notFound(): Problem {
  return new Problem(404, "Cannot fetch file: there is no such file, or no longer");
}
