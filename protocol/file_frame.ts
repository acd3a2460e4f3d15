/**
 * Files in the protocol: the rules for file names, and the binary frame that carries a file:
 * a little-endian unsigned 16-bit length n, n bytes of UTF-8 file name, then the file's bytes.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Longest file name, in bytes of UTF-8: the limit of common file systems. */
export const MAX_FILE_NAME_BYTES = 255;

/** Size of the length prefix of a binary frame, in bytes. */
const LENGTH_BYTES = 2;

/** Maximum size of a binary frame beyond the file's bytes, in bytes. */
export const MAX_FILE_FRAME_OVERHEAD = LENGTH_BYTES + MAX_FILE_NAME_BYTES;

/**
 * Controls, line and paragraph separators, and bidirectional controls, which can make `gpj.exe` look
 * like `exe.jpg` (Unicode UAX #9).
 */
const FORBIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** A file received in one frame. */
export interface FileFrame {
  /** Checked, in NFC. */
  readonly name: string;
  /** The file's bytes: a view of the frame, not a copy. */
  readonly bytes: Uint8Array;
}

/** Normalizes a file name to NFC, the form in which it is stored, or says why it is invalid. */
export function checkFileName(name: string): { name: string } | { problem: string } {
  if (!name.isWellFormed()) return { problem: "name must be well-formed Unicode" };
  const normal = name.normalize("NFC");
  const bytes = Buffer.byteLength(normal);
  if (bytes < 1 || bytes > MAX_FILE_NAME_BYTES) {
    return { problem: `name must have 1 to ${MAX_FILE_NAME_BYTES} bytes of UTF-8` };
  }
  if (/[/\\]/.test(normal) || normal === "." || normal === "..") {
    return { problem: "name must be a file name without a path" };
  }
  if (FORBIDDEN.test(normal) || normal.trim() === "") {
    return { problem: "name must not be blank or contain control or bidirectional characters" };
  }
  return { name: normal };
}

/** Decodes a binary frame, or says what is wrong with it. */
export function decodeFileFrame(frame: Uint8Array): FileFrame | { problem: string } {
  if (frame.length < LENGTH_BYTES) {
    return {
      problem: `it must begin with the length of the file's name, in ${LENGTH_BYTES} bytes`,
    };
  }
  const length = new DataView(frame.buffer, frame.byteOffset).getUint16(0, true);
  const end = LENGTH_BYTES + length;
  if (end > frame.length) {
    const there = frame.length - LENGTH_BYTES;
    return {
      problem: `the file's name must have the ${length} bytes it claims, received ${there}`,
    };
  }
  const name = decodeUtf8(frame.subarray(LENGTH_BYTES, end));
  if (name === undefined) return { problem: "the file's name must be UTF-8" };
  const checked = checkFileName(name);
  if ("problem" in checked) return checked;
  if (end === frame.length) return { problem: "the file must have at least one byte" };
  return { name: checked.name, bytes: frame.subarray(end) };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
