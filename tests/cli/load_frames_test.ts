import fc from "fast-check";
import { clientFrame, FrameParser, Opcode } from "../../cli/load/frames.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

/** What a parser tells, in order. */
type Event = { payload: number[] } | "end" | { opcode: number; payload: number[] };

/** Collects what a parser tells; pieces of one payload become one. */
function collect(): { parser: FrameParser; events: Event[] } {
  const events: Event[] = [];
  const parser = new FrameParser({
    payload(bytes, start, end) {
      assert(start < end, "an empty piece");
      const piece = [...bytes.subarray(start, end)];
      const last = events.at(-1);
      if (typeof last === "object" && !("opcode" in last)) last.payload.push(...piece);
      else events.push({ payload: piece });
    },
    frameEnd: () => events.push("end"),
    control: (opcode, payload) => events.push({ opcode, payload: [...payload] }),
  });
  return { parser, events };
}

/** A server's frame: a client's one without its mask. */
function serverFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const frame = clientFrame(opcode, payload, new Uint8Array(4));
  const header = frame.length - payload.length;
  const bare = Uint8Array.of(...frame.subarray(0, header - 4), ...payload);
  bare[1]! &= 127;
  return bare;
}

Deno.test("clientFrame() writes the masked Hello of RFC 6455 §5.7", () => {
  const key = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
  const frame = clientFrame(Opcode.Text, new TextEncoder().encode("Hello"), key);
  const wanted = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
  assertEquals([...frame], wanted);
});

Deno.test("clientFrame() uses the shortest form of each length", () => {
  const header = (length: number) => {
    const frame = clientFrame(Opcode.Binary, new Uint8Array(length), new Uint8Array(4));
    return [...frame.subarray(1, frame.length - length - 4)];
  };
  assertEquals(header(0), [0x80]);
  assertEquals(header(125), [0x80 | 125]);
  assertEquals(header(126), [0x80 | 126, 0, 126]);
  assertEquals(header(65_535), [0x80 | 126, 255, 255]);
  assertEquals(header(65_536), [0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0]);
});

const short = fc.uint8Array({ maxLength: 125 });
const messages = fc.array(
  fc.oneof(
    fc.record({ opcode: fc.constantFrom(Opcode.Ping, Opcode.Pong), payload: short }),
    fc.record({
      opcode: fc.constantFrom(Opcode.Text, Opcode.Binary),
      payload: fc.oneof(short, fc.constant(new Uint8Array(126).fill(126))),
    }),
  ),
  { maxLength: 8 },
);

Deno.test("FrameParser tells the same however the bytes are cut", () => {
  fc.assert(fc.property(messages, fc.integer({ min: 1, max: 50 }), (list, size) => {
    const bytes = Uint8Array.from(
      list.flatMap(({ opcode, payload }) => [...serverFrame(opcode, payload)]),
    );
    const { parser, events } = collect();
    for (let at = 0; at < bytes.length; at += size) parser.feed(bytes.subarray(at, at + size));
    const wanted = list.flatMap(({ opcode, payload }): Event[] => {
      if (opcode >= Opcode.Close) return [{ opcode, payload: [...payload] }];
      return payload.length === 0 ? ["end"] : [{ payload: [...payload] }, "end"];
    });
    assertEquals(events, wanted);
  }));
});

Deno.test("FrameParser reads a length of eight bytes", () => {
  const { parser, events } = collect();
  parser.feed(serverFrame(Opcode.Text, new Uint8Array(70_000)));
  parser.feed(serverFrame(Opcode.Text, Uint8Array.of(7)));
  assertEquals(events.length, 4);
  assertEquals(events.slice(2), [{ payload: [7] }, "end"]);
});

Deno.test("FrameParser refuses what no server may send", () => {
  const feed = (...bytes: number[]) => () => collect().parser.feed(Uint8Array.from(bytes));
  assertThrows(feed(0x81, 0x81, 0, 0, 0, 0, 65), Error, "masked");
  assertThrows(feed(0xc1, 0x01), Error, "reserved bits");
  assertThrows(feed(0x89, 126, 0, 126), Error, "126 bytes");
});
