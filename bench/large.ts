/**
 * Hubbub with a thousand rooms in which all members send, and with one room of ten thousand members.
 * `deno task bench:large` takes about ten minutes and prints tables.
 *
 * Many rooms should cost no more than one. The cost of a delivery depends on the number of messages in
 * a frame, so the rooms are compared with single rooms whose frames contain no more; and on the number
 * of members, so also with a single room of their own size.
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

/** Sizes of the single rooms to compare with: that of the many rooms, and larger ones. */
const SINGLE_SIZES = [ROOM_SIZE, 100, 1000];

/** Tolerance for "no more messages in a frame". */
const NO_MORE = 1.1;

/** One room with few messages. */
const LARGE_ROOM = perSecond("10000@10", 10_000, 10);

/** Open files that a process needs besides its connections. */
const OTHER_FILES = 100;

/** Compares many rooms with single ones. */
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

/** Compares the rooms with the fastest single room whose frames contain no more messages. */
function verdict(many: Standing, singles: readonly Standing[], size: number): string {
  const [best] = singles.filter((one) => perFrame(one) <= perFrame(many) * NO_MORE)
    .sort((a, b) => (b.median?.deliveries ?? 0) - (a.median?.deliveries ?? 0));
  const rate = best && rateRatio(many, best);
  const efficiency = best && efficiencyRatio(many, best);
  if (rate == null) return `no single room of ${size} had as few messages in a frame`;
  return `the rooms have ${formatRatio(rate)} times the deliveries of a single room of ${size}` +
    (efficiency == null ? "" : `, ${formatRatio(efficiency)} times for each server CPU second`);
}

/** Average number of messages in a frame. */
function perFrame({ median }: Standing): number {
  return median === null ? 0 : median.deliveries / median.frames;
}

/**
 * The windows with which the frames of a single room contain about this many messages: as many, or
 * twice as many if one half is collected while the other is sent.
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
