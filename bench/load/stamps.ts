/**
 * The messages of the load: each begins with a byte that occurs nowhere else, and the time at which
 * it was sent. So deliveries can be counted, and timed, in whatever a server wraps them. Imports
 * nothing.
 *
 * @module
 */

/** Begins each message: `~`. Must not occur in names, rooms or anything else that a server sends. */
export const MARK = 0x7e;

/** Hexadecimal digits of a stamp; microseconds, good for 12 days. */
const STAMP_DIGITS = 10;

/** Shortest message: the mark and the stamp. */
export const MIN_MESSAGE = 1 + STAMP_DIGITS;

const DIGITS = new TextEncoder().encode("0123456789abcdef");

/**
 * The text of a message with a stamp of 0.
 *
 * @param bytes its length; at least `MIN_MESSAGE`
 */
export function blankMessage(bytes: number): string {
  return `${String.fromCharCode(MARK)}${"0".repeat(STAMP_DIGITS)}`.padEnd(bytes, "x");
}

/**
 * Writes a stamp into a frame that holds a blank message, masked or not: a digit differs from 0 in the
 * same bits either way.
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

/** Counts the messages in the payloads of one connection's frames. */
export class MessageCounter {
  readonly #length: number;
  readonly #every: number;
  readonly #sampled: (stamp: number) => void;
  /** Messages so far. */
  count = 0;
  /** Bytes of the message begun last that were in no payload yet. */
  #skip = 0;
  /** From one mark to the next, as it was found last; less than two messages. */
  #distance: number;
  /** Messages until the next sample. */
  #wait: number;

  /**
   * @param length bytes of each message, which a server hands on as they are
   * @param samples of `every` messages one is timed; `first`, modulo `every`, is how many come before
   * @param sampled is given a timed one's stamp
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

  /** Takes a piece of a payload: the bytes from `start` up to `end`. */
  read(bytes: Uint8Array, start: number, end: number): void {
    let at = start + this.#skip;
    while (at < end && bytes[at] !== MARK) at++;
    for (; at < end; at = this.#findNext(bytes, at, end)) {
      this.count++;
      // A stamp that is torn in two is left for the next one.
      if (--this.#wait <= 0 && at + MIN_MESSAGE <= end) {
        this.#wait = this.#every;
        this.#sampled(readStamp(bytes, at + 1));
      }
    }
    this.#skip = at - end;
  }

  /**
   * The index of the mark that follows the one at `at`; at least `end` if that comes later.
   *
   * The first guess is the distance between two marks before. While that is less than twice a message's
   * length, a right guess skips none: a message in between would reach beyond it, and hold no mark.
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
