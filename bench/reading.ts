/**
 * History, search and the index at many messages, in the process that writes them.
 *
 * `deno run -A bench/reading.ts [--messages 1000000] [--dir DIR] [--seconds 10]` takes a few minutes and prints
 * a table. A directory that was filled before is used again.
 *
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import type { NewMessage, Query, Store } from "../store/store.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";
import { runCommand } from "./run/command.ts";

const ROOMS = 20;
const USERS = 200;
const BATCH = 1000;

/** Messages a second, one in each batch, while it is measured how soon they are found. */
const RATE = 5000;

/** Edits a second while history is read. */
const EDITS = 20;

/** A random number generator, so that runs are alike. */
let seed = 42;
function random(): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let bits = Math.imul(seed ^ (seed >>> 15), seed | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
}

/** Few words are very common, as in any language, and some of those begin with `a`. */
const VOCABULARY = Array.from({ length: 20_000 }, (_, index) => {
  let rest = (index * 2654435761) >>> 0;
  const length = 2 + rest % 8;
  let word = "";
  for (let at = 0; at < length; at++) {
    word += String.fromCharCode(97 + rest % 26);
    rest = Math.floor(rest / 26) + at * 7919 + index;
  }
  return word;
});

function makeText(): string {
  const words = Array.from(
    { length: 4 + Math.floor(random() * 12) },
    () => VOCABULARY[Math.floor(VOCABULARY.length * random() ** 3)],
  );
  return words.join(" ");
}

const userOf = (number: number) => `user${String(number % USERS).padStart(8, "0")}`;
const roomOf = (number: number) => `room-${number % ROOMS}`;

function makeMessage(number: number, time: number, content = makeText()): NewMessage {
  const by = userOf(Math.floor(random() * USERS));
  return { kind: "message", room: roomOf(number), from: by, by, content, time };
}

const sleep = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

const asking = (word: string, rest: Partial<Query> = {}): Query => ({
  text: { words: [word], phrases: [] },
  limit: 50,
  ...rest,
});

/** Time that this process has worked, in seconds; a busy machine does not falsify it. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function describe(durations: readonly number[]): string {
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  const [p50, p99, max] = [at(0.5), at(0.99), sorted.at(-1)].map((ms) => (ms ?? NaN).toFixed(1));
  return `p50 ${p50}, p99 ${p99}, max ${max} ms (${sorted.length})`;
}

async function fill(store: Store, count: number): Promise<void> {
  let time = Date.now() - count * 100;
  for (let sent = 0; sent < count;) {
    const batch = [];
    for (; batch.length < BATCH && sent < count; sent++) batch.push(makeMessage(sent, time += 100));
    await store.commit(batch);
  }
}

/** How long it takes until the index has everything, in milliseconds. */
async function awaitIndex(store: Store): Promise<number> {
  const start = performance.now();
  while (!(await store.search(asking("zzzzzz"))).indexed) await sleep(50);
  return performance.now() - start;
}

/** Reads pages of history, 50 a second, while `others` go on until they are told to stop. */
async function readHistory(
  store: Store,
  seconds: number,
  ...others: ((isOver: () => boolean) => Promise<void>)[]
): Promise<number[]> {
  const end = performance.now() + seconds * 1000;
  const isOver = () => performance.now() >= end;
  const running = others.map((other) => other(isOver));
  const durations: number[] = [];
  while (!isOver()) {
    const room = roomOf(Math.floor(random() * ROOMS));
    const start = performance.now();
    const { last } = await store.read(room, { limit: 50 });
    await store.read(room, { before: Math.floor(random() * last), limit: 50 });
    durations.push((performance.now() - start) / 2);
    await sleep(20);
  }
  await Promise.all(running);
  return durations;
}

function searchInALoop(store: Store, query: Query, durations: number[]) {
  return async (isOver: () => boolean) => {
    while (!isOver()) {
      const start = performance.now();
      await store.search(query);
      durations.push(performance.now() - start);
    }
  };
}

function edit(store: Store, messages: number) {
  return async (isOver: () => boolean) => {
    while (!isOver()) {
      const room = roomOf(Math.floor(random() * ROOMS));
      const seq = 1 + Math.floor(random() * messages / ROOMS);
      const change = { kind: "edit", room, seq, content: makeText(), time: Date.now() } as const;
      await store.commit([{ ...change, by: userOf(0), also: "anybody" }]);
      await sleep(1000 / EDITS);
    }
  };
}

/** Says single messages at a rate; resolves with how long single ones took to be found. */
async function measureFinding(store: Store, seconds: number): Promise<number[]> {
  const durations: number[] = [];
  const start = performance.now();
  const isOver = () => performance.now() - start > seconds * 1000;
  const finding = find(store, isOver, durations);
  let sent = 0;
  while (!isOver()) {
    const commits = [];
    for (const due = (performance.now() - start) / 1000 * RATE; sent < due; sent++) {
      commits.push(store.commit([makeMessage(sent, Date.now())]));
    }
    await Promise.all(commits);
    await sleep(1);
  }
  console.log(`said at ${(sent / (performance.now() - start) * 1000).toFixed(0)} a second`);
  await finding;
  return durations;
}

