/**
 * `hubbub backup`: copies a data directory, beside the server that may be running on it.
 *
 * @module
 */
import { backUp } from "../data/backup.ts";
import { harmlessLine } from "../text/harmless.ts";
import type { Input } from "./command.ts";
import { type BACKUP_FLAGS, dataDirectory } from "./data_flags.ts";

/** Makes the backup that the operand names. */
export async function run({ flags, operands }: Input<typeof BACKUP_FLAGS>): Promise<number> {
  const [dest = ""] = operands;
  const { manifest, warnings } = await backUp(dataDirectory(flags.data), dest, Date.now());
  for (const warning of warnings) console.error(harmlessLine(`hubbub: ${warning}`));
  const bytes = manifest.databases.reduce((sum, { size }) => sum + size, 0);
  console.log(
    `Backed up ${bytes} bytes of databases and ${manifest.uploads} uploads to ${
      harmlessLine(dest)
    }`,
  );
  return 0;
}
