/**
 * Keeps other users of the machine out of a data directory.
 *
 * @module
 */
import { join } from "node:path";
import { reasonOf } from "../sqlite/data_error.ts";
import { COMPANIONS, DATABASES, LOCK, QUARANTINE, statIfThere, UPLOADS } from "./layout.ts";

/** Only the owner may list, enter and change. */
export const PRIVATE_DIRECTORY = 0o700;

/** Only the owner may read and write. */
export const PRIVATE_FILE = 0o600;

/** Whether files have modes here. */
const HAS_MODES = Deno.build.os !== "windows";

/**
 * Makes a directory, its databases and its folder of uploads accessible to their owner only. What lies in that
 * folder is out of others' reach with it.
 *
 * @returns a warning if that is not possible, usually because another user owns them
 */
export function tightenModes(dir: string): string[] {
  if (!HAS_MODES) return [];
  const databases = DATABASES.flatMap((
    name,
  ) => [name, ...COMPANIONS.map((suffix) => name + suffix)]);
  const failures = [
    tighten(dir, PRIVATE_DIRECTORY),
    ...[UPLOADS, QUARANTINE].map((name) => tighten(join(dir, name), PRIVATE_DIRECTORY)),
    ...[...databases, LOCK].map((name) => tighten(join(dir, name), PRIVATE_FILE)),
  ].filter((failure) => failure !== undefined);
  const [first] = failures;
  if (first === undefined) return [];
  return [
    `Others may be able to read the data directory "${dir}": ${first}; let the user that the server ` +
    `runs as own it`,
  ];
}

/** Returns why that is not possible. */
function tighten(path: string, mode: number): string | undefined {
  const state = statIfThere(path);
  if (state === undefined || state.mode === null) return undefined;
  if ((state.mode & 0o777 & ~mode) === 0) return undefined;
  try {
    Deno.chmodSync(path, mode);
    return undefined;
  } catch (error) {
    return `cannot change the mode of ${path} (${reasonOf(error)})`;
  }
}
