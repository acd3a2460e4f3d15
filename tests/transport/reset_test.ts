import { upgrade } from "../../transport/deno.ts";
import { assert, assertEquals } from "../assert.ts";
import { formatRequest, HANDSHAKE, RawLine } from "../support/raw_tcp.ts";

Deno.test("upgrade() says once that a connection is gone, also when its handshake is reset", async () => {
  const outcomes: { opened: number; gone: number; whenGone: Promise<void> }[] = [];
  // Not closed in good order: that would wait for handshakes that never end.
  const end = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: end.signal },
    (request) => {
      const { promise: whenGone, resolve } = Promise.withResolvers<void>();
      const outcome = { opened: 0, gone: 0, whenGone };
      outcomes.push(outcome);
      return upgrade(request, {
        opened: () => outcome.opened++,
        gone() {
          outcome.gone++;
          resolve();
        },
      }, 0);
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  for (let n = 0; n < 10; n++) {
    const raw = await RawLine.open(url);
    await raw.write(formatRequest("GET /ws HTTP/1.1", HANDSHAKE));
    // Every other peer at least waits for the answer.
    if (n % 2 === 1) await raw.until(/101/);
    await raw.reset();
  }
  const seen = await RawLine.open(url);
  await seen.write(formatRequest("GET /ws HTTP/1.1", HANDSHAKE));
  await seen.until(/101/);
  // A reset may even come before the request was read: then there was no upgrade.
  const cut = outcomes.slice(0, -1);
  await Promise.all(cut.map(({ whenGone }) => whenGone));
  assertEquals(cut.map(({ gone }) => gone), cut.map(() => 1));
  assert(cut.filter(({ opened }) => opened === 1).length >= 5);
  assertEquals(outcomes.at(-1)?.gone, 0);
  await seen.reset();
  await outcomes.at(-1)?.whenGone;
  end.abort();
  await server.finished;
});

Deno.test("upgrade() closes a socket that cannot be taken in with 1011, and the server goes on", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) =>
      upgrade(request, {
        opened() {
          throw new Error("Broken");
        },
        gone: () => {},
      }, 0),
  );
  for (let round = 0; round < 2; round++) {
    const client = new WebSocket(`ws://127.0.0.1:${server.addr.port}/`);
    const { code } = await new Promise<CloseEvent>((resolve) => client.onclose = resolve);
    assertEquals(code, 1011);
  }
});

Deno.test("upgrade() logs what a listener throws and goes on", async () => {
  const heard: (string | Uint8Array)[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) =>
      upgrade(request, {
        opened: (socket) =>
          socket.listen({
            message(data) {
              heard.push(data);
              if (heard.length < 3) throw new Error("Broken");
              socket.close(1000, "enough");
              socket.close(1011, "more than enough");
            },
            closed() {
              throw new Error("Broken too");
            },
          }),
        gone: () => {},
      }, 0),
  );
  const client = new WebSocket(`ws://127.0.0.1:${server.addr.port}/`);
  await new Promise((resolve) => client.onopen = resolve);
  client.send("a");
  client.send(Uint8Array.of(1));
  client.send("b");
  const { reason } = await new Promise<CloseEvent>((resolve) => client.onclose = resolve);
  assertEquals(reason, "enough");
  assertEquals(heard, ["a", Uint8Array.of(1), "b"]);
});
