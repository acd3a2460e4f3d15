import { upgrade } from "../../transport/deno/socket.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { formatRequest, HANDSHAKE, RawLine } from "../support/raw_tcp.ts";
import { DEADLINE, within } from "../support/within.ts";

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
        ip: "127.0.0.1",
        maxPayload: 1024,
        opened: () => outcome.opened++,
        gone() {
          outcome.gone++;
          resolve();
        },
      }, { pingInterval: 0 });
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
  const allGone = Promise.all(cut.map(({ whenGone }) => whenGone));
  await within(DEADLINE, "all that were cut to be gone", allGone);
  assertEquals(cut.map(({ gone }) => gone), cut.map(() => 1));
  assert(cut.filter(({ opened }) => opened === 1).length >= 5);
  assertEquals(outcomes.at(-1)?.gone, 0);
  await seen.reset();
  await within(DEADLINE, "the last one to be gone", Promise.resolve(outcomes.at(-1)?.whenGone));
  end.abort();
  await server.finished;
});

Deno.test("upgrade() says that a connection is gone that cannot be upgraded", () => {
  let gone = 0;
  const accepted = { ip: "127.0.0.1", maxPayload: 1024, opened: () => {}, gone: () => gone++ };
  assertThrows(
    () => upgrade(new Request("http://localhost/ws"), accepted, { pingInterval: 0 }),
    TypeError,
  );
  assertEquals(gone, 1);
});
