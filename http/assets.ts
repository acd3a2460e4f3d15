/**
 * The page: everything under `static/`, read once at the start, compressed once when first asked for,
 * and revalidated by `ETag`, so that nobody ever runs stale code.
 *
 * @module
 */
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { eTag, ifNoneMatch as matchesETag } from "@std/http/etag";
import { acceptsEncodings } from "@std/http/negotiation";
import { contentType } from "@std/media-types";
import { secure } from "./headers.ts";
import { stripComments } from "./strip_comments.ts";

// The npm build of the standard library comes without types; these are the parts in use.
const makeETag: (bytes: Uint8Array) => Promise<string | undefined> = eTag;
const ifNoneMatch: (header: string | null, etag: string | undefined) => boolean = matchesETag;
const chooseEncoding: (request: Request, ...encodings: string[]) => string | undefined =
  acceptsEncodings;
const mediaTypeOf: (extension: string) => string | undefined = contentType;

/** Smaller ones gain nothing from compression. */
const MIN_COMPRESSED_BYTES = 256;

/**
 * How hard Brotli tries. For this page 6 takes a tenth of the time of 9 for half a percent more bytes,
 * and a twenty-fifth of that of 11 for eight percent more: the first visitor need not wait.
 */
const BROTLI_QUALITY = 6;

/** The better ones first. */
const COMPRESSORS: Readonly<Record<string, (bytes: Uint8Array) => Promise<Uint8Array>>> = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
      },
    }),
  gzip: promisify(gzip),
};

interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mediaType: string;
  readonly etag: string;
  /** Compressed forms by content encoding, as far as somebody asked. */
  readonly compressed: Map<string, Promise<Uint8Array>>;
}

/** Serves the page's files. */
export class Assets {
  readonly #assets: ReadonlyMap<string, Asset>;

  private constructor(assets: ReadonlyMap<string, Asset>) {
    this.#assets = assets;
  }

  /**
   * Reads files, and folders with everything below them.
   *
   * @param mounts where each is served → its URL, which ends in `/` if it is a folder; within an
   *   executable the URL of its embedded copy
   * @throws {Deno.errors.NotFound} if one is missing
   */
  static async load(mounts: Readonly<Record<string, URL>>): Promise<Assets> {
    const assets = new Map<string, Asset>();
    for (const [path, url] of Object.entries(mounts)) {
      if (url.href.endsWith("/")) await readFolder(url, path, assets);
      else assets.set(path, await readAsset(url, path));
    }
    return new Assets(assets);
  }

  /** Answers a GET or HEAD for a file; `undefined` if there is no such file. */
  async respond(request: Request, path: string): Promise<Response | undefined> {
    const asset = this.#assets.get(path);
    if (asset === undefined) return undefined;
    const headers: Record<string, string> = {
      "cache-control": "no-cache",
      "content-type": asset.mediaType,
      "etag": asset.etag,
      "vary": "accept-encoding",
    };
    if (!ifNoneMatch(request.headers.get("if-none-match"), asset.etag)) {
      return secure(new Response(null, { status: 304, headers }));
    }
    const encoding = isCompressible(asset) ? bestEncoding(request) : "identity";
    const bytes = await encode(asset, encoding);
    if (encoding !== "identity") headers["content-encoding"] = encoding;
    headers["content-length"] = String(bytes.byteLength);
    const body = request.method === "HEAD" ? null : new Uint8Array(bytes);
    return secure(new Response(body, { headers }));
  }
}

async function readFolder(folder: URL, prefix: string, assets: Map<string, Asset>): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await readFolder(new URL(`${name}/`, folder), `${prefix}${name}/`, assets);
    else assets.set(prefix + name, await readAsset(new URL(name, folder), name));
  }
}

async function readAsset(file: URL, name: string): Promise<Asset> {
  const bytes = name.endsWith(".js")
    ? new TextEncoder().encode(stripComments(await Deno.readTextFile(file)))
    : await Deno.readFile(file);
  const extension = name.slice(name.lastIndexOf("."));
  const etag = await makeETag(bytes) ?? "";
  return {
    bytes,
    mediaType: mediaTypeOf(extension) ?? "application/octet-stream",
    // Weak: the compressed forms are the same text in other bytes (RFC 9110 §8.8.1).
    etag: etag.startsWith("W/") ? etag : `W/${etag}`,
    compressed: new Map(),
  };
}

function isCompressible({ bytes, mediaType }: Asset): boolean {
  return bytes.byteLength >= MIN_COMPRESSED_BYTES &&
    !/^(image\/(?!svg)|audio|video|font)/.test(mediaType);
}

/**
 * The best encoding that the client says it can read. One that says nothing, such as curl, is not
 * taken at its word (RFC 9110 §12.5.3: it could read any).
 */
function bestEncoding(request: Request): string {
  if (!request.headers.has("accept-encoding")) return "identity";
  const accepts = (encoding: string) => chooseEncoding(request, encoding, "identity") === encoding;
  return Object.keys(COMPRESSORS).find(accepts) ?? "identity";
}

function encode(asset: Asset, encoding: string): Promise<Uint8Array> {
  const compress = COMPRESSORS[encoding];
  if (compress === undefined) return Promise.resolve(asset.bytes);
  let compressed = asset.compressed.get(encoding);
  if (compressed === undefined) {
    asset.compressed.set(encoding, compressed = compress(asset.bytes));
  }
  return compressed;
}
