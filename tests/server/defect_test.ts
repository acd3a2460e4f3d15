/** A server with a defect ends in good order, and its supervisor learns of it. */
import { EXIT } from "../../config/errors.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { ServerProcess, SOURCE } from "../support/server_process.ts";
import { WsClient } from "../support/ws_client.ts";

const command = [
  ...SOURCE.slice(0, -1),
  new URL("defective.ts", import.meta.url).href,
];

for (const signal of ["SIGUSR1", "SIGUSR2"] as const) {
  Deno.test(`serve tells everybody and ends with 1 after an error that nobody caught, as with ${signal}`, async () => {
    if (Deno.build.os === "windows") return console.log(`Skipped: Windows has no ${signal}`);
    await using server = await ServerProcess.start(["--data", ":memory:"], { command });
    await using client = await WsClient.open(server.ws());
    server.kill(signal);
    assertEquals((await client.closed).code, 1001);
    const { code, stderr } = await server.ended();
    assertEquals(code, EXIT.failed, stderr);
    assertMatch(stderr, /Nobody has caught an error.*a defect[\s\S]*"Stopped"/);
  });
}
