import { Admission, type AdmissionLimits, type Place } from "../../server/admission.ts";
import { assert, assertEquals } from "../support/assert.ts";

const NONE: AdmissionLimits = {
  maxConnections: Infinity,
  maxConnectionsPerAddress: Infinity,
  maxUnauthenticated: Infinity,
  connectRate: Infinity,
};

/** How each address is answered, in order. */
function enter(admission: Admission, ...ips: string[]): string[] {
  return ips.map((ip) => {
    const place = admission.enter(ip, false);
    return typeof place === "string" ? place : "in";
  });
}

function place(admission: Admission, ip: string, isKnown = false): Place {
  const entered = admission.enter(ip, isKnown);
  assert(typeof entered !== "string");
  return entered;
}

Deno.test("Admission.enter() binds the connections of one address, and those in all", () => {
  const admission = new Admission({ ...NONE, maxConnections: 4, maxConnectionsPerAddress: 2 });
  assertEquals(enter(admission, "a", "a", "a"), ["in", "in", "address_full"]);
  assertEquals(enter(admission, "b", "b", "c"), ["in", "in", "full"]);
  assertEquals(admission.count, 4);
});

Deno.test("Admission.enter() counts IPv6 by network, and a Unix socket in all only", () => {
  const admission = new Admission({ ...NONE, maxConnections: 4, maxConnectionsPerAddress: 1 });
  assertEquals(enter(admission, "2001:db8::1", "2001:db8::2"), ["in", "address_full"]);
  assertEquals(enter(admission, "", "", "", ""), ["in", "in", "in", "full"]);
});

Deno.test("Place.leave() makes room again, once", () => {
  const admission = new Admission({ ...NONE, maxConnections: 2, maxConnectionsPerAddress: 1 });
  const first = place(admission, "a");
  place(admission, "b");
  first.leave();
  first.leave();
  assertEquals(admission.count, 1);
  assertEquals(enter(admission, "b", "a", "c"), ["address_full", "in", "full"]);
});

Deno.test("Admission.enter() bounds those who have not logged in, and lets who is known in", () => {
  const admission = new Admission({ ...NONE, maxUnauthenticated: 1 });
  const stranger = place(admission, "a");
  assertEquals(enter(admission, "b"), ["unauthenticated"]);
  place(admission, "b", true);
  stranger.loggedIn();
  stranger.loggedIn();
  assertEquals(admission.unauthenticated, 0);
  stranger.loggedOut();
  assertEquals(enter(admission, "b"), ["unauthenticated"]);
  stranger.leave();
  stranger.loggedOut();
  assertEquals([admission.unauthenticated, ...enter(admission, "b")], [0, "in"]);
});

Deno.test("Admission.attempt() bounds new connections of an address, and says when again", () => {
  let now = 0;
  const admission = new Admission({ ...NONE, connectRate: 1, now: () => now });
  for (let attempt = 0; attempt < 20; attempt++) assertEquals(admission.attempt("a"), 0);
  assertEquals([admission.attempt("a"), admission.attempt("b"), admission.attempt("")], [
    1000,
    0,
    0,
  ]);
  now = 1000;
  assertEquals(admission.attempt("a"), 0);
});
