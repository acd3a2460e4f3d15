/**
 * A store whose answers the test lets through one by one, or makes fail.
 *
 * @module
 */
import { Channel } from "../../hub/channel.ts";
import { createMemoryStore } from "../../store/memory/store.ts";
import type { UserId } from "../../protocol.ts";
import type {
  Authored,
  Change,
  Found,
  Missed,
  Outcome,
  Page,
  Position,
  Query,
  Range,
  Retention,
  RoomsPage,
  RoomsQuery,
  RoomsState,
  Store,
  Unread,
  UnreadQuery,
} from "../../store/store.ts";

/** Something that was asked of the store and waits for the test. */
export interface Gate<T> {
  readonly asked: T;
  /** Has the store do it and answer. Resolves once it has, before the requester knows. */
  pass(): Promise<void>;
  /** Has the store refuse it; with the default error, nothing is changed. */
  fail(error?: Error): void;
}

/** A memory store with gates before `commit` and, if told so, before everything else. */
export class GatedStore implements Store {
  /** Commits that wait, in order. */
  readonly commits = new Channel<Gate<readonly Change[]>>(10_000);
  /** All that is asked but `roomsState`, in order, while `gatesReads`. */
  readonly reads = new Channel<Gate<string>>(10_000);
  gatesCommits = true;
  gatesReads = false;
  readonly #store: Store;

  constructor(store: Store = createMemoryStore({ epoch: "epoch-1" })) {
    this.#store = store;
  }

  get epoch(): string {
    return this.#store.epoch;
  }

  get run(): string {
    return this.#store.run;
  }

  get previousRun(): string | undefined {
    return this.#store.previousRun;
  }

  get lastNoted(): number | undefined {
    return this.#store.lastNoted;
  }

  get failed(): Promise<Error> {
    return this.#store.failed;
  }

  commit(batch: readonly Change[]): Promise<Outcome[]> {
    if (!this.gatesCommits) return this.#store.commit(batch);
    // The batch as it is now, whatever the hub does with it later.
    return gate(this.commits, structuredClone(batch), (asked) => this.#store.commit(asked));
  }

  read(room: string, range: Range): Promise<Page> {
    return this.#gateRead(`read ${room}`, () => this.#store.read(room, range));
  }

  resume(room: string, position: Position, limit: number): Promise<Missed | undefined> {
    return this.#gateRead(`resume ${room}`, () => this.#store.resume(room, position, limit));
  }

  search(query: Query): Promise<Found> {
    const words = query.text.words.join(" ");
    return this.#gateRead(`search ${words}`, () => this.#store.search(query));
  }

  roomsState(): Promise<RoomsState> {
    return this.#store.roomsState();
  }

  unread(query: UnreadQuery): Promise<Unread[]> {
    return this.#gateRead(`unread ${query.user}`, () => this.#store.unread(query));
  }

  authored(user: UserId, after?: number): Promise<Authored> {
    return this.#gateRead(`authored ${user}`, () => this.#store.authored(user, after));
  }

  rooms(query: RoomsQuery): Promise<RoomsPage> {
    return this.#gateRead("rooms", () => this.#store.rooms(query));
  }

  retain(policy: Retention, now: number): Promise<number> {
    return this.#store.retain(policy, now);
  }

  noteTime(now: number): Promise<void> {
    return this.#store.noteTime(now);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** Lets everything through that waits and that is asked from now on. */
  open(): void {
    this.gatesCommits = this.gatesReads = false;
    for (const { pass } of [...this.commits.drain(), ...this.reads.drain()]) void pass();
  }

  #gateRead<R>(what: string, ask: () => Promise<R>): Promise<R> {
    return this.gatesReads ? gate(this.reads, what, ask) : ask();
  }
}

/** Has something asked only when the test lets it through. */
export function gate<T extends NonNullable<unknown>, R>(
  gates: Channel<Gate<T>>,
  asked: T,
  ask: (asked: T) => Promise<R>,
): Promise<R> {
  const { promise, resolve, reject } = Promise.withResolvers<R>();
  gates.trySend({
    asked,
    async pass() {
      const answer = await ask(asked);
      resolve(answer);
    },
    fail: (error = new Error("The disk is full")) => reject(error),
  });
  return promise;
}
