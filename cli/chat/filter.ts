/**
 * The chat where there is no terminal: lines from standard input are said, and what happens is
 * written as lines, for people or as JSON. So `tail -f log | hubbub chat …` works, and so do scripts.
 *
 * @module
 */
import { TextLineStream } from "./line_stream.ts";
import { Connection, type ConnectionOptions, RefusedError, type Status } from "../connection.ts";
import type { ServerMessage } from "../../protocol.ts";
import { nextName } from "../default_name.ts";
import { harmlessJson, harmlessLine } from "../../text/harmless.ts";
import { clockTime, messageText, noteText } from "./phrases.ts";

export interface FilterOptions extends Omit<ConnectionOptions, "clock"> {
  /** What is to be said, in lines; absent: nothing is, and only the signal ends the chat. */
  readonly input?: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Takes a line of what happens. */
  readonly write: (line: string) => void;
  /** Takes a line of what goes wrong. */
  readonly complain: (line: string) => void;
  /** Write JSON instead of text. */
  readonly json: boolean;
  /** The name was not chosen: if it is taken, another will do. */
  readonly mayChangeName: boolean;
  readonly signal: AbortSignal;
}

/** Lines that may wait for their confirmation: reading goes no faster than the server takes them. */
const WINDOW = 8;

/** Longest text of a message while the server has not told its own limit, in bytes. */
const MAX_BYTES = 16 * 1024;

/** Says all of the input. Resolves to 0 if everything was kept, else to 1. */
export async function chatAsFilter(options: FilterOptions): Promise<number> {
  const filter = new Filter(options);
  return await filter.run();
}

class Filter {
  readonly #options: FilterOptions;
  readonly #connection: Connection;
  readonly #over = Promise.withResolvers<void>();
  #failed = false;
  #trouble = "";

  constructor(options: FilterOptions) {
    this.#options = options;
    this.#connection = new Connection(options, {
      message: (message) => this.#show(message),
      status: (status) => this.#statusChanged(status),
    });
  }

  async run(): Promise<number> {
    const { input, signal } = this.#options;
    signal.addEventListener("abort", () => this.#over.resolve(), { once: true });
    this.#connection.open();
    const reading = input === undefined ? this.#over.promise : this.#sayAll(input);
    await Promise.race([reading, this.#over.promise]);
    await this.#connection.close();
    return this.#failed ? 1 : 0;
  }

  async #sayAll(input: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    const underWay = new Set<Promise<void>>();
    const lines = input.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    for await (const line of lines) {
      if (line.trim() === "") continue;
      for (const content of pieces(line, this.#connection.limits?.content_bytes ?? MAX_BYTES)) {
        const said = this.#say(content).finally(() => underWay.delete(said));
        underWay.add(said);
        if (underWay.size >= WINDOW) await Promise.race(underWay);
      }
    }
    await Promise.all(underWay);
  }

  async #say(content: string): Promise<void> {
    try {
      await this.#connection.say({ type: "user", room: this.#options.room, content });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#fail(error.message);
    }
  }

  #show(message: ServerMessage): void {
    const { write, json, url } = this.#options;
    if (json) return write(harmlessJson(message));
    switch (message.type) {
      // What was said before we came is not news.
      case "handshake":
      case "history":
        return;
      case "user":
      case "file": {
        const head = `${clockTime(message.time)} ${harmlessLine(message.from)}: `;
        return write(head + messageText(message, url.base).replaceAll("\n", `\n${" ".repeat(6)}`));
      }
    }
    const text = noteText(message);
    if (text !== undefined) write(`-- ${text}`);
  }

  #statusChanged(status: Status): void {
    switch (status.kind) {
      case "waiting":
        // Once for each kind of trouble, not once for each attempt.
        if (status.reason !== this.#trouble) {
          this.#options.complain(`offline: ${harmlessLine(status.reason)}`);
        }
        this.#trouble = status.reason;
        return;
      case "online":
        this.#trouble = "";
        return;
      case "refused": {
        const { error } = status;
        if (error.code === "name_taken" && this.#options.mayChangeName) {
          return this.#connection.login(nextName(this.#connection.name));
        }
        this.#fail(error.content);
        this.#over.resolve();
        return;
      }
      case "ended":
        if (status.code !== 1000) {
          this.#fail(status.reason === "" ? `close code ${status.code}` : status.reason);
        }
        this.#over.resolve();
    }
  }

  #fail(reason: string): void {
    this.#failed = true;
    this.#options.complain(harmlessLine(reason));
  }
}

/** Cuts a text into pieces of at most so many bytes of UTF-8, between characters. */
export function pieces(text: string, bytes: number): string[] {
  const encoder = new TextEncoder();
  const found: string[] = [];
  // No character takes more than four bytes: each step gets on.
  const buffer = new Uint8Array(Math.max(4, bytes));
  let rest = text;
  while (rest !== "") {
    const { read } = encoder.encodeInto(rest, buffer);
    found.push(rest.slice(0, read));
    rest = rest.slice(read);
  }
  return found;
}
