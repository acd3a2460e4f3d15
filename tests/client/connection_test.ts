import { TextSession } from "../../client/text/session.ts";
import { assert, assertEquals, assertObjectMatch } from "../support/assert.ts";
import { ConnectionHarness } from "../support/connection_harness.ts";

const PING = `{"type":"ping"}`;

/** The codes of all answers, and their ids where they have one. */
function codes(harness: ConnectionHarness): string[] {
  return harness.take().map((message) =>
    message.type === "error" ? `${message.code} ${message.id ?? ""}`.trimEnd() : message.type
  );
}

Deno.test("Connection passes what is right on and answers what is wrong, line by line", () => {
  const harness = new ConnectionHarness();
  harness.socket.receive([
    `{"type":"ping","id":"a"}`,
    "",
    "nonsense",
    `{"type":"nonsense","id":"b"}`,
    `{"type":"user","content":1,"id":"c"}`,
    `{"type":"typing"}`,
  ].join("\n"));
  assertEquals(harness.requests, [{ type: "ping", id: "a" }, { type: "typing" }]);
  assertEquals(codes(harness), ["bad_json", "unknown_type b", "bad_message c"]);
  assertEquals(harness.socket.sent.length, 0);
  harness.socket.receive(`\n\n`);
  assertEquals([harness.requests.length, codes(harness)], [2, []]);
});

Deno.test("Connection without a subprotocol reads a frame as one object, its line ends included", () => {
  const harness = new ConnectionHarness({ plain: true });
  harness.socket.receive(`{\n"type":\n"ping"\n}`);
  harness.socket.receive(`${PING}\n${PING}`);
  assertEquals(harness.requests, [{ type: "ping" }]);
  assertEquals(codes(harness), ["bad_json"]);
});

Deno.test("Connection measures messages by the configured length", () => {
  const harness = new ConnectionHarness({ maxMessage: 64 });
  const say = (content: string, id: string) => JSON.stringify({ type: "user", content, id });
  harness.socket.receive(
    [say("é".repeat(32), "fits"), say("é".repeat(32) + "e", "long")].join("\n"),
  );
  assertEquals(harness.requests.map(({ id }) => id), ["fits"]);
  assertEquals(codes(harness), ["too_long long"]);
});

Deno.test("Connection refuses frames of too many bytes or lines as a whole, and goes on", () => {
  const harness = new ConnectionHarness();
  harness.socket.receive(`{"type":"ping","x":"${"\u00e9".repeat(8 * 1024)}"}`);
  harness.socket.receive(Array.from({ length: 1001 }, () => PING).join("\n"));
  assertEquals(harness.requests, []);
  const answers = harness.take();
  assertEquals(answers, [
    {
      type: "error",
      code: "too_large",
      content: "Cannot read frame: a frame must have at most 16384 bytes",
    },
    {
      type: "error",
      code: "too_large",
      content: "Cannot read frame: a frame must have at most 1000 lines, received 1001",
    },
  ]);
  harness.socket.receive(Array.from({ length: 1000 }, () => PING).join("\n"));
  assertEquals(harness.requests.length, 1000);
});

Deno.test("Connection refuses what comes faster than the rate, with its id and the time to wait", () => {
  const harness = new ConnectionHarness({ rate: 10, burst: 2 });
  harness.socket.receive([1, 2, 3].map((n) => `{"type":"ping","id":"${n}"}`).join("\n"));
  assertEquals(harness.requests.map(({ id }) => id), ["1", "2"]);
  assertEquals(harness.take(), [{
    type: "error",
    code: "rate_limited",
    content: "Cannot serve request: at most 10 requests a second, 2 at once",
    id: "3",
    retry_ms: 100,
  }]);
  harness.now += 100;
  harness.socket.receive(`{"type":"ping","id":"3"}`);
  assertEquals(harness.requests.map(({ id }) => id), ["1", "2", "3"]);
});

Deno.test("Connection counts bytes before it reads anything of a frame", () => {
  const harness = new ConnectionHarness({ rate: 1000, burst: 1000, byteRate: 1000 });
  const frame = `{"type":"ping","id":"1","x":"${"x".repeat(8000)}"}`;
  for (let n = 0; n < 3; n++) harness.socket.receive(frame);
  assertEquals(harness.requests.length, 2);
  const [refusal] = harness.take();
  assertObjectMatch(refusal ?? {}, {
    type: "error",
    id: "1",
    code: "rate_limited",
    content: "Cannot read frame: too many bytes of your connection",
  });
  assert(refusal?.type === "error" && refusal.retry_ms !== undefined);
  harness.now += refusal.retry_ms;
  harness.socket.receive(frame);
  assertEquals(harness.requests.length, 3);
});

