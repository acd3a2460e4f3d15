/**
 * Runs all rounds of a case.
 *
 * @module
 */
import { type Case, describe } from "../cases.ts";
import { type CaseSummary, summarize } from "../report/summary.ts";
import type { Contestant } from "./contestants.ts";
import { type Outcome, runOnce, type Timing } from "./run.ts";

/**
 * Measures contestants in turn within each round, so that changes of the machine affect all of them.
 * Prints the progress on standard error.
 */
export async function runRounds(
  case_: Case,
  contestants: readonly Contestant[],
  rounds: number,
  timing: Timing,
): Promise<CaseSummary> {
  const outcomes = contestants.map((contestant) => ({ contestant, list: new Array<Outcome>() }));
  for (let round = 1; round <= rounds; round++) {
    for (const { contestant, list } of outcomes) {
      console.error(`${describe(case_)}: ${contestant.name}, round ${round} of ${rounds}`);
      list.push(await runOnce(contestant, case_, timing));
    }
  }
  const standings = outcomes.map(({ contestant, list }) => summarize(contestant, list));
  return { case: case_, standings };
}
