/**
 * Reads a secret from a file, so that it stands in no command line and no environment.
 *
 * @module
 */
import { quote } from "../text/wording.ts";
import { UsageError } from "./errors.ts";
import { Secret } from "./secret.ts";

/** Maximum length of a secret, in bytes of UTF-8: a longer file is some other file. */
const MAX_SECRET_BYTES = 4096;

/** The permission of everybody to read (chmod(2), `S_IROTH`). */
const READABLE_BY_ALL = 0o004;

/** Takes a warning of one line. */
export type Warn = (warning: string) => void;

/**
 * Reads the one line of a file, without its line break.
 *
 * A file that everybody may read is read with a warning, not refused: Docker and Kubernetes mount secrets
 * that way into a container that nobody else is in.
 *
 * @param flag that names the file, for errors
 * @throws {UsageError} if it cannot be read, is empty, or holds more than one line
 */
export function readSecretFile(flag: string, path: string, warn: Warn): Secret {
  const text = readText(flag, path, warn).replace(/\r?\n$/, "");
  const refuse = (problem: string) =>
    new UsageError(`Cannot use ${flag} ${quote(path)}: ${problem}`);
  if (text.trim() === "") throw refuse("the file is empty; write the secret into it");
  if (/\p{Cc}/u.test(text)) throw refuse("it must hold one line of text, the secret");
  return new Secret(text);
}

function readText(flag: string, path: string, warn: Warn): string {
  const refuse = (problem: string) =>
    new UsageError(`Cannot read ${flag} ${quote(path)}: ${problem}`);
  try {
    using file = Deno.openSync(path);
    const { isDirectory, mode } = file.statSync();
    if (isDirectory) throw refuse("it is a directory; name the file that holds the secret");
    const bytes = new Uint8Array(MAX_SECRET_BYTES + 1);
    const length = fill(file, bytes);
    if (length > MAX_SECRET_BYTES) throw refuse(`it is longer than ${MAX_SECRET_BYTES} bytes`);
    // Windows has other permissions.
    if (Deno.build.os !== "windows" && mode !== null && (mode & READABLE_BY_ALL) !== 0) {
      warn(`${flag} ${quote(path)} can be read by every user of this machine: chmod 600 it`);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof TypeError) throw refuse("it is not text in UTF-8");
    const reason = error instanceof Error ? error.message : String(error);
    throw refuse(reason.replace(/ \(os error \d+\).*$/s, ""));
  }
}

/** Reads until the end or until the buffer is full; a pipe gives its text in parts. */
function fill(file: Deno.FsFile, bytes: Uint8Array): number {
  let length = 0;
  while (length < bytes.length) {
    const count = file.readSync(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return length;
}
