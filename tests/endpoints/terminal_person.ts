/**
 * Somebody at a terminal, for tests: what they type, and what they read, line by line.
 *
 * @module
 */
import type { TestServer } from "../support/test_server.ts";
import { WsClient } from "../support/ws_client.ts";
import { DEADLINE, within } from "../support/within.ts";

/** A connection of `hubbub.text.v1`. */
export class TerminalPerson implements AsyncDisposable {
  readonly #client: WsClient;
  #lines: string[] = [];

  private constructor(client: WsClient) {
    this.#client = client;
  }

  /** Connects, perhaps with the secret of a session; the first lines are still to be read. */
  static async open(server: TestServer, session?: string): Promise<TerminalPerson> {
    const bearer = session === undefined ? [] : [`bearer.${session}`];
    return new TerminalPerson(await WsClient.open(server.ws("/ws"), "hubbub.text.v1", ...bearer));
  }

  /** Connects and reads everything up to the own name. */
  static async arrive(server: TestServer, session?: string): Promise<TerminalPerson> {
    const person = await TerminalPerson.open(server, session);
    await person.until(/^You are /);
    return person;
  }

  get subprotocol(): string {
    return this.#client.subprotocol;
  }

  get closed(): WsClient["closed"] {
    return this.#client.closed;
  }

  /** Types lines. */
  types(...lines: string[]): Promise<void> {
    return this.#client.send(lines.join("\n"));
  }

  /** The next line, with the indented ones that belong to it. */
  async line(): Promise<string> {
    if (this.#lines.length === 0) {
      this.#lines = (await this.#client.text()).split(/\n(?! {4})/);
    }
    return this.#lines.shift() ?? "";
  }

  /** The lines up to and with the first one that fits. */
  until(pattern: RegExp): Promise<string[]> {
    const lines: string[] = [];
    const found = async () => {
      do lines.push(await this.line()); while (!pattern.test(lines.at(-1) ?? ""));
      return lines;
    };
    return within(DEADLINE, () => `${pattern}, after ${JSON.stringify(lines)}`, found());
  }

  /** So many next lines. */
  async take(count: number): Promise<string[]> {
    const lines = [];
    while (lines.length < count) lines.push(await this.line());
    return lines;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]();
  }
}

/** A line without its time. */
export function timeless(line: string): string {
  return line.replace(/\[\d\d:\d\d\]/, "[time]");
}
