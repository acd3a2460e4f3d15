/**
 * A store that takes its time, so that much happens while a commit or a read is under way.
 *
 * @module
 */
import { setImmediate } from "node:timers";
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

/** Lets everything happen that is due now. */
export function task(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Does what another store does, so many tasks later as told, over and over. */
export class LaggingStore implements Store {
  readonly store: Store;
  readonly epoch: string;
  readonly run: string;
  readonly previousRun: string | undefined;
  readonly lastNoted: number | undefined;
  readonly failed: Promise<Error>;
  readonly #delays: readonly number[];
  #calls = 0;

  constructor(store: Store, delays: readonly number[]) {
    this.store = store;
    this.epoch = store.epoch;
    this.run = store.run;
    this.previousRun = store.previousRun;
    this.lastNoted = store.lastNoted;
    this.failed = store.failed;
    this.#delays = delays;
  }

  async commit(batch: readonly Change[]): Promise<Outcome[]> {
    await this.#lag();
    return await this.store.commit(batch);
  }

  async read(room: string, range: Range): Promise<Page> {
    await this.#lag();
    const page = await this.store.read(room, range);
    await this.#lag();
    return page;
  }

  async resume(room: string, position: Position, limit: number): Promise<Missed | undefined> {
    await this.#lag();
    const missed = await this.store.resume(room, position, limit);
    await this.#lag();
    return missed;
  }

  async search(query: Query): Promise<Found> {
    await this.#lag();
    return await this.store.search(query);
  }

  roomsState(): Promise<RoomsState> {
    return this.store.roomsState();
  }

  async unread(query: UnreadQuery): Promise<Unread[]> {
    await this.#lag();
    const counted = await this.store.unread(query);
    await this.#lag();
    return counted;
  }

  async authored(user: UserId, after?: number): Promise<Authored> {
    await this.#lag();
    return await this.store.authored(user, after);
  }

  async rooms(query: RoomsQuery): Promise<RoomsPage> {
    await this.#lag();
    return await this.store.rooms(query);
  }

  retain(policy: Retention, now: number): Promise<number> {
    return this.store.retain(policy, now);
  }

  noteTime(now: number): Promise<void> {
    return this.store.noteTime(now);
  }

  close(): Promise<void> {
    return this.store.close();
  }

  async #lag(): Promise<void> {
    const delay = this.#delays[this.#calls++ % this.#delays.length] ?? 0;
    for (let n = 0; n < delay; n++) await task();
  }
}
