/** How uploads take scheduler. */
import { setImmediate } from "node:timers";
import { assertEquals } from "../support/assert.ts";
import { IoScheduler } from "../../files/io_scheduler.ts";

Deno.test("IoScheduler.next() serves calls in order, each in a task of its own", async () => {
  const scheduler = new IoScheduler();
  const events: string[] = [];
  const asked = ["a", "b", "c"].map(async (name) => {
    await scheduler.next();
    events.push(name);
    await Promise.resolve();
    events.push(`${name} goes on`);
  });
  await Promise.all(asked);
  assertEquals(events, ["a", "a goes on", "b", "b goes on", "c", "c goes on"]);
});

Deno.test("IoScheduler.next() lets other tasks run in between", async () => {
  const scheduler = new IoScheduler();
  let happened = false;
  setImmediate(() => happened = true);
  await scheduler.next();
  assertEquals(happened, true);
});
