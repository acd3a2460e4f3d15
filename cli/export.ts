/**
 * `hubbub export`: writes the data of a server as JSON lines.
 *
 * @module
 */
import { exportData } from "../data/export.ts";
import { harmlessLine } from "../text/harmless.ts";
import type { Input } from "./command.ts";
import { dataDirectory, type EXPORT_FLAGS } from "./data_flags.ts";

/** Exports to the directory that the operand names. */
export function run({ flags, operands }: Input<typeof EXPORT_FLAGS>): Promise<number> {
  const [dest = ""] = operands;
  const counts = exportData(dataDirectory(flags.data), dest, { withSecrets: flags.withSecrets });
  console.log(harmlessLine(`Exported ${describeCounts(counts)} to ${dest}`));
  return Promise.resolve(0);
}

/** The lines of an export in words. */
export function describeCounts(counts: Readonly<Record<string, number>>): string {
  const count = (type: string) => `${counts[type] ?? 0} ${type}s`;
  return `${count("message")} in ${count("room")}, ${count("user")} and ${count("file")}`;
}
