/**
 * Listeners by name.
 *
 * @module
 */

/**
 * Calls listeners in the order in which they were added.
 *
 * @template {Record<string, unknown[]>} Events name of an event → the arguments of its listeners
 */
export class Emitter {
  /** @type {Map<keyof Events, Set<(...args: any[]) => unknown>>} */
  #listeners = new Map();

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(...args: Events[Name]) => unknown} listener
   * @returns {() => void} removes the listener
   */
  on(name, listener) {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** @param {keyof Events} name */
  has(name) {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  /**
   * A listener that throws disturbs neither the others nor the caller: its error is thrown once more
   * by itself, where the runtime reports it as uncaught.
   *
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {Events[Name]} args
   */
  emit(name, ...args) {
    for (const listener of [...this.#listeners.get(name) ?? []]) {
      try {
        listener(...args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
