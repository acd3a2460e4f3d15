/**
 * What every broker must do: the promises of `broker/broker.ts`.
 *
 * @module
 */
import type { Broker, Publication } from "../../broker/broker.ts";
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
        { kind: "direct", messages: [{ to: 7, message: { type: "system", content: "2" } }] },
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
    den.enter(1, "ann");
    den.enter(2, "bob");
    den.enter(3, "cid");
    den.rename(1, "anne");
    den.leave(2);
    den.leave(2);
    den.rename(2, "nobody");
    assertEquals([den.size, den.names()], [2, ["anne", "cid"]]);
    assertEquals(broker.presence("den").names(), ["anne", "cid"]);
    assertEquals(broker.presence("attic").size, 0);
  });

  Deno.test(
    name("presence() of a room that was empty meanwhile is the same for all who ask"),
    () => {
      const broker = create();
      const den = broker.presence("den");
      den.enter(1, "ann");
      den.leave(1);
      den.enter(2, "bob");
      assertEquals(broker.presence("den").names(), ["bob"]);
      broker.presence("den").leave(2);
      assertEquals(den.size, 0);
    },
  );

  Deno.test(name("claimName() gives a name to one connection at a time"), () => {
    const broker = create();
    assert(broker.claimName("ann", 1));
    assert(broker.claimName("ann", 1), "it has the name already");
    assertFalse(broker.claimName("ann", 2));
    broker.releaseName("ann", 2);
    assertEquals(broker.findName("ann"), 1);
    broker.releaseName("ann", 1);
    assertEquals(broker.findName("ann"), undefined);
    assert(broker.claimName("ann", 2));
  });
}
