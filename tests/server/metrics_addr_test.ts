/**
 * `--metrics-addr`: the second listener, for those who watch the server.
 *
 * @module
 */
import { StartError } from "../../config/errors.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../support/assert.ts";
import { startTestServer, TRANSPORTS } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";
import { WsClient } from "../support/ws_client.ts";

async function statusOf(
  url: string | URL,
  init?: RequestInit & { client?: Deno.HttpClient },
): Promise<number> {
  const response = await within(DEADLINE, `an answer of ${url}`, fetch(url, init));
  await response.body?.cancel();
  return response.status;
}

function freeAddress(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `127.0.0.1:${listener.addr.port}`;
}

for (const transport of TRANSPORTS) {
  const start = (...flags: string[]) => startTestServer("--transport", transport, ...flags);

  Deno.test(`--metrics-addr with ${transport} serves metrics there to anybody, and no longer in public`, async () => {
    const addr = freeAddress();
    const token = { headers: { authorization: `Bearer ${"0123456789abcdef"}` } };
    await using server = await start(
      ...["--metrics-addr", addr, "--api-token", "Watch:0123456789abcdef"],
    );
    const there = `http://${addr}`;
    const response = await fetch(`${there}/metrics`);
    assertStringIncludes(response.headers.get("content-type") ?? "", "text/plain; version=0.0.4");
    assertStringIncludes(await response.text(), `transport="${transport}"`);
    assertEquals(await statusOf(`${server.url}metrics`, token), 404);
    for (const url of [`${there}/`, server.url]) {
      assertEquals(await statusOf(new URL("/healthz", url)), 200);
      assertEquals(await statusOf(new URL("/readyz", url)), 200);
    }
  });

  Deno.test(`--metrics-addr with ${transport} serves nothing else there`, async () => {
    const addr = freeAddress();
    await using _server = await start("--metrics-addr", addr);
    for (const path of ["/", "/api/session", "/api/rooms", "/files/a/b", "/static/page/chat.js"]) {
      assertEquals([path, await statusOf(`http://${addr}${path}`)], [path, 404]);
    }
    assertEquals(await statusOf(`http://${addr}/metrics`, { method: "POST" }), 405);
    for (const path of ["/ws", "/echo", "/relay", "/metrics"]) {
      await assertRejects(() => WsClient.open(`ws://${addr}${path}`), Error);
    }
  });

  Deno.test(`--metrics-addr with ${transport} may be a Unix socket, which is gone in the end`, async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/metrics`;
    try {
      const server = await start("--metrics-addr", `unix:${path}`);
      using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
      assertEquals(await statusOf("http://localhost/metrics", { client }), 200);
      await server.stop("The test is over");
      await assertRejects(() => Deno.connect({ transport: "unix", path }));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  Deno.test(`--metrics-addr with ${transport} stops with the server`, async () => {
    const addr = freeAddress();
    const server = await start("--metrics-addr", addr);
    assertEquals(await statusOf(`http://${addr}/healthz`), 200);
    await server.stop("The test is over");
    await assertRejects(() => fetch(`http://${addr}/healthz`), TypeError);
    // And it can be had again.
    await using _next = await start("--metrics-addr", addr);
  });

  Deno.test(`--metrics-addr with ${transport} says what is wrong with an address, by its own name`, async () => {
    const addr = freeAddress();
    const refuse = async (...flags: string[]) => {
      const error = await assertRejects(() => start(...flags), StartError);
      assert(error instanceof StartError);
      return error.message;
    };
    const inUse = `Cannot listen on ${addr}: it is in use; stop the other program or choose ` +
      "another --metrics-addr";
    await using _other = await start("--addr", addr);
    assertEquals(await refuse("--metrics-addr", addr), inUse);
    const own = freeAddress();
    const message = await refuse("--addr", own, "--metrics-addr", own);
    assertStringIncludes(message, `Cannot listen on ${own}: it is in use`);
    assertStringIncludes(
      await refuse("--metrics-addr", "unix:/no/such/folder/metrics"),
      "Cannot listen on unix:/no/such/folder/metrics",
    );
    // What was refused has let go of its public address too.
    await using _next = await start("--addr", own);
  });
}

Deno.test("GET /metrics stays in public, for those who may, without --metrics-addr", async () => {
  await using server = await startTestServer("--api-token", "Watch:0123456789abcdef");
  assertEquals(await statusOf(`${server.url}metrics`), 401);
  const token = { headers: { authorization: "Bearer 0123456789abcdef" } };
  assertEquals(await statusOf(`${server.url}metrics`, token), 200);
});
