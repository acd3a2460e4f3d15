/**
 * The store contract as tests: one suite that every backend has to pass. Each case has rooms of its
 * own, so that all cases can share a store.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";
import type {
  Change,
  NewMessage,
  Outcome,
  Query,
  Store,
  StoredMessage,
} from "../../store/store.ts";

/** What a case runs with. */
export interface Setup {
  store: Store;
  /** A room that no other case uses. */
  room: (name?: string) => string;
}

/** One promise of the contract. */
export interface Case {
  name: string;
  run: (setup: Setup) => Promise<void>;
}

/**
 * Registers the suite for a backend.
 *
 * @param withStore calls a function with an empty store
 */
export function testConformance(
  backend: string,
  withStore: (run: (store: Store) => Promise<void>) => Promise<void>,
  cases: Case[],
): void {
  Deno.test(`${backend} fulfils the store contract`, (t) =>
    withStore(async (store) => {
      for (const [index, { name, run }] of cases.entries()) {
        const room = (suffix = "a") => `t${index}-${suffix}`;
        await t.step(name, () => within(DEADLINE, name, run({ store, room })));
      }
    }));
}

/** Ids of users. */
export const ANN = "AnnAnnAnnAnn";
export const BOB = "BobBobBobBob";

/** A message with defaults for what a test does not care about. */
export function message(room: string, content: string, rest: Partial<NewMessage> = {}): NewMessage {
  return { kind: "message", room, from: "ann", by: ANN, content, time: 1000, ...rest };
}

/** Commits one change and returns its outcome. */
export async function commitOne(store: Store, change: Change): Promise<Outcome> {
  const outcomes = await store.commit([change]);
  assertEquals(outcomes.length, 1);
  return outcomes[0]!;
}

/** The texts of a whole room. */
export async function contents(store: Store, room: string): Promise<string[]> {
  const { messages } = await store.read(room, { limit: 10_000 });
  return messages.map(({ content }) => content);
}

/** Adds a message for each of the texts, in one batch. */
export function say(store: Store, room: string, ...texts: string[]): Promise<Outcome[]> {
  return store.commit(texts.map((text) => message(room, text)));
}

/**
 * Searches until the expected number of messages is found, because search may lag behind commits.
 * Returns the last answer after 5 s, longer than any lag the contract allows.
 */
export async function searchUntil(
  store: Store,
  query: Query,
  count: number,
): Promise<StoredMessage[]> {
  const deadline = performance.now() + 5000;
  for (;;) {
    const { messages: found } = await store.search(query);
    if (found.length === count || performance.now() > deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Asserts which texts a search finds once the index is up to date. */
export async function assertFinds(
  store: Store,
  query: Partial<Omit<Query, "text">> & { words: string },
  expected: string[],
): Promise<void> {
  const { words, ...rest } = query;
  const text = { words: words.split(" ").filter((word) => word !== ""), phrases: [] };
  const found = await searchUntil(store, { limit: 50, text, ...rest }, expected.length);
  assertEquals(found.map(({ content }) => content), expected, `words: ${words}`);
}

/** A copy with ordinary prototypes, for comparison with a literal. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/** Asserts that a message's reactions have no prototype. */
export function assertNoPrototype(message: StoredMessage | undefined): void {
  assert(message?.reactions !== undefined);
  assertEquals(Object.getPrototypeOf(message.reactions), null);
}
