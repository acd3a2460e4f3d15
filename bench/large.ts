/**
 * What Hubbub does with very many: a thousand rooms in which everybody talks, and one room of ten
 * thousand. `deno task bench:large` takes some ten minutes and prints tables.
 *
 * Of the rooms it is asked that they cost no more than one does. What a delivery costs depends on how
 * many leave in one frame, so the rooms are held against single ones whose frames hold no more; and on
 * how many a message is worth, so also against one of their own size.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { inFlight, perSecond } from "./cases.ts";
import { describeMachine, formatMachine } from "./report/machine.ts";
import { efficiencyRatio, rateRatio, type Standing } from "./report/summary.ts";
import { formatCase } from "./report/table.ts";
import { formatRatio } from "./report/words.ts";
import { type Contestant, gatherField, HUBBUB } from "./run/contestants.ts";
import { runCommand } from "./run/command.ts";
import { defaultCache } from "./run/peers.ts";
import { maxOpenFiles } from "./run/proc.ts";
import { runRounds } from "./run/rounds.ts";
import type { Timing } from "./run/run.ts";

const ROOMS = 1000;
const ROOM_SIZE = 10;

/** One message of each member is in flight. */
const MANY_ROOMS = inFlight("rooms", ROOMS * ROOM_SIZE, ROOMS * ROOM_SIZE, ROOMS);

/** Members of the single rooms beside it: as many as in each of the rooms, and more. */
const SINGLE_SIZES = [ROOM_SIZE, 100, 1000];

/** How many times as many messages the frames of a single room may hold to count as no more. */
const NO_MORE = 1.1;

/** One room, in which little is said. */
const LARGE_ROOM = perSecond("10000@10", 10_000, 10);

/** Files that a process needs beside its connections. */
const OTHER_FILES = 100;

/** Holds many rooms against single ones. */
async function measureRooms(
  contestant: Contestant,
  rounds: number,
  timing: Timing,
): Promise<void> {
  const many = await runRounds(MANY_ROOMS, [contestant], rounds, timing);
  console.log(formatCase(many));
  const [standing] = many.standings;
  if (standing === undefined) return;
  for (const size of SINGLE_SIZES) {
    const singles: Standing[] = [];
    for (const window of windowsFor(perFrame(standing))) {
      const case_ = inFlight(`${size}x${window}`, size, window);
      const single = await runRounds(case_, [contestant], rounds, timing);
      console.log(formatCase(single));
      singles.push(...single.standings);
    }
    console.log(`  ${contestant.name}: ${verdict(standing, singles, size)}\n`);
  }
}

/** What the rooms come to beside those single rooms whose frames hold no more. */
function verdict(many: Standing, singles: readonly Standing[], size: number): string {
  const [best] = singles.filter((one) => perFrame(one) <= perFrame(many) * NO_MORE)
    .sort((a, b) => (b.median?.deliveries ?? 0) - (a.median?.deliveries ?? 0));
  const rate = best && rateRatio(many, best);
  const efficiency = best && efficiencyRatio(many, best);
  if (rate == null) return `no single room of ${size} had as few messages in a frame`;
  return `the rooms have ${formatRatio(rate)} times the deliveries of a single room of ${size}` +
    (efficiency == null ? "" : `, ${formatRatio(efficiency)} times for each server CPU second`);
}

/** Messages in a frame. */
function perFrame({ median }: Standing): number {
  return median === null ? 0 : median.deliveries / median.frames;
}

/**
 * How many messages to have in flight in a single room so that its frames hold about so many: as
 * many, or twice as many if one half gathers while the other is sent.
 */
function windowsFor(messages: number): number[] {
  const least = Math.max(1, Math.round(messages));
  return [least, 2 * least];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      cache: { type: "string", default: defaultCache() },
    },
  });
  const files = maxOpenFiles();
  if (files !== undefined && files < LARGE_ROOM.clients + OTHER_FILES) {
    throw new Error(`Cannot hold ${LARGE_ROOM.clients} connections: ulimit -n is ${files}`);
  }
  const rounds = values.quick ? 1 : 3;
  const timing = values.quick ? { warmup: 0.5, seconds: 1.5 } : { warmup: 1, seconds: 4 };
  console.log(`${formatMachine(await describeMachine())}\n`);
  for (const contestant of HUBBUB) await measureRooms(contestant, rounds, timing);
  const { contestants, absent } = await gatherField(values.cache);
  for (const { id, reason } of absent) console.error(`Without ${id}: ${reason}`);
  console.log(formatCase(await runRounds(LARGE_ROOM, contestants, rounds, timing)));
}

if (import.meta.main) await runCommand(main);
