/**
 * A string that must not be printed. Imports nothing.
 *
 * @module
 */

/** Keeps a string out of logs, errors and dumps: only {@linkcode Secret.reveal} returns it. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The string itself, for comparisons. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }
}
