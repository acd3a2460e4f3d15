/**
 * Decides when the clients of a load send.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/** The load model. */
export type LoadModel =
  /** Closed loop: keeps this many messages in flight, which shows the throughput of a server. */
  | { readonly kind: "closed"; readonly window: number }
  /**
   * Open loop: sends this many messages a second whatever the server does, which shows its latency
   * without coordinated omission.
   */
  | { readonly kind: "open"; readonly rate: number };

/** Interval at which an open loop sends what is due, in milliseconds. */
const TICK_MS = 1;

/** The clients to drive; see `ClientPool`. */
export interface LoadTarget {
  readonly senders: number;
  readonly inFlight: number;
  onDeliveries: () => void;
  say(client: number): boolean;
}

/** Makes the senders of a target send in turn. */
export class LoadDriver {
  readonly #target: LoadTarget;
  readonly #model: LoadModel;
  #next = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #filling = false;
  #stopped = false;

  constructor(target: LoadTarget, model: LoadModel) {
    this.#target = target;
    this.#model = model;
  }

  /** Starts sending. */
  start(): void {
    if (this.#model.kind === "closed") this.#startWindow(this.#model.window);
    else this.#startRate(this.#model.rate);
  }

  /** Stops sending. */
  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  #startWindow(window: number): void {
    const fill = () => {
      this.#filling = false;
      for (let inFlight = this.#target.inFlight; inFlight < window; inFlight++) {
        if (this.#stopped || !this.#sayNext()) return;
      }
    };
    // Once per turn of the event loop, so that what is due to one client leaves together.
    this.#target.onDeliveries = () => {
      if (this.#filling) return;
      this.#filling = true;
      setImmediate(fill);
    };
    fill();
  }

  #startRate(rate: number): void {
    const start = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - start) * rate) / 1000);
      while (sent < due && this.#sayNext()) sent++;
    }, TICK_MS);
  }

  /** Sends a message of the next client that can. Returns `false` if none can. */
  #sayNext(): boolean {
    const { senders } = this.#target;
    for (let tries = 0; tries < senders; tries++) {
      const client = this.#next;
      this.#next = (this.#next + 1) % senders;
      if (this.#target.say(client)) return true;
    }
    return false;
  }
}
