/**
 * The chat where there is no terminal: lines from standard input are said, and what happens is
 * written as lines, for people or as JSON. So `tail -f log | hubbub chat …` works, and so do scripts.
 *
 * @module
 */
import { TextLineStream } from "./line_stream.ts";
import type { ErrorMessage, ServerMessage, UserMessage } from "../../protocol.ts";
import { type ConnectionState, type HubbubClient, RefusedError } from "../../sdk/hubbub.js";
import { nextName } from "../default_name.ts";
import { type ClientOptions, createClient, stopReason } from "../client.ts";
import { harmlessJson, harmlessLine } from "../../text/harmless.ts";
import { clockTime, directText, messageText, noteText } from "./phrases.ts";

export interface FilterOptions extends ClientOptions {
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
  readonly #client: HubbubClient;
  readonly #over = Promise.withResolvers<void>();
  #failed = false;
  #trouble = "";

  constructor(options: FilterOptions) {
    this.#options = options;
    this.#client = createClient(options);
    this.#client.on("event", (message) => this.#show(message));
    this.#client.on("status", (state) => this.#statusChanged(state));
    this.#client.on("refused", (error) => this.#refused(error));
    this.#client.on("join-refused", ({ error }) => {
      this.#fail(error.message);
      this.#over.resolve();
    });
  }

  async run(): Promise<number> {
    const { input, signal } = this.#options;
    signal.addEventListener("abort", () => this.#over.resolve(), { once: true });
    this.#client.start();
    const reading = input === undefined ? this.#over.promise : this.#sayAll(input);
    await Promise.race([reading, this.#over.promise]);
    await this.#client.close();
    return this.#failed ? 1 : 0;
  }

  async #sayAll(input: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    const underWay = new Set<Promise<void>>();
    const lines = input.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    for await (const line of lines) {
      if (line.trim() === "") continue;
      for (const content of pieces(line, this.#client.limits?.content_bytes ?? MAX_BYTES)) {
        const said = this.#say(content).finally(() => underWay.delete(said));
        underWay.add(said);
        if (underWay.size >= WINDOW) await Promise.race(underWay);
      }
    }
    await Promise.all(underWay);
  }

  async #say(content: string): Promise<void> {
    try {
      await this.#client.say(this.#options.room, content);
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
        if (message.room.startsWith("@")) return write(`-- ${this.#directText(message)}`);
        const head = `${clockTime(message.time)} ${harmlessLine(message.from)}: `;
        return write(head + messageText(message, url.base).replaceAll("\n", `\n${" ".repeat(6)}`));
      }
    }
    const text = noteText(message);
    if (text !== undefined) write(`-- ${text}`);
  }

  #directText(message: UserMessage): string {
    const client = this.#client;
    const isOwn = message.by === client.user?.id;
    const other = client.nameOf(message.room.slice(1), "?");
    const content = messageText(message, this.#options.url.base);
    return directText({ from: message.from, content }, isOwn ? other : client.name);
  }

  #statusChanged({ phase, code, reason }: ConnectionState): void {
    if (phase === "online") this.#trouble = "";
    if (phase === "waiting") {
      const trouble = reason || "the connection broke";
      // Once for each kind of trouble, not once for each attempt.
      if (trouble !== this.#trouble) this.#options.complain(`offline: ${harmlessLine(trouble)}`);
      this.#trouble = trouble;
    }
    if (phase === "stopped") {
      if (code !== 1000) this.#fail(stopReason({ code, reason }, this.#options));
      this.#over.resolve();
    }
  }

  #refused({ code, content }: ErrorMessage): void {
    if (code === "name_taken" && this.#options.mayChangeName) {
      return this.#client.login(nextName(this.#client.name));
    }
    this.#fail(content);
    this.#over.resolve();
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
