/**
 * A terminal for tests of the chat: keys can be pressed, and what is on the screen can be awaited.
 *
 * @module
 */
import type { Terminal } from "../../cli/chat/terminal.ts";
import { Condition, tail } from "../support/condition.ts";

const PAINTED = new RegExp(`${"\x1b"}\\[(\\d+);1H(.*?)${"\x1b"}\\[K`, "g");
const STYLES = new RegExp(`${"\x1b"}\\[[\\d;]*m`, "g");

/** A terminal that remembers what is painted in each row, and in what mode it is. */
export class FakeScreen implements Terminal {
  readonly #keys = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  readonly #writer = this.#keys.writable.getWriter();
  readonly input = this.#keys.readable;
  readonly rows = new Map<number, string>();
  readonly colors = false;
  raw = false;
  written = "";
  readonly #painted = new Condition();

  readonly output = {
    writeSync: (bytes: Uint8Array) => {
      const text = new TextDecoder().decode(bytes);
      this.written += text;
      for (const [, row, content = ""] of text.matchAll(PAINTED)) {
        this.rows.set(Number(row), content.replace(STYLES, ""));
      }
      this.#painted.notify();
      return bytes.length;
    },
  };

  size() {
    return { columns: 60, rows: 12 };
  }

  setRaw(raw: boolean) {
    this.raw = raw;
  }

  onResize() {
    return () => {};
  }

  /** Presses keys. */
  type(keys: string) {
    return this.#writer.write(new TextEncoder().encode(keys));
  }

  /** Waits until some row matches, and returns it. */
  shows(pattern: RegExp): Promise<string> {
    return this.#painted.until(
      () => `${pattern} on the screen: ${tail([...this.rows.values()].join("\n"))}`,
      () => [...this.rows.values()].find((row) => pattern.test(row)),
    );
  }
}
