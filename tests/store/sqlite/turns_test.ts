import { assertEquals, assertRejects } from "../../support/assert.ts";
import { pause, type Task, Turns } from "../../../store/sqlite/turns.ts";

/** Works for some slices, and notes each of them. */
function* work(name: string, slices: number, order: string[]): Task<string> {
  for (let slice = 0; slice < slices; slice++) {
    order.push(name);
    const start = performance.now();
    while (performance.now() - start < 6);
    yield;
  }
  return name;
}

Deno.test("Turns.run() lets users take turns, and has the tasks of one follow each other", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const results = await Promise.all([
    turns.run("ann", work("a1", 3, order)),
    turns.run("ann", work("a2", 2, order)),
    turns.run("bob", work("b1", 2, order)),
    turns.run("cleo", work("c1", 1, order)),
  ]);
  assertEquals(order, ["a1", "b1", "c1", "a1", "b1", "a1", "a2", "a2"]);
  assertEquals(results, ["a1", "a2", "b1", "c1"]);
});

Deno.test("Turns.run() has one who asks wait for one turn of each other, however much they have asked for", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const flood = Array.from(
    { length: 8 },
    (_, index) => turns.run("ann", work(`a${index}`, 3, order)),
  );
  await pause();
  await turns.run("bob", work("b", 1, order));
  const before = order.indexOf("b");
  assertEquals(before <= 2, true, order.join(" "));
  await Promise.all(flood);
  assertEquals(order.length, 25);
});

Deno.test("Turns lets other work be done between two slices", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const running = turns.run("ann", work("a", 3, order));
  for (let beside = 0; beside < 3; beside++) {
    await pause();
    order.push("beside");
  }
  await running;
  assertEquals(order.indexOf("beside") < 3, true, order.join(" "));
});

Deno.test("Turns.run() tells a task how long it has worked", async () => {
  const spent: number[] = [];
  await new Turns().run(
    "ann",
    function* (): Task<void> {
      for (let slice = 0; slice < 3; slice++) {
        const start = performance.now();
        while (performance.now() - start < 6);
        spent.push(yield);
      }
    }(),
  );
  assertEquals(spent.map((ms, index) => ms >= 6 * (index + 1)), [true, true, true]);
});

Deno.test("Turns.run() rejects with what a task throws, and goes on", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const failing = turns.run(
    "ann",
    function* (): Task<void> {
      yield;
      throw new Error("no such thing");
    }(),
  );
  const next = turns.run("ann", work("next", 1, order));
  await assertRejects(() => failing, Error, "no such thing");
  assertEquals(await next, "next");
  await turns.settled();
});
