/**
 * `hubbub restore`: puts a backup in the place of a data directory.
 *
 * @module
 */
import { restore } from "../data/restore.ts";
import { harmlessLine } from "../text/harmless.ts";
import type { Input } from "./command.ts";
import { dataDirectory, type RESTORE_FLAGS } from "./data_flags.ts";

/** Restores the backup that the operand names. */
export function run({ flags, operands }: Input<typeof RESTORE_FLAGS>): Promise<number> {
  const [source = ""] = operands;
  const dir = dataDirectory(flags.data);
  const options = { replace: flags.replace, now: Date.now() };
  const { replaced, warnings } = restore(source, dir, options);
  for (const warning of warnings) console.error(harmlessLine(`hubbub: ${warning}`));
  const old = replaced === undefined ? "" : `; what was there is in ${replaced}`;
  console.log(harmlessLine(`Restored ${source} to ${dir}${old}`));
  return Promise.resolve(0);
}
