/**
 * What every broker must do: the promises of `broker/broker.ts`.
 *
 * @module
 */
import type { Broker, Publication } from "../../broker/broker.ts";
import type { User } from "../../protocol.ts";
import { assert, assertEquals, assertFalse } from "../support/assert.ts";

/** Registers the suite for one kind of broker. */
export function testBroker(kind: string, create: () => Broker): void {
  const name = (behaviour: string) => `${kind} ${behaviour}`;

  Deno.test(
    name("publish() brings everything back in order, and resolves once it is delivered"),
    async () => {
      const broker = create();
      const delivered: Publication[] = [];
      broker.subscribe({
        async deliver(publication) {
          await Promise.resolve();
          delivered.push(publication);
        },
      });
      const publications: Publication[] = [
        { kind: "room", room: "den", events: [{ type: "system", content: "1" }] },
        { kind: "direct", messages: [{ to: "id-ann", message: { type: "system", content: "2" } }] },
        { kind: "everybody", message: { type: "system", content: "3" } },
        { kind: "room", room: "den", events: [] },
      ];
      for (const [index, publication] of publications.entries()) {
        await broker.publish(publication);
        assertEquals(delivered, publications.slice(0, index + 1));
      }
    },
  );

  Deno.test(name("presence() lists who is in a room, in order of entering"), () => {
    const broker = create();
    const den = broker.presence("den");
    for (const name of ["ann", "bob", "cid"]) den.enter(user(name));
    const anne: User = { id: "id-ann", name: "anne", role: "member" };
    den.update(anne);
    den.leave("id-bob");
    den.leave("id-bob");
    den.update({ ...user("bob"), name: "nobody" });
    assertEquals([den.size, den.users()], [2, [anne, user("cid")]]);
    assertEquals(broker.presence("den").users(), [anne, user("cid")]);
    assertEquals(["ann", "bob", "cid"].map((name) => den.has(`id-${name}`)), [true, false, true]);
    assertEquals(broker.presence("attic").size, 0);
  });

  Deno.test(name("presence() counts a user once, in the place of its first entry"), () => {
    const broker = create();
    const den = broker.presence("den");
    for (const name of ["ann", "bob", "ann"]) den.enter(user(name));
    assertEquals([den.size, den.users()], [2, [user("ann"), user("bob")]]);
    den.leave("id-ann");
    assertEquals(den.users(), [user("bob")]);
  });

  Deno.test(name("presence() goes by the id: another user may have the name"), () => {
    const broker = create();
    const den = broker.presence("den");
    const other: User = { id: "id-other", name: "ann", role: "guest" };
    den.enter(user("ann"));
    den.enter(other);
    den.leave("id-ann");
    assertEquals(den.users(), [other]);
  });

  Deno.test(
    name("presence() of a room that was empty meanwhile is the same for all who ask"),
    () => {
      const broker = create();
      const den = broker.presence("den");
      den.enter(user("ann"));
      den.leave("id-ann");
      den.enter(user("bob"));
      assertEquals(broker.presence("den").users(), [user("bob")]);
      broker.presence("den").leave("id-bob");
      assertEquals(den.size, 0);
    },
  );

  Deno.test(name("isOnline() knows users by id, from online() until offline()"), () => {
    const broker = create();
    broker.online("id-ann");
    broker.presence("den").enter(user("bob"));
    assert(broker.isOnline("id-ann"));
    assertFalse(broker.isOnline("ann"));
    assertFalse(broker.isOnline("id-bob"), "to be in a room is not enough");
    broker.offline("id-bob");
    broker.offline("id-ann");
    assertFalse(broker.isOnline("id-ann"));
    broker.online("id-ann");
    assert(broker.isOnline("id-ann"));
  });
}

/** A guest of this name. */
function user(name: string): User {
  return { id: `id-${name}`, name, role: "guest" };
}
