/**
 * When the clients of a crowd talk.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Crowd } from "./crowd.ts";

/** How fast everybody talks. */
export type Pace =
  /** Closed loop: so many messages are under way at any time. */
  | { readonly kind: "window"; readonly messages: number }
  /** Open loop: so many messages a second, whatever the server does. */
  | { readonly kind: "rate"; readonly perSecond: number };

/** Between two looks at what a rate makes due, in milliseconds. */
const TICK_MS = 1;

/** What is talked to. */
export type Talkers = Pick<Crowd, "deliveries" | "fanOut" | "onDeliveries" | "say">;

/** Has the clients talk in turn. */
export class Talk {
  readonly #crowd: Talkers;
  readonly #clients: number;
  readonly #pace: Pace;
  readonly #deliveriesBefore: number;
  #next = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #filling = false;
  #stopped = false;
  /** Messages said. */
  sent = 0;

  constructor(crowd: Talkers, clients: number, pace: Pace) {
    this.#crowd = crowd;
    this.#clients = clients;
    this.#pace = pace;
    this.#deliveriesBefore = crowd.deliveries;
  }

  /** Messages said that did not reach everybody; a fraction for one that reached some. */
  get underWay(): number {
    return this.sent - (this.#crowd.deliveries - this.#deliveriesBefore) / this.#crowd.fanOut;
  }

  /** Begins to talk. */
  start(): void {
    if (this.#pace.kind === "window") this.#startWindow(this.#pace.messages);
    else this.#startRate(this.#pace.perSecond);
  }

  /** Says nothing more. */
  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  #startWindow(messages: number): void {
    const fill = () => {
      this.#filling = false;
      while (!this.#stopped && this.underWay < messages) this.#sayNext();
    };
    // Once a turn of the event loop, so that what is due to one client leaves together.
    this.#crowd.onDeliveries = () => {
      if (this.#filling) return;
      this.#filling = true;
      setImmediate(fill);
    };
    fill();
  }

  #startRate(perSecond: number): void {
    const start = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - start) * perSecond) / 1000);
      while (this.sent < due) this.#sayNext();
    }, TICK_MS);
  }

  #sayNext(): void {
    this.#crowd.say(this.#next);
    this.#next = (this.#next + 1) % this.#clients;
    this.sent++;
  }
}
