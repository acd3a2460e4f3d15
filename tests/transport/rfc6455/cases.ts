/**
 * What a client may send over a WebSocket, and what RFC 6455 demands of an endpoint that sends every message
 * back. After the manner of the Autobahn test suite, whose sections 1 to 7 and 10 it follows.
 *
 * @module
 */
import { closeFrame, fragments, frame, join, OP, utf8 } from "./frames.ts";

/** A case. */
export interface Case {
  /** Unique; begins with what it is about. */
  readonly name: string;
  /** What is sent, in so many writes. */
  readonly send: readonly Uint8Array[];
  /**
   * What the server has to send, in order: see `describeFrame()`. If the last one is no `close CODE`, the
   * connection has to stay open.
   */
  readonly expect: readonly string[];
}

const { more, text, binary, close, ping, pong } = OP;

/** Number of bytes up to which a payload is written out. */
const MAX_SHOWN = 24;

/** What a frame of the server is called: `text "a"`, `binary 3 bytes`, `pong ""`, `close 1000`. */
export function describeFrame(opcode: number, payload: Uint8Array): string {
  if (opcode === close) {
    return payload.length < 2
      ? `close${payload.length === 1 ? " with 1 byte" : ""}`
      : `close ${payload[0]! << 8 | payload[1]!}`;
  }
  const kind = Object.entries(OP).find(([, code]) => code === opcode)?.[0] ?? `opcode ${opcode}`;
  if (payload.length > MAX_SHOWN) return `${kind} ${payload.length} bytes, sum ${sumOf(payload)}`;
  const bytes = [...payload];
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
    ? `${kind} "${String.fromCharCode(...bytes)}"`
    : `${kind} ${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`;
}

/** Tells contents of the same length apart (Adler-32 without its modulus's prime). */
function sumOf(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) & 0xffff;
    b = (b + a) & 0xffff;
  }
  return b * 0x10000 + a;
}

type Content = string | Uint8Array;

const bytesOf = (content: Content) => typeof content === "string" ? utf8(content) : content;
const echo = (opcode: number, content: Content) => describeFrame(opcode, bytesOf(content));
const one = (name: string, send: Uint8Array, ...expect: string[]): Case => ({
  name,
  send: [send],
  expect,
});
const chop = (bytes: Uint8Array, size: number) =>
  Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, index) => bytes.subarray(index * size, (index + 1) * size),
  );
const hex = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
const raw = (...bytes: number[]) => Uint8Array.from(bytes);
const unfinished = (opcode: number, content: Content) => frame(opcode, content, { fin: false });

function* framing(): Iterable<Case> {
  for (const [kind, opcode] of [["text", text], ["binary", binary]] as const) {
    const filler = (size: number) => new Uint8Array(size).map((_, index) => 0x61 + index % 26);
    for (const size of [0, 1, 125, 126, 127, 128, 65535, 65536]) {
      yield one(
        `${kind} of ${size} bytes`,
        frame(opcode, filler(size)),
        echo(opcode, filler(size)),
      );
    }
    yield {
      name: `${kind} of 65536 bytes in pieces of 997`,
      send: chop(frame(opcode, filler(65536)), 997),
      expect: [echo(opcode, filler(65536))],
    };
    yield {
      name: `${kind} byte by byte`,
      send: chop(frame(opcode, "Hello"), 1),
      expect: [echo(opcode, "Hello")],
    };
    yield one(
      `${kind}, two messages in one write`,
      join(frame(opcode, "a"), frame(opcode, "b")),
      echo(opcode, "a"),
      echo(opcode, "b"),
    );
  }
}

