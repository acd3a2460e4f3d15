/**
 * A server that runs out of file descriptors: it says so, goes on with those who are there, and serves
 * again when it can.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { Chatter } from "../support/chatter.ts";
import { ServerProcess } from "../support/server_process.ts";
import { WsClient } from "../ws_client.ts";

/** Enough to start with, and soon used up. */
const DESCRIPTORS = 100;

for (const transport of ["deno", "node"]) {
  Deno.test(`serve with ${transport} survives a want of file descriptors`, async () => {
    const flags = ["--transport", transport, "--data", ":memory:"];
    const options = { descriptors: DESCRIPTORS };
    await using server = await ServerProcess.start([
      ...flags,
      "--max-connections-per-address",
      "0",
    ], options);
    const url = new URL("/ws", server.url).href;
    const ann = await Chatter.enter(url, "ann");
    const attempts = Array.from(
      { length: 2 * DESCRIPTORS },
      () => WsClient.open(url).catch(() => undefined),
    );
    const log = await server.until(/"level":"error"/);
    assertStringIncludes(log, "Listening failed");
    await ann.send({ type: "user", content: "still here" });
    assertEquals((await ann.next("user")).content, "still here");
    // Those that wait in the listener's queue are only answered when others have gone.
    for (const attempt of attempts) attempt.then((client) => client?.[Symbol.asyncDispose]());
    await Promise.all(attempts);
    await ann[Symbol.asyncDispose]();
    let back: Chatter | undefined;
    while (back === undefined) {
      back = await Chatter.enter(url, "back").catch(() => undefined);
    }
    await back[Symbol.asyncDispose]();
    server.kill("SIGTERM");
    const { code, stderr } = await server.ended();
    assertEquals(code, 0, stderr);
    assert(!stderr.includes("Uncaught"), stderr);
  });
}
