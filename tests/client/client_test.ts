import { assert, assertEquals, assertObjectMatch } from "../support/assert.ts";
import { ClientBench } from "../support/fake_host.ts";

const PING = `{"type":"ping"}`;

/** The codes of all answers, and their ids where they have one. */
function codes(bench: ClientBench): string[] {
  return bench.take().map((message) =>
    message.type === "error" ? `${message.code} ${message.id ?? ""}`.trimEnd() : message.type
  );
}

Deno.test("Client passes what is right on and answers what is wrong, line by line", () => {
  const bench = new ClientBench();
  bench.socket.receive([
    `{"type":"ping","id":"a"}`,
    "",
    "nonsense",
    `{"type":"nonsense","id":"b"}`,
    `{"type":"user","content":1,"id":"c"}`,
    `{"type":"typing"}`,
  ].join("\n"));
  assertEquals(bench.requests, [{ type: "ping", id: "a" }, { type: "typing" }]);
  assertEquals(codes(bench), ["bad_json", "unknown_type b", "bad_message c"]);
  assertEquals(bench.socket.sent.length, 0);
  bench.socket.receive(`\n\n`);
  assertEquals([bench.requests.length, codes(bench)], [2, []]);
});

Deno.test("Client without a subprotocol reads a frame as one object, its line ends included", () => {
  const bench = new ClientBench({ plain: true });
  bench.socket.receive(`{\n"type":\n"ping"\n}`);
  bench.socket.receive(`${PING}\n${PING}`);
  assertEquals(bench.requests, [{ type: "ping" }]);
  assertEquals(codes(bench), ["bad_json"]);
});

Deno.test("Client measures messages by the configured length", () => {
  const bench = new ClientBench({ maxMessage: 64 });
  const say = (content: string, id: string) => JSON.stringify({ type: "user", content, id });
  bench.socket.receive([say("é".repeat(32), "fits"), say("é".repeat(32) + "e", "long")].join("\n"));
  assertEquals(bench.requests.map(({ id }) => id), ["fits"]);
  assertEquals(codes(bench), ["too_long long"]);
});

Deno.test("Client refuses frames of too many bytes or lines as a whole, and goes on", () => {
  const bench = new ClientBench();
  bench.socket.receive(`{"type":"ping","x":"${"\u00e9".repeat(8 * 1024)}"}`);
  bench.socket.receive(Array.from({ length: 1001 }, () => PING).join("\n"));
  assertEquals(bench.requests, []);
  const answers = bench.take();
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
  bench.socket.receive(Array.from({ length: 1000 }, () => PING).join("\n"));
  assertEquals(bench.requests.length, 1000);
});

Deno.test("Client refuses what comes faster than the rate, with its id and the time to wait", () => {
  const bench = new ClientBench({ rate: 10, burst: 2 });
  bench.socket.receive([1, 2, 3].map((n) => `{"type":"ping","id":"${n}"}`).join("\n"));
  assertEquals(bench.requests.map(({ id }) => id), ["1", "2"]);
  assertEquals(bench.take(), [{
    type: "error",
    code: "rate_limited",
    content: "Cannot serve request: at most 10 requests a second, 2 at once",
    id: "3",
    retry_ms: 100,
  }]);
  bench.now += 100;
  bench.socket.receive(`{"type":"ping","id":"3"}`);
  assertEquals(bench.requests.map(({ id }) => id), ["1", "2", "3"]);
});

Deno.test("Client counts what it refuses by the rate too", () => {
  const bench = new ClientBench({ rate: 10, burst: 2 });
  bench.socket.receive("nonsense\nnonsense\nnonsense");
  assertEquals(codes(bench), ["bad_json", "bad_json", "rate_limited"]);
});

Deno.test("Client says so when the host is busy", () => {
  const bench = new ClientBench();
  bench.full = true;
  bench.socket.receive(`{"type":"ping","id":"p"}`);
  assertObjectMatch(bench.take()[0] ?? {}, { code: "unavailable", id: "p", retry_ms: 1000 });
});

