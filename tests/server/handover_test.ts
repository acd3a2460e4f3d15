/** A server that drains when it is told to stop, and one that takes over on its port with its data. */
import { assertEquals } from "../support/assert.ts";
import { ServerProcess } from "../support/server_process.ts";
import { DEADLINE, within } from "../support/within.ts";
import { keptIn, Listener } from "../sdk/listener.ts";

Deno.test(
  "a server that drains and one that takes over lose nothing of a client, and double nothing",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    const data = await Deno.makeTempDir();
    const flags = ["--data", data, "--drain-for", "1s"];
    {
      await using first = await ServerProcess.start(flags);
      await using ann = await Listener.enter(first.url, "ann");
      await using bo = await Listener.enter(first.url, "bo");
      await ann.chat.say("lobby", "before");
      await bo.hears("before");
      first.kill("SIGTERM");
      await first.until(/Draining/);
      // The oldest goes first. What it says meanwhile waits for the server that takes over.
      await ann.isOffline();
      const saying = [ann.chat.say("lobby", "one"), ann.chat.say("lobby", "two")];
      assertEquals((await first.ended()).code, 0);
      await using _second = await ServerProcess.start([
        ...flags,
        "--addr",
        `127.0.0.1:${first.port}`,
      ]);
      for (const { chat } of [ann, bo]) chat.nudge();
      await within(DEADLINE, "everything to be kept", Promise.all(saying));
      await bo.hears("two");
      assertEquals(await keptIn(bo.chat), ["before", "one", "two"]);
      assertEquals(bo.heard, ["before", "one", "two"]);
    }
    await Deno.remove(data, { recursive: true });
  },
);
