/** POST /api/admin/delete: what of it only a test without a port can show. */
import { assertEquals } from "../../support/assert.ts";
import { problemOf } from "../harness.ts";
import { idOf, withAdmin } from "./harness.ts";

Deno.test("POST /api/admin/delete deletes what somebody said who is gone", () =>
  withAdmin(async (harness) => {
    const { hub } = harness;
    const ben = await harness.enter("ben", "guest");
    const id = await idOf(harness, "ben");
    for (const text of ["one", "two"]) {
      ben.say(text);
      await ben.next("user", ({ content }) => content === text);
    }
    await hub.people.remove(id);
    await hub.settled();
    const byName = await harness.ask("POST /api/admin/delete", { user: "ben" });
    assertEquals(await problemOf(byName), [404, "no_such_user"]);
    assertEquals(await harness.get("POST /api/admin/delete", { user: `@${id}` }), { deleted: 2 });
    const { messages } = await hub.store.read("lobby", { limit: 9 });
    assertEquals(messages.map(({ deleted }) => deleted), [true, true]);
    // Nothing is left by which to find who it was.
    const again = await harness.ask("POST /api/admin/delete", { user: `@${id}` });
    assertEquals(await problemOf(again), [404, "no_such_user"]);
    const acts = [`delete ben (@${id}) everything that was said`];
    assertEquals(await harness.audit(), acts);
  }));