Deno.test("Connection answers every id of a frame that it refuses for its bytes, and no other text", () => {
  const harness = new ConnectionHarness({ rate: 1000, burst: 1000, byteRate: 1000 });
  harness.socket.receive(`{"type":"ping","x":"${"x".repeat(16_000)}"}`);
  const content = '"id":"not one"'.repeat(300);
  const lines = ["a", "b"].map((id) => JSON.stringify({ type: "user", content, id }));
  harness.socket.receive(lines.join("\n"));
  const refusals = harness.take().map((one) => "id" in one ? one.id : undefined);
  assertEquals(refusals, ["a", "b"]);
});

Deno.test("Connection stops reading for a while from a peer that sends too much", () => {
  const harness = new ConnectionHarness({ rate: 10, burst: 1, byteRate: 100 });
  harness.socket.receive([PING, PING].join("\n"));
  assertEquals(harness.socket.pauses, [100]);
  for (let n = 0; n < 2; n++) harness.socket.receive("x".repeat(16_000));
  assertEquals(harness.socket.pauses, [100, 100, 156_470]);
  assertEquals(harness.refusals, ["rate", "rate", "rate"]);
});

Deno.test("Connection counts blank lines as well, and does not wait for what it refuses", () => {
  const limits = { rate: 10, burst: 3, ratePerAddress: 20, byteRate: Infinity };
  const harness = new ConnectionHarness({
    ...limits,
    ratePerUser: Infinity,
    codec: new TextSession(),
  });
  harness.socket.receive(Array(10).fill(" ").join("\n"));
  assertEquals(harness.refusals, Array(7).fill("rate"));
  assertEquals(harness.socket.pauses, Array(7).fill(100));
});

Deno.test("Connection reads the requests of one address one after the other, beyond a burst", () => {
  const limits = { rate: 1000, burst: 3, ratePerAddress: 20, byteRate: Infinity };
  const harness = new ConnectionHarness({ ...limits, ratePerUser: Infinity });
  harness.socket.receive([PING, PING].join("\n"));
  assertEquals(harness.socket.pauses, []);
  harness.socket.receive(PING);
  harness.now += 1000;
  harness.socket.receive([PING, PING, PING].join("\n"));
  assertEquals(harness.socket.pauses, []);
  harness.now += 50;
  harness.socket.receive([PING, PING].join("\n"));
  harness.socket.receive(PING);
  assertEquals(harness.requests.length, 9);
  assertEquals(harness.socket.pauses, [50, 100]);
});

Deno.test("Connection ends a connection that goes on sending large frames, sooner than small ones", () => {
  const harness = new ConnectionHarness({ maxMessage: 16_384, rate: 1, byteRate: 1024 });
  const frame = "[".repeat(65_536);
  let sent = 0;
  while (harness.ends.length === 0 && sent < 1000) {
    harness.socket.receive(frame);
    sent++;
  }
  assertEquals(harness.ends[0]?.code, 1008);
  assert(sent < 300, `${sent} frames`);
});

Deno.test("Connection takes short frames until somebody is logged in", () => {
  const harness = new ConnectionHarness({ maxMessage: 16_384 });
  const frame = `{"type":"ping","x":"${"x".repeat(100_000)}"}`;
  harness.socket.receive(frame);
  assertEquals(codes(harness), ["too_large"]);
  harness.connection.membership = { user: "u1", name: "ann", role: "guest", rooms: [] };
  assertEquals(harness.socket.maxPayload, 262_144);
  harness.socket.receive(frame);
  assertEquals(harness.requests.length, 1);
  harness.connection.membership = { user: "", name: "", role: "guest", rooms: [] };
  assertEquals(harness.socket.maxPayload, 65_536);
});

Deno.test("Connection counts what it refuses by the rate too", () => {
  const harness = new ConnectionHarness({ rate: 10, burst: 2 });
  harness.socket.receive("nonsense\nnonsense\nnonsense");
  assertEquals(codes(harness), ["bad_json", "bad_json", "rate_limited"]);
});

