/**
 * The flags of the commands that work with a whole data directory: `check`, `backup`, `restore`, `export` and
 * `import`.
 *
 * @module
 */
import type { DataLocation } from "../config/config.ts";
import { UsageError } from "../config/errors.ts";
import type { Flags } from "../config/flags.ts";
import { SERVE_FLAGS } from "../config/serve_flags.ts";
import * as values from "../config/values.ts";

/** Where the data are. */
const DATA_FLAG = {
  type: "single",
  kind: values.dataLocation,
  default: SERVE_FLAGS.data.default,
  help: "the server's data directory: the same value as its own --data",
} as const;

/** The flags of `hubbub check`. */
export const CHECK_FLAGS = {
  data: DATA_FLAG,
  repair: {
    type: "switch",
    help:
      "saves what can be read of damaged data and rebuilds the rest; keeps a copy of each file " +
      "that it changes; only while no server runs",
  },
  json: { type: "switch", help: "prints JSON instead of lines" },
} as const satisfies Flags;

/** The flags of `hubbub backup`. */
export const BACKUP_FLAGS = { data: DATA_FLAG } as const satisfies Flags;

/** The flags of `hubbub restore`. */
export const RESTORE_FLAGS = {
  data: DATA_FLAG,
  replace: {
    type: "switch",
    help: "moves what is in the data directory away first, to DIR.replaced-TIME beside it",
  },
} as const satisfies Flags;

/** The flags of `hubbub export`. */
export const EXPORT_FLAGS = {
  data: DATA_FLAG,
  "with-secrets": {
    type: "switch",
    help:
      "exports password hashes and passkeys too: guard the result as you guard the data directory",
  },
} as const satisfies Flags;

/** The flags of `hubbub import`. */
export const IMPORT_FLAGS = { data: DATA_FLAG } as const satisfies Flags;

/**
 * The directory that `--data` names.
 *
 * @throws {UsageError} with `:memory:`
 */
export function dataDirectory(data: DataLocation): string {
  if (data.kind === "directory") return data.path;
  throw new UsageError(
    "Cannot use --data :memory: here: those data are within the server's process; name a directory",
  );
}
