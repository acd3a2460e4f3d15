/**
 * Sorts what comes from a terminal in raw mode: what the line editor must not see (pasted text with
 * its line breaks, changes of focus) is taken out of the stream. Imports nothing.
 *
 * @module
 */

/**
 * Stands for a line break within the line being edited, where a real one would send it. Shown as it
 * is, and sent as a line break.
 */
export const NEWLINE = "\u2424";

/** What is found in the stream. */
export type Input =
  /** Keys, as they came, for the line editor. */
  | { readonly kind: "keys"; readonly text: string }
  /** Text to insert, with {@linkcode NEWLINE} for line breaks and nothing that would act as a key. */
  | { readonly kind: "paste"; readonly text: string }
  | { readonly kind: "focus"; readonly focused: boolean };

/** DEC private modes: bracketed paste and focus events, as xterm defines them. */
export const ASK_FOR_PASTE_AND_FOCUS = "\x1b[?2004h\x1b[?1004h";
export const NO_PASTE_AND_FOCUS = "\x1b[?1004l\x1b[?2004l";

const PASTE_BEGINS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";

const ESCAPE = "\x1b";

/** Alt+Enter, which breaks the line instead of sending it. */
const ALT_ENTER = new RegExp(`${ESCAPE}[\\r\\n]`, "g");

/** What is looked for among the keys. */
const MARKS = new RegExp(`${ESCAPE}\\[(?:200~|I|O)`);

/**
 * The beginning of a mark at the end of what came: the rest of it may come next. Escape alone is among
 * them, since it is no key that does anything.
 */
const UNFINISHED = new RegExp(`${ESCAPE}(?:\\[(?:2(?:00?)?)?)?$`);

/** Sorts chunks of input, which may break anywhere. */
export class KeySorter {
  #rest = "";
  #pasting = false;

  /** Sorts what is complete so far. */
  push(chunk: string): Input[] {
    const inputs: Input[] = [];
    this.#rest += chunk;
    while (this.#rest !== "") {
      const input = this.#pasting ? this.#takePaste() : this.#takeKeys();
      if (input === undefined) break;
      if (input.kind === "focus" || input.text !== "") inputs.push(input);
    }
    return inputs;
  }

  #takePaste(): Input | undefined {
    const end = this.#rest.indexOf(PASTE_ENDS);
    if (end < 0) return undefined;
    const text = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + PASTE_ENDS.length);
    this.#pasting = false;
    return { kind: "paste", text: insertable(text) };
  }

  #takeKeys(): Input | undefined {
    const mark = MARKS.exec(this.#rest);
    const end = mark?.index ?? UNFINISHED.exec(this.#rest)?.index ?? this.#rest.length;
    if (end > 0) {
      const text = this.#rest.slice(0, end).replace(ALT_ENTER, NEWLINE);
      this.#rest = this.#rest.slice(end);
      return { kind: "keys", text };
    }
    if (mark === null) return undefined;
    this.#rest = this.#rest.slice(mark[0].length);
    if (mark[0] !== PASTE_BEGINS) return { kind: "focus", focused: mark[0].endsWith("I") };
    this.#pasting = true;
    return { kind: "keys", text: "" };
  }
}

/** Pasted text without anything that the line editor would take for a key. */
function insertable(text: string): string {
  return text
    .replace(/\r\n?|\n/g, NEWLINE)
    .replace(/\t/g, "    ")
    .replace(/\p{Cc}/gu, "");
}
