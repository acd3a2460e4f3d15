/**
 * Detects a file's media type from its bytes, never from what the uploader claims. The signatures are
 * those of the WHATWG MIME Sniffing Standard and of the formats' specifications.
 *
 * @module
 */

/** Number of leading bytes that determine the media type. The signature with the greatest offset is tar's. */
export const SNIFFED_BYTES = 4096;

const UNKNOWN = "application/octet-stream";

/** Bytes at an offset, as Latin-1 text in which `?` stands for any byte. */
type Signature = readonly [mediaType: string, offset: number, bytes: string];

/** The first match wins. */
const SIGNATURES: readonly Signature[] = [
  ["image/png", 0, "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", 0, "\xff\xd8\xff"],
  ["image/gif", 0, "GIF87a"],
  ["image/gif", 0, "GIF89a"],
  ["image/webp", 0, "RIFF????WEBPVP"],
  ["image/bmp", 0, "BM????\0\0\0\0"],
  ["image/x-icon", 0, "\0\0\x01\0"],
  ["image/tiff", 0, "II*\0"],
  ["image/tiff", 0, "MM\0*"],
  ["audio/wav", 0, "RIFF????WAVE"],
  ["video/x-msvideo", 0, "RIFF????AVI "],
  ["audio/aiff", 0, "FORM????AIFF"],
  ["audio/flac", 0, "fLaC"],
  ["audio/mpeg", 0, "ID3\x02"],
  ["audio/mpeg", 0, "ID3\x03"],
  ["audio/mpeg", 0, "ID3\x04"],
  ["audio/aac", 0, "\xff\xf1"],
  ["audio/aac", 0, "\xff\xf9"],
  ["audio/mpeg", 0, "\xff\xfb"],
  ["audio/mpeg", 0, "\xff\xfa"],
  ["audio/mpeg", 0, "\xff\xf3"],
  ["audio/mpeg", 0, "\xff\xf2"],
  ["audio/midi", 0, "MThd\0\0\0\x06"],
  ["application/pdf", 0, "%PDF-"],
  ["application/zip", 0, "PK\x03\x04"],
  ["application/zip", 0, "PK\x05\x06"],
  ["application/gzip", 0, "\x1f\x8b\x08"],
  ["application/x-bzip2", 0, "BZh?1AY&SY"],
  ["application/x-xz", 0, "\xfd7zXZ\0"],
  ["application/zstd", 0, "\x28\xb5\x2f\xfd"],
  ["application/x-7z-compressed", 0, "7z\xbc\xaf\x27\x1c"],
  ["application/vnd.rar", 0, "Rar!\x1a\x07"],
  ["application/x-tar", 257, "ustar"],
];

/** Brands of the ISO base media file format (ISO/IEC 14496-12); all others count as video. */
const BRANDS: Readonly<Record<string, string>> = {
  "avif": "image/avif",
  "avis": "image/avif",
  "heic": "image/heic",
  "heix": "image/heic",
  "mif1": "image/heif",
  "M4A ": "audio/mp4",
  "M4B ": "audio/mp4",
  "qt  ": "video/quicktime",
};

/** Bytes that do not occur in text. */
// deno-lint-ignore no-control-regex
const BINARY = /[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]/;

/** The beginning of markup, which a browser might execute. */
const MARKUP = /^\s*<[a-z!?]/i;

/** Beginnings that a browser treats as HTML. */
const HTML =
  /^\s*<(?:!--|(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\s>])/i;

/**
 * Detects a file's media type.
 *
 * @param head its first {@linkcode SNIFFED_BYTES} bytes, or all if it has fewer
 * @returns a type without parameters; `text/plain` means UTF-8, `application/octet-stream` unknown
 */
export function sniff(head: Uint8Array): string {
  const known = SIGNATURES.find(([, offset, bytes]) => holds(head, offset, bytes));
  if (known !== undefined) return known[0];
  if (holds(head, 4, "ftyp")) return BRANDS[latin1(head, 8, 12)] ?? "video/mp4";
  if (holds(head, 0, "\x1a\x45\xdf\xa3")) return sniffMatroska(head);
  if (holds(head, 0, "OggS\0")) return sniffOgg(head);
  return sniffText(head);
}

function holds(head: Uint8Array, offset: number, bytes: string): boolean {
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] !== "?" && head[offset + index] !== bytes.charCodeAt(index)) return false;
  }
  return true;
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

function sniffMatroska(head: Uint8Array): string {
  return latin1(head, 0, 64).includes("webm") ? "video/webm" : "video/matroska";
}

/** The first page of Ogg names the codec of the first stream (RFC 3533 §6). */
function sniffOgg(head: Uint8Array): string {
  const codec = latin1(head, 28, 36);
  if (codec.startsWith("\x80theora")) return "video/ogg";
  const isAudio = ["OpusHead", "\x01vorbis", "\x7fFLAC", "Speex"].some((one) =>
    codec.startsWith(one)
  );
  return isAudio ? "audio/ogg" : "application/ogg";
}

function sniffText(head: Uint8Array): string {
  let text: string;
  try {
    // As a stream, because the last character may be incomplete.
    text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
  } catch {
    return UNKNOWN;
  }
  if (BINARY.test(text)) return UNKNOWN;
  if (!MARKUP.test(text)) return "text/plain";
  if (/<svg[\s>]/i.test(text)) return "image/svg+xml";
  return HTML.test(text) ? "text/html" : "application/xml";
}
