/**
 * What a WebSocket of the transport `node` may send and hold, and what becomes of those that go beyond.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { deflateRawSync } from "node:zlib";
import { toFrame } from "../../client/outgoing.ts";
import type { Refusal } from "../../log/refusals.ts";
import type { Metric } from "../../metrics/metrics.ts";
import type { ListenOptions } from "../../transport/listener.ts";
import { HeldBytes } from "../../transport/node/held_bytes.ts";
import { listen } from "../../transport/node/listen.ts";
import { NodeSocket } from "../../transport/node/socket.ts";
import type { Accepted, Socket } from "../../transport/socket.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Condition } from "../support/condition.ts";
import { listenOptions } from "../support/listen_options.ts";
import { handshake } from "../support/raw_http.ts";
import { RawLine } from "../support/raw_tcp.ts";
import { TRANSPORTS } from "../support/test_server.ts";
import { DEADLINE, poll, within } from "../support/within.ts";
import { WsClient } from "../support/ws_client.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const MAX_PAYLOAD = 64 * KIB;

const FIN = 0x80;
const COMPRESSED = 0x40;
const [CONTINUATION, TEXT, CLOSE, PING] = [0, 1, 8, 9];

/** A frame as a client sends it, masked with zeros; `length` larger than the payload leaves it unfinished. */
function frame(first: number, payload: Uint8Array, length = payload.length): Uint8Array {
  const header = Buffer.alloc(14);
  header[0] = first;
  header[1] = 0x80 | 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  if (length > 0xffff) return Buffer.concat([header, payload]);
  if (length <= 125) {
    return Buffer.concat([Uint8Array.of(first, 0x80 | length, 0, 0, 0, 0), payload]);
  }
  const short = Uint8Array.of(first, 0x80 | 126, length >> 8, length & 255, 0, 0, 0, 0);
  return Buffer.concat([short, payload]);
}

/** The code and reason of the close frame at the end of what was received. */
function closeOf(received: string): { code: number; reason: string } {
  const start = received.lastIndexOf("\x88");
  const payload = received.slice(start + 2);
  return { code: payload.charCodeAt(0) * 256 + payload.charCodeAt(1), reason: payload.slice(2) };
}

interface Served extends AsyncDisposable {
  readonly url: string;
  /** The sockets that were opened, oldest first. */
  readonly sockets: Socket[];
  readonly messages: (string | Uint8Array)[];
  readonly refusals: Refusal[];
  held(): number;
  /** Resolves when so many messages have arrived in all. */
  received(count: number): Promise<true>;
  /** A WebSocket, written to by hand. */
  open(headers?: Readonly<Record<string, string>>): Promise<RawLine>;
}

/** Listens, and takes everything that is sent. */
async function serve(
  options: Partial<ListenOptions> & Partial<Pick<Accepted, "pace" | "ip">> = {},
): Promise<Served> {
  const { pace, ip = "127.0.0.1" } = options;
  const changed = new Condition();
  const sockets: Socket[] = [];
  const messages: (string | Uint8Array)[] = [];
  const refusals: Refusal[] = [];
  const figures = new Map<string, Metric>();
  const listener = await listen(
    listenOptions({
      refusals: { note: (refusal) => void refusals.push(refusal) },
      metrics: { register: (metric) => void figures.set(metric.name, metric) },
      ...options,
    }),
    {
      connect: () =>
        Promise.resolve({
          ip,
          maxPayload: MAX_PAYLOAD,
          ...(pace !== undefined && { pace }),
          opened(socket) {
            sockets.push(socket);
            socket.listen({
              message(data) {
                messages.push(data);
                changed.notify();
              },
              closed: () => {},
            });
          },
          gone: () => {},
        }),
      fetch: () => Promise.resolve(new Response(null, { status: 404 })),
    },
  );
  const { url } = listener;
  return {
    url,
    sockets,
    messages,
    refusals,
    held: () => Number(figures.get("hubbub_held_bytes")?.read()),
    received: (count) =>
      changed.until(
        () => `${count} messages, after ${messages.length}`,
        () => messages.length >= count || undefined,
      ),
    async open(headers) {
      const raw = await RawLine.open(url);
      await raw.write(handshake("/ws", headers));
      await raw.until(/\r\n\r\n/);
      return raw;
    },
    [Symbol.asyncDispose]: () => listener.close(1000),
  };
}

