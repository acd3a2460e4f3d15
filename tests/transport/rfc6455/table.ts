/**
 * The deviations from RFC 6455 as docs/transports.md lists them.
 *
 * @module
 */
import { CASES } from "./cases.ts";
import { DEVIATIONS, type Deviations } from "./deviations.ts";

/** The lists of both transports, in Markdown. */
export function deviationsPart(): string {
  const lists = Object.entries(DEVIATIONS).map(([transport, deviations]) =>
    [`### \`--transport ${transport}\`: ${count(deviations)}`, ...rows(deviations)].join("\n\n")
  );
  return lists.join("\n\n");
}

function count(deviations: Deviations): string {
  const all = Object.values(deviations).flat().length;
  return `${CASES.length - all} of ${CASES.length} cases as RFC 6455 demands`;
}

/** For each thing that is done instead: the cases, each after what RFC 6455 demands there. */
function rows(deviations: Deviations): string[] {
  return Object.entries(deviations).map(([instead, names]) => {
    const demanded = Map.groupBy(names, (name) => demandOf(name));
    const items = [...demanded].map(([demand, names]) =>
      `- instead of \`${demand}\` (${names.length}): ${names.join("; ")}`
    );
    return [`**${instead}**`, items.join("\n")].join("\n\n");
  });
}

function demandOf(name: string): string {
  return CASES.find((one) => one.name === name)?.expect.at(-1) ?? "nothing";
}
