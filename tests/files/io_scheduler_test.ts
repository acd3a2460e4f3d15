/** How uploads take turns. */
import { setImmediate } from "node:timers";
import { assertEquals } from "../support/assert.ts";
import { Turns } from "../../files/io_scheduler.ts";

Deno.test("Turns.next() serves in the order of asking, each in a task of its own", async () => {
  const turns = new Turns();
  const events: string[] = [];
  const asked = ["a", "b", "c"].map(async (name) => {
    await turns.next();
    events.push(name);
    await Promise.resolve();
    events.push(`${name} goes on`);
  });
  await Promise.all(asked);
  assertEquals(events, ["a", "a goes on", "b", "b goes on", "c", "c goes on"]);
});

Deno.test("Turns.next() lets other tasks in between", async () => {
  const turns = new Turns();
  let happened = false;
  setImmediate(() => happened = true);
  await turns.next();
  assertEquals(happened, true);
});