function* controls(): Iterable<Case> {
  const largest = "p".repeat(125);
  yield one("ping without payload", frame(ping), echo(pong, ""));
  yield one("ping with text", frame(ping, "Hello"), echo(pong, "Hello"));
  yield one("ping with bytes", frame(ping, raw(0, 255, 254)), echo(pong, raw(0, 255, 254)));
  yield one("ping of 125 bytes", frame(ping, largest), echo(pong, largest));
  yield one("ping of 126 bytes", frame(ping, `${largest}p`), "close 1002");
  yield {
    name: "ping byte by byte",
    send: chop(frame(ping, largest), 1),
    expect: [echo(pong, largest)],
  };
  yield one("pong without ping", frame(pong));
  yield one("pong with payload, without ping", frame(pong, "x"));
  yield one("pong of 126 bytes", frame(pong, `${largest}p`), "close 1002");
  yield one(
    "pong without ping, then ping",
    join(frame(pong, "x"), frame(ping, "y")),
    echo(pong, "y"),
  );
  const ten = Array.from({ length: 10 }, (_, index) => String(index));
  yield one(
    "ten pings in one write",
    join(...ten.map((payload) => frame(ping, payload))),
    ...ten.map((payload) => echo(pong, payload)),
  );
  yield {
    name: "ten pings, byte by byte",
    send: chop(join(...ten.map((payload) => frame(ping, payload))), 1),
    expect: ten.map((payload) => echo(pong, payload)),
  };
  for (const [name, opcode] of [["ping", ping], ["pong", pong], ["close", close]] as const) {
    yield one(`${name} in fragments`, frame(opcode, "", { fin: false }), "close 1002");
  }
}

function* reserved(): Iterable<Case> {
  const hello = frame(text, "Hello");
  for (let rsv = 1; rsv < 8; rsv++) {
    const bits = rsv.toString(2).padStart(3, "0");
    yield one(
      `reserved bits ${bits} in the second text`,
      join(hello, frame(text, "x", { rsv })),
      echo(text, "Hello"),
      "close 1002",
    );
  }
  for (const [name, opcode] of [["binary", binary], ["ping", ping], ["close", close]] as const) {
    yield one(`reserved bit 100 in ${name}`, frame(opcode, "", { rsv: 4 }), "close 1002");
  }
  for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
    yield one(`opcode ${opcode}`, frame(opcode), "close 1002");
    yield one(
      `opcode ${opcode} with payload, after a text`,
      join(hello, frame(opcode, "x")),
      echo(text, "Hello"),
      "close 1002",
    );
  }
}

function* fragmentation(): Iterable<Case> {
  for (const [kind, opcode] of [["text", text], ["binary", binary]] as const) {
    yield one(`${kind} in two fragments`, fragments(opcode, "a", "b"), echo(opcode, "ab"));
    yield one(
      `${kind} in fragments, some of them empty`,
      fragments(opcode, "", "a", "", "b", ""),
      echo(opcode, "ab"),
    );
    yield one(`${kind} in empty fragments`, fragments(opcode, "", "", ""), echo(opcode, ""));
    const hundred = Array.from({ length: 100 }, () => "x");
    yield one(
      `${kind} in 100 fragments`,
      fragments(opcode, ...hundred),
      echo(opcode, "x".repeat(100)),
    );
    yield one(
      `${kind} in fragments with a ping between`,
      join(unfinished(opcode, "a"), frame(ping, "p"), frame(more, "b")),
      echo(pong, "p"),
      echo(opcode, "ab"),
    );
    yield one(
      `${kind} in fragments with a pong between`,
      join(unfinished(opcode, "a"), frame(pong, "p"), frame(more, "b")),
      echo(opcode, "ab"),
    );
    yield {
      name: `${kind} in fragments with pings between, byte by byte`,
      send: chop(
        join(
          unfinished(opcode, "a"),
          frame(ping, "1"),
          unfinished(more, "b"),
          frame(ping, "2"),
          frame(more, "c"),
        ),
        1,
      ),
      expect: [echo(pong, "1"), echo(pong, "2"), echo(opcode, "abc")],
    };
    yield one(
      `${kind} in fragments with a close between`,
      join(unfinished(opcode, "a"), closeFrame(1000), frame(more, "b")),
      "close 1000",
    );
    yield one(`${kind}: a last fragment without a first`, frame(more, "x"), "close 1002");
    yield one(
      `${kind}: a fragment without a first, then a message`,
      join(unfinished(more, "x"), frame(opcode, "y")),
      "close 1002",
    );
    yield one(
      `${kind}: a fragment after the last`,
      join(fragments(opcode, "a", "b"), frame(more, "c")),
      echo(opcode, "ab"),
      "close 1002",
    );
    yield one(
      `${kind}: a whole message inside one in fragments`,
      join(unfinished(opcode, "a"), frame(opcode, "b"), frame(more, "c")),
      "close 1002",
    );
    yield one(
      `${kind}: another message in fragments inside one`,
      join(unfinished(opcode, "a"), unfinished(opcode, "b"), frame(more, "c")),
      "close 1002",
    );
    const other = opcode === text ? binary : text;
    yield one(
      `${kind}: one of the other type in fragments inside one`,
      join(unfinished(opcode, "a"), unfinished(other, "b"), frame(more, "c")),
      "close 1002",
    );
    yield one(
      `${kind}: a ping in fragments inside one`,
      join(unfinished(opcode, "a"), frame(ping, "p", { fin: false }), frame(more, "b")),
      "close 1002",
    );
  }
}

