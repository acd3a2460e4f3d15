/**
 * What a channel should do, for comparison: every call is applied at once and nothing is clever.
 *
 * @module
 */
import type { Outcome } from "../support/promises.ts";

/** A channel of numbers, as one would describe it. */
export class Model {
  inside: number[] = [];
  senders: { value: number; outcome: Outcome<void> }[] = [];
  receivers: { all: boolean; outcome: Outcome<unknown> }[] = [];
  closed = false;

  constructor(readonly capacity: number) {}

  trySend(value: number): boolean {
    if (this.closed || (this.inside.length >= this.capacity && this.receivers.length === 0)) {
      return false;
    }
    const receiver = this.receivers.shift();
    if (receiver === undefined) this.inside.push(value);
    else {Object.assign(receiver.outcome, {
        state: "resolved",
        value: receiver.all ? [value] : value,
      });}
    return true;
  }

  send(value: number): Outcome<void> {
    const outcome: Outcome<void> = { state: "pending" };
    if (this.trySend(value)) Object.assign(outcome, { state: "resolved", value: undefined });
    else if (this.closed) outcome.state = "rejected";
    else this.senders.push({ value, outcome });
    return outcome;
  }

  receive(all: boolean): Outcome<unknown> {
    if (this.inside.length > 0) {
      const value = all ? this.drain() : this.inside.shift();
      this.#admit();
      return { state: "resolved", value };
    }
    if (this.closed) return { state: "resolved", value: all ? [] : undefined };
    const outcome: Outcome<unknown> = { state: "pending" };
    this.receivers.push({ all, outcome });
    return outcome;
  }

  drain(): number[] {
    const values = this.inside;
    this.inside = [];
    this.#admit();
    return values;
  }

  close(): void {
    this.closed = true;
    for (const { outcome } of this.senders.splice(0)) outcome.state = "rejected";
    for (const { all, outcome } of this.receivers.splice(0)) {
      Object.assign(outcome, { state: "resolved", value: all ? [] : undefined });
    }
  }

  #admit(): void {
    while (this.inside.length < this.capacity) {
      const sender = this.senders.shift();
      if (sender === undefined) return;
      this.inside.push(sender.value);
      Object.assign(sender.outcome, { state: "resolved", value: undefined });
    }
  }
}
