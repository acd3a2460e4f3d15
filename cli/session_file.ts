/**
 * The sessions of this user on this machine, by server: what `hubbub login` leaves and `chat` and `send` use.
 *
 * They stand in one JSON file of mode 0600 in a directory of mode 0700. Who can read the file can act as its
 * users, so one that others can read is refused. Each change replaces the file as a whole, under a lock, so
 * that two at the same moment lose nothing.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { StartError } from "../config/errors.ts";
import { Secret } from "../config/secret.ts";
import type { User } from "../protocol.ts";
import { quote } from "../text/wording.ts";

/** Somebody who is logged in to a server. */
export interface SavedSession {
  /** The session's secret. */
  readonly session: Secret;
  /** Who it was at the login; the name may have changed since. */
  readonly user: Pick<User, "id" | "name">;
}

/** An entry of the file. */
interface Entry {
  session: string;
  user: { id: string; name: string };
}

/** By the base URL of the server. */
type Entries = Map<string, Entry>;

/** The permissions of everybody but the owner (chmod(2)). */
const OTHERS = 0o077;

/**
 * The path of the file: below `XDG_CONFIG_HOME` or `~/.config` (XDG Base Directory Specification), on Windows
 * below `APPDATA`. Empty if the environment names no place for it.
 */
export function sessionPath(
  variable: (name: string) => string | undefined = (name) => Deno.env.get(name),
  os: string = Deno.build.os,
): string {
  const base = os === "windows" ? variable("APPDATA") : configHome(variable);
  return base === undefined || base === "" ? "" : join(base, "hubbub", "sessions.json");
}

function configHome(variable: (name: string) => string | undefined): string | undefined {
  const xdg = variable("XDG_CONFIG_HOME") ?? "";
  // A relative path is to be ignored, says the specification.
  if (xdg.startsWith("/")) return xdg;
  const home = variable("HOME") ?? "";
  return home === "" ? undefined : join(home, ".config");
}

/**
 * Finds the session on a server.
 *
 * @param server its base URL: `http:` or `https:`, ends in `/`
 * @throws {StartError} if there is a file that cannot be used
 */
export function readSession(
  server: string,
  path = sessionPath(),
): SavedSession | undefined {
  const entry = path === "" ? undefined : readEntries(path).get(server);
  return entry && { session: new Secret(entry.session), user: entry.user };
}

/**
 * Keeps the session on a server in place of the one that was there.
 *
 * @returns the one that was there
 * @throws {StartError} if the file cannot be used or written
 */
export function saveSession(
  server: string,
  { session, user: { id, name } }: SavedSession,
  path = sessionPath(),
): Secret | undefined {
  checkSessionFile(path);
  const entry = { session: session.reveal(), user: { id, name } };
  return withLock(path, () => {
    const entries = readEntries(path);
    const old = entries.get(server)?.session;
    writeEntries(path, entries.set(server, entry));
    return old === undefined ? undefined : new Secret(old);
  });
}

/**
 * Forgets the session on a server, if there is one.
 *
 * @throws {StartError} if the file cannot be used or written
 */
export function forgetSession(server: string, path = sessionPath()): void {
  if (path === "" || !readEntries(path).has(server)) return;
  withLock(path, () => {
    const entries = readEntries(path);
    if (entries.delete(server)) writeEntries(path, entries);
  });
}

/**
 * Checks that sessions can be kept, before somebody has typed a password for nothing.
 *
 * @throws {StartError} if not
 */
export function checkSessionFile(path = sessionPath()): void {
  if (path === "") {
    const names = Deno.build.os === "windows" ? "APPDATA" : "HOME or XDG_CONFIG_HOME";
    throw new StartError(`Cannot keep a session: there is no place for it; set ${names}`);
  }
  readEntries(path);
}

function readEntries(path: string): Entries {
  let text: string;
  try {
    const { mode } = Deno.statSync(path);
    if (Deno.build.os !== "windows" && mode !== null && (mode & OTHERS) !== 0) {
      throw new StartError(
        `Cannot use ${
          quote(path)
        }: others can read or change it; run chmod 600 on it, and log in ` +
          "again if that may have happened",
      );
    }
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Map();
    throw failure("read", path, error);
  }
  const entries = parseEntries(text);
  if (entries !== undefined) return entries;
  throw new StartError(
    `Cannot read ${quote(path)}: it is damaged; remove it and log in again with hubbub login`,
  );
}

/** Returns `undefined` if the text is not what {@linkcode writeEntries} writes. */
function parseEntries(text: string): Entries | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
    const entries = Object.entries(parsed);
    return entries.every(isServerEntry) ? new Map(entries) : undefined;
  } catch {
    return undefined;
  }
}

function isServerEntry(pair: [string, unknown]): pair is [string, Entry] {
  const [, entry] = pair;
  return isObject(entry) && typeof entry["session"] === "string" && isObject(entry["user"]) &&
    typeof entry["user"]["id"] === "string" && typeof entry["user"]["name"] === "string";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/**
 * Changes the file while no other process does. The directory is what is locked (flock(2)), because the file
 * is replaced; Windows, which locks no directories, needs a file of its own.
 */
function withLock<T>(path: string, change: () => T): T {
  const directory = dirname(path);
  try {
    Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
    using lock = Deno.build.os === "windows"
      ? Deno.openSync(`${path}.lock`, { create: true, write: true })
      : Deno.openSync(directory);
    lock.lockSync(true);
    return change();
  } catch (error) {
    throw failure("write", path, error);
  }
}

/** Must be called under the lock. */
function writeEntries(path: string, entries: Entries): void {
  const temporary = `${path}.${crypto.randomUUID()}`;
  const text = `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;
  try {
    Deno.writeTextFileSync(temporary, text, { createNew: true, mode: 0o600 });
    Deno.renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function failure(verb: string, path: string, error: unknown): StartError {
  if (error instanceof StartError) return error;
  const reason = error instanceof Error ? error.message.replace(/ \(os error.*$/s, "") : error;
  return new StartError(`Cannot ${verb} the sessions in ${quote(path)}: ${reason}`);
}
