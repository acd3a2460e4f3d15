import { RefusedError } from "../../sdk/hubbub.js";
import { Pacer } from "../../sdk/pacer.js";
import { SendQueue } from "../../sdk/send_queue.js";
import type { Unsent } from "../../sdk/types.js";
import type { UserMessage } from "../../protocol.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { FakeWorld } from "./fakes.ts";

function item(id: string, key = "tea"): Unsent {
  return { id, key, type: "user", content: id, time: 0, state: "waiting" };
}

function kept(id: string): UserMessage {
  return { type: "user", room: "tea", from: "ann", content: id, seq: 1, time: 0, id };
}

function refusal(
  id: string,
  code: "too_long" | "rate_limited" | "unavailable" | "conflict",
  retry_ms?: number,
) {
  return { type: "error" as const, code, content: code, id, ...(retry_ms && { retry_ms }) };
}

/** A queue that has started, what it sent, and what it keeps for a later run. */
function setUp(items: Unsent[] = [], { persistent = true } = {}) {
  const world = new FakeWorld();
  const sent: string[] = [];
  const stored = { items };
  const closedRooms = new Set<string>();
  const queue = new SendQueue({
    send: (request) => sent.push(request.id ?? "") > 0,
    isReady: (key) => !closedRooms.has(key),
    failed: () => {},
    pacer: new Pacer(world.environment.now),
    environment: world.environment,
    persistence: persistent ? { items, save: (changed) => stored.items = changed } : undefined,
  });
  queue.start("ann");
  return { world, queue, sent, stored, closedRooms };
}

Deno.test("SendQueue sends one message of each conversation at a time, in order", () => {
  const { queue, sent } = setUp([item("1"), item("2"), item("3", "coffee")]);
  assertEquals(sent, ["1", "3"]);
  queue.confirm(kept("1"));
  assertEquals(sent, ["1", "3", "2"]);
});

Deno.test("SendQueue keeps what is for a room that is not entered yet", () => {
  const { queue, sent, closedRooms } = setUp();
  closedRooms.add("tea");
  queue.add(item("1"));
  queue.add(item("2", "coffee"));
  assertEquals(sent, ["2"]);
  closedRooms.clear();
  queue.pump();
  assertEquals(sent, ["2", "1"]);
});

Deno.test("SendQueue sends the same again after the connection broke", () => {
  const { queue, sent } = setUp([item("1"), item("2")]);
  queue.lost();
  queue.pump();
  assertEquals(sent, ["1"]);
  queue.start("ann");
  assertEquals(sent, ["1", "1"]);
});

Deno.test("SendQueue keeps the order over a temporary refusal, and waits as long as it says", () => {
  const { world, queue, sent } = setUp([item("1"), item("2")]);
  queue.refuse(refusal("1", "unavailable", 700));
  world.advance(699);
  assertEquals(sent, ["1"]);
  world.advance(1);
  assertEquals(sent, ["1", "1"]);
});

Deno.test("SendQueue lets the next one go after a refusal and keeps the refused one to be retried", () => {
  const { queue, sent, stored } = setUp([item("1"), item("2")]);
  queue.refuse(refusal("1", "too_long"));
  assertEquals(stored.items.map(({ state, problem }) => [state, problem]), [
    ["failed", "too_long"],
    ["waiting", undefined],
  ]);
  assertEquals(queue.size, 1);
  assertEquals(sent, ["1", "2"]);
  queue.confirm(kept("2"));
  queue.retry("1");
  assertEquals(sent, ["1", "2", "1"]);
  assertEquals(stored.items, [{ ...item("1"), by: "ann" }]);
});

Deno.test("SendQueue forgets a refused message where nobody keeps it", async () => {
  const { queue } = setUp([], { persistent: false });
  const said = queue.add(item("1"));
  queue.refuse(refusal("1", "too_long"));
  const error = await assertRejects(() => said, RefusedError);
  assertEquals(error.code, "too_long");
  assertEquals(queue.of("tea"), []);
});

Deno.test("SendQueue.discard() forgets a message and lets the next one go", () => {
  const { queue, sent, stored } = setUp([item("1"), item("2")]);
  queue.discard("1");
  assertEquals(stored.items, [{ ...item("2"), by: "ann" }]);
  assertEquals(sent, ["1", "2"]);
});

Deno.test("SendQueue.move() sends to the new name of a person, in order", () => {
  const { queue, sent, stored } = setUp();
  queue.add({ ...item("1", "@bob"), type: "direct", to: "bob" });
  queue.add({ ...item("2", "@bob"), type: "direct", to: "bob" });
  queue.move("@bob", "@robert", "Robert");
  assertEquals(sent, ["1"]);
  assertEquals(stored.items.map(({ key, to }) => [key, to]), [
    ["@robert", "Robert"],
    ["@robert", "Robert"],
  ]);
});

