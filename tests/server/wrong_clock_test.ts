/** Servers whose clock is wrong: nothing that people said, and nobody who is remembered, is removed. */
import { assertEquals, assertMatch } from "../support/assert.ts";
import { CapturedLogs } from "../support/captured_logs.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { poll } from "../support/within.ts";

const YEAR = 365 * 24 * 60 * 60 * 1000;

/** Sets the clock of this process ahead until it is disposed of. */
function setAhead(milliseconds: number): Disposable {
  const { now } = Date;
  Date.now = () => now() + milliseconds;
  return {
    [Symbol.dispose]() {
      Date.now = now;
    },
  };
}

/** Asks a server as somebody; returns the body of the answer. */
async function ask(
  server: TestServer,
  path: string,
  { session, body }: { session?: string; body?: object } = {},
) {
  const response = await fetch(new URL(path, server.url), {
    headers: {
      ...(session !== undefined && { authorization: `Bearer ${session}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
  });
  return await response.json();
}

async function textsIn(server: TestServer): Promise<string[]> {
  const { messages } = await ask(server, "/api/rooms/lobby/messages");
  return messages.map(({ content }: { content: string }) => content);
}

Deno.test("startServer() with a clock a year ahead removes nothing, unless it is told that the clock is right", async () => {
  const data = await Deno.makeTempDir({ prefix: "hubbub-" });
  const start = (...flags: string[]) =>
    startTestServer("--data", data, "--retain", "30d", "--hold-names", "7d", ...flags);
  let session = "";
  const look = async (server: TestServer) => ({
    texts: await textsIn(server),
    name: (await ask(server, "/api/session", { session })).user?.name,
  });
  const all = { texts: ["hello"], name: "ann" };
  try {
    {
      await using server = await start();
      ({ session } = await ask(server, "/api/session", { body: { name: "ann" } }));
      await ask(server, "/api/rooms/lobby/messages", { session, body: { content: "hello" } });
      assertEquals(await look(server), all);
    }
    {
      using logs = new CapturedLogs();
      using _clock = setAhead(YEAR);
      await using server = await start();
      assertEquals(await look(server), all);
      const warnings = logs.lines.filter((line) => line.startsWith("warning"));
      assertMatch(warnings.join("\n"), /^warning: The clock says .* start once with --retain-now$/);
    }
    {
      await using server = await start();
      assertEquals(await look(server), all, "the clock is right again");
    }
    using _clock = setAhead(YEAR);
    await using server = await start("--retain-now");
    await poll("the message to be removed", () => textsIn(server), (texts) => texts.length === 0);
    const gone = { texts: [], name: undefined };
    await poll("ann to be removed", () => look(server), ({ name }) => name === gone.name);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