/** Both ends of a WebSocket, on which "0" has been said. */
async function openBoth(served: Served): Promise<{ raw: RawLine; socket: NodeSocket }> {
  const raw = await served.open();
  await raw.write(frame(FIN | TEXT, Buffer.from("0")));
  await served.received(1);
  const [socket] = served.sockets;
  assert(socket instanceof NodeSocket);
  return { raw, socket };
}

/** A test of the transport, where the runtime carries it. */
function test(behaviour: string, body: () => Promise<void>): void {
  Deno.test(`transport node ${behaviour}`, { ignore: !TRANSPORTS.includes("node") }, body);
}

Deno.test("HeldBytes.add() says when an address or all together hold too much", () => {
  const held = new HeldBytes(100, 60);
  assert(held.add("a", 60));
  assert(!held.add("a", 1));
  assert(held.add("a", -1));
  assert(held.add("b", 40));
  assert(!held.add("b", 1));
  held.add("b", -41);
  assertEquals(held.total, 60);
  assert(held.add("", 40));
  assert(!held.add("", 1));
});

test("takes messages up to the limit, and closes with 1009 before a larger one is held", async () => {
  await using served = await serve();
  const fits = new Uint8Array(MAX_PAYLOAD).fill(120);
  const raw = await served.open();
  await raw.write(frame(FIN | TEXT, fits));
  await served.received(1);
  await raw.write(frame(FIN | TEXT, new Uint8Array(0), MAX_PAYLOAD + 1));
  const { code, reason } = closeOf(await raw.untilOrEnd((text) => text.includes("larger")));
  assertEquals(code, 1009);
  assertEquals(reason, `Cannot receive message: it is larger than ${MAX_PAYLOAD} bytes`);
  const parts = await served.open();
  await parts.write(frame(TEXT, fits));
  await parts.write(frame(FIN | CONTINUATION, fits.subarray(0, 1)));
  await parts.until(/larger than/);
  assertEquals(served.refusals.map(({ reason }) => reason), ["too_large", "too_large"]);
  await Promise.all([raw.ended(), parts.ended()]);
});

test("takes larger messages once the limit was raised, and smaller ones once it was lowered", async () => {
  await using served = await serve();
  await using client = await WsClient.open(`${served.url}ws`);
  served.sockets[0]?.limitPayload(MIB);
  await client.send("x".repeat(MIB));
  await served.received(1);
  served.sockets[0]?.limitPayload(10);
  await client.send("x".repeat(11));
  assertEquals((await client.closed).code, 1009);
});

test("closes a message that comes in too many parts", async () => {
  await using served = await serve();
  const raw = await served.open();
  const empty = frame(CONTINUATION, new Uint8Array(0));
  await raw.write(
    Buffer.concat([frame(TEXT, new Uint8Array(0)), ...Array(MAX_PAYLOAD / 16).fill(empty)]),
  );
  await raw.until(/too many parts/);
  await raw.ended();
});

test("counts what unfinished messages hold, until they are whole or the connection has ended", async () => {
  await using served = await serve();
  const raw = await served.open();
  await raw.write(frame(TEXT, new Uint8Array(1000)));
  await poll("a part to be held", served.held, (held) => held >= 1000);
  await raw.write(frame(FIN | PING, new Uint8Array(0)));
  await raw.write(frame(FIN | CONTINUATION, new Uint8Array(100)));
  await poll("nothing to be held", served.held, (held) => held === 0);
  assertEquals(served.messages, ["\0".repeat(1100)]);
  await raw.write(frame(FIN | TEXT, new Uint8Array(500), 1000));
  await poll("half a frame to be held", served.held, (held) => held >= 500);
  await raw.reset();
  await poll("nothing to be held", served.held, (held) => held === 0);
});

