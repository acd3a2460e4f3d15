/**
 * A text that must not be printed. Imports nothing.
 *
 * @module
 */

/** Keeps a text out of logs, errors and dumps: only {@linkcode Secret.reveal} gives it away. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself, to compare with. */
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
