import { allowancesOf } from "../../client/allowances.ts";
import { echoEndpoint } from "../../endpoints/echo.ts";
import { RawConnection, type RawOptions } from "../../endpoints/raw.ts";
import { relayEndpoint } from "../../endpoints/relay.ts";
import { RetryLoop } from "../../client/outgoing.ts";
import { assertEquals } from "../support/assert.ts";
import { FakeSanctions } from "../support/fake_sanctions.ts";
import { FakeSocket, handshake } from "./raw_cases.ts";

/** A connection that echoes, with a small queue, 256 bytes a frame at most, and a clock at rest. */
function connect(options: Partial<RawOptions> = {}): {
  socket: FakeSocket;
  clock: { now: number };
  retry: () => void;
  ended: () => number;
} {
  const socket = new FakeSocket();
  const clock = { now: 0 };
  let retry = () => {};
  let ended = 0;
  const limits = options.limits ?? { maxMessage: 16, maxQueue: 100_000, rate: 0, burst: 1 };
  new RawConnection(socket, {
    from: handshake("/echo"),
    limits,
    allowance: allowancesOf(limits, () => clock.now).ofConnection("192.0.2.1"),
    retryLoop: new RetryLoop({ schedule: (task) => retry = task, now: () => clock.now }),
    now: () => clock.now,
    received: (frame, from) => from.push(frame),
    ended: () => ended++,
    ...options,
  });
  return { socket, clock, retry: () => retry(), ended: () => ended };
}

Deno.test("RawConnection takes frames up to 16 times the longest message", () => {
  const { socket } = connect();
  const frames = ["x".repeat(256), "é".repeat(128), new Uint8Array(256)];
  for (const frame of frames) socket.receive(frame);
  assertEquals(socket.sent, frames);
  assertEquals(socket.closes, []);
});

for (const frame of ["x".repeat(257), "é".repeat(128) + "x", new Uint8Array(257)]) {
  const what = typeof frame === "string" ? `a text of ${frame.length} characters` : "257 bytes";
  Deno.test(`RawConnection closes 1009 after ${what}`, () => {
    const { socket, ended } = connect();
    socket.receive(frame);
    socket.receive("afterwards");
    assertEquals(socket.closes, [[1009, "A frame must have at most 256 bytes"]]);
    assertEquals(socket.sent, []);
    assertEquals(ended(), 1);
  });
}

Deno.test("RawConnection closes 1008 above its rate, and what was within it came through", () => {
  const limits = { maxMessage: 16, maxQueue: 100_000, rate: 10, burst: 3 };
  const { socket, clock, ended } = connect({ limits });
  for (const text of ["1", "2", "3"]) socket.receive(text);
  clock.now = 100;
  socket.receive("4");
  socket.receive("5");
  socket.receive("6");
  assertEquals(socket.sent, ["1", "2", "3", "4"]);
  assertEquals(socket.closes, [[1008, "At most 10 frames a second, 3 at once"]]);
  assertEquals(ended(), 1);
});

Deno.test("RawConnection closes 1008 above its bytes", () => {
  const limits = { maxMessage: 16, maxQueue: 100_000, rate: 10, burst: 10, byteRate: 100 };
  const { socket } = connect({ limits });
  for (let n = 0; n < 5; n++) socket.receive("x".repeat(100));
  assertEquals(socket.sent.length, 4);
  assertEquals(socket.closes, [[1008, "Too many bytes of your connection"]]);
});

Deno.test("RawConnection holds what its peer does not read and sends it later, in order", () => {
  const { socket, retry } = connect();
  socket.bufferedAmount = 65_537;
  for (const text of ["1", "2", "3"]) socket.receive(text);
  assertEquals(socket.sent, []);
  socket.bufferedAmount = 0;
  retry();
  socket.receive("4");
  assertEquals(socket.sent, ["1", "2", "3", "4"]);
});

Deno.test("RawConnection closes 1013 once more than the queue is not read", () => {
  const { socket, ended } = connect();
  socket.bufferedAmount = 99_998;
  socket.receive("12");
  assertEquals(socket.closes, []);
  socket.receive("3");
  assertEquals(socket.closes, [[1013, "Too slow: what was sent to you was not read"]]);
  assertEquals(ended(), 1);
});

Deno.test("RawConnection ends once, however it ends", () => {
  const { socket, ended } = connect();
  socket.breakLine();
  socket.breakLine();
  socket.receive("afterwards");
  assertEquals(ended(), 1);
  assertEquals([socket.sent, socket.closes], [[], []]);
});

Deno.test("echoEndpoint() and relayEndpoint() keep nobody who was banned while the socket opened", () => {
  for (const [make, path] of [[echoEndpoint, "/echo"], [relayEndpoint, "/relay"]] as const) {
    const sanctions = new FakeSanctions();
    const limits = { maxMessage: 16, maxQueue: 100_000, rate: 0, burst: 1 };
    const endpoint = make(limits, allowancesOf(limits, () => 0), undefined, sanctions);
    sanctions.impose("ban address", "192.0.2.1");
    const socket = new FakeSocket();
    endpoint.opened(socket, { ...handshake(path), peer: { ip: "192.0.2.1" } });
    assertEquals(socket.closes, [[4505, "An admin has ended the connection"]]);
  }
});