Deno.test("Client ends a connection that does not stop to ask for too much", () => {
  const bench = new ClientBench({ rate: 1, burst: 1 });
  const frame = Array.from({ length: 1000 }, () => PING).join("\n");
  bench.socket.receive(frame);
  bench.socket.receive(frame);
  assertEquals(bench.ends, []);
  bench.socket.receive(frame);
  assertEquals(bench.ends[0], { code: 1008, reason: "Too many refused requests" });
  assertEquals(bench.socket.closed, { code: 1008, reason: "Too many refused requests" });
  bench.take();
  bench.socket.receive(PING);
  assertEquals([bench.take(), bench.requests.length], [[], 1]);
});

Deno.test("Client forgives refusals that come slowly", () => {
  const bench = new ClientBench({ rate: 1, burst: 1 });
  const frame = Array.from({ length: 1000 }, () => PING).join("\n");
  for (let n = 0; n < 10; n++) {
    bench.socket.receive(frame);
    bench.now += 20_000;
  }
  assertEquals(bench.ends, []);
});

Deno.test("Client ends a connection that floods it with frames it must refuse", () => {
  const bench = new ClientBench();
  const frame = "\n".repeat(20_000);
  for (let n = 0; n < 2001 && bench.ends.length === 0; n++) bench.socket.receive(frame);
  assertEquals(bench.ends[0]?.code, 1008);
});

Deno.test("Client passes binary frames on, by the rate, and answers why one is refused", () => {
  const bench = new ClientBench({ rate: 10, burst: 2 });
  bench.socket.receive(Uint8Array.of(1, 2, 3));
  assertEquals(bench.uploads, [Uint8Array.of(1, 2, 3)]);
  assertEquals(bench.take(), []);
  bench.uploadProblem = { type: "error", code: "bad_message", content: "Cannot read binary frame" };
  bench.socket.receive(Uint8Array.of(0xff));
  bench.socket.receive(Uint8Array.of(4));
  assertEquals(codes(bench), ["bad_message", "rate_limited"]);
  assertEquals(bench.uploads.length, 2);
});

Deno.test("Client is active when it asks for something, but not by a ping or by what is refused", () => {
  const bench = new ClientBench();
  assertEquals(bench.client.lastActive, 1000);
  bench.now = 2000;
  bench.socket.receive(PING);
  bench.socket.receive("nonsense");
  assertEquals(bench.client.lastActive, 1000);
  bench.socket.receive(`{"type":"typing"}`);
  assertEquals(bench.client.lastActive, 2000);
  bench.now = 3000;
  bench.socket.receive(Uint8Array.of());
  assertEquals(bench.client.lastActive, 3000);
});

Deno.test("Client answers as internal what its host throws, and goes on", () => {
  const bench = new ClientBench();
  const upload = bench.upload;
  bench.upload = () => {
    throw new Error("Broken");
  };
  bench.socket.receive(Uint8Array.of(1));
  const [answer] = bench.take();
  assertObjectMatch(answer ?? {}, { code: "internal" });
  assert(!JSON.stringify(answer).includes("Broken"), "the error's text went out");
  bench.upload = upload;
  bench.socket.receive(PING);
  assertEquals(bench.requests.length, 1);
});

Deno.test("Client tells its host once how the line ended, and hears nothing after that", () => {
  const bench = new ClientBench();
  bench.socket.hangUp(1000, "bye");
  assertEquals(bench.ends, [{ code: 1000, reason: "bye" }]);
  bench.socket.receive(PING);
  bench.client.answer([{ type: "pong", time: 1 }]);
  assertEquals([bench.requests, bench.take()], [[], []]);
});

Deno.test("Client gives a peer up for which more waits than may", () => {
  const bench = new ClientBench({ maxQueue: 100_000 });
  bench.socket.bufferedAmount = 99_990;
  bench.client.answer([{ type: "pong", time: 1 }]);
  assertEquals(bench.ends, [{ code: 1013, reason: "Too slow: reconnect and resume" }]);
});
