/**
 * The page's world, without a browser: the client's world of `tests/sdk/`, and storage in memory.
 *
 * @module
 */
import { Chat } from "../../static/chat/chat.js";
import type { ChatEvent } from "../../static/chat/chat.js";
import { Memory } from "../../static/chat/memory.js";
import type { User } from "../../protocol.ts";
import { FakeWorld, idOf } from "../sdk/fakes.ts";

/** Whom the cookie of the page tells. */
export const ANN: User = { id: idOf("ann"), name: "ann", role: "guest" };

/** A browser's storage. */
export class FakeStorage {
  readonly kept = new Map<string, string>();

  get length(): number {
    return this.kept.size;
  }

  key(index: number): string | null {
    return [...this.kept.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.kept.set(key, value);
  }

  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

/** A page's model in a world that is moved by hand. */
export class World extends FakeWorld {
  readonly storage = new FakeStorage();
  readonly stored = this.storage.kept;
  readonly events: ChatEvent[] = [];
  /** How often the page was told that its session is over. */
  ends = 0;

  /** Opens the page for somebody who is signed in. */
  open(user: User = ANN): Chat {
    return new Chat({
      user,
      url: "ws://test/ws",
      memory: new Memory(this.storage, user.id),
      environment: this.environment,
      request: () => {
        throw new Error("No uploads here");
      },
      onChange: () => {},
      onEvent: (event) => this.events.push(event),
      onEnded: () => this.ends++,
    });
  }
}
