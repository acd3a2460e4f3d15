import {
  Connection,
  type ConnectionOptions,
  GOODBYE_MS,
  GREETING_MS,
  RefusedError,
  SILENCE_MS,
  type Status,
} from "../../cli/connection.ts";
import { parseServerUrl } from "../../cli/server_url.ts";
import { Secret } from "../../config/secret.ts";
import { LINES, type ServerMessage } from "../../protocol.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../support/assert.ts";
import { FakeClock, FakeNetwork, message } from "./fakes.ts";

/** A connection, opened, with everything it is told. */
function setUp(options: Partial<ConnectionOptions> = {}) {
  const url = parseServerUrl("localhost:1");
  assert(url !== undefined);
  const clock = new FakeClock();
  const network = new FakeNetwork();
  const statuses: Status[] = [];
  const messages: ServerMessage[] = [];
  let ids = 0;
  const connection = new Connection({
    url,
    name: "ann",
    room: "lobby",
    clock,
    open: network.open,
    newId: () => `id${++ids}`,
    ...options,
  }, {
    message: (received) => messages.push(received),
    status: (status) => statuses.push(status),
  });
  connection.open();
  const shown = () =>
    messages.flatMap((received) =>
      received.type === "history"
        ? received.messages.map(({ content }) => content)
        : received.type === "user"
        ? [received.content]
        : []
    );
  return { connection, clock, network, statuses, messages, shown };
}

Deno.test("Connection logs in after the handshake and is online after the login", () => {
  const { connection, network, statuses } = setUp();
  assertEquals(network.peer.url, "ws://localhost:1/ws");
  assertEquals(network.peer.protocols, [LINES]);
  network.peer.greet();
  const { content, room, session } = network.peer.last("login");
  assertEquals({ content, room, session }, { content: "ann", room: "lobby", session: undefined });
  assert(!connection.isOnline);
  network.peer.welcome();
  assert(connection.isOnline);
  assertEquals(statuses.map(({ kind }) => kind), ["connecting", "online"]);
});

Deno.test("Connection presents its token in the handshake", () => {
  const { network } = setUp({ token: new Secret("abc") });
  network.peer.greet();
  assertEquals(network.peer.protocols, [LINES, "bearer.abc"]);
});

Deno.test("Connection claims the newest page on its first visit, and what it missed on the next", () => {
  const { clock, network, shown } = setUp();
  network.peer.greet("e1");
  assertEquals(network.peer.last("login").epoch, "none");
  network.peer.welcome([message(4, "four")], false);
  network.peer.answer(message(5, "five"));
  network.peer.events.closed(1006, "");
  clock.advance(500);
  network.peer.greet("e1");
  const { since, epoch, session } = network.peer.last("login");
  assertEquals({ since, epoch, session }, { since: 5, epoch: "e1", session: "session of e1" });
  network.peer.welcome([message(6, "six")]);
  assertEquals(shown(), ["four", "five", "six"]);
});

Deno.test("Connection claims a quiet room from its beginning when it returns", () => {
  const { clock, network } = setUp();
  network.peer.greet();
  network.peer.welcome([], false);
  network.peer.events.closed(1006, "");
  clock.advance(500);
  network.peer.greet();
  const { since, epoch } = network.peer.last("login");
  assertEquals({ since, epoch }, { since: 0, epoch: "e1" });
});

Deno.test("Connection shows nothing twice when a newest page overlaps what was seen", () => {
  const { clock, network, shown } = setUp();
  network.peer.greet();
  network.peer.welcome([message(1, "one"), message(2, "two")], false);
  network.peer.events.closed(1013, "");
  clock.advance(500);
  network.peer.greet();
  network.peer.welcome([message(2, "two"), message(3, "three")], false);
  network.peer.answer(message(3, "three"), message(4, "four"));
  assertEquals(shown(), ["one", "two", "three", "four"]);
});

Deno.test("Connection shows everything of a server with another epoch", () => {
  const { clock, network, shown } = setUp();
  network.peer.greet("e1");
  network.peer.welcome([message(7, "old")], false);
  network.peer.events.closed(1006, "");
  clock.advance(500);
  network.peer.greet("e2");
  network.peer.welcome([message(1, "new")], false);
  network.peer.answer(message(2, "newer"));
  assertEquals(shown(), ["old", "new", "newer"]);
});

Deno.test("Connection joins its further rooms again after a break", () => {
  const { connection, clock, network } = setUp();
  network.peer.greet();
  network.peer.welcome();
  connection.join("kitchen");
  connection.join("attic");
  network.peer.answer({ ...message(3, "soup"), room: "kitchen" });
  connection.leave("attic");
  network.peer.events.closed(1001, "");
  clock.advance(500);
  network.peer.greet();
  network.peer.welcome();
  const joins = network.peer.received.filter(({ type }) => type === "join");
  assertEquals(joins.map(({ room, since }) => [room, since]), [["kitchen", 3]]);
});

