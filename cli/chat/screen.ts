/**
 * A terminal's whole screen: rows are painted where they changed, and everything is put back as it
 * was at the end. Knows nothing of chats.
 *
 * @module
 */
import { ASK_FOR_PASTE_AND_FOCUS, NO_PASTE_AND_FOCUS } from "./keys.ts";

/** What a screen writes to. */
export interface ScreenOutput {
  writeSync(bytes: Uint8Array): number;
}

/** One picture: rows from the top, already styled and no wider than the screen, and the cursor. */
export interface Picture {
  readonly rows: readonly string[];
  /** From 0. */
  readonly cursorRow: number;
  readonly cursorColumn: number;
}

const ENTER = `\x1b[?1049h\x1b[2J${ASK_FOR_PASTE_AND_FOCUS}`;
const LEAVE = `${NO_PASTE_AND_FOCUS}\x1b[?25h\x1b[?1049l`;
const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CLEAR_TO_END = "\x1b[K";

/** Between `enter` and `leave` the screen is ours. */
export class Screen {
  readonly #output: ScreenOutput;
  #painted: readonly string[] = [];
  #entered = false;

  constructor(output: ScreenOutput) {
    this.#output = output;
  }

  /** Turns to the alternate screen, so that what was shown before is there again afterwards. */
  enter(): void {
    if (this.#entered) return;
    this.#entered = true;
    this.#write(ENTER);
  }

  /** Turns back. Idempotent. */
  leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    this.#write(LEAVE);
  }

  /** Forgets what is painted: the next picture is painted wholly. */
  invalidate(): void {
    this.#painted = [];
    if (this.#entered) this.#write("\x1b[2J");
  }

  /** Paints what differs from the last picture. */
  paint({ rows, cursorRow, cursorColumn }: Picture): void {
    if (!this.#entered) return;
    let text = HIDE_CURSOR;
    rows.forEach((row, i) => {
      if (row !== this.#painted[i]) text += `${position(i, 0)}${row}${CLEAR_TO_END}`;
    });
    this.#painted = rows;
    this.#write(`${text}${position(cursorRow, cursorColumn)}${SHOW_CURSOR}`);
  }

  /** Rings. */
  bell(): void {
    if (this.#entered) this.#write("\x07");
  }

  #write(text: string): void {
    let bytes: Uint8Array = new TextEncoder().encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(this.#output.writeSync(bytes));
  }
}

function position(row: number, column: number): string {
  return `\x1b[${row + 1};${column + 1}H`;
}
