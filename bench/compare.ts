/**
 * Compares Hubbub with the alternatives: Bun's own publish/subscribe, and `ws` on Node.js. They send
 * each message to all clients unchanged; Hubbub parses, checks, numbers and stores it first, as
 * durably as it does by default.
 *
 * `deno task bench` takes about ten minutes, prints tables, and writes `docs/benchmark.svg` and
 * `docs/benchmark.json`. `deno task bench --quick` takes two minutes, checks that everything works and
 * writes nothing.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { UsageError } from "../config/errors.ts";
import { type Case, CASES } from "./cases.ts";
import { drawChart } from "./report/chart.ts";
import { type Comparison, jsonComparison } from "./report/json.ts";
import { describeMachine, formatMachine } from "./report/machine.ts";
import { formatCase } from "./report/table.ts";
import { runCommand } from "./run/command.ts";
import { gatherField, ROOT } from "./run/contestants.ts";
import { defaultCache } from "./run/peers.ts";
import { runRounds } from "./run/rounds.ts";
import type { Timing } from "./run/run.ts";

const USAGE = `Usage: deno task bench [FLAG]...

  --quick              one short round that checks that everything works; writes nothing
  --rounds COUNT       number of measurements of each; the result is the median (3)
  --seconds SECONDS    duration of each measurement (4)
  --cases IDS          cases, separated by commas: ${CASES.map(({ id }) => id).join(",")}
  --contestants IDS    servers, separated by commas: hubbub-deno,hubbub-node,bun,ws
  --out DIRECTORY      directory for benchmark.svg and benchmark.json (docs)
  --cache DIRECTORY    directory for Bun and ws (hubbub-bench in the user's cache directory)
  --json               prints the result as JSON
  --help               shows this help`;

/** Load average above which the machine is too busy for a measurement. */
const QUIET_LOAD = 0.5;

/** The parsed command line. */
interface Options {
  readonly rounds: number;
  readonly timing: Timing;
  readonly cases: readonly Case[];
  /** Absent: all. */
  readonly contestants?: readonly string[];
  /** Absent: nothing is written. */
  readonly out?: string;
  readonly cache: string;
  readonly json: boolean;
}

function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      seconds: { type: "string" },
      cases: { type: "string" },
      contestants: { type: "string" },
      out: { type: "string" },
      cache: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const { quick, json } = values;
  const out = values.out ?? (quick ? undefined : `${ROOT}docs`);
  return {
    rounds: Math.ceil(positive("rounds", values.rounds, quick ? 1 : 3)),
    timing: {
      warmup: quick ? 0.5 : 1,
      seconds: positive("seconds", values.seconds, quick ? 1.5 : 4),
    },
    cases: values.cases === undefined ? CASES : pickCases(values.cases.split(",")),
    ...(values.contestants !== undefined && { contestants: values.contestants.split(",") }),
    ...(out !== undefined && { out }),
    cache: values.cache ?? defaultCache(),
    json,
  };
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (value > 0) return value;
  throw new UsageError(`Cannot read --${name}: must be a positive number, received "${text}"`);
}

function pickCases(ids: readonly string[]): Case[] {
  return ids.map((id) => {
    const found = CASES.find((one) => one.id === id);
    if (found !== undefined) return found;
    throw new UsageError(
      `Cannot find case "${id}": there are ${CASES.map(({ id }) => id).join(", ")}`,
    );
  });
}

async function compare(options: Options): Promise<Comparison> {
  const made = new Date();
  const machine = await describeMachine();
  if (machine.load > QUIET_LOAD) {
    console.error(
      `The machine is busy (load average ${machine.load}): the figures will be unreliable`,
    );
  }
  const { rounds, timing } = options;
  const { contestants, absent } = await gatherField(options.cache);
  const known = [...contestants, ...absent].map(({ id }) => id);
  const wanted = options.contestants ?? known;
  const unknown = wanted.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    throw new UsageError(`Cannot find contestant "${unknown}": there are ${known.join(", ")}`);
  }
  const present = contestants.filter(({ id }) => wanted.includes(id));
  for (const { id, reason } of absent) console.error(`Without ${id}: ${reason}`);
  const cases = [];
  for (const case_ of options.cases) {
    cases.push(await runRounds(case_, present, rounds, timing));
  }
  return { made, machine, rounds, timing, absent, cases };
}

/** The notes below the chart: machine, versions, date. */
function chartNotes({ made, machine, rounds, cases }: Comparison): string[] {
  const versions = (cases[0]?.standings ?? []).filter(({ contestant }) =>
    contestant.dialect === "relay"
  ).map(({ contestant }) => `${contestant.name} ${contestant.version}`);
  const bound = cases.some(({ standings }) => standings.some(({ limit }) => limit === "generator"));
  return [
    "Hubbub checks, numbers and stores every message durably; the others forward raw bytes. " +
    "Each group has its own scale.",
    `${formatMachine(machine)}.`,
    `${versions.join(", ")}${versions.length > 0 ? "; " : ""}` +
    `${rounds === 1 ? "one round" : `medians of ${rounds} rounds`}, ` +
    `${made.toISOString().slice(0, 10)}.${
      bound ? " ≥: the load generator was the bottleneck." : ""
    }`,
  ];
}

async function write(out: string, comparison: Comparison): Promise<void> {
  await Deno.mkdir(out, { recursive: true });
  const title = "One room, everybody talks";
  const chart = drawChart(comparison.cases, { title, notes: chartNotes(comparison) });
  await Deno.writeTextFile(`${out}/benchmark.svg`, chart);
  const json = JSON.stringify(jsonComparison(comparison), null, 2);
  await Deno.writeTextFile(`${out}/benchmark.json`, `${json}\n`);
  console.error(`Wrote ${out}/benchmark.svg and ${out}/benchmark.json`);
}

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === undefined) return console.log(USAGE);
  const comparison = await compare(options);
  if (options.json) {
    console.log(JSON.stringify(jsonComparison(comparison), null, 2));
  } else {
    console.log(`${formatMachine(comparison.machine)}\n`);
    for (const summary of comparison.cases) console.log(formatCase(summary));
  }
  if (options.out !== undefined) await write(options.out, comparison);
}

if (import.meta.main) await runCommand(() => main(Deno.args));
