/**
 * The messages of the load. Each starts with a byte that occurs nowhere else and the time at which it
 * was sent, so that deliveries can be counted and timed in any encoding of a server. Imports nothing.
 *
 * @module
 */

/** The first byte of each message: `~`. Must not occur in anything else that a server sends. */
export const MARK = 0x7e;

/** Hexadecimal digits of a time stamp; as microseconds they last for 12 days. */
const STAMP_DIGITS = 10;

/** Minimum length of a message: the mark and the stamp. */
export const MIN_MESSAGE = 1 + STAMP_DIGITS;

const DIGITS = new TextEncoder().encode("0123456789abcdef");

/**
 * The text of a message with a stamp of 0.
 *
 * @param bytes length of the message; at least `MIN_MESSAGE`
 */
export function blankMessage(bytes: number): string {
  return `${String.fromCharCode(MARK)}${"0".repeat(STAMP_DIGITS)}`.padEnd(bytes, "x");
}

/**
 * Writes a stamp into a frame with a blank message, masked or not: a digit differs from 0 in the same
 * bits either way.
 *
 * @param at index of the stamp's first digit
 */
export function writeStamp(frame: Uint8Array, at: number, stamp: number): void {
  let rest = stamp;
  for (let i = at + STAMP_DIGITS - 1; i >= at; i--) {
    frame[i] = frame[i]! ^ DIGITS[0]! ^ DIGITS[rest % 16]!;
    rest = Math.floor(rest / 16);
  }
}

/** Counts the messages in the payloads of a connection. */
export class MessageCounter {
  readonly #length: number;
  readonly #every: number;
  readonly #sampled: (stamp: number) => void;
  /** Number of messages so far. */
  count = 0;
  /** Bytes of the last message that are still to come. */
  #skip = 0;
  /** The last distance between two marks; less than two messages. */
  #distance: number;
  /** Number of messages until the next sample. */
  #wait: number;

  /**
   * @param length length of each message in bytes; servers do not change messages
   * @param samples one of `every` messages is timed; `first` modulo `every` come before the first one
   * @param sampled called with the stamp of each timed message
   */
  constructor(
    length: number,
    samples: { every: number; first: number },
    sampled: (stamp: number) => void,
  ) {
    this.#length = length;
    this.#every = samples.every;
    this.#sampled = sampled;
    this.#distance = length;
    this.#wait = 1 + samples.first % samples.every;
  }

  /** Reads a piece of a payload: the bytes from `start` up to `end`. */
  read(bytes: Uint8Array, start: number, end: number): void {
    let at = start + this.#skip;
    while (at < end && bytes[at] !== MARK) at++;
    for (; at < end; at = this.#findNext(bytes, at, end)) {
      this.count++;
      // If the stamp is cut in two, the next message is timed instead.
      if (--this.#wait <= 0 && at + MIN_MESSAGE <= end) {
        this.#wait = this.#every;
        this.#sampled(readStamp(bytes, at + 1));
      }
    }
    this.#skip = at - end;
  }

  /**
   * The index of the mark after the one at `at`; at least `end` if it has not arrived.
   *
   * The first guess is the last distance between two marks. It is less than twice a message's length,
   * so a right guess skips no message: one in between would extend beyond it and contain no mark.
   */
  #findNext(bytes: Uint8Array, at: number, end: number): number {
    const likely = at + this.#distance;
    if (likely < end && bytes[likely] === MARK) return likely;
    let next = at + this.#length;
    while (next < end && bytes[next] !== MARK) next++;
    if (next < end && next - at < 2 * this.#length) this.#distance = next - at;
    return next;
  }
}

function readStamp(bytes: Uint8Array, start: number): number {
  let stamp = 0;
  for (let i = start; i < start + STAMP_DIGITS; i++) {
    const digit = bytes[i]!;
    stamp = stamp * 16 + (digit < 0x3a ? digit - 0x30 : digit - 0x57);
  }
  return stamp;
}
