import { RefusedError } from "../../sdk/hubbub.js";
import { ANSWER_MS, CLOSE_MS, HANDSHAKE_MS, HEARTBEAT_MS } from "../../sdk/reconnecting_socket.js";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { FakeWorld, said } from "./fakes.ts";

/** A client that was started, and the states that it went through. */
function setUp() {
  const world = new FakeWorld();
  const client = world.client();
  client.start();
  const waits = () => {
    const { phase, retryAt } = client.state;
    return phase === "waiting" ? retryAt - world.time : undefined;
  };
  return { world, client, waits };
}

function setUpOnline() {
  const all = setUp();
  all.world.socket.greet();
  all.world.socket.welcome();
  return all;
}

Deno.test("a client waits longer after each failure and starts afresh after a stable time", () => {
  const { world, waits } = setUp();
  for (const wait of [250, 500, 1000]) {
    world.socket.break();
    assertEquals(waits(), wait);
    world.advance(wait);
  }
  world.socket.greet();
  world.socket.welcome();
  world.advance(5000);
  world.socket.break();
  assertEquals(waits(), 250);
});

Deno.test("a client spreads its attempts by chance", () => {
  const { world, waits } = setUp();
  world.dice = 0.999;
  world.socket.break();
  assertEquals(waits(), 500);
});

Deno.test("a client tells why there is no connection", () => {
  const { world, client } = setUp();
  const message = "failed to connect: tcp connect error: Connection refused (os error 111)";
  world.socket.dispatchEvent(new ErrorEvent("error", { message }));
  world.socket.break();
  assertEquals(client.state.reason, "tcp connect error: Connection refused");
});

for (const code of [1000, 1008, 4500, 4502, 4504]) {
  Deno.test(`a client does not come back after close code ${code}, but on request`, async () => {
    const { world, client } = setUpOnline();
    const kept = client.say("lobby", "hello");
    world.socket.break(code, "why");
    const { phase, code: last, reason } = client.state;
    assertEquals([phase, last, reason], ["stopped", code, "why"]);
    const error = await assertRejects(() => kept, RefusedError, "(why)");
    assertEquals(error.code, "closed");
    world.advance(100_000);
    assertEquals(world.sockets.length, 1);
    assertEquals(world.timers, 0);
    client.start();
    assertEquals(world.sockets.length, 2);
  });
}

Deno.test("a client asks a silent server for a heartbeat and gives up a dead one", () => {
  const { world, client } = setUpOnline();
  world.advance(HEARTBEAT_MS);
  assertEquals(world.socket.sent.at(-1)?.type, "ping");
  world.socket.say({ type: "pong", time: 0 });
  world.advance(HEARTBEAT_MS + ANSWER_MS - 1);
  assertEquals(client.state.phase, "online");
  const [dead] = world.sockets;
  world.advance(1);
  assertEquals([client.state.phase, client.state.reason], ["waiting", "the server is silent"]);
  dead?.break();
  assertEquals(client.state.phase, "waiting");
  assert(dead?.closed !== undefined);
  world.advance(1000);
  assertEquals(world.sockets.length, 2);
});

Deno.test("a client asks a server that talks for no heartbeat", () => {
  const { world } = setUpOnline();
  for (let seq = 1; seq < 5; seq++) {
    world.advance(HEARTBEAT_MS - 1);
    world.socket.say(said(seq, "still here"));
  }
  assertEquals(world.socket.all("ping"), []);
});

Deno.test("a client gives up a server that does not greet", () => {
  const { world, client } = setUp();
  world.socket.open();
  world.advance(HANDSHAKE_MS);
  assertEquals(client.state.phase, "waiting");
});

Deno.test("a client gives up a server that speaks something else", () => {
  const { world, client } = setUp();
  world.socket.open("");
  assertEquals(client.state.phase, "waiting");
  assertEquals(client.state.reason, "the server does not speak hubbub.v1");
});

for (const frame of ["nonsense", "5", "null", '{"type":', "[]\nnull"]) {
  Deno.test(`a client gives up a server that sends ${JSON.stringify(frame)}`, () => {
    const { world, client } = setUpOnline();
    world.socket.frame(frame);
    assertEquals(client.state.phase, "waiting");
    assert(client.state.reason.includes("hubbub.v1"));
  });
}

Deno.test("a client passes over binary frames", () => {
  const { world, client } = setUpOnline();
  world.socket.frame(new Uint8Array([1]));
  assert(client.isOnline);
});

Deno.test("HubbubClient.nudge() tries at once instead of waiting", () => {
  const { world, client } = setUpOnline();
  world.socket.break();
  assertEquals(world.sockets.length, 1);
  client.nudge();
  assertEquals(world.sockets.length, 2);
});

Deno.test("HubbubClient.nudge() asks an open connection whether it lives", () => {
  const { world, client } = setUpOnline();
  client.nudge();
  assertEquals(world.socket.sent.at(-1)?.type, "ping");
  world.advance(ANSWER_MS);
  assertEquals(client.state.phase, "waiting");
});

Deno.test("HubbubClient.close() says 1000 and waits for the answer", async () => {
  const { world, client } = setUpOnline();
  const closed = client.close();
  assertEquals(client.close(), closed);
  assertEquals(world.socket.closed, 1000);
  assertEquals(client.state.phase, "online");
  world.socket.break(1000);
  await closed;
  assertEquals(client.state.phase, "stopped");
  assertEquals(world.timers, 0);
});

Deno.test("HubbubClient.close() waits no longer than a second", async () => {
  const { world, client } = setUp();
  world.socket.greet();
  const kept = client.say("lobby", "a");
  const closed = client.close("bye");
  world.advance(CLOSE_MS);
  await closed;
  const { phase, code, reason } = client.state;
  assertEquals([phase, code, reason], ["stopped", 1000, "bye"]);
  await assertRejects(() => kept, RefusedError);
});

Deno.test("HubbubClient.close() ends while it waits to come back, and before it was started", async () => {
  const { world, client } = setUp();
  world.socket.break();
  await client.close();
  world.advance(60_000);
  assertEquals(world.sockets.length, 1);
  const other = new FakeWorld();
  await other.client().close();
  assertEquals(other.sockets, []);
});

Deno.test("HubbubClient.close() ends while the socket is still opening", async () => {
  const { world, client } = setUp();
  const closed = client.close();
  world.socket.break(1006, "aborted");
  await closed;
  const { phase, code } = client.state;
  assertEquals([phase, code], ["stopped", 1000]);
  assertEquals(world.timers, 0);
});
