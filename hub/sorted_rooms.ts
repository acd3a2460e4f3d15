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

  /** The rooms after a name, which need not be there. Nothing may be added or removed meanwhile. */
  *after(name: string): Generator<R, void, void> {
    let index = this.#indexOf(name);
    if (this.#rooms[index]?.name === name) index++;
    for (let room = this.#rooms[index]; room !== undefined; room = this.#rooms[++index]) yield room;
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