Deno.test("SendQueue reports a direct message that was under way when the connection broke", async () => {
  const { queue, sent, stored } = setUp();
  const said = queue.add({ ...item("1", "@bob"), type: "direct", to: "bob" });
  queue.add({ ...item("2", "@bob"), type: "direct", to: "bob" });
  queue.lost();
  const error = await assertRejects(() => said, RefusedError, "Cannot tell");
  assertEquals(error.code, "lost");
  assertEquals(stored.items.map(({ state }) => state), ["failed", "waiting"]);
  queue.start("ann");
  assertEquals(sent, ["1", "2"]);
});

Deno.test("SendQueue.confirm() tells a message from another one with its id", () => {
  const { queue } = setUp();
  queue.add(item("1"));
  queue.confirm({ ...kept("1"), by: "bob" });
  queue.confirm({ ...kept("1"), by: "ann", content: "of an earlier run" }, { isRead: true });
  assertEquals(queue.size, 1);
  queue.confirm({ ...kept("1"), by: "ann", content: "changed", edited: 1 }, { isRead: true });
  assertEquals(queue.size, 0);
});

Deno.test("SendQueue.confirm() takes what an earlier run had sent", () => {
  const { queue, stored, closedRooms } = setUp();
  closedRooms.add("tea");
  queue.add(item("1"));
  queue.confirm(kept("1"));
  assertEquals(stored.items, []);
});

Deno.test("SendQueue.abandon() rejects what is waited for and keeps what is persistent", async () => {
  const error = new RefusedError("closed", "over");
  for (const persistent of [true, false]) {
    const { queue, closedRooms } = setUp([], { persistent });
    closedRooms.add("tea");
    const said = queue.add(item("1"));
    queue.abandon(error);
    assertEquals(await assertRejects(() => said, RefusedError), error);
    assertEquals(queue.size, persistent ? 1 : 0);
  }
});

Deno.test("SendQueue does not say again as somebody else what the server may have heard", async () => {
  const { queue, sent } = setUp();
  const said = queue.add(item("1"));
  queue.add(item("2"));
  queue.lost();
  queue.start("bo");
  assertEquals((await assertRejects(() => said, RefusedError, "somebody else")).code, "lost");
  assertEquals(sent, ["1", "2"]);
});

Deno.test("SendQueue.reset() has everything said to a server with other data, whoever said it", () => {
  const { queue, sent } = setUp();
  queue.add(item("1"));
  queue.lost();
  queue.reset();
  queue.start("bo");
  assertEquals(sent, ["1", "1"]);
});

Deno.test("SendQueue.retry() sends what failed as whoever is logged in then", () => {
  const { queue, sent } = setUp([{ ...item("1"), by: "eve" }]);
  assertEquals(queue.of("tea").map(({ state, problem }) => [state, problem]), [["failed", "lost"]]);
  queue.retry("1");
  assertEquals(sent, ["1"]);
});

Deno.test("SendQueue.clear() forgets everything, what is persistent too", async () => {
  const { queue, stored } = setUp();
  const said = queue.add(item("1"));
  const error = new RefusedError("closed", "over");
  queue.clear(error);
  assertEquals(await assertRejects(() => said, RefusedError), error);
  assertEquals(stored.items, []);
});

Deno.test("SendQueue.retry() gives a message another id if the server has used its own", () => {
  const { queue, sent, stored } = setUp([item("1"), item("2")]);
  queue.refuse(refusal("1", "conflict"));
  assertEquals(queue.of("tea").map(({ id, problem }) => [id, problem]), [
    ["1", "conflict"],
    ["2", undefined],
  ]);
  queue.confirm(kept("2"));
  queue.retry("1");
  assertEquals(sent, ["1", "2", "id1"]);
  assertEquals(stored.items, [{ ...item("1"), id: "id1", by: "ann" }]);
  queue.confirm(kept("id1"));
  assertEquals(stored.items, []);
});

Deno.test("SendQueue says nothing again to a name if it may have been kept and the connection broke", () => {
  const { world, queue, sent, stored } = setUp();
  queue.add({ ...item("1", "@bob"), type: "direct", to: "bob" });
  queue.refuse(refusal("1", "unavailable", 100));
  queue.lost();
  queue.start("ann");
  world.advance(1_000);
  assertEquals(sent, ["1"]);
  assertEquals(stored.items.map(({ problem }) => problem), ["lost"]);
});