test("closes whoever would hold more than all may together, and serves the others", async () => {
  await using served = await serve({ maxHeldBytes: 100_000 });
  const lines = [await served.open(), await served.open()];
  const half = frame(FIN | TEXT, new Uint8Array(60_000), MAX_PAYLOAD);
  await lines[0]?.write(half);
  await poll("half a frame to be held", served.held, (held) => held >= 60_000);
  await lines[1]?.write(half);
  const { code, reason } = closeOf((await lines[1]?.until(/Too much memory/)) ?? "");
  assertEquals([code, reason], [1013, "Too much memory is held by unfinished messages"]);
  await lines[0]?.write(new Uint8Array(MAX_PAYLOAD - 60_000));
  await served.received(1);
  await lines[1]?.ended();
  await poll("nothing to be held", served.held, (held) => held === 0);
  assertEquals(served.refusals.map(({ reason }) => reason), ["memory"]);
  await lines[0]?.reset();
});

test("closes a peer that sends pings without end", async () => {
  await using served = await serve();
  const raw = await served.open();
  await raw.write(Buffer.concat(Array(1000).fill(frame(FIN | PING, new Uint8Array(0)))));
  await raw.until(/Too many pings/);
  await raw.ended();
  assertEquals(served.refusals.map(({ reason }) => reason), ["abuse"]);
});

test("says what broke the protocol", async () => {
  await using served = await serve();
  const broken: [Uint8Array, number, RegExp][] = [
    [Uint8Array.of(FIN | TEXT, 1, 97), 1002, /MASK must be set/],
    [frame(FIN | TEXT, Uint8Array.of(0xff)), 1007, /invalid UTF-8/],
    [frame(FIN | COMPRESSED | TEXT, Uint8Array.of(1)), 1002, /RSV1 must be clear/],
  ];
  for (const [bytes, code, reason] of broken) {
    const raw = await served.open();
    await raw.write(bytes);
    const received = closeOf(await raw.ended());
    assertEquals(received.code, code);
    assertMatch(received.reason, reason);
  }
  assertEquals(served.refusals.map(({ reason }) => reason), ["protocol", "protocol", "protocol"]);
});

test("destroys a peer that does not complete the closing handshake", async () => {
  await using served = await serve();
  const raw = await served.open();
  served.sockets[0]?.close(1000, "enough");
  await raw.until(/enough/);
  await raw.ended();
});

const DEFLATE = { "sec-websocket-extensions": "permessage-deflate; client_max_window_bits" };

test("compresses with the parameters that let one frame serve all, if it is told to", async () => {
  await using plain = await serve();
  const refused = await plain.open(DEFLATE);
  assert(!/sec-websocket-extensions/i.test(await refused.head()));
  await refused.reset();
  await using served = await serve({ deflate: true });
  const raw = await served.open(DEFLATE);
  assertMatch(
    await raw.head(),
    /extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n/i,
  );
  const text = "hubbub ".repeat(1000);
  const large = toFrame(text);
  served.sockets[0]?.send(large);
  served.sockets[0]?.send(toFrame("short"));
  const received = await raw.until(/short/);
  const wire = received.slice(received.indexOf("\r\n\r\n") + 4);
  assertEquals(wire.charCodeAt(0), FIN | COMPRESSED | TEXT);
  assert(wire.length < text.length / 10, `received ${wire.length}`);
  // Who cannot read what is compressed with our window gets it as it is.
  const small = await served.open({
    "sec-websocket-extensions": "permessage-deflate; server_max_window_bits=10",
  });
  served.sockets[1]?.send(large);
  await small.until(/(hubbub ){1000}/);
  await Promise.all([raw.reset(), small.reset()]);
});

