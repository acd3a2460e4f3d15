import fc from "fast-check";
import { Channel } from "../../hub/channel.ts";
import { assertEquals, assertLessOrEqual } from "../support/assert.ts";
import { Model } from "./channel_model.ts";
import { type Outcome, settle, watch } from "../support/promises.ts";

const schedule = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom("trySend", "send", "receive", "receiveAll") },
    { weight: 3, arbitrary: fc.constant("drain") },
    { weight: 1, arbitrary: fc.constant("close") },
  ),
  { maxLength: 40 },
);

/** Does the same to the channel and to the model, and gives what came of it at once or later. */
function step(channel: Channel<number>, model: Model, what: string, value: number) {
  switch (what) {
    case "trySend":
      return { is: channel.trySend(value), should: model.trySend(value) };
    case "send":
      return { is: watch(channel.send(value)), should: model.send(value) };
    case "receive":
      return { is: watch(channel.receive()), should: model.receive(false) };
    case "receiveAll":
      return { is: watch(channel.receiveAll()), should: model.receive(true) };
    case "drain":
      return { is: channel.drain(), should: model.drain() };
    default:
      return { is: channel.close(), should: model.close() };
  }
}

Deno.test("Channel does what its model does, whatever the schedule", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), schedule, async (capacity, steps) => {
      const channel = new Channel<number>(capacity);
      const model = new Model(capacity);
      const outcomes: { is: unknown; should: unknown }[] = [];
      for (const [index, what] of steps.entries()) {
        outcomes.push(step(channel, model, what, index));
        await settle();
        assertEquals(outcomes.map(({ is }) => is), outcomes.map(({ should }) => should));
        assertEquals([channel.size, channel.closed], [model.inside.length, model.closed]);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("Channel loses, doubles and reorders nothing when nobody waits between the calls", async () => {
  const rush = fc.array(fc.constantFrom("trySend", "send", "receive", "drain", "settle"), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), rush, async (capacity, steps) => {
      const channel = new Channel<number>(capacity);
      const accepted: number[] = [];
      const received: Outcome<number | undefined>[] = [];
      const sends: Promise<void>[] = [];
      for (const [index, what] of steps.entries()) {
        if (what === "trySend" && channel.trySend(index)) accepted.push(index);
        else if (what === "send") {
          accepted.push(index);
          sends.push(channel.send(index));
        } else if (what === "receive") received.push(watch(channel.receive()));
        else if (what === "drain") {
          received.push(...channel.drain().map((value) => ({ state: "resolved" as const, value })));
        } else if (what === "settle") await settle();
        assertLessOrEqual(channel.size, capacity);
      }
      for (let rest = channel.drain(); rest.length > 0; rest = channel.drain()) {
        received.push(...rest.map((value) => ({ state: "resolved" as const, value })));
      }
      channel.close();
      await Promise.all(sends);
      await settle();
      const values = received.map(({ value }) => value).filter((value) => value !== undefined);
      assertEquals(values, accepted);
    }),
    { numRuns: 500 },
  );
});
