import { Admission } from "../../server/admission.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("Admission.enter() binds the connections of one address, and those in all", () => {
  const admission = new Admission({ maxConnections: 4, maxConnectionsPerAddress: 2 });
  const enter = (...ips: string[]) => ips.map((ip) => admission.enter(ip));
  assertEquals(enter("a", "a", "a"), [undefined, undefined, "address_full"]);
  assertEquals(enter("b", "b", "c"), [undefined, undefined, "full"]);
  assertEquals(admission.count, 4);
});

Deno.test("Admission.leave() makes room again, for the address and in all", () => {
  const admission = new Admission({ maxConnections: 2, maxConnectionsPerAddress: 1 });
  admission.enter("a");
  admission.enter("b");
  admission.leave("a");
  assertEquals(admission.count, 1);
  assertEquals(admission.enter("b"), "address_full");
  assertEquals(admission.enter("a"), undefined);
  assertEquals(admission.enter("c"), "full");
});

Deno.test("Admission.enter() binds a Unix socket, which has no addresses, in all only", () => {
  const admission = new Admission({ maxConnections: 3, maxConnectionsPerAddress: 1 });
  assertEquals([1, 2, 3, 4].map(() => admission.enter("")), [
    undefined,
    undefined,
    undefined,
    "full",
  ]);
});

Deno.test("Admission.enter() lets everybody in without limits", () => {
  const admission = new Admission({
    maxConnections: Infinity,
    maxConnectionsPerAddress: Infinity,
  });
  for (let n = 0; n < 1000; n++) assertEquals(admission.enter("a"), undefined);
});
