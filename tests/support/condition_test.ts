import { assertEquals, assertRejects } from "./assert.ts";
import { Condition } from "./condition.ts";

Deno.test("Condition.until() resolves to what is there already", async () => {
  assertEquals(await new Condition().until("seven", () => 7), 7);
});

Deno.test("Condition.notify() wakes everybody who waits", async () => {
  const condition = new Condition();
  let count = 0;
  const reached = (least: number) =>
    condition.until(`${least}`, () => count >= least ? count : undefined);
  const waiting = [reached(1), reached(2), reached(2)];
  count = 1;
  condition.notify();
  assertEquals(await waiting[0], 1);
  count = 2;
  condition.notify();
  assertEquals(await Promise.all(waiting), [1, 2, 2]);
});

Deno.test("Condition.until() rejects at the deadline, and with what the look throws", async () => {
  const condition = new Condition();
  const never = condition.until("the tide", () => undefined, 1);
  await assertRejects(() => never, Error, "Waited 1 ms for the tide");
  let isOver = false;
  const cut = condition.until("the tide", () => {
    if (isOver) throw new Error("The sea is gone");
    return undefined;
  });
  isOver = true;
  condition.notify();
  await assertRejects(() => cut, Error, "The sea is gone");
});
