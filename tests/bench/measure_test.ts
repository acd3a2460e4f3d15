import { measure } from "../../bench/load/measure.ts";
import { DIALECTS } from "../../cli/load/dialect.ts";
import { Relay } from "../cli/relay.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";

/** Three clients of a relay, in an open loop. */
function options(port: number) {
  return {
    url: `ws://127.0.0.1:${port}/`,
    dialect: DIALECTS.relay,
    clients: 3,
    senders: 3,
    rooms: 1,
    payload: 64,
    timed: 3,
    sampleEvery: 1,
    model: { kind: "open", rate: 500 },
    warmup: 0,
    seconds: 0.2,
    pid: 0,
  } as const;
}

Deno.test("measure() counts all deliveries of an open loop", async () => {
  await using relay = new Relay();
  const measurement = await within(DEADLINE, "the measurement", measure(options(relay.port)));
  assertEquals(measurement.undelivered, 0);
  assertEquals(measurement.serverCpu, null);
  assert(measurement.deliveries > 0);
  assert(measurement.p50 <= measurement.p99 && measurement.p99 <= measurement.max);
});

Deno.test("measure() fails if a client cannot connect", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await assertRejects(
    () => within(DEADLINE, "the failure", measure(options(port))),
    Error,
    "Connection refused",
  );
});
