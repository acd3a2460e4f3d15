/**
 * The cost of a batch of the hub, from the senders' frames to the frames of all members, without
 * network and disk: sockets that accept everything, and a store that commits at once. Run with
 * `deno task bench:micro`; only compare results of one run with each other.
 *
 * @module
 */
import type { Connection } from "../client.ts";
import { Hub } from "../hub.ts";
import { ask } from "../hub/commands.ts";
import { createMemoryPeople } from "../people/memory/store.ts";
import { Sessions } from "../people/sessions.ts";
import { codecOf, LINES, LOBBY } from "../protocol.ts";
import { createMemoryStore } from "../store/memory/store.ts";
import type { Change, Store } from "../store/store.ts";
import { NO_LIMITS, openVisits } from "../tests/support/hub_harness.ts";
import { toFrame } from "../client/outgoing.ts";
import type { Frame } from "../transport/socket.ts";
import { HIGH_WATER_BYTES, RetryLoop, SendQueue } from "../client/outgoing.ts";
import type { Socket } from "../transport/socket.ts";

/** Messages of a full batch, and frames pushed to a send queue. */
const MANY = 1000;

const MESSAGE = JSON.stringify({ type: "user", content: "The usual line of a chat. ".repeat(3) });

/** A socket whose peer accepts everything at once. */
class QuickSocket implements Socket {
  bufferedAmount = 0;

  send(_frame: Frame): void {}

  close(): void {}

  limitPayload(): void {}

  pauseReading(): void {}

  listen(): void {}
}

/** A socket that reports pongs. */
class ProbeSocket extends QuickSocket {
  onPong = () => {};

  override send({ data }: Frame): void {
    if (typeof data === "string" && data.startsWith('{"type":"pong"')) this.onPong();
  }
}

/** A store that numbers messages but does not keep them. */
function forgetfulStore(): Store {
  let seq = 0;
  const commit = (batch: readonly Change[]) => Promise.resolve(batch.map(() => ++seq));
  return Object.assign(createMemoryStore({ epoch: "bench" }), { commit });
}

/** A room with members, and the time of their batches. */
class FullRoom {
  readonly #hub: Hub;
  readonly #members: Connection[];
  /** Is in no room. Its pong is the last frame of a batch before the events of the rooms. */
  readonly #probe: Connection;
  readonly #probeSocket = new ProbeSocket();
  #next = 0;

  private constructor(size: number) {
    const people = createMemoryPeople();
    const visits = openVisits(people, new Sessions(people));
    this.#hub = new Hub(forgetfulStore(), { ...NO_LIMITS, visits });
    void this.#hub.run();
    this.#probe = this.#connect(this.#probeSocket);
    this.#members = Array.from({ length: size }, () => this.#connect(new QuickSocket()));
  }

  /** Fills a room. */
  static async fill(size: number): Promise<FullRoom> {
    const room = new FullRoom(size);
    for (const [index, member] of room.#members.entries()) {
      member.message(JSON.stringify({ type: "login", content: `user${index}` }));
    }
    const count = () => ask(room.#hub, ({ registry }) => registry.findRoom(LOBBY)?.userCount);
    while (await count() !== size);
    return room;
  }

  /** Sends messages of the members, in turn. Resolves when all have been delivered. */
  say(messages: number): Promise<void> {
    for (let i = 0; i < messages; i++) {
      this.#members[this.#next]?.message(MESSAGE);
      this.#next = (this.#next + 1) % this.#members.length;
    }
    return this.#settle();
  }

  /** Resolves after the batch that handles everything posted so far. */
  #settle(): Promise<void> {
    return new Promise((resolve) => {
      this.#probeSocket.onPong = resolve;
      this.#probe.message('{"type":"ping"}');
    });
  }

  #connect(socket: Socket): Connection {
    return this.#hub.connect(socket, { ip: "192.0.2.1", codec: codecOf(LINES) });
  }
}

for (const size of [100, 1000]) {
  const room = await FullRoom.fill(size);
  const group = `batch with ${size} members`;
  // Deno awaits a benchmark only if it is written as an async function.
  const bench = (what: string, messages: number) =>
    Deno.bench(`${group}: ${what}`, { group, baseline: messages === 0 }, async () => {
      await room.say(messages);
    });
  bench("nothing but a ping (floor)", 0);
  bench("1 message", 1);
  bench(`${MANY} messages`, MANY);
}

const socket = new QuickSocket();
const frame = toFrame("x".repeat(100));
const retryLoop = new RetryLoop({ schedule: () => {}, now: () => 0 });

Deno.bench(`socket send ${MANY} frames (floor)`, { group: "send queue", baseline: true }, () => {
  for (let i = 0; i < MANY; i++) socket.send(frame);
});

const drained = new SendQueue(socket, retryLoop, Infinity, () => {});
Deno.bench(`SendQueue push ${MANY} frames to a drained socket`, { group: "send queue" }, () => {
  for (let i = 0; i < MANY; i++) drained.push(frame);
});

const busySocket = new QuickSocket();
const held = new SendQueue(busySocket, retryLoop, Infinity, () => {});
Deno.bench(`SendQueue hold ${MANY} frames, then retry`, { group: "send queue" }, () => {
  busySocket.bufferedAmount = HIGH_WATER_BYTES + 1;
  for (let i = 0; i < MANY; i++) held.push(frame);
  busySocket.bufferedAmount = 0;
  held.retry(0);
});