async function find(store: Store, isOver: () => boolean, durations: number[]): Promise<void> {
  while (!isOver()) {
    const word = `needle${crypto.randomUUID().slice(0, 8)}`;
    const start = performance.now();
    await store.commit([makeMessage(0, Date.now(), word)]);
    while ((await store.search(asking(word))).messages.length === 0) await sleep(50);
    durations.push(performance.now() - start);
    await sleep(100);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      messages: { type: "string", default: "1000000" },
      seconds: { type: "string", default: "10" },
      dir: { type: "string" },
      retain: { type: "boolean", default: false },
    },
  });
  const [messages, seconds] = [Number(values.messages), Number(values.seconds)];
  const dir = values.dir ?? Deno.makeTempDirSync({ prefix: "hubbub-reading-" });
  const logger = { warn: (text: string, rest: unknown) => console.log("  ", text, rest) };
  const open = () => openSqliteStore({ dir, sync: "normal", logger });
  let store = await open();
  if ((await store.rooms({ limit: 1 })).rooms.length === 0) {
    const start = performance.now();
    await fill(store, messages);
    const filled = performance.now() - start;
    const behind = await awaitIndex(store);
    console.log(`${messages} messages committed in ${(filled / 1000).toFixed(1)} s`);
    console.log(`indexed ${(behind / 1000).toFixed(1)} s later`);
  }
  await store.close();
  for (const suffix of ["", "-wal", "-shm"]) {
    await Deno.remove(join(dir, `search.db${suffix}`)).catch(() => {});
  }
  store = await open();
  const before = cpuSeconds();
  const rebuilt = await awaitIndex(store);
  const rate = (messages / rebuilt * 1000).toFixed(0);
  console.log(
    `index rebuilt in ${(rebuilt / 1000).toFixed(1)} s, ${rate} messages a second, with ` +
      `${(cpuSeconds() - before).toFixed(1)} s of a processor`,
  );
  for (const name of ["hubbub.db", "search.db"]) {
    console.log(`${name}: ${(Deno.statSync(join(dir, name)).size / 1e6).toFixed(0)} MB`);
  }
  console.log("history, quiet:", describe(await readHistory(store, seconds)));
  const searches: number[] = [];
  const others = [searchInALoop(store, asking("a"), searches), edit(store, messages)];
  const busy = await readHistory(store, seconds, ...others);
  console.log("history, beside searches for a and edits:", describe(busy));
  console.log("  searches for a:", describe(searches));
  await awaitIndex(store);
  for (const [name, query] of Object.entries(QUERIES)) {
    const durations: number[] = [];
    const isOver = () => durations.length >= 10;
    await searchInALoop(store, query, durations)(isOver);
    console.log(`search ${name}:`, describe(durations));
  }
  const [mine, theirs]: [number[], number[]] = [[], []];
  await readHistory(
    store,
    seconds,
    ...Array.from(
      { length: 8 },
      () => searchInALoop(store, { ...QUERIES["a phrase that never occurs"]!, user: "a" }, theirs),
    ),
    searchInALoop(store, asking("a", { user: "b" }), mine),
  ).then((durations) => console.log("history, beside nine who search:", describe(durations)));
  console.log("  one's searches for a:", describe(mine));
  console.log("  eight searches for a phrase that never occurs, by another:", describe(theirs));
  console.log("found after:", describe(await measureFinding(store, seconds)));
  if (values.retain) await measureRetention(store, messages);
  await store.close();
  if (values.dir === undefined) Deno.removeSync(dir, { recursive: true });
}

const QUERIES: Record<string, Query> = {
  "a": asking("a"),
  "rare word": asking("zzzzzz"),
  "a phrase that never occurs": {
    text: { words: [], phrases: [[0, 1, 0, 2, 1].map((index) => VOCABULARY[index] ?? "")] },
    limit: 50,
  },
  "by one user": { text: { words: [], phrases: [] }, by: [userOf(7)], limit: 50 },
  "a with a sign that never occurs": asking("a+"),
  "page in the middle": asking("a", {
    position: { time: Date.now() - 50_000_000, room: "room-1", seq: 1 },
  }),
};

/** Removes half of the messages while history is read. */
async function measureRetention(store: Store, messages: number): Promise<void> {
  const start = performance.now();
  let done = false;
  const retaining = store.retain({ maxMessages: messages / ROOMS / 2 }, Date.now())
    .finally(() => done = true);
  const durations: number[] = [];
  while (!done) durations.push(...await readHistory(store, 1));
  console.log(`${await retaining} removed in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  console.log("  history meanwhile:", describe(durations));
  console.log(`  indexed ${(await awaitIndex(store) / 1000).toFixed(1)} s later`);
}

if (import.meta.main) await runCommand(main);
