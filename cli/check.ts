/**
 * `hubbub check`: says whether a data directory is sound, and repairs one that is not.
 *
 * @module
 */
import { check } from "../data/check.ts";
import { repair } from "../data/repair.ts";
import type { Finding } from "../data/report.ts";
import { harmlessJson, harmlessLine } from "../text/harmless.ts";
import type { Input } from "./command.ts";
import { type CHECK_FLAGS, dataDirectory } from "./data_flags.ts";

/** Damage was found, or could not be repaired. */
const DAMAGED = 1;

/** Checks the data directory, and repairs it if asked to. */
export function run({ flags }: Input<typeof CHECK_FLAGS>): Promise<number> {
  const dir = dataDirectory(flags.data);
  return Promise.resolve(flags.repair ? runRepair(dir, flags.json) : runCheck(dir, flags.json));
}

function runCheck(dir: string, json: boolean): number {
  const { damage, notes } = check(dir);
  const sound = damage.length === 0;
  if (json) console.log(harmlessJson({ sound, damage, notes }));
  else {
    printFindings(damage, notes);
    console.log(sound ? "Sound." : "Damaged: hubbub check --repair saves what can be read.");
  }
  return sound ? 0 : DAMAGED;
}

function runRepair(dir: string, json: boolean): number {
  const { kept, lost, recovered, after } = repair(dir, Date.now());
  const sound = after.damage.length === 0;
  if (json) {
    console.log(harmlessJson({ sound, kept, recovered, lost, ...after }));
    return sound ? 0 : DAMAGED;
  }
  for (const path of kept) console.log(harmlessLine(`Kept: ${path}`));
  for (const line of recovered) console.log(harmlessLine(`Recovered: ${line}`));
  for (const line of lost) console.log(harmlessLine(`Lost: ${line}`));
  printFindings(after.damage, after.notes);
  console.log(
    !sound
      ? "What is listed as damage could not be repaired: restore a backup."
      : kept.length === 0
      ? "Sound: there was nothing to repair."
      : "Repaired. All clients start over.",
  );
  return sound ? 0 : DAMAGED;
}

function printFindings(damage: readonly Finding[], notes: readonly Finding[]): void {
  for (const { file, problem } of damage) console.log(harmlessLine(`Damage: ${file}: ${problem}`));
  for (const { file, problem } of notes) console.log(harmlessLine(`Note: ${file}: ${problem}`));
}
