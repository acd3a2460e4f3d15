import { assertEquals } from "../support/assert.ts";
import { attended, lineServed, readUpTo, received } from "../../sdk/unread.js";

Deno.test("received() counts, notes mentions and draws the line once", () => {
  let unread = readUpTo(3);
  unread = received(unread, { seq: 4, mention: false }, false);
  unread = received(unread, { seq: 5, mention: true }, false);
  assertEquals(unread, { read: 3, count: 2, mentions: 1, line: 4 });
});

Deno.test("received() moves on with a reader who looks", () => {
  assertEquals(received(readUpTo(3), { seq: 4, mention: true }, true), readUpTo(4));
});

Deno.test("received() ignores what was read already", () => {
  assertEquals(received(readUpTo(9), { seq: 4, mention: true }, false), readUpTo(9));
});

Deno.test("attended() clears the counts and leaves the line until it has served", () => {
  const unread = attended({ read: 3, count: 2, mentions: 1, line: 4 }, 5);
  assertEquals(unread, { read: 5, count: 0, mentions: 0, line: 4 });
  assertEquals(lineServed(unread), readUpTo(5));
  const again = received(unread, { seq: 6, mention: false }, false);
  assertEquals(again.line, 6);
});

Deno.test("lineServed() keeps the line while something is unread below it", () => {
  const unread = { read: 3, count: 2, mentions: 0, line: 4 };
  assertEquals(lineServed(unread), unread);
});

Deno.test("attended() returns the same state when nothing is new", () => {
  const unread = readUpTo(5);
  assertEquals(attended(unread, 5) === unread, true);
});
