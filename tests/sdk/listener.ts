/**
 * A client of a real server, for tests.
 *
 * @module
 */
import { connect, type HubbubClient } from "../../sdk/hubbub.js";
import type { ClientOptions } from "../../sdk/types.js";
import { Condition } from "../support/condition.ts";
import { FlakyProxy } from "../support/flaky_proxy.ts";
import type { TestServer } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";

/** Somebody who is connected and remembers what they heard. */
export class Listener implements AsyncDisposable {
  readonly chat: HubbubClient;
  /** What was said, in the order in which it was told. */
  readonly heard: string[] = [];
  readonly #condition = new Condition();

  constructor(url: string, name: string, options: Partial<ClientOptions> = {}) {
    this.chat = connect(url, { name, environment: { random: () => 0 }, ...options });
    this.chat.on("message", ({ content }) => this.heard.push(content));
    const events = ["event", "status", "refused", "reset", "restart", "changed", "failed"] as const;
    for (const event of events) {
      this.chat.on(event, () => this.#condition.notify());
    }
  }

  static async enter(url: string, name: string, options?: Partial<ClientOptions>) {
    const listener = new Listener(url, name, options);
    await listener.isOnline();
    return listener;
  }

  until<T extends NonNullable<unknown>>(what: string, find: () => T | undefined): Promise<T> {
    return this.#condition.until(() => `${what}; heard ${this.heard.slice(-5)}`, find);
  }

  isOnline() {
    return this.until("to be online", () => this.chat.isOnline ? true : undefined);
  }

  isOffline() {
    return this.until("to be offline", () => this.chat.isOnline ? undefined : true);
  }

  hears(content: string) {
    return this.until(content, () => this.heard.includes(content) ? true : undefined);
  }

  async [Symbol.asyncDispose]() {
    await within(DEADLINE, "a client to close", this.chat.close());
  }
}

/** A line to a server that can be cut. */
export function proxyTo(server: TestServer): FlakyProxy {
  return new FlakyProxy(Number(new URL(server.url).port));
}

/** The texts of a room, as the server keeps them. */
export async function keptIn(chat: HubbubClient, room = "lobby"): Promise<string[]> {
  const { messages } = await chat.ask({ type: "history", room, limit: 200 });
  return messages.map(({ content }) => content);
}