test("carries what is compressed both ways, unchanged, with frames between that are not", async () => {
  await using served = await serve({ deflate: true });
  const client = new WebSocket(`${served.url.replace("http", "ws")}ws`);
  const received: unknown[] = [];
  const changed = new Condition();
  client.onmessage = ({ data }) => {
    received.push(data);
    changed.notify();
  };
  await new Promise((resolve) => client.onopen = resolve);
  const texts = ["", "a", "ü€😀".repeat(1000), "x".repeat(60_000), JSON.stringify(received)];
  for (const text of texts) served.sockets[0]?.send(toFrame(text));
  await changed.until("all texts", () => received.length === texts.length || undefined);
  assertEquals(received, texts);
  client.close();
  const raw = await served.open(DEFLATE);
  const deflated = (text: string) => {
    const bytes = deflateRawSync(text, { finishFlush: 2 });
    return bytes.subarray(0, bytes.length - 4);
  };
  const parts = deflated("in three parts, ".repeat(100));
  await raw.write(Buffer.concat([
    frame(FIN | COMPRESSED | TEXT, deflated("first ".repeat(100))),
    frame(COMPRESSED | TEXT, parts.subarray(0, 5)),
    frame(FIN | PING, Uint8Array.of(1)),
    frame(CONTINUATION, parts.subarray(5, 9)),
    frame(FIN | CONTINUATION, parts.subarray(9)),
    frame(FIN | TEXT, Buffer.from("plain")),
    ...Array(2000).fill(frame(FIN | COMPRESSED | TEXT, deflated("many"))),
  ]));
  await served.received(2003);
  assertEquals(served.messages.slice(0, 4), [
    "first ".repeat(100),
    "in three parts, ".repeat(100),
    "plain",
    "many",
  ]);
  assertEquals(served.held(), 0);
  await raw.reset();
});

test("closes with 1009 what would be too large when inflated, and with 1007 what cannot be", async () => {
  await using served = await serve({ deflate: true });
  const bomb = deflateRawSync(Buffer.alloc(32 * MIB), { finishFlush: 2 });
  assert(bomb.length < MAX_PAYLOAD);
  const raw = await served.open(DEFLATE);
  await raw.write(frame(FIN | COMPRESSED | TEXT, bomb.subarray(0, bomb.length - 4)));
  assertEquals(closeOf(await raw.until(/larger than 65536/)).code, 1009);
  const broken = await served.open(DEFLATE);
  await broken.write(frame(FIN | COMPRESSED | TEXT, Uint8Array.of(255, 255, 255)));
  assertEquals(closeOf(await broken.until(/Invalid compressed/)).code, 1007);
  await Promise.all([raw.ended(), broken.ended()]);
  assertEquals(served.messages, []);
});

test("tells what was read before a pause once it is over, in order, and nothing meanwhile", async () => {
  await using served = await serve();
  const { raw, socket } = await openBoth(served);
  // From the first of a chunk on, so that the others have been read when the pause begins.
  const pauses = 3;
  const heard: string[] = [];
  const done = Promise.withResolvers<void>();
  socket.listen({
    message(data) {
      heard.push(String(data));
      if (heard.length <= pauses) {
        socket.pauseReading(20);
        const count = heard.length;
        queueMicrotask(() => assertEquals(heard.length, count, "heard during a pause"));
      }
      if (heard.length === 10) done.resolve();
    },
    closed: () => {},
  });
  const texts = Array.from({ length: 10 }, (_, n) => String(n + 1));
  await raw.write(Buffer.concat(texts.map((text) => frame(FIN | TEXT, Buffer.from(text)))));
  await within(DEADLINE, "what was sent to be heard", done.promise);
  assertEquals(heard, texts);
  await raw.reset();
});

test("forgets what it has not told when it closes", async () => {
  await using served = await serve();
  const { raw, socket } = await openBoth(served);
  const heard: string[] = [];
  socket.listen({
    message(data) {
      heard.push(String(data));
      socket.pauseReading(60_000);
      setTimeout(() => socket.close(1008, "Enough"), 0);
    },
    closed: () => {},
  });
  await raw.write(Buffer.concat(["1", "2"].map((text) => frame(FIN | TEXT, Buffer.from(text)))));
  assertEquals(closeOf(await raw.until(/Enough/)).code, 1008);
  assertEquals(heard, ["1"]);
  await raw.reset();
});