/** Texts of every length of a sequence, and those around which UTF-8 has an edge. */
const VALID: readonly (readonly [string, Uint8Array])[] = [
  ["of two, three and four bytes", utf8("µ€😀")],
  ["of Greek", utf8("κόσμε")],
  ["U+0000", raw(0)],
  ["U+007F", utf8("\u007f")],
  ["U+0080", utf8("\u0080")],
  ["U+07FF", utf8("\u07ff")],
  ["U+0800", utf8("\u0800")],
  ["U+D7FF", utf8("\ud7ff")],
  ["U+E000", utf8("\ue000")],
  ["U+FEFF at the beginning", raw(0xef, 0xbb, 0xbf, 0x61)],
  ["U+FFFD", utf8("\ufffd")],
  ["U+FFFE", raw(0xef, 0xbf, 0xbe)],
  ["U+FFFF", raw(0xef, 0xbf, 0xbf)],
  ["U+10000", utf8("\u{10000}")],
  ["U+1FFFF", utf8("\u{1ffff}")],
  ["U+10FFFF", raw(0xf4, 0x8f, 0xbf, 0xbf)],
];

/** What is no UTF-8. */
const INVALID: readonly (readonly [string, Uint8Array])[] = [
  ["0xff", raw(0xff)],
  ["0xfe", raw(0xfe)],
  ["a lone continuation", raw(0x80)],
  ["two lone continuations", raw(0x80, 0xbf)],
  ["a continuation after ASCII", raw(0x61, 0xbf)],
  ["0xc0 0x80: U+0000 in two bytes", raw(0xc0, 0x80)],
  ["0xc1 0xbf: U+007F in two bytes", raw(0xc1, 0xbf)],
  ["U+07FF in three bytes", raw(0xe0, 0x9f, 0xbf)],
  ["U+FFFF in four bytes", raw(0xf0, 0x8f, 0xbf, 0xbf)],
  ["U+D800", raw(0xed, 0xa0, 0x80)],
  ["U+DFFF", raw(0xed, 0xbf, 0xbf)],
  ["a pair of surrogates", raw(0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80)],
  ["U+110000", raw(0xf4, 0x90, 0x80, 0x80)],
  ["five bytes", raw(0xf8, 0x88, 0x80, 0x80, 0x80)],
  ["six bytes", raw(0xfc, 0x84, 0x80, 0x80, 0x80, 0x80)],
  ["ASCII after the lead of two", raw(0xc3, 0x28)],
  ["ASCII after two of three", raw(0xe2, 0x82, 0x28)],
  ["ASCII after three of four", raw(0xf0, 0x9f, 0x98, 0x28)],
];

function* utf8Cases(): Iterable<Case> {
  for (const [name, bytes] of VALID) {
    yield one(`UTF-8 ${name}`, frame(text, bytes), echo(text, bytes));
  }
  const word = utf8("κ€😀");
  for (let at = 1; at < word.length; at++) {
    yield one(
      `UTF-8 in fragments, ${at} bytes in the first`,
      fragments(text, word.subarray(0, at), word.subarray(at)),
      echo(text, word),
    );
  }
  yield one(
    "UTF-8 in fragments of one byte",
    fragments(text, ...chop(word, 1)),
    echo(text, word),
  );
  yield one(
    "UTF-8 in fragments of one byte with a ping after each",
    join(
      ...[...word].map((byte, index) =>
        join(
          frame(index === 0 ? text : more, raw(byte), { fin: index === word.length - 1 }),
          frame(ping, String(index)),
        )
      ),
    ),
    ...[...word.keys()].slice(0, -1).map((index) => echo(pong, String(index))),
    echo(text, word),
    echo(pong, String(word.length - 1)),
  );
  for (const [name, bytes] of INVALID) {
    yield one(`Not UTF-8: ${name}`, frame(text, bytes), "close 1007");
    const whole = join(utf8("ab"), bytes);
    yield one(
      `Not UTF-8 in fragments: ${name}`,
      fragments(text, whole.subarray(0, 1), whole.subarray(1)),
      "close 1007",
    );
  }
  yield one(
    "Not UTF-8 in the first fragment, which is not the last",
    unfinished(text, raw(0x61, 0xff)),
    "close 1007",
  );
  for (const sign of [utf8("µ"), utf8("€"), utf8("😀")]) {
    for (let length = 1; length < sign.length; length++) {
      const cut = sign.subarray(0, length);
      yield one(`Cut UTF-8: ${hex(cut)}`, frame(text, cut), "close 1007");
      const after = join(utf8("a"), cut);
      yield one(`Cut UTF-8 after a: ${hex(cut)}`, frame(text, after), "close 1007");
      yield one(
        `Cut UTF-8 at the end of the first fragment, then an empty one: ${hex(cut)}`,
        fragments(text, cut, ""),
        "close 1007",
      );
      yield one(
        `Cut UTF-8 at the end of the first fragment, then ASCII: ${hex(cut)}`,
        fragments(text, cut, "a"),
        "close 1007",
      );
      yield one(
        `Cut UTF-8 at the end of the last fragment: ${hex(cut)}`,
        fragments(text, "a", cut),
        "close 1007",
      );
    }
  }
  yield one(
    "Binary that is no UTF-8",
    frame(binary, raw(0xff, 0xc0)),
    echo(binary, raw(0xff, 0xc0)),
  );
}

