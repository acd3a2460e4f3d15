/**
 * The clients of the fault driver, each on a line of its own, and what they are held to at a quiet point.
 *
 * @module
 */
import { Copy, type Traits } from "../support/copy.ts";
import type { Acknowledged } from "../support/copy_said.ts";
import { FaultLine } from "../support/fault_line.ts";
import type { Random } from "../support/random.ts";
import { poll } from "../support/within.ts";
import {
  checkAcknowledged,
  checkGone,
  checkOnce,
  compareCopy,
  type Faults,
  FreshReader,
  noFaults,
  type Reading,
  reconcile,
} from "./oracle.ts";
import type { Target } from "./target.ts";

export const ROOMS = ["lobby", "dev", "ops"];

/** What was acknowledged when a backup was taken, by client. */
export type Snapshot = ReadonlyMap<Copy, readonly Acknowledged[]>;

/** Clients that take part at all times, at least. */
const LEAST_PRESENT = 3;

/** Messages from the end among which uploads are downloaded again. */
const RECENT = 40;

/** How often everybody returns, at most, until nothing happens meanwhile. */
const MAX_RETURNS = 20;

/** See above. Everybody leaves at the end of its scope. */
export class Crowd implements AsyncDisposable {
  readonly clients: readonly Copy[];
  /** What clients could not know, since they do not send `run`: see docs/protocol.md, Resume. */
  unprovable = 0;
  /** Acknowledged messages that the driver itself took away. */
  takenAway = 0;
  readonly #lines: readonly FaultLine[];
  readonly #random: Random;
  readonly #target: Target;
  #readers = 0;

