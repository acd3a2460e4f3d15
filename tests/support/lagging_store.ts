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
  Outcome,
  Page,
  Query,
  Range,
  Retention,
  RoomsState,
  RoomSummary,
  Store,
  StoredMessage,
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
  readonly #delays: readonly number[];
  #calls = 0;

  constructor(store: Store, delays: readonly number[]) {
    this.store = store;
    this.epoch = store.epoch;
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

  async search(query: Query): Promise<StoredMessage[]> {
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

  async rooms(options?: { direct?: boolean }): Promise<RoomSummary[]> {
    await this.#lag();
    return await this.store.rooms(options);
  }

  retain(policy: Retention, now: number): Promise<number> {
    return this.store.retain(policy, now);
  }

  close(): Promise<void> {
    return this.store.close();
  }

  async #lag(): Promise<void> {
    const delay = this.#delays[this.#calls++ % this.#delays.length] ?? 0;
    for (let n = 0; n < delay; n++) await task();
  }
}
