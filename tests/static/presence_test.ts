import { assertEquals } from "../support/assert.ts";
import { foldPresence, sortNames, TYPING_LASTS, typingNow } from "../../static/logic/presence.js";

const joined = (name: string) => ({ what: "joined" as const, id: name.toLowerCase(), name });
const left = (name: string) => ({ what: "left" as const, id: name.toLowerCase(), name });

Deno.test("foldPresence() omits people who joined and left", () => {
  const folded = foldPresence([
    joined("ann"),
    joined("bob"),
    left("bob"),
    left("eve"),
    joined("EVE"),
  ]);
  assertEquals(folded, { joined: ["ann"], left: [], others: [] });
});

Deno.test("foldPresence() is not empty when there are only such people", () => {
  assertEquals(foldPresence([joined("bob"), left("bob")]), {
    joined: [],
    left: ["bob"],
    others: [],
  });
});

Deno.test("foldPresence() keeps new names apart", () => {
  const renamed = { what: "renamed" as const, name: "a", to: "b" };
  assertEquals(foldPresence([renamed]).others, [renamed]);
});

Deno.test("typingNow() forgets after a while", () => {
  const typing = new Map([["ann", 1_000], ["bob", 2_000]]);
  assertEquals(typingNow(typing, 1_000 + TYPING_LASTS), ["bob"]);
});

Deno.test("sortNames() sorts as people do, and changes nothing", () => {
  const names = ["bob", "Ann", "zoë", "a10", "a9"];
  assertEquals(sortNames(names, "en"), ["a9", "a10", "Ann", "bob", "zoë"]);
  assertEquals(names[0], "bob");
});
