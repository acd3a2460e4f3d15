import fc from "fast-check";
import { assertArrayIncludes, assertEquals, assertRejects } from "../support/assert.ts";
import { startTestServer } from "../support/test_server.ts";
import { WsClient } from "../support/ws_client.ts";
import { frames } from "./raw_cases.ts";

/** The longest frame under the default limits: 16 times 16 KiB. */
const MAX_FRAME = 256 * 1024;

Deno.test("/echo sends any sequence of text and binary frames back unchanged", async () => {
  await using server = await startTestServer();
  await using client = await WsClient.open(server.ws("/echo"));
  await fc.assert(fc.asyncProperty(frames, async (sent) => {
    for (const frame of sent) client.send(frame);
    assertEquals(await client.take(sent.length), sent);
  }));
});

Deno.test("/echo sends frames of every size up to the limit back", async () => {
  await using server = await startTestServer();
  await using client = await WsClient.open(server.ws("/echo"));
  const bytes = crypto.getRandomValues(new Uint8Array(65_536));
  const large = Uint8Array.from({ length: MAX_FRAME }, (_, index) => bytes[index % 65_536] ?? 0);
  for (const frame of ["", new Uint8Array(0), "é".repeat(MAX_FRAME / 2), large]) {
    await client.send(frame);
    assertEquals(await client.next(), frame);
  }
});

for (const frame of ["é".repeat(MAX_FRAME / 2) + "x", new Uint8Array(MAX_FRAME + 1)]) {
  Deno.test(`/echo closes 1009 after ${typeof frame} frame above the limit`, async () => {
    await using server = await startTestServer();
    await using client = await WsClient.open(server.ws("/echo"));
    await client.send("before");
    await client.send(frame);
    assertEquals(await client.next(), "before");
    const reason = `A frame must have at most ${MAX_FRAME} bytes`;
    assertEquals(await client.closed, { code: 1009, reason });
  });
}

Deno.test("/echo closes 1008 above --rate", async () => {
  await using server = await startTestServer("--rate", "1", "--burst", "3");
  await using client = await WsClient.open(server.ws("/echo"));
  for (const text of ["1", "2", "3", "4"]) client.send(text);
  assertEquals(await client.take(3), ["1", "2", "3"]);
  const reason = "At most 1 frames a second, 3 at once";
  assertEquals(await client.closed, { code: 1008, reason });
});

for (const transport of ["deno", "node"]) {
  Deno.test(`/echo gives up a peer that does not read its echoes (${transport})`, async () => {
    await using server = await startTestServer("--transport", transport);
    await using deaf = await WsClient.open(server.ws("/echo"));
    await using other = await WsClient.open(server.ws("/echo"));
    deaf.pause();
    const frame = new Uint8Array(MAX_FRAME);
    // Far more than the buffers of two sockets and the queue take; the line may break meanwhile.
    const sent = Array.from({ length: 256 }, () => deaf.send(frame).catch(() => {}));
    // Once the last has gone out, the server has taken in all but what the buffers hold.
    await Promise.all(sent);
    await other.send("still there?");
    assertEquals(await other.next(), "still there?");
    deaf.resume();
    // A peer that goes on sending while it is closed may find the line broken instead.
    assertArrayIncludes([1013, 1006], [(await deaf.closed).code]);
  });
}

Deno.test("/echo closes 1001 as the server stops", async () => {
  await using server = await startTestServer();
  await using client = await WsClient.open(server.ws("/echo"));
  await client.send("hello");
  await client.next();
  await server.stop("Maintenance");
  assertEquals(await client.closed, { code: 1001, reason: "Maintenance" });
});

Deno.test("/echo refuses what is no WebSocket, and subprotocols", async () => {
  await using server = await startTestServer();
  const response = await fetch(new URL("/echo", server.url));
  await response.body?.cancel();
  assertEquals(response.status, 426);
  await assertRejects(() => WsClient.open(server.ws("/echo"), "chat"), Error, "400");
});
