/**
 * `GET /files/ID/NAME`: hands a file out, whole or in part, in a way that nothing in it can act on
 * behalf of this site: its type is what its bytes say, a browser is told not to guess another and to
 * show it in a sandbox without scripts, and whatever could hold scripts is only ever saved.
 *
 * @module
 */
import { ifNoneMatch as matchesETag } from "@std/http/etag";
import type { FileInfo } from "../../protocol.ts";
import type { FileStore } from "../../files/store.ts";
import type { Access } from "../access.ts";
import { secure } from "../headers.ts";
import { Problem } from "../problem.ts";
import type { Handler } from "../router.ts";
import { formatDisposition } from "./disposition.ts";
import { type Part, readRange } from "./range.ts";

// The npm build of the standard library comes without types. False: the client has it already.
const isModified: (header: string | null, etag: string) => boolean = matchesETag;

/** Types that a browser may show; everything else is saved. SVG can hold scripts. */
const INLINE = /^(?:image\/(?!svg)|audio\/|video\/|text\/plain$)/;

/** What a file may load when a browser shows it by itself: itself. */
const CONTENT_SECURITY_POLICY = [
  "sandbox",
  "default-src 'none'",
  "img-src 'self'",
  "media-src 'self'",
  "style-src 'unsafe-inline'", // a browser's own, around an image
  "frame-ancestors 'none'",
].join("; ");

/** A part is read in pieces of so many bytes. */
const PIECE_BYTES = 64 * 1024;

/** What downloads need. */
export interface DownloadOptions {
  readonly files: FileStore;
  readonly access: Access;
  /** Whether pages of other sites may show files, as those may that are let in to the chat. */
  readonly crossOrigin: boolean;
}

/** Makes the handler of the path `/files/:id/:name`. */
export function downloadHandler({ files, access, crossOrigin }: DownloadOptions): Handler {
  return async (request, { param, principal }) => {
    const info = files.find(param("id"));
    // The same answer to who may not fetch it and to who does not know its name.
    if (info?.name !== param("name").normalize("NFC") || !access.mayFetch(principal, info)) {
      throw notFound();
    }
    const headers = headersOf(info, crossOrigin);
    if (!isModified(request.headers.get("if-none-match"), etagOf(info))) {
      headers.delete("content-type");
      return secure(new Response(null, { status: 304, headers }));
    }
    const part = partOf(request, info);
    const file = await files.open(info);
    if (file === undefined) throw notFound();
    if (part !== undefined) {
      const range = `bytes ${part.first}-${part.last}/${info.size}`;
      headers.set("content-range", range);
    }
    const { first, last } = part ?? { first: 0, last: info.size - 1 };
    headers.set("content-length", String(last - first + 1));
    const status = part === undefined ? 200 : 206;
    if (request.method === "HEAD") file.close();
    const body = request.method === "HEAD" ? null : await read(file, info, part);
    return secure(new Response(body, { status, headers }));
  };
}

function headersOf(info: FileInfo, crossOrigin: boolean): Headers {
  const { media_type: type, name } = info;
  return new Headers({
    "accept-ranges": "bytes",
    "cache-control": "private, immutable, max-age=31536000",
    "content-disposition": formatDisposition(INLINE.test(type) ? "inline" : "attachment", name),
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "content-type": type === "text/plain" ? "text/plain; charset=utf-8" : type,
    "cross-origin-resource-policy": crossOrigin ? "cross-origin" : "same-origin",
    "etag": etagOf(info),
  });
}

/** Strong: the same bytes always have the same, and other bytes another. */
function etagOf({ sha256 }: FileInfo): string {
  return `"${sha256}"`;
}

/** The part that is asked for; `undefined`: the whole file. */
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

/** A stream that closes the file at its end, or when nobody wants it any more. */
async function read(
  file: Deno.FsFile,
  { size }: FileInfo,
  part: Part | undefined,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  if (part === undefined) return file.readable;
  await file.seek(part.first, Deno.SeekMode.Start);
  // Handed over as it is, a file is read by the runtime without coming through here.
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
    // Also called when all is read, but not all of it taken.
    cancel: close,
  });
}

function notFound(): Problem {
  return new Problem(404, "Cannot fetch file: there is no such file, or no longer");
}
