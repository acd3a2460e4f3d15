/** The media type that is detected for bytes. */
import { assertEquals } from "../support/assert.ts";
import { sniff } from "../../files/sniff.ts";

/** Latin-1, so that each character is a byte. */
function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const UNKNOWN = "application/octet-stream";

const KINDS: readonly [head: string, mediaType: string][] = [
  ["\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"],
  ["\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"],
  ["GIF89a\x01\0\x01\0", "image/gif"],
  ["RIFF\x24\0\0\0WEBPVP8 ", "image/webp"],
  ["RIFF\x24\0\0\0WAVEfmt ", "audio/wav"],
  ["RIFF\x24\0\0\0AVI LIST", "video/x-msvideo"],
  ["RIFF\x24\0\0\0XXXX", UNKNOWN],
  ["\0\0\0\x1cftypavif\0\0\0\0", "image/avif"],
  ["\0\0\0\x1cftypM4A \0\0\0\0", "audio/mp4"],
  ["\0\0\0\x1cftypisom\0\0\0\0", "video/mp4"],
  ["\0\0\0\x14ftypqt  \0\0\0\0", "video/quicktime"],
  ["\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/webm"],
  ["\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska", "video/matroska"],
  [`OggS\0\x02${"\0".repeat(22)}OpusHead`, "audio/ogg"],
  [`OggS\0\x02${"\0".repeat(22)}\x80theora`, "video/ogg"],
  ["ID3\x04\0\0\0\0\0\0", "audio/mpeg"],
  ["fLaC\0\0\0\x22", "audio/flac"],
  ["%PDF-1.7\n", "application/pdf"],
  ["PK\x03\x04\x14\0", "application/zip"],
  ["\x1f\x8b\x08\0", "application/gzip"],
  [`${"a".repeat(257)}ustar\x0000`, "application/x-tar"],
  ["MZ\x90\0\x03\0\0\0", UNKNOWN],
  ["\x7fELF\x02\x01\x01\0", UNKNOWN],
  ["hello", "text/plain"],
  ['{"a": 1}\n', "text/plain"],
  ["ID3 is a tag, BZh another", "text/plain"],
  ["1 < 2 <svg>", "text/plain"],
  ["<3", "text/plain"],
  ["h\xc3\xa9", "text/plain"],
  ["cut in two: \xe4\xb8", "text/plain"],
  ["latin1: h\xe9 there", UNKNOWN],
  ["a\0b", UNKNOWN],
  ["\xff\xfeh\0i\0", UNKNOWN],
  ["<!DOCTYPE html><p>", "text/html"],
  ["\xef\xbb\xbf \n<HTML>", "text/html"],
  ["<!-- x --><script>", "text/html"],
  ["<script>alert(1)</script>", "text/html"],
  ["<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"],
  ["<?xml version='1.0'?>\n<!DOCTYPE svg>\n<svg >", "image/svg+xml"],
  ["<?xml version='1.0'?><x/>", "application/xml"],
  ["<unknown onload=alert(1)>", "application/xml"],
];

for (const [head, mediaType] of KINDS) {
  Deno.test(`sniff() detects ${JSON.stringify(head.slice(0, 40))} as ${mediaType}`, () => {
    assertEquals(sniff(bytes(head)), mediaType);
  });
}