test("reads as slowly as it is told, and loses nothing", async () => {
  const chunks: number[] = [];
  let isOver = true;
  let early = 0;
  await using served = await serve({
    pace(bytes) {
      chunks.push(bytes);
      if (!isOver) early++;
      isOver = false;
      setTimeout(() => isOver = true, 40);
      return 50;
    },
  });
  const raw = await served.open();
  const one = frame(FIN | TEXT, new Uint8Array(100).fill(0x61));
  for (let count = 1; count <= 4; count++) {
    await raw.write(one);
    await served.received(count);
    await poll("the chunk to be counted", () => chunks.length, (length) => length === count);
  }
  assertEquals([chunks, early], [Array(4).fill(one.length), 0]);
  await raw.reset();
});

test("says of whom it refuses something by the address that it is told, not the proxy's", async () => {
  await using served = await serve({ ip: "192.0.2.1" });
  const raw = await served.open();
  await raw.write(frame(FIN | TEXT, new Uint8Array(100), MAX_PAYLOAD + 1));
  assertEquals(closeOf(await raw.until(/larger than/)).code, 1009);
  assertEquals(served.refusals.map(({ reason, ip }) => [reason, ip]), [["too_large", "192.0.2.1"]]);
  await raw.reset();
});

test("tells what a peer has sent before it closed, although a pause lasts", async () => {
  await using served = await serve();
  const { raw, socket } = await openBoth(served);
  const heard: string[] = [];
  const done = Promise.withResolvers<void>();
  socket.listen({
    message(data) {
      heard.push(String(data));
      socket.pauseReading(20);
    },
    closed(code) {
      heard.push(String(code));
      done.resolve();
    },
  });
  const texts = ["1", "2", "3"].map((text) => frame(FIN | TEXT, Buffer.from(text)));
  await raw.write(Buffer.concat([...texts, frame(FIN | CLOSE, Uint8Array.of(3, 232))]));
  await within(DEADLINE, "the end", done.promise);
  assertEquals(heard, ["1", "2", "3", "1000"]);
  await raw.reset();
});

test("does not cut a peer for pongs that it does not read, nor one whose message takes long", async () => {
  await using served = await serve();
  const { raw, socket } = await openBoth(served);
  socket.pauseReading(50);
  for (let count = 0; count < 3; count++) socket.ping();
  const slow = frame(FIN | TEXT, new Uint8Array(100).fill(0x61));
  await raw.write(slow.subarray(0, 50));
  await poll("a part of a message", served.held, (bytes) => bytes > 0);
  // It has not answered, but its message goes on.
  socket.ping();
  const before = served.held();
  await raw.write(slow.subarray(50, 60));
  await poll("more of it", served.held, (bytes) => bytes > before);
  socket.ping();
  assertEquals(served.refusals, []);
  await raw.write(slow.subarray(60));
  await served.received(2);
  // Now it is silent, and answers no ping.
  socket.ping();
  socket.ping();
  await raw.ended();
  assertEquals(served.refusals.map(({ reason }) => reason), ["timeout"]);
});

test("reads no faster from a peer that it has closed", async () => {
  const chunks: number[] = [];
  const pace = (bytes: number) => {
    chunks.push(bytes);
    return 1000;
  };
  await using served = await serve({ pace });
  const { raw, socket } = await openBoth(served);
  socket.close(1008, "Enough");
  const flood = Buffer.concat(Array(100).fill(frame(FIN | TEXT, new Uint8Array(60_000))));
  await raw.write(flood).catch(() => {});
  await raw.ended();
  const read = chunks.reduce((sum, bytes) => sum + bytes, 0);
  assert(read < flood.length / 2, `read ${read} of ${flood.length}`);
  assertEquals(served.messages, ["0"]);
});

test("does not tell all at once what it was sent before the end, and not for long", async () => {
  await using served = await serve();
  const { raw, socket } = await openBoth(served);
  let heard = 0;
  const done = Promise.withResolvers<void>();
  socket.listen({
    message() {
      heard++;
      socket.pauseReading(400);
    },
    closed: () => done.resolve(),
  });
  const flood = Array(500).fill(frame(FIN | TEXT, Buffer.from("x")));
  await raw.write(Buffer.concat([...flood, frame(FIN | CLOSE, Uint8Array.of(3, 232))]));
  await within(DEADLINE, "the end", done.promise);
  assert(heard < 10, `${heard}`);
  await raw.reset();
});
