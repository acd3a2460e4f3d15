/**
 * Asks for what is typed: on a terminal with a question, a secret without echo; from a pipe line by line.
 *
 * @module
 */

/** Where answers come from. */
export interface PromptTerminal {
  readonly input: ReadableStream<Uint8Array>;
  /** Whether somebody types; else lines come from a pipe or a file, and nothing is asked. */
  readonly interactive: boolean;
  /** Shows questions; not on standard output, which may be a file. */
  write(text: string): void;
  /** In raw mode nothing is echoed, and Ctrl-C is a character. */
  setRaw(raw: boolean): void;
  /** Calls `run` with the number of a signal that is to end the process. Returns what ends that. */
  onSignal(run: (signal: number) => void): () => void;
}

/** The user has pressed Ctrl-C at a question, or a signal has come. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  /** What the process is to end with: 128 and the number of the signal. */
  readonly exitCode: number;

  /** @param signal its number; that of Ctrl-C by default */
  constructor(signal = SIGINT) {
    super("Interrupted");
    this.exitCode = 128 + signal;
  }
}

/** The signal that Ctrl-C stands for. */
const SIGINT = 2;

/** Longest answer, in characters; more are ignored, so that no input fills the memory. */
const MAX_ANSWER = 4096;

const CONTROL = { c: "\x03", d: "\x04", u: "\x15", backspace: "\b", del: "\x7f" };

/** Sequences of keys that type no character, such as arrows (ECMA-48 §5.4, and SS3). */
// deno-lint-ignore no-control-regex -- they begin with one
const KEY_SEQUENCE = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)/;

/** Asks one question after the other. What was typed ahead answers the next one. */
export class Prompter {
  readonly #terminal: PromptTerminal;
  readonly #decoder = new TextDecoder();
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #ahead = "";
  #ended = false;

  constructor(terminal: PromptTerminal) {
    this.#terminal = terminal;
  }

  /** Whether somebody is there to be asked. */
  get interactive(): boolean {
    return this.#terminal.interactive;
  }

  /** Asks for a line. Resolves to `undefined` at the end of the input. */
  async askLine(question: string): Promise<string | undefined> {
    if (this.interactive) this.#terminal.write(question);
    return await this.#line();
  }

  /**
   * Asks for a line that is not shown.
   *
   * @returns `undefined` at the end of the input
   * @throws {InterruptedError} if the user presses Ctrl-C, or the process is to end
   */
  async askSecret(question: string): Promise<string | undefined> {
    if (!this.interactive) return await this.#line();
    this.#terminal.write(question);
    // A process that a signal ends would leave the terminal without echo.
    const ended = Promise.withResolvers<never>();
    const stop = this.#terminal.onSignal((signal) => ended.reject(new InterruptedError(signal)));
    this.#terminal.setRaw(true);
    try {
      return await Promise.race([this.#typed(), ended.promise]);
    } finally {
      stop();
      this.#terminal.setRaw(false);
      this.#terminal.write("\n");
    }
  }

  /** Lets go of the input, so that the process can end or somebody else can read on. */
  close(): void {
    this.#reader?.releaseLock();
    this.#reader = undefined;
  }

  async #line(): Promise<string | undefined> {
    let end = this.#ahead.indexOf("\n");
    while (end < 0 && this.#ahead.length <= MAX_ANSWER && await this.#readMore()) {
      end = this.#ahead.indexOf("\n");
    }
    if (end < 0 && this.#ahead === "") return undefined;
    const line = end < 0 ? this.#ahead : this.#ahead.slice(0, end);
    this.#ahead = end < 0 ? "" : this.#ahead.slice(end + 1);
    return line.replace(/\r$/, "").slice(0, MAX_ANSWER);
  }

  async #typed(): Promise<string | undefined> {
    let typed: string[] = [];
    while (this.#ahead !== "" || await this.#readMore()) {
      const [sequence] = KEY_SEQUENCE.exec(this.#ahead) ?? [];
      const key = sequence ?? String.fromCodePoint(this.#ahead.codePointAt(0) ?? 0);
      this.#ahead = this.#ahead.slice(key.length);
      if (key === "\r" || key === "\n") return typed.join("");
      if (key === CONTROL.c) throw new InterruptedError();
      if (key === CONTROL.d && typed.length === 0) return undefined;
      if (key === CONTROL.u) typed = [];
      else if (key === CONTROL.backspace || key === CONTROL.del) typed.pop();
      else if (key >= " " && typed.length < MAX_ANSWER) typed.push(key);
    }
    return undefined;
  }

  /** Returns false at the end of the input. */
  async #readMore(): Promise<boolean> {
    if (this.#ended) return false;
    this.#reader ??= this.#terminal.input.getReader();
    const { value, done } = await this.#reader.read();
    this.#ended = done;
    this.#ahead += this.#decoder.decode(value, { stream: !done });
    return !done;
  }
}
