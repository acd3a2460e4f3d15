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
  const others = Array.from({ length: 2 * DESCRIPTORS }, () => WsClient.open(url))
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

for (const transport of TRANSPORTS) {
  Deno.test(`serve with ${transport} survives a want of file descriptors`, async () => {
    const { server: running, url, ann, others } = await exhaust(transport, ":memory:");
    await using server = running;
    await ann.send({ type: "user", content: "still here" });
    assertEquals((await ann.next("user")).content, "still here");
    await Promise.all([leave(others), ann[Symbol.asyncDispose]()]);
    const visit = async () => {
      await using _back = await Chatter.enter(url, "back");
      return "welcome";
    };
    const attempt = () => visit().catch(String);
    await poll("a place for one more", attempt, (answer) => answer === "welcome");
    server.kill("SIGTERM");
    const { code, stderr } = await server.ended();
    assertEquals(code, 0, stderr);
    assert(!stderr.includes("Uncaught"), stderr);
  });

  Deno.test(`serve with ${transport} stops in good order in a want of file descriptors`, async () => {
    const data = await Deno.makeTempDir();
    try {
      const { server: running, ann, others } = await exhaust(transport, data);
      await using server = running;
      await ann.send({ type: "user", content: "the last" });
      await ann.next("user");
      server.kill("SIGTERM");
      await ann.next("system");
      assertEquals((await ann.socket.closed).code, 1001);
      const { code, stderr } = await server.ended();
      assertEquals(code, 0, stderr);
      await leave(others);
      await using again = await ServerProcess.start(["--data", data]);
      await using back = await Chatter.connect(again.ws());
      await back.send({ type: "login", content: "ann", since: 0 });
      const { messages } = await back.next("history");
      assertEquals(messages.map(({ content }) => content), ["the last"]);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });
}
