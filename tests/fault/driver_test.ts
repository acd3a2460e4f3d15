/**
 * A short run of the fault driver on each transport; `driver.ts` runs longer ones.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { runPlan } from "./fault_driver.ts";

for (const [transport, seed] of [["deno", 3], ["node", 4]] as const) {
  Deno.test(`serve --transport ${transport} leaves every copy true through a schedule of faults`, async () => {
    // Nothing notices yet that a log belongs to another database than the one that was copied over its own.
    const without = ["copy over"];
    const figures = await runPlan({ seed, kills: 3, cuts: 20, clients: 5, transport, without });
    const { lost, doubled, reordered, stale, conflicts } = figures;
    assertEquals({ lost, doubled, reordered, stale, conflicts }, {
      lost: 0,
      doubled: 0,
      reordered: 0,
      stale: 0,
      conflicts: 0,
    });
    const { kills, cuts, acknowledged } = figures;
    assert(kills >= 3 && cuts >= 20 && acknowledged > 0, JSON.stringify(figures));
  });
}
