/**
 * Ends by signal: what was said is kept, everybody is told, and nobody can hold the server up.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { ServerProcess } from "../support/server_process.ts";
import { TRANSPORTS } from "../support/test_server.ts";

/** Somebody who has stopped to read, and for whom more waits than the system takes. */
async function enterStuck(url: string): Promise<Chatter> {
  const stuck = await Chatter.enter(url, "stuck");
  stuck.socket.pause();
  await using loud = await Chatter.enter(url, "loud");
  const content = "x".repeat(16 * 1024);
  // So much that the system's own buffers are full, but not the server's queue.
  for (let last = 50; last <= 500; last += 50) {
    for (let n = 0; n < 50; n++) await loud.send({ type: "user", content });
    await loud.next("user", ({ seq }) => seq >= last);
  }
  return stuck;
}

for (const transport of TRANSPORTS) {
  const flags = ["--transport", transport, "--rate", "0", "--max-queue", "64MiB"];

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.test(`serve with ${transport} ends with 0 at ${signal}, though a peer does not read`, async () => {
      const data = await Deno.makeTempDir();
      try {
        await using server = await ServerProcess.start([...flags, "--data", data]);
        const url = server.ws();
        const stuck = await enterStuck(url);
        await using ann = await Chatter.enter(url, "ann");
        await ann.send({ type: "user", content: "the last", id: "last" });
        const { seq } = await ann.next("user", ({ id }) => id === "last");
        server.kill(signal);
        assertEquals((await ann.next("system")).content, "The server is shutting down");
        const { code } = await ann.socket.closed;
        assertEquals(code, 1001);
        const ended = await server.ended();
        assertEquals([ended.code, ended.signal], [0, null]);
        stuck.socket.resume();
        await stuck.socket.closed;
        await using again = await ServerProcess.start([...flags, "--data", data]);
        const login = { since: seq - 1 };
        await using back = await Chatter.connect(again.ws());
        await back.send({ type: "login", content: "ann", ...login });
        const { messages, complete } = await back.next("history");
        assertEquals([messages.map(({ content }) => content), complete], [["the last"], true]);
        await back.socket[Symbol.asyncDispose]();
        again.kill("SIGTERM");
        assertEquals((await again.ended()).code, 0);
      } finally {
        await Deno.remove(data, { recursive: true });
      }
    });
  }

  Deno.test(`serve with ${transport} ends at once at a second signal`, async () => {
    await using server = await ServerProcess.start([...flags, "--data", ":memory:"]);
    const stuck = await enterStuck(server.ws());
    server.kill("SIGTERM");
    await server.until(/Stopping/);
    server.kill("SIGTERM");
    const { code, stderr } = await server.ended();
    assertEquals(code, 1);
    assert(!stderr.includes(`"message":"Stopped"`), stderr);
    stuck.socket.resume();
    await stuck.socket.closed;
  });
}
