/**
 * Somebody who talks without a browser: costs a connection instead of a page.
 *
 * @module
 */
import { Chatter } from "../support/chatter.ts";
import type { TestServer } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";

/** Messages sent in one frame. */
const BATCH = 200;

/** A person in one room. */
export class Guest {
  #said = 0;

  private constructor(
    private readonly chatter: Chatter,
    readonly name: string,
    private readonly room: string,
  ) {}

  /** Logs in and enters a room. */
  static async enter(server: TestServer, name: string, room: string): Promise<Guest> {
    const entered = Chatter.enter(server.ws("/ws"), name, { room });
    return new Guest(await within(DEADLINE, `${name} in #${room}`, entered), name, room);
  }

  /** Says something, and waits until everybody in the room is told. */
  async says(...texts: string[]): Promise<void> {
    const requests = texts.map((content) => {
      return { type: "user", room: this.room, content, id: `${++this.#said}` };
    });
    for (let i = 0; i < requests.length; i += BATCH) {
      await this.chatter.send(...requests.slice(i, i + BATCH));
    }
    const last = `${this.#said}`;
    const echo = this.chatter.next("user", ({ from, id }) => from === this.name && id === last);
    await within(DEADLINE, `the echo of "${texts.at(-1)}"`, echo);
  }

  leaves(): Promise<void> {
    return this.chatter[Symbol.asyncDispose]();
  }
}
