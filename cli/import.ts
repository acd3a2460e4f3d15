/**
 * `hubbub import`: makes the data of a new server from an export.
 *
 * @module
 */
import { importData } from "../data/import.ts";
import { harmlessLine } from "../text/harmless.ts";
import type { Input } from "./command.ts";
import { dataDirectory, type IMPORT_FLAGS } from "./data_flags.ts";
import { describeCounts } from "./export.ts";

/** Imports the export that the operand names. */
export function run({ flags, operands }: Input<typeof IMPORT_FLAGS>): Promise<number> {
  const [source = ""] = operands;
  const dir = dataDirectory(flags.data);
  const counts = importData(source, dir);
  console.log(harmlessLine(`Imported ${describeCounts(counts)} to ${dir}`));
  return Promise.resolve(0);
}
