/**
 * A server that runs out of file descriptors: it says so, goes on with those who are there, and serves
 * again when it can.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { ServerProcess } from "../support/server_process.ts";
import { TRANSPORTS } from "../support/test_server.ts";
import { poll } from "../support/within.ts";
import { WsClient } from "../support/ws_client.ts";

/** Enough to start with, and soon used up. */
const DESCRIPTORS = 100;

/** Starts a server that has few, and uses them up. */
async function exhaust(
  transport: string,
  data: string,
): Promise<{ server: ServerProcess; url: string; ann: Chatter; others: Promise<unknown>[] }> {
  const server = await ServerProcess.start([
    "--transport",
    transport,
    "--data",
    data,
    "--max-connections-per-address",
    "0",
  ], { descriptors: DESCRIPTORS });
  const url = server.ws();
  const ann = await Chatter.enter(url, "ann");
  // Those that wait in the listener's queue are only answered when others have gone.
  const others = Array.from({ length: DESCRIPTORS }, () => WsClient.open(url))
    .map((attempt) => attempt.then((client) => client, () => undefined));
  const log = await server.until(/"level":"error"/);
  assertStringIncludes(log, "Listening failed");
  return { server, url, ann, others };
}

/** Closes those that were let in. */
async function leave(others: Promise<unknown>[]): Promise<void> {
  await Promise.all(others.map(async (other) => {
    const client = await other;
    if (client instanceof WsClient) await client[Symbol.asyncDispose]();
  }));
}

/** Somebody who was there goes on talking; when the others have gone, there is a place again. */
async function survives(transport: string): Promise<void> {
  const { server: running, url, ann, others } = await exhaust(transport, ":memory:");
  await using server = running;
  await ann.say("still here");
  await Promise.all([leave(others), ann[Symbol.asyncDispose]()]);
  const visit = async () => {
    await using _back = await Chatter.enter(url, "back");
    return "welcome";
  };
  const attempt = () => visit().catch(String);
  await poll("a place for one more", attempt, (answer) => answer === "welcome");
  const { code, stderr } = await server.stop();
  assertEquals(code, 0, stderr);
  assert(!stderr.includes("Uncaught"), stderr);
}

/** Told to stop in the middle of it, the server keeps what was said and tells everybody. */
async function stopsInGoodOrder(transport: string): Promise<void> {
  const data = await Deno.makeTempDir();
  try {
    const { server: running, ann, others } = await exhaust(transport, data);
    await using server = running;
    await ann.say("the last");
    server.kill("SIGTERM");
    await ann.next("system");
    assertEquals((await ann.socket.closed).code, 1001);
    const { code, stderr } = await server.ended();
    assertEquals(code, 0, stderr);
    await leave(others);
    await using again = await ServerProcess.start(["--data", data]);
    await using back = await Chatter.enter(again.ws(), "ann", { since: 0 });
    const { messages } = await back.next("history");
    assertEquals(messages.map(({ content }) => content), ["the last"]);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

Deno.test("serve in a want of file descriptors", async (t) => {
  // Node's transport takes up to nine seconds to notice: all of them wait at the same time.
  const together = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  const steps = TRANSPORTS.flatMap((transport) => [
    { name: `survives, with ${transport}`, fn: () => survives(transport) },
    { name: `stops in good order, with ${transport}`, fn: () => stopsInGoodOrder(transport) },
  ]);
  await Promise.all(steps.map((step) => t.step({ ...step, ...together })));
});