  constructor(count: number, { random, target }: { random: Random; target: Target }) {
    this.#random = random;
    this.#target = target;
    this.#lines = Array.from({ length: count }, () => new FaultLine());
    this.clients = this.#lines.map((line, index) => {
      const rooms = ROOMS.filter((_, room) => room === index % ROOMS.length || random.chance(0.5));
      return new Copy(`client${index + 1}`, rooms, { line, random, traits: traits(index, random) });
    });
  }

  get cuts(): number {
    return this.#lines.reduce((sum, { cuts }) => sum + cuts, 0);
  }

  get present(): Copy[] {
    return this.clients.filter(({ isAway }) => !isAway);
  }

  /** Lets everybody reach the server. */
  mend(): void {
    for (const line of this.#lines) {
      line.calm();
      line.mend(this.#target.port);
    }
  }

  /** Keeps everybody from the server; resolves when all have noticed. */
  async sever(): Promise<void> {
    for (const line of this.#lines) line.sever();
    await Promise.all(
      this.clients.map((client) => client.until("its line to end", () => !client.isConnected)),
    );
  }

  /** Has some leave for long and others return. */
  comeAndGo(): void {
    for (const client of this.clients) {
      if (client.isAway) {
        if (this.#random.chance(0.4)) client.back();
      } else if (this.present.length > LEAST_PRESENT && this.#random.chance(0.15)) client.away();
    }
  }

  allBack(): void {
    for (const client of this.clients) if (client.isAway) client.back();
  }

  /** Gives everybody something to do. */
  stir(): void {
    for (const client of this.present) client.give(this.#random.between(5, 25));
  }

  /** Has everybody only change what there is, and waits until all have seen it. */
  async change(): Promise<void> {
    this.mend();
    for (const client of this.present) client.give(this.#random.between(2, 8), true);
    await this.#settle();
    await using reader = await this.#enter();
    await Promise.all(
      Array.from(
        (await readAll(reader)).values(),
        ({ room, change }) =>
          Promise.all(this.present.map((client) => {
            const copy = client.rooms.get(room);
            return copy && client.until(`change ${change} of ${room}`, () => copy.told >= change);
          })),
      ),
    );
  }

  /** Harms a line, or all of them, while its client is busy; resolves when that client has gone on. */
  async disturb(): Promise<void> {
    const random = this.#random;
    const client = random.pick(this.present);
    const line = this.#lines[this.clients.indexOf(client)];
    client.give(random.between(4, 12));
    if (random.chance(0.03)) { for (const each of this.#lines) each.cut(); }
    else if (random.chance(0.7)) line?.cutAfter(random.between(0, 6000));
    else line?.cut();
    if (line !== undefined && random.chance(0.1)) line.delay = random.between(0, 5);
    const goal = client.heard + random.between(1, 6);
    await client.until("something to arrive", () => client.heard >= goal || client.isIdle);
    if (line !== undefined) line.delay = 0;
  }

  acknowledged(): number {
    return this.clients.reduce((sum, client) => sum + client.said.acknowledged.size, 0);
  }

  snapshot(): Snapshot {
    return new Map(this.clients.map((client) => [
      client,
      Array.from(client.said.acknowledged.values(), (one) => ({ ...one })),
    ]));
  }

  /** Reads all rooms as somebody new does. */
  async read(): Promise<Map<string, Reading>> {
    await using reader = await this.#enter();
    return await readAll(reader);
  }

  /**
   * To be called after the driver has taken something away, before anybody may return: what is there now is
   * what must be there from now on.
   *
   * @param kept what must be there all the same
   */
  async accept(kept: Snapshot | undefined): Promise<Faults> {
    const readings = await this.read();
    const faults = noFaults();
    for (const all of kept?.values() ?? []) checkAcknowledged(all, readings, faults);
    for (const client of this.clients) {
      this.takenAway += reconcile(client, readings);
      if (!client.withRun) this.#forgetUnprovable(client, readings);
    }
    return faults;
  }

  /** A client without `run` cannot tell that only changes were lost, if others were made since. */
  #forgetUnprovable(client: Copy, readings: ReadonlyMap<string, Reading>): void {
    for (const copy of client.rooms.values()) {
      const reading = readings.get(copy.room);
      if (reading === undefined || copy.since > reading.last) continue;
      if (copy.told > reading.change) {
        client.forget(copy.room);
        this.unprovable++;
      }
    }
  }

  /**
   * Waits until nobody has anything more to do, cuts every line, and compares what everybody has after the
   * return with what somebody new reads.
   */
  async quiet(): Promise<Faults> {
    this.mend();
    await this.#settle();
    await using reader = await this.#enter();
    await this.#mark(reader);
    const readings = await this.#afterReturn(reader);
    const faults = noFaults();
    for (const reading of readings.values()) {
      checkOnce(reading, faults);
      await this.#download(reading, faults);
    }
    for (const client of this.clients) {
      checkAcknowledged(client.said.acknowledged.values(), readings, faults);
      checkGone(client, readings, faults);
    }
    for (const client of this.present) {
      for (const copy of client.rooms.values()) {
        const reading = readings.get(copy.room);
        if (reading !== undefined) compareCopy(client, copy, reading, faults);
      }
    }
    return faults;
  }

  /** Waits until searches find something that was just said, and some of what was said before. */
  async searchable(): Promise<void> {
    await using reader = await this.#enter();
    for (const room of ROOMS) {
      const text = `needle${this.#readers}`;
      await reader.mark(room, text);
      const said = [...(await reader.read(room)).messages.values()].filter(({ content }) =>
        /^client\d+-\d+$/.test(content)
      );
      const some = said.length === 0 ? [] : [1, 2, 3].map(() => this.#random.pick(said).content);
      for (const each of [text, ...some]) {
        const what = `a search in ${room} to find ${each}`;
        await poll(what, () => reader.finds(each, room), (found) => found);
      }
    }
  }

  /** Waits until nobody has anything more to do, and everybody has received everything. */
  async #settle(): Promise<void> {
    await Promise.all(this.present.map((client) => client.idle()));
  }

  /** What is said in each room reaches everybody there. */
  async #mark(reader: FreshReader): Promise<void> {
    for (const room of ROOMS) {
      const seq = await reader.mark(room, `quiet ${this.#readers}`);
      await Promise.all(this.present.map((client) => {
        const copy = client.rooms.get(room);
        return copy && client.until(`${room}/${seq}`, () => copy.since >= seq);
      }));
    }
  }

  /**
   * Has everybody return, and reads what they must have then. The last words of a broken line may still arrive,
   * and old messages may just be removed: whatever happens to a room between the readings before and after the
   * return shows in its numbers, and then everybody returns once more.
   */
  async #afterReturn(reader: FreshReader): Promise<Map<string, Reading>> {
    for (let before = await readAll(reader), attempts = 1;; attempts++) {
      await this.sever();
      this.mend();
      await this.#settle();
      const after = await readAll(reader);
      if (ROOMS.every((room) => isAsBefore(before.get(room), after.get(room)))) return after;
      if (attempts >= MAX_RETURNS) throw new Error(`Something goes on after ${attempts} returns`);
      before = after;
    }
  }

  /** Whatever was announced lately can be downloaded. */
  async #download({ messages, last, room }: Reading, faults: Faults): Promise<void> {
    for (let seq = last; seq > last - RECENT; seq--) {
      const message = messages.get(seq);
      if (message?.file === undefined) continue;
      const url = `http://127.0.0.1:${this.#target.port}${message.file.url}`;
      const expected = `the file ${message.id}`;
      try {
        // A catalogue that was lost is made again while the server runs.
        await poll(
          `the file of ${room}/${seq}`,
          () => get(url),
          (text) => text === expected,
          10_000,
        );
      } catch (error) {
        faults.lost.push(String(error));
      }
    }
  }

  async #enter(): Promise<FreshReader> {
    const pageSize = this.#random.pick([7, 50, 200, 200]);
    return await FreshReader.enter(this.#target.ws(), `reader${++this.#readers}`, ROOMS, pageSize);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.clients.map((client) => client[Symbol.asyncDispose]()));
    for (const line of this.#lines) line[Symbol.dispose]();
  }
}

export function isFaultless(faults: Faults): boolean {
  return Object.values(faults).every((list) => list.length === 0);
}

function isAsBefore(before: Reading | undefined, after: Reading | undefined): boolean {
  return before?.change === after?.change && before?.last === after?.last;
}

async function readAll(reader: FreshReader): Promise<Map<string, Reading>> {
  const readings = new Map<string, Reading>();
  for (const room of ROOMS) readings.set(room, await reader.read(room));
  return readings;
}

async function get(url: string): Promise<string> {
  const response = await fetch(url);
  const text = await response.text();
  return response.ok ? text : String(response.status);
}

function traits(index: number, random: Random): Traits {
  return {
    withRun: index % 2 === 0,
    eager: random.chance(0.5),
    pages: random.between(0, 3),
    pageSize: random.pick([3, 20, 50]),
    ahead: random.pick([1, 5, 20]),
  };
}