Deno.test("Connection says so when the host is busy", () => {
  const harness = new ConnectionHarness();
  harness.full = true;
  harness.socket.receive(`{"type":"ping","id":"p"}`);
  assertObjectMatch(harness.take()[0] ?? {}, { code: "unavailable", id: "p", retry_ms: 1000 });
});

Deno.test("Connection ends a connection that does not stop to ask for too much", () => {
  const harness = new ConnectionHarness({ rate: 1, burst: 1 });
  const frame = Array.from({ length: 1000 }, () => PING).join("\n");
  harness.socket.receive(frame);
  harness.socket.receive(frame);
  assertEquals(harness.ends, []);
  harness.socket.receive(frame);
  assertEquals(harness.ends[0], { code: 1008, reason: "Too many refused requests" });
  assertEquals(harness.socket.closed, { code: 1008, reason: "Too many refused requests" });
  harness.take();
  harness.socket.receive(PING);
  assertEquals([harness.take(), harness.requests.length], [[], 1]);
});

Deno.test("Connection forgives refusals that come slowly", () => {
  const harness = new ConnectionHarness({ rate: 1, burst: 1 });
  const frame = Array.from({ length: 1000 }, () => PING).join("\n");
  for (let n = 0; n < 10; n++) {
    harness.socket.receive(frame);
    harness.now += 20_000;
  }
  assertEquals(harness.ends, []);
});

Deno.test("Connection ends a connection that floods it with frames it must refuse", () => {
  const harness = new ConnectionHarness();
  const frame = "\n".repeat(20_000);
  for (let n = 0; n < 2001 && harness.ends.length === 0; n++) harness.socket.receive(frame);
  assertEquals(harness.ends[0]?.code, 1008);
});

Deno.test("Connection passes binary frames on, by the rate, and answers why one is refused", () => {
  const harness = new ConnectionHarness({ rate: 10, burst: 2 });
  harness.socket.receive(Uint8Array.of(1, 2, 3));
  assertEquals(harness.uploads, [Uint8Array.of(1, 2, 3)]);
  assertEquals(harness.take(), []);
  harness.uploadProblem = {
    type: "error",
    code: "bad_message",
    content: "Cannot read binary frame",
  };
  harness.socket.receive(Uint8Array.of(0xff));
  harness.socket.receive(Uint8Array.of(4));
  assertEquals(codes(harness), ["bad_message", "rate_limited"]);
  assertEquals(harness.uploads.length, 2);
});

Deno.test("Connection is active when it asks for something, but not by a ping or by what is refused", () => {
  const harness = new ConnectionHarness();
  assertEquals(harness.connection.lastActive, 1000);
  harness.now = 2000;
  harness.socket.receive(PING);
  harness.socket.receive("nonsense");
  assertEquals(harness.connection.lastActive, 1000);
  harness.socket.receive(`{"type":"typing"}`);
  assertEquals(harness.connection.lastActive, 2000);
  harness.now = 3000;
  harness.socket.receive(Uint8Array.of());
  assertEquals(harness.connection.lastActive, 3000);
});

Deno.test("Connection answers as internal what its host throws, and goes on", () => {
  const harness = new ConnectionHarness();
  const upload = harness.upload;
  harness.upload = () => {
    throw new Error("Broken");
  };
  harness.socket.receive(Uint8Array.of(1));
  const [answer] = harness.take();
  assertObjectMatch(answer ?? {}, { code: "internal" });
  assert(!JSON.stringify(answer).includes("Broken"), "the error's text went out");
  harness.upload = upload;
  harness.socket.receive(PING);
  assertEquals(harness.requests.length, 1);
});

Deno.test("Connection tells its host once how the line ended, and hears nothing after that", () => {
  const harness = new ConnectionHarness();
  harness.socket.hangUp(1000, "bye");
  assertEquals(harness.ends, [{ code: 1000, reason: "bye" }]);
  harness.socket.receive(PING);
  harness.connection.answer([{ type: "pong", time: 1 }]);
  assertEquals([harness.requests, harness.take()], [[], []]);
});

Deno.test("Connection gives a peer up for which more waits than may", () => {
  const harness = new ConnectionHarness({ maxQueue: 100_000 });
  harness.socket.bufferedAmount = 99_990;
  harness.connection.answer([{ type: "pong", time: 1 }]);
  assertEquals(harness.ends, [{ code: 1013, reason: "Too slow: reconnect and resume" }]);
});