Deno.test("Connection.say() resends under the same id until it is confirmed, and shows it once", async () => {
  const { connection, clock, network, shown } = setUp();
  network.peer.greet();
  network.peer.welcome();
  const said = connection.say({ type: "user", room: "lobby", content: "hello" });
  const { id } = network.peer.last("user");
  network.peer.events.closed(1006, "");
  clock.advance(500);
  network.peer.greet();
  network.peer.welcome([message(1, "hello", { from: "ann", id })]);
  assertEquals((await said).content, "hello");
  assertEquals(connection.unconfirmed, 0);
  network.peer.answer(message(1, "hello", { from: "ann", id }));
  assertEquals(shown(), ["hello"]);
});

Deno.test("Connection.say() sends one message at a time, in order", () => {
  const { connection, network } = setUp();
  connection.say({ type: "user", room: "lobby", content: "a" });
  connection.say({ type: "user", room: "lobby", content: "b" });
  network.peer.greet();
  network.peer.welcome();
  const sent = () =>
    network.peer.received.filter(({ type }) => type === "user").map(({ content }) => content);
  assertEquals(sent(), ["a"]);
  network.peer.answer(message(1, "a", { from: "ann", id: network.peer.last("user").id }));
  assertEquals(sent(), ["a", "b"]);
});

Deno.test("Connection.say() keeps to the server's rate", () => {
  const { connection, clock, network } = setUp();
  network.peer.greet("e1", { rate: 10, burst: 4 });
  network.peer.welcome();
  let seq = 0;
  for (let i = 0; i < 5; i++) connection.say({ type: "user", room: "lobby", content: `${i}` });
  const confirmAll = () => {
    for (;;) {
      const sent = network.peer.received.filter(({ type }) => type === "user");
      if (sent.length === seq) return seq;
      network.peer.answer(message(++seq, "", { from: "ann", id: sent[seq - 1]?.id }));
    }
  };
  assertEquals(confirmAll(), 2);
  clock.advance(99);
  assertEquals(confirmAll(), 2);
  clock.advance(1);
  assertEquals(confirmAll(), 3);
  clock.advance(100);
  assertEquals(confirmAll(), 4);
});

Deno.test("Connection.say() waits as long as a passing refusal says", () => {
  const { connection, clock, network } = setUp();
  network.peer.greet();
  network.peer.welcome();
  connection.say({ type: "user", room: "lobby", content: "a" });
  const { id } = network.peer.last("user");
  network.peer.answer({ type: "error", code: "rate_limited", content: "", id, retry_ms: 700 });
  const count = () => network.peer.received.filter(({ type }) => type === "user").length;
  clock.advance(699);
  assertEquals(count(), 1);
  clock.advance(1);
  assertEquals(count(), 2);
  assertEquals(network.peer.last("user").id, id);
});

Deno.test("Connection.say() rejects with a lasting refusal and goes on with the next", async () => {
  const { connection, network } = setUp();
  network.peer.greet();
  network.peer.welcome();
  const refused = connection.say({ type: "user", room: "lobby", content: "long" });
  connection.say({ type: "user", room: "lobby", content: "short" });
  const { id } = network.peer.last("user");
  network.peer.answer({ type: "error", code: "too_long", content: "Too long", id });
  const error = await assertRejects(() => refused, RefusedError, "Too long");
  assertEquals(error.code, "too_long");
  assertEquals(network.peer.last("user").content, "short");
});

Deno.test("Connection.say() does not say a direct message twice", async () => {
  const { connection, clock, network } = setUp();
  network.peer.greet();
  network.peer.welcome();
  const said = connection.say({ type: "direct", to: "bo", content: "psst" });
  network.peer.events.closed(1006, "");
  await assertRejects(() => said, RefusedError, "Cannot tell");
  clock.advance(500);
  network.peer.greet();
  network.peer.welcome();
  assertEquals(network.peer.received.some(({ type }) => type === "direct"), false);
});

Deno.test("Connection waits longer after each failure and starts afresh after a stable time", () => {
  const { clock, network, statuses } = setUp();
  clock.dice = 0;
  const waits = () => statuses.flatMap((status) => status.kind === "waiting" ? [status.ms] : []);
  for (const wait of [250, 500, 1000]) {
    network.peer.events.closed(1006, "Connection refused");
    clock.advance(wait);
  }
  assertEquals(waits(), [250, 500, 1000]);
  network.peer.greet();
  network.peer.welcome();
  clock.advance(5000);
  network.peer.events.closed(1006, "");
  assertEquals(waits(), [250, 500, 1000, 250]);
});

