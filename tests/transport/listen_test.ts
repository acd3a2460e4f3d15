/**
 * Where both transports listen, and what they make of requests that fail.
 *
 * @module
 */
import { StartError } from "../../config/errors.ts";
import { toFrame } from "../../client/outgoing.ts";
import type { Accepted, RequestHandler, Socket, SocketListener } from "../../transport/socket.ts";
import type { Listen } from "../../transport/listener.ts";
import { listen as listenDeno } from "../../transport/deno/listen.ts";
import { listen as listenNode } from "../../transport/node/listen.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { ask, HANDSHAKE, RawLine } from "../support/raw_tcp.ts";
import { TRANSPORTS } from "../support/test_server.ts";
import { listenOptions } from "../support/listen_options.ts";
import { DEADLINE, within } from "../support/within.ts";

/** Accepts sockets on `/ws`, later than it is asked, and answers 404 to everything else. */
function requestsTo(
  { decide = (path) => path === "/ws", opened = (socket) => socket.listen(DEAF) }: {
    decide?: (path: string) => boolean;
    opened?: Accepted["opened"];
  } = {},
): RequestHandler {
  return {
    async connect({ url }) {
      const { pathname } = new URL(url);
      await Promise.resolve();
      return decide(pathname)
        ? { opened, ip: "127.0.0.1", maxPayload: 1024, gone: () => {} }
        : undefined;
    },
    fetch: () => Promise.resolve(new Response(null, { status: 404 })),
  };
}

const DEAF: SocketListener = { message: () => {}, closed: () => {} };

/** A free port of the loopback interface. */
const ADDR = { kind: "host", hostname: "127.0.0.1", port: 0 } as const;

const LISTEN: Readonly<Record<string, Listen>> = { deno: listenDeno, node: listenNode };

for (const name of TRANSPORTS) {
  const listen = LISTEN[name]!;

  Deno.test(`listen() of ${name} on every interface is reached over IPv4 and IPv6`, async () => {
    const listener = await listen(
      listenOptions({ addr: { kind: "any", port: 0 } }),
      requestsTo(),
    );
    const { port, hostname } = new URL(listener.url);
    assertEquals(hostname, "localhost");
    const interfaces = Deno.networkInterfaces().map(({ family }) => family);
    for (const host of interfaces.includes("IPv6") ? ["127.0.0.1", "[::1]"] : ["127.0.0.1"]) {
      const response = await fetch(`http://${host}:${port}/`);
      assertEquals(response.status, 404);
      await response.body?.cancel();
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
        () => listen(listenOptions({ addr }), requestsTo()),
        StartError,
        "Cannot listen on",
      );
      assert(error.message.endsWith("; choose another --addr"), error.message);
      assert(!error.message.includes("\n"));
    }
  });

  Deno.test(`listen() of ${name} says that an address is in use`, async () => {
    const first = await listen(listenOptions(), requestsTo());
    const addr = { ...ADDR, port: Number(new URL(first.url).port) };
    await assertRejects(
      () => listen(listenOptions({ addr }), requestsTo()),
      StartError,
      "it is in use",
    );
    await first.close(1000);
  });

  Deno.test(`listen() of ${name} answers what fails inside without its reason, and goes on`, async () => {
    let broken = true;
    const decide = (path: string) => {
      if (broken) throw new Error("A secret of the server");
      return path === "/ws";
    };
    const listener = await listen(listenOptions(), requestsTo({ decide }));
    const response = await fetch(listener.url);
    assertEquals(response.status, 500);
    const text = await response.text();
    assert(!text.includes("secret"), text);
    const raw = await RawLine.open(listener.url);
    await raw.write(
      "GET /ws HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
    );
    const answer = await raw.head();
    assert(answer === "" || answer.startsWith("HTTP/1.1 500"), answer);
    await raw.reset();
    broken = false;
    assertEquals((await ask(listener.url, "GET /ws HTTP/1.1", HANDSHAKE)).status, 101);
    await listener.close(1000);
  });

  Deno.test(`listen() of ${name} closes a socket that cannot be taken in, and goes on`, async () => {
    const opened = () => {
      throw new Error("Broken");
    };
    const listener = await listen(listenOptions(), requestsTo({ opened }));
    for (let round = 0; round < 2; round++) {
      const client = new WebSocket(listener.url.replace("http", "ws") + "ws");
      const closed = new Promise<CloseEvent>((resolve) => client.onclose = resolve);
      const { code } = await within(DEADLINE, "the socket to close", closed);
      assert([0, 1006, 1011].includes(code), `received ${code}`);
    }
    await listener.close(1000);
  });

  Deno.test(`listen() of ${name} logs what a socket's listener throws, and goes on`, async () => {
    const heard: (string | Uint8Array)[] = [];
    const opened = (socket: Socket) =>
      socket.listen({
        message(data) {
          heard.push(data);
          if (heard.length < 3) throw new Error("Broken");
          socket.close(1000, "enough");
          socket.close(1011, "more than enough");
          socket.send(toFrame("too late"));
        },
        closed() {
          throw new Error("Broken too");
        },
      });
    const listener = await listen(listenOptions(), requestsTo({ opened }));
    const client = new WebSocket(listener.url.replace("http", "ws") + "ws");
    const isOpen = new Promise((resolve) => client.onopen = resolve);
    await within(DEADLINE, "the socket to open", isOpen);
    const received: unknown[] = [];
    client.onmessage = ({ data }) => received.push(data);
    client.send("a");
    client.send(Uint8Array.of(1));
    client.send("b");
    const closed = new Promise<CloseEvent>((resolve) => client.onclose = resolve);
    const { reason } = await within(DEADLINE, "the socket to close", closed);
    assertEquals([reason, received], ["enough", []]);
    assertEquals(heard, ["a", Uint8Array.of(1), "b"]);
    await listener.close(1000);
  });
}

Deno.test("listen() of deno says that it is not permitted", {
  permissions: { net: false, read: true, env: true },
}, async () => {
  await assertRejects(
    () => listenDeno(listenOptions(), requestsTo()),
    StartError,
    "not permitted",
  );
});
