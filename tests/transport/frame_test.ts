import fc from "fast-check";
import { toFrame } from "../../client/outgoing.ts";
import { assertEquals, assertStrictEquals } from "../support/assert.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads a whole unmasked frame by RFC 6455 §5.2. */
function parse(wire: Uint8Array): { opcode: number; payload: Uint8Array } {
  const view = new DataView(wire.buffer, wire.byteOffset);
  const first = view.getUint8(0);
  assertEquals(first >> 4, 8, "FIN and no reserved bits");
  const length = view.getUint8(1);
  if (length < 126) {
    assertEquals(wire.length, 2 + length);
    return { opcode: first & 15, payload: wire.subarray(2) };
  }
  const long = length === 127;
  const actual = long ? Number(view.getBigUint64(2)) : view.getUint16(2);
  assertEquals(actual > (long ? 0xffff : 125), true, "the shortest form of the length");
  assertEquals(wire.length, (long ? 10 : 4) + actual);
  return { opcode: first & 15, payload: wire.subarray(long ? 10 : 4) };
}

Deno.test("Frame.wire is the frame of the RFC for any text and any bytes", () => {
  const lengths = fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000);
  const texts = fc.oneof(
    fc.string({ unit: "grapheme" }),
    lengths.map((length) => "x".repeat(length)),
  );
  fc.assert(fc.property(texts, (text) => {
    const frame = toFrame(text);
    const { opcode, payload } = parse(frame.wire);
    assertEquals([opcode, decoder.decode(payload), payload.length], [1, text, frame.bytes]);
  }));
  const bytes = fc.oneof(fc.uint8Array(), lengths.map((length) => new Uint8Array(length).fill(7)));
  fc.assert(fc.property(bytes, (data) => {
    const frame = toFrame(data);
    const { opcode, payload } = parse(frame.wire);
    assertEquals([opcode, Uint8Array.from(payload), frame.bytes], [2, data, data.length]);
  }));
});

Deno.test("Frame.wire is made once", () => {
  const frame = toFrame("hi");
  assertStrictEquals(frame.wire, frame.wire);
});