Deno.test("Connection spreads its attempts by chance", () => {
  const { clock, network, statuses } = setUp();
  clock.dice = 0.999;
  network.peer.events.closed(1006, "Connection refused");
  assertEquals(statuses.at(-1), { kind: "waiting", ms: 500, reason: "Connection refused" });
});

for (const code of [1000, 1008, 4500, 4501, 4502, 4503, 4504]) {
  Deno.test(`Connection does not come back after close code ${code}`, () => {
    const { clock, network, statuses } = setUp();
    network.peer.greet();
    network.peer.welcome();
    network.peer.events.closed(code, "why");
    assertEquals(statuses.at(-1), { kind: "ended", code, reason: "why" });
    clock.advance(100_000);
    assertEquals(network.peers.length, 1);
    assertEquals(clock.timers, 0);
  });
}

Deno.test("Connection pings a silent server and gives a dead one up", () => {
  const { clock, network, statuses } = setUp();
  network.peer.greet();
  network.peer.welcome();
  clock.advance(SILENCE_MS);
  assertEquals(network.peer.received.at(-1)?.type, "ping");
  network.peer.answer({ type: "pong", time: 0 });
  clock.advance(2 * SILENCE_MS - 1);
  assertEquals(statuses.at(-1)?.kind, "online");
  clock.advance(1);
  assertEquals(statuses.at(-1), { kind: "waiting", ms: 250, reason: "the server is silent" });
  const [dead] = network.peers;
  dead?.events.closed(1006, "");
  assertEquals(statuses.at(-1)?.kind, "waiting");
});

Deno.test("Connection gives up a server that does not greet", () => {
  const { clock, statuses } = setUp();
  clock.advance(GREETING_MS);
  assertEquals(statuses.at(-1)?.kind, "waiting");
});

Deno.test("Connection gives up a server that speaks something else", () => {
  const { network, statuses } = setUp();
  network.peer.events.opened("");
  const status = statuses.at(-1);
  assert(status?.kind === "waiting");
  assertStringIncludes(status.reason, "hubbub.v1");
});

Deno.test("Connection.login() asks for another name after a refusal", () => {
  const { connection, network, statuses } = setUp();
  network.peer.greet();
  const { id } = network.peer.last("login");
  network.peer.answer({ type: "error", code: "name_taken", content: "taken", id });
  const status = statuses.at(-1);
  assert(status?.kind === "refused");
  assertEquals(status.error.code, "name_taken");
  connection.login("ann2");
  network.peer.welcome();
  assert(connection.isOnline);
  assertEquals(connection.name, "ann2");
});

Deno.test("Connection follows its own name through a rename", () => {
  const { connection, clock, network } = setUp();
  network.peer.greet();
  network.peer.welcome();
  network.peer.answer({
    type: "rename",
    room: "lobby",
    from: "ann",
    content: "eve",
    user_count: 1,
  });
  network.peer.events.closed(1006, "");
  clock.advance(500);
  network.peer.greet();
  assertEquals(network.peer.last("login").content, "eve");
  assertEquals(connection.name, "eve");
});

Deno.test("Connection.close() says 1000 and waits for the answer", async () => {
  const { connection, clock, network, statuses } = setUp();
  network.peer.greet();
  network.peer.welcome();
  const closed = connection.close();
  assertEquals(network.peer.closed, 1000);
  assertEquals(statuses.at(-1)?.kind, "online");
  network.peer.events.closed(1000, "");
  await closed;
  assertEquals(statuses.at(-1)?.kind, "ended");
  assertEquals(clock.timers, 0);
});

Deno.test("Connection.close() waits no longer than a second", async () => {
  const { connection, clock, network, statuses } = setUp();
  network.peer.greet();
  const said = connection.say({ type: "user", room: "lobby", content: "a" });
  const closed = connection.close();
  clock.advance(GOODBYE_MS);
  await closed;
  assertEquals(statuses.at(-1), { kind: "ended", code: 1000, reason: "" });
  await assertRejects(() => said, RefusedError);
});

Deno.test("Connection.close() ends while it waits to come back", async () => {
  const { connection, clock, network } = setUp();
  network.peer.events.closed(1006, "");
  await connection.close();
  clock.advance(60_000);
  assertEquals(network.peers.length, 1);
});

Deno.test("Connection.close() ends while the socket is still opening", async () => {
  const { connection, clock, network, statuses } = setUp();
  const closed = connection.close();
  network.peer.events.closed(1006, "aborted");
  await closed;
  assertEquals(statuses.at(-1), { kind: "ended", code: 1000, reason: "" });
  assertEquals(clock.timers, 0);
});
