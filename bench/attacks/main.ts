/**
 * What one attacker costs a server with the default limits: memory, processor time, and the latency of two
 * well-behaved members at another address.
 *
 * `deno task bench:attacks [--transport deno|node] [--seconds SECONDS] [--only PART_OF_A_NAME]` prints a table
 * in Markdown. Each attack gets a server of its own. Linux only: it reads /proc.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { ROOT } from "../run/contestants.ts";
import { runCommand } from "../run/command.ts";
import { cpuSeconds, residentBytes } from "../run/proc.ts";
import { ServerProcess } from "../run/processes.ts";
import { type Attack, ATTACKS } from "./attacks.ts";
import { Pair } from "./members.ts";

/** How long the members are alone before the attack, in milliseconds. */
const QUIET_MS = 3000;

/** How long they are given to warm up before that, in milliseconds. */
const WARM_MS = 1000;

/** Time between two looks at the memory, in milliseconds. */
const TICK_MS = 100;

const MIB = 1024 * 1024;

interface Figures {
  /** Growth of the resident memory at its highest, in bytes. */
  readonly held: number;
  /** Processor seconds a second. */
  readonly burnt: number;
  /** 99th percentiles in milliseconds, without the attack and with it. */
  readonly quiet: number;
  readonly attacked: number;
  /** How a member was disconnected. */
  readonly cut: string | undefined;
}

/** The command that starts a server with its default limits. */
function serverCommand(transport: string, data: string): string[] {
  return [
    ...[Deno.execPath(), "run", `--config=${ROOT}deno.json`, "-P", `${ROOT}main.ts`, "serve"],
    ...["--addr", "127.0.0.1:0", "--data", data, "--transport", transport],
  ];
}

async function measure(attack: Attack, transport: string, ms: number): Promise<Figures> {
  const data = await Deno.makeTempDir({ prefix: "hubbub-attack-" });
  const server = await ServerProcess.start(serverCommand(transport, data));
  const { pid, port } = server;
  let pair: Pair | undefined;
  try {
    pair = await Pair.enter(port);
    await pause(WARM_MS);
    pair.reset();
    await pause(QUIET_MS);
    const quiet = pair.p99();
    const before = memoryOf(pid);
    const burntBefore = processorOf(pid);
    const start = performance.now();
    pair.reset();
    const attacker = attackerProcess(attack, port, ms).spawn();
    const ended = attacker.status;
    let peak = before;
    const watch = setInterval(() => peak = Math.max(peak, residentBytes(pid) ?? peak), TICK_MS);
    try {
      await Promise.race([ended, pause(2 * ms + 10_000)]);
    } finally {
      clearInterval(watch);
    }
    const seconds = (performance.now() - start) / 1000;
    const burnt = (processorOf(pid) - burntBefore) / seconds;
    return { held: peak - before, burnt, quiet, attacked: pair.p99(), cut: pair.cut };
  } finally {
    pair?.leave();
    await server.stop();
    await Deno.remove(data, { recursive: true });
  }
}

/** The attacker, at the lowest priority: it must not take the server's processor. */
function attackerProcess(attack: Attack, port: number, ms: number): Deno.Command {
  const script = `${ROOT}bench/attacks/attacker.ts`;
  const config = `--config=${ROOT}deno.json`;
  return new Deno.Command("nice", {
    args: [
      ...["-n", "19", Deno.execPath(), "run", "-A", "--no-check", config, script],
      ...[attack.name, String(port), String(ms)],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
}

function memoryOf(pid: number): number {
  const bytes = residentBytes(pid);
  if (bytes === undefined) throw new Error("Cannot measure memory: the server has ended");
  return bytes;
}

function processorOf(pid: number): number {
  const seconds = cpuSeconds(pid);
  if (seconds === undefined) throw new Error("Cannot measure processor time: the server has ended");
  return seconds;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      transport: { type: "string" },
      seconds: { type: "string", default: "8" },
      only: { type: "string", default: "" },
    },
  });
  const { transport, seconds, only } = values;
  const transports = transport === undefined ? ["deno", "node"] : [transport];
  console.log(
    "| attack | transport | MiB held | processor s/s | p99 quiet, ms | p99 meanwhile, ms |",
  );
  console.log("| --- | --- | ---: | ---: | ---: | ---: |");
  for (const attack of ATTACKS.filter(({ name }) => name.includes(only))) {
    for (const each of transports) {
      const row = await measure(attack, each, Number(seconds) * 1000).then(formatFigures, describe);
      console.log(`| ${attack.name} | ${each} | ${row} |`);
    }
  }
}

function formatFigures({ held, burnt, quiet, attacked, cut }: Figures): string {
  const cells = [(held / MIB).toFixed(0), burnt.toFixed(2), quiet.toFixed(1)];
  cells.push(attacked.toFixed(1) + (cut === undefined ? "" : `; ${cut}`));
  return cells.join(" | ");
}

function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return [text.split("\n")[0], "", "", ""].join(" | ");
}

if (import.meta.main) await runCommand(main);
