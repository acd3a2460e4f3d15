/**
 * A terminal for the tests of questions: what is typed is given, what is shown is kept.
 *
 * @module
 */
import type { PromptTerminal } from "../../cli/prompter.ts";

/** A terminal, or a pipe if nobody types. */
export class FakeTerminal implements PromptTerminal {
  readonly input: ReadableStream<Uint8Array>;
  readonly interactive: boolean;
  /** What was shown. */
  shown = "";
  /** Sends a signal, while somebody listens to them. */
  signal: ((signal: number) => void) | undefined;
  /** Each change of the mode. */
  readonly raw: boolean[] = [];

  /**
   * @param chunks what is typed, a string for each time that the process is given something; absent:
   * nothing ever is
   */
  constructor(chunks?: readonly (string | Uint8Array<ArrayBuffer>)[], { interactive = true } = {}) {
    const encoder = new TextEncoder();
    this.input = chunks === undefined ? new ReadableStream() : ReadableStream.from(
      chunks.map((chunk) => typeof chunk === "string" ? encoder.encode(chunk) : chunk),
    );
    this.interactive = interactive;
  }

  write(text: string): void {
    this.shown += text;
  }

  setRaw(raw: boolean): void {
    this.raw.push(raw);
  }

  onSignal(run: (signal: number) => void): () => void {
    this.signal = run;
    return () => this.signal = undefined;
  }
}
