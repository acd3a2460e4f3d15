import { assertEquals, assertRejects } from "./assert.ts";
import { DEADLINE, poll, within } from "./within.ts";

/** Deno no longer looks for leaks by itself (since 2.8). */
const LEAKLESS = { sanitizeOps: true, sanitizeResources: true };

Deno.test(
  "within() resolves to what the promise resolves to, and leaves no timer behind",
  LEAKLESS,
  async () => {
    assertEquals(await within(DEADLINE, "a value", Promise.resolve(7)), 7);
  },
);

Deno.test(
  "within() rejects with what the promise is rejected with, and leaves no timer behind",
  LEAKLESS,
  async () => {
    const error = new TypeError("No such room");
    const thrown = await assertRejects(() => within(DEADLINE, "a value", Promise.reject(error)));
    assertEquals(thrown, error);
  },
);

Deno.test("within() rejects after the deadline and says what was awaited", async () => {
  const { promise } = Promise.withResolvers<void>();
  await assertRejects(() => within(1, "the tide", promise), Error, "Waited 1 ms for the tide");
});

Deno.test("within() asks for the state of things only when the deadline passes", async () => {
  const { promise } = Promise.withResolvers<void>();
  let seen = 0;
  const waiting = within(1, () => `the third ship, after ${seen}`, promise);
  seen = 2;
  await assertRejects(() => waiting, Error, "for the third ship, after 2");
});

Deno.test("within() ignores a promise that is rejected after the deadline", async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  await assertRejects(() => within(1, "the tide", promise), Error, "the tide");
  reject(new Error("Too late"));
  await Promise.resolve();
});

Deno.test("poll() looks until what it sees is right", async () => {
  let looks = 0;
  assertEquals(await poll("three looks", () => ++looks, (seen) => seen === 3), 3);
});

Deno.test("poll() says after the deadline what it saw last", async () => {
  const looking = poll("a ship", () => "a gull", () => false, 1);
  await assertRejects(() => looking, Error, 'Waited 1 ms for a ship, saw "a gull"');
});
