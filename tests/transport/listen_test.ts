/**
 * Where both transports listen, and what they make of routes that fail.
 *
 * @module
 */
import { StartError } from "../../cli/errors.ts";
import { Admission } from "../../http/admission.ts";
import { Routes } from "../../http/routes.ts";
import type { Listen } from "../../transport/listener.ts";
import { listen as listenDeno } from "../../transport/listen.ts";
import { listen as listenNode } from "../../transport/node.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { ask, HANDSHAKE, RawLine } from "../support/raw_tcp.ts";

/** Routes of which a part fails, as long as `broken`. */
function brokenRoutes(state: { broken: boolean }): Routes {
  return new Routes({
    admission: new Admission({ maxConnections: 10, maxConnectionsPerAddress: 10 }),
    allowOrigins: { kind: "any" },
    endpoints: [{
      subprotocols: [],
      matches(path) {
        if (state.broken) throw new Error("A secret of the server");
        return path === "/ws";
      },
      opened: (socket) => socket.listen({ message: () => {}, closed: () => {} }),
    }],
    table: [],
  });
}

const TRANSPORTS: readonly [name: string, listen: Listen][] = [
  ["deno", listenDeno],
  ["node", listenNode],
];

for (const [name, listen] of TRANSPORTS) {
  const routes = () => brokenRoutes({ broken: false });

  Deno.test(`listen() of ${name} on every interface is reached over IPv4 and IPv6`, async () => {
    const listener = await listen({ addr: { kind: "any", port: 0 }, pingInterval: 0 }, routes());
    const { port, hostname } = new URL(listener.url);
    assertEquals(hostname, "localhost");
    const interfaces = Deno.networkInterfaces().map(({ family }) => family);
    for (const host of interfaces.includes("IPv6") ? ["127.0.0.1", "[::1]"] : ["127.0.0.1"]) {
      assertEquals((await fetch(`http://${host}:${port}/`)).status, 404);
    }
    await listener.close(1000);
  });

  Deno.test(`listen() of ${name} says why it cannot listen`, async () => {
    for (
      const addr of [
        { kind: "unix", path: "/nowhere/at/all.sock" },
        { kind: "host", hostname: "192.0.2.1", port: 0 },
      ] as const
    ) {
      const error = await assertRejects(
        () => listen({ addr, pingInterval: 0 }, routes()),
        StartError,
        "Cannot listen on",
      );
      assert(error.message.endsWith("; choose another --addr"), error.message);
      assert(!error.message.includes("\n"));
    }
  });

  Deno.test(`listen() of ${name} answers what fails inside without its reason, and goes on`, async () => {
    const state = { broken: true };
    const addr = { kind: "host", hostname: "127.0.0.1", port: 0 } as const;
    const listener = await listen({ addr, pingInterval: 0 }, brokenRoutes(state));
    const response = await fetch(listener.url);
    assertEquals(response.status, 500);
    const text = await response.text();
    assert(!text.includes("secret"), text);
    const raw = await RawLine.open(listener.url);
    await raw.write(
      "GET /ws HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
    );
    const answer = await raw.until(/\r\n\r\n/);
    assert(answer === "" || answer.startsWith("HTTP/1.1 500"), answer);
    await raw.reset();
    state.broken = false;
    assertEquals((await ask(listener.url, "GET /ws HTTP/1.1", HANDSHAKE)).status, 101);
    await listener.close(1000);
  });
}