/** Codes that an endpoint may send (RFC 6455 §7.4, and those that IANA has registered since). */
const CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];

function* closing(): Iterable<Case> {
  yield one("close without code", frame(close), "close");
  yield one("close with 1 byte", frame(close, "x"), "close 1002");
  for (const code of [...CODES, 3000, 3999, 4000, 4999]) {
    yield one(`close ${code}`, closeFrame(code), `close ${code}`);
  }
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]) {
    yield one(`close ${code}, which no endpoint may send`, closeFrame(code), "close 1002");
  }
  yield one("close with a reason", closeFrame(1000, "bye"), "close 1000");
  yield one("close with a reason of 123 bytes", closeFrame(1000, "r".repeat(123)), "close 1000");
  yield one("close with a reason of 124 bytes", closeFrame(1000, "r".repeat(124)), "close 1002");
  yield one("close with a reason in UTF-8", closeFrame(1000, "κ€😀"), "close 1000");
  yield one("close with a reason that is no UTF-8", closeFrame(1000, raw(0xff)), "close 1007");
  yield one("close with a cut reason", closeFrame(1000, raw(0x61, 0xe2, 0x82)), "close 1007");
  yield one("text after close", join(closeFrame(1000), frame(text, "x")), "close 1000");
  yield one("ping after close", join(closeFrame(1000), frame(ping, "x")), "close 1000");
  yield one("two closes", join(closeFrame(1000), closeFrame(1001)), "close 1000");
  yield one(
    "close after a text",
    join(frame(text, "x"), closeFrame(1000)),
    echo(text, "x"),
    "close 1000",
  );
  yield { name: "close byte by byte", send: chop(closeFrame(1000), 1), expect: ["close 1000"] };
}

function* headers(): Iterable<Case> {
  for (const [name, opcode] of [["text", text], ["binary", binary], ["ping", ping]] as const) {
    yield one(`${name} without mask`, frame(opcode, "Hello", { masked: false }), "close 1002");
  }
  yield one("close without mask", frame(close, "", { masked: false }), "close 1002");
  yield one(
    "last fragment without mask",
    join(unfinished(text, "a"), frame(more, "b", { masked: false })),
    "close 1002",
  );
  yield one("length 5 in 2 bytes", frame(text, "Hello", { lengthBytes: 2 }), "close 1002");
  yield one("length 5 in 8 bytes", frame(text, "Hello", { lengthBytes: 8 }), "close 1002");
  const long = "x".repeat(300);
  yield one("length 300 in 8 bytes", frame(text, long, { lengthBytes: 8 }), "close 1002");
  yield one("length with the highest bit", frame(text, "", { length: 1n << 63n }), "close 1002");
  yield one("length of 2^62 bytes", frame(binary, "", { length: 1n << 62n }), "close 1009");
  yield one("length of 1 GiB", frame(binary, "", { length: 1n << 30n }), "close 1009");
}

/** All of them. */
export const CASES: readonly Case[] = [
  ...framing(),
  ...controls(),
  ...reserved(),
  ...fragmentation(),
  ...utf8Cases(),
  ...closing(),
  ...headers(),
];
