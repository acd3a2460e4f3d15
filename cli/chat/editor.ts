/**
 * The line being typed: `node:readline` edits it (Emacs keys, words, kill ring, undo, history,
 * completion), and somebody else shows it. So the editor writes to nowhere.
 *
 * @module
 */
import * as readline from "node:readline";
import { PassThrough, Writable } from "node:stream";
import { graphemes } from "./width.ts";

/** Lines that Up and Down lead to. */
const HISTORY = 500;

/** How long after Escape a key may still belong to it, in milliseconds. */
const ESCAPE_MS = 50;

/** What a completer finds: what may stand at the place of `word`, the end of the line. */
export interface Completion {
  readonly word: string;
  readonly candidates: readonly string[];
}

/** Who is told what happens in the line. */
export interface EditorListener {
  /** The line or the place in it may have changed. */
  changed(): void;
  /** Enter was pressed. */
  entered(line: string): void;
  /** Ctrl-C, or Ctrl-D in an empty line. */
  quit(): void;
  /** A key that the editor has no use for, such as `pageup`, with `meta` for Alt. */
  key(name: string, meta: boolean): void;
  complete(line: string): Completion;
}

/** A key as readline reports it. */
interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

/** Edits one line after another. */
export class Editor {
  readonly #input = new PassThrough();
  readonly #readline: readline.Interface;
  readonly #listener: EditorListener;
  #candidates: readonly string[] = [];
  #closed = false;

  constructor(listener: EditorListener) {
    this.#listener = listener;
    const output = new Writable({ write: (_chunk, _encoding, done) => done() });
    this.#readline = readline.createInterface({
      input: this.#input,
      output,
      terminal: true,
      prompt: "",
      historySize: HISTORY,
      removeHistoryDuplicates: true,
      escapeCodeTimeout: ESCAPE_MS,
      completer: (line: string, done: readline.CompleterResult | Done) =>
        this.#complete(line, done as Done),
    });
    this.#readline.on("line", (line) => listener.entered(line));
    this.#readline.on("SIGINT", () => listener.quit());
    this.#readline.on("SIGTSTP", () => {});
    this.#readline.on("close", () => {
      if (!this.#closed) listener.quit();
    });
    // Registered after readline's own, which has done its work by then.
    this.#input.on("keypress", (_text: unknown, key: Key | undefined) => this.#pressed(key));
  }

  get line(): string {
    return this.#readline.line;
  }

  /** Where the next character goes, in UTF-16 code units. */
  get cursor(): number {
    return this.#readline.cursor;
  }

  /** What the last completion found, if it was more than one. */
  get candidates(): readonly string[] {
    return this.#candidates;
  }

  /** Takes keys in. */
  type(keys: string): void {
    // Readline takes a Tab among other keys for pasted text.
    for (const part of keys.split(/(\t)/)) {
      if (part !== "" && !this.#closed) this.#input.write(part);
    }
  }

  close(): void {
    this.#closed = true;
    this.#readline.close();
  }

  #pressed(key: Key | undefined): void {
    if (key?.name !== "tab") this.#candidates = [];
    this.#keepGraphemes(key);
    const { name, ctrl, meta } = key ?? {};
    if (name !== undefined && (PASSED_ON.has(name) || (meta && !ctrl))) {
      this.#listener.key(name, meta ?? false);
    }
    this.#listener.changed();
  }

  /** Moves a cursor that stopped within a character, since readline moves by code points, out of it. */
  #keepGraphemes(key: Key | undefined): void {
    const { line, cursor } = this;
    let start = 0;
    for (const grapheme of graphemes(line)) {
      const end = start + grapheme.length;
      if (cursor > start && cursor < end) {
        const target = key?.name === "left" ? start : end;
        Object.assign(this.#readline, { cursor: target });
        return;
      }
      start = end;
    }
  }

  #complete(line: string, done: Done): void {
    const { word, candidates } = this.#listener.complete(line);
    this.#candidates = candidates.length > 1 ? candidates : [];
    done(null, [[...candidates], word]);
  }
}

type Done = (error: null, result: [string[], string]) => void;

const PASSED_ON: ReadonlySet<string> = new Set(["pageup", "pagedown"]);
