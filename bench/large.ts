/**
 * What Hubbub does with very many: a thousand rooms in which everybody talks, and one room of ten
 * thousand. `deno task bench:large` takes some ten minutes and prints tables.
 *
 * Of the rooms it is asked that they cost no more than one does. What a delivery costs depends on how
 * many leave in one frame, so the rooms are held against single ones whose frames hold no more.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { inFlight, perSecond } from "./cases.ts";
import { describeMachine, formatMachine } from "./report/machine.ts";
import type { Standing } from "./report/summary.ts";
import { formatCase } from "./report/table.ts";
import { formatCount, formatRatio } from "./report/words.ts";
import { type Contestant, gatherField, HUBBUB } from "./run/contestants.ts";
import { defaultCache } from "./run/peers.ts";
import { maxOpenFiles } from "./run/proc.ts";
import { runRounds } from "./run/rounds.ts";
import type { Timing } from "./run/run.ts";

const ROOMS = 1000;
const ROOM_SIZE = 10;

/** One message of each member is in flight. */
const MANY_ROOMS = inFlight("rooms", ROOMS * ROOM_SIZE, ROOMS * ROOM_SIZE, ROOMS);

/** Members of the single rooms beside it. */
const SINGLE_SIZES = [100, 1000];

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
  if (standing?.median == null) return;
  const { deliveries, frames } = standing.median;
  const perFrame = deliveries / frames;
  let best = 0;
  for (const window of windowsFor(perFrame)) {
    for (const size of SINGLE_SIZES) {
      const case_ = inFlight(`${size}x${window}`, size, window);
      const single = await runRounds(case_, [contestant], rounds, timing);
      console.log(formatCase(single));
      best = Math.max(best, comparable(single.standings[0], perFrame));
    }
  }
  console.log(`  ${contestant.name}: ${verdict(deliveries, best)}\n`);
}

/** The deliveries of a single room; 0 if its frames hold more messages than the rooms' do. */
function comparable(single: Standing | undefined, perFrame: number): number {
  if (single?.median == null) return 0;
  const { deliveries, frames } = single.median;
  return deliveries / frames <= perFrame * NO_MORE ? deliveries : 0;
}

function verdict(deliveries: number, best: number): string {
  if (best === 0) return "no single room had as few messages in a frame";
  return `${formatCount(deliveries)} deliveries/s, ${formatRatio(deliveries / best)} of the best ` +
    "single room whose frames hold no more messages";
}

/**
 * How many messages to have in flight in a single room so that its frames hold about `perFrame` of
 * them: as many, or twice as many if one half gathers while the other is sent.
 */
function windowsFor(perFrame: number): number[] {
  const least = Math.max(1, Math.round(perFrame));
  return [least, 2 * least];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      cache: { type: "string", default: defaultCache() },
    },
  });
  const files = maxOpenFiles();
  if (files !== undefined && files < LARGE_ROOM.clients + OTHER_FILES) {
    console.error(`Cannot hold ${LARGE_ROOM.clients} connections: ulimit -n is ${files}`);
    Deno.exit(1);
  }
  const rounds = values.quick ? 1 : 3;
  const timing = values.quick ? { warmup: 0.5, seconds: 1.5 } : { warmup: 1, seconds: 4 };
  console.log(`${formatMachine(await describeMachine())}\n`);
  for (const contestant of HUBBUB) await measureRooms(contestant, rounds, timing);
  const { contestants, absent } = await gatherField(values.cache);
  for (const { id, reason } of absent) console.error(`Without ${id}: ${reason}`);
  console.log(formatCase(await runRounds(LARGE_ROOM, contestants, rounds, timing)));
}
