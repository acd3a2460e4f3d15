import fc from "fast-check";
import { clientFrame, Opcode } from "../../cli/load/frames.ts";
import { blankMessage, MessageCounter, MIN_MESSAGE, writeStamp } from "../../cli/load/stamps.ts";
import { assertEquals } from "../support/assert.ts";

const encoder = new TextEncoder();

/** The text of a message with a stamp. */
function stamped(length: number, stamp: number): string {
  const bytes = encoder.encode(blankMessage(length));
  writeStamp(bytes, 1, stamp);
  return new TextDecoder().decode(bytes);
}

/** Feeds payloads to a counter, cut into pieces, and returns what it found. */
function count(
  payloads: readonly string[],
  { length, every, piece }: { length: number; every: number; piece: number },
): { count: number; stamps: number[] } {
  const stamps: number[] = [];
  const counter = new MessageCounter(length, { every, first: 0 }, (stamp) => stamps.push(stamp));
  for (const payload of payloads) {
    const bytes = encoder.encode(payload);
    for (let at = 0; at < bytes.length; at += piece) {
      counter.read(bytes, at, Math.min(bytes.length, at + piece));
    }
  }
  return { count: counter.count, stamps };
}

Deno.test("writeStamp() writes hexadecimal digits, masked or not", () => {
  assertEquals(stamped(MIN_MESSAGE, 0x123abc), "~0000123abc");
  const key = Uint8Array.of(1, 2, 3, 4);
  const blank = clientFrame(Opcode.Text, encoder.encode(blankMessage(20)), key);
  const frame = blank.slice();
  writeStamp(frame, frame.length - 20 + 1, 0xfedcba9876);
  assertEquals(frame, clientFrame(Opcode.Text, encoder.encode(stamped(20, 0xfedcba9876)), key));
});

// Anything may stand between messages but the mark; gaps of one length tempt to guess the next.
const gap = fc.oneof(
  fc.constant("-".repeat(20)),
  fc.string({ maxLength: 60, unit: fc.constantFrom("-", "0", "x", "{") }),
);

Deno.test("MessageCounter.read() finds every message, whatever is between and however it is cut", () => {
  fc.assert(fc.property(
    fc.array(fc.array(gap, { minLength: 1, maxLength: 12 }), { maxLength: 6 }),
    fc.integer({ min: MIN_MESSAGE, max: 64 }),
    fc.integer({ min: 1, max: 200 }),
    (frames, length, piece) => {
      const payloads = frames.map((gaps) => gaps.join(stamped(length, 5)));
      const wanted = frames.reduce((sum, gaps) => sum + gaps.length - 1, 0);
      assertEquals(count(payloads, { length, every: 1, piece }).count, wanted);
    },
  ));
});

Deno.test("MessageCounter samples one of so many messages, with its stamp", () => {
  const payload = Array.from({ length: 9 }, (_, index) => stamped(30, index)).join('"},{"');
  assertEquals(count([payload], { length: 30, every: 3, piece: 1000 }).stamps, [0, 3, 6]);
  assertEquals(count([payload], { length: 30, every: 1, piece: 1000 }).stamps.length, 9);
});

Deno.test("MessageCounter leaves a stamp that is torn in two for the next", () => {
  const payload = stamped(30, 1) + stamped(30, 2) + stamped(30, 3);
  assertEquals(count([payload], { length: 30, every: 2, piece: 5 }), { count: 3, stamps: [] });
  // The second begins eight bytes before a cut.
  assertEquals(count([payload], { length: 30, every: 1, piece: 38 }), { count: 3, stamps: [1, 3] });
});

Deno.test("MessageCounter begins with the samples at different messages", () => {
  const stamps: number[] = [];
  const counter = new MessageCounter(20, { every: 3, first: 5 }, (stamp) => stamps.push(stamp));
  const bytes = encoder.encode([0, 1, 2, 3, 4, 5].map((stamp) => stamped(20, stamp)).join(""));
  counter.read(bytes, 0, bytes.length);
  assertEquals(stamps, [2, 5]);
});
