/**
 * Runs the fault driver from the command line, for as long and as hard as one likes:
 *
 *     deno run -A tests/fault/driver.ts --seed 1 --kills 100 --cuts 1000 --transport node
 *
 * Prints a line at each quiet point and the figures at the end; exits with 1 if anything was wrong, with the
 * seed and the step.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { runPlan } from "./fault_driver.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    kills: { type: "string", default: "100" },
    cuts: { type: "string", default: "1000" },
    clients: { type: "string", default: "8" },
    transport: { type: "string", default: "deno" },
    without: { type: "string", multiple: true, default: [] },
    quiet: { type: "boolean", default: false },
  },
});

try {
  const figures = await runPlan({
    seed: Number(values.seed),
    kills: Number(values.kills),
    cuts: Number(values.cuts),
    clients: Number(values.clients),
    transport: values.transport,
    without: values.without,
    ...(!values.quiet && { report: (line: string) => console.error(line) }),
  });
  console.table(figures.deeds);
  console.table({ ...figures, deeds: undefined });
} catch (error) {
  console.error(error);
  Deno.exit(1);
}
