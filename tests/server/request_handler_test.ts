import { busy } from "../../hub/commands.ts";
import type { Authenticate } from "../../people/authenticator.ts";
import { Policy } from "../../people/policy.ts";
import { Admission } from "../../server/admission.ts";
import { ServerRequestHandler } from "../../server/request_handler.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";

const PEER = { ip: "192.0.2.1" };

function handlerWith(authenticate: Authenticate): ServerRequestHandler {
  return new ServerRequestHandler({
    authenticate,
    policy: new Policy(),
    admission: new Admission({ maxConnections: 1, maxConnectionsPerAddress: 1 }),
    allowOrigins: { kind: "any" },
    endpoints: [{ subprotocols: [], matches: (path) => path === "/ws", opened: () => {} }],
    fetch: () => Promise.resolve(new Response("ok")),
  });
}

const UPGRADE = new Request("http://localhost/ws", {
  headers: {
    upgrade: "websocket",
    connection: "upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  },
});

Deno.test("ServerRequestHandler answers 503 while the hub cannot look a session up", async () => {
  const handler = handlerWith(() => Promise.reject(busy(true)));
  for (const answer of [handler.connect(UPGRADE, PEER), handler.fetch(UPGRADE, PEER)]) {
    const response = await answer;
    assert(response instanceof Response);
    assertEquals([response.status, response.headers.has("retry-after")], [503, true]);
    await response.body?.cancel();
  }
});

Deno.test("ServerRequestHandler hands on what it does not know, for the transport to log", async () => {
  const handler = handlerWith(() => Promise.reject(new Error("Broken")));
  await assertRejects(() => handler.connect(UPGRADE, PEER), Error, "Broken");
  await assertRejects(() => handler.fetch(UPGRADE, PEER), Error, "Broken");
});
