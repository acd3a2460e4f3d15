/**
 * The page's world, without a browser: the client's world of `tests/sdk/`, and storage in memory.
 *
 * @module
 */
import { Chat } from "../../static/chat/chat.js";
import type { ChatEvent } from "../../static/chat/chat.js";
import { Memory } from "../../static/chat/memory.js";
import { FakeWorld } from "../sdk/fakes.ts";

/** A page's model in a world that is moved by hand. */
export class World extends FakeWorld {
  readonly stored = new Map<string, string>();
  readonly events: ChatEvent[] = [];

  /** Opens the page. */
  open(): Chat {
    const storage = {
      getItem: (key: string) => this.stored.get(key) ?? null,
      setItem: (key: string, value: string) => void this.stored.set(key, value),
    };
    return new Chat({
      url: "ws://test/ws",
      memory: new Memory(storage),
      environment: this.environment,
      request: () => {
        throw new Error("No uploads here");
      },
      onChange: () => {},
      onEvent: (event) => this.events.push(event),
    });
  }
}
