import { applyChange, applyReaction } from "../../sdk/hubbub.js";
import type { React, Reactions, UserMessage } from "../../protocol.ts";
import { assertEquals } from "../support/assert.ts";

/** Somebody, whose id is their name, reacts with a thumb. */
function thumb(from: string, on: boolean, count: number): React {
  const of = { type: "react", room: "lobby", seq: 1, change: 1 } as const;
  return { ...of, from, by: from, content: "👍", on, count };
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `n${i}`);
}

const SAID: UserMessage = {
  type: "file",
  room: "lobby",
  from: "bo",
  content: "a.png",
  seq: 1,
  time: 0,
  id: "x",
  edited: 1,
  reactions: { "👍": { count: 1, names: ["bo"] } },
};

Deno.test("applyReaction() adds and takes back, in order of arrival, and knows the user's own", () => {
  let reactions: Reactions | undefined;
  for (const [from, on, count] of [["bo", true, 1], ["ann", true, 2], ["bo", false, 1]] as const) {
    reactions = applyReaction(reactions, thumb(from, on, count), "ann");
  }
  assertEquals(reactions, { "👍": { count: 1, names: ["ann"], mine: true } });
  assertEquals(applyReaction(reactions, thumb("ann", false, 0), "ann"), undefined);
});

Deno.test("applyReaction() leaves its argument and the other emoji as they are", () => {
  const before: Reactions = {
    "🎉": { count: 1, names: ["bo"] },
    "👍": { count: 1, names: ["bo"] },
  };
  const copy = structuredClone(before);
  assertEquals(applyReaction(before, thumb("eve", true, 2), "ann"), {
    "🎉": { count: 1, names: ["bo"] },
    "👍": { count: 2, names: ["bo", "eve"] },
  });
  assertEquals(before, copy);
});

Deno.test("applyReaction() keeps 20 names and the exact count", () => {
  const full = { "👍": { count: 20, names: names(20) } };
  assertEquals(applyReaction(full, thumb("eve", true, 21), "ann"), {
    "👍": { count: 21, names: names(20) },
  });
  assertEquals(
    applyReaction({ "👍": { count: 30, names: names(20) } }, thumb("n0", false, 29), "a"),
    {
      "👍": { count: 29, names: names(20).slice(1) },
    },
  );
});

Deno.test("applyReaction() comes to the same if it is told twice", () => {
  const once = applyReaction({ "👍": { count: 1, names: ["bo"] } }, thumb("ann", true, 2), "ann");
  assertEquals(applyReaction(once, thumb("ann", true, 2), "ann"), once);
});

Deno.test("applyReaction() never keeps more names than there are users", () => {
  // Bo is called Robert since.
  assertEquals(
    applyReaction({ "👍": { count: 1, names: ["bo"] } }, thumb("Robert", false, 0), ""),
    undefined,
  );
});

Deno.test("applyChange() leaves of a deleted message who said it and when", () => {
  const deletion = {
    type: "delete",
    room: "lobby",
    seq: 1,
    from: "bo",
    by: "bo",
    change: 2,
  } as const;
  assertEquals(applyChange(SAID, deletion, "ann"), {
    type: "user",
    room: "lobby",
    from: "bo",
    content: "",
    seq: 1,
    time: 0,
    id: "x",
    deleted: true,
  });
});

Deno.test("applyChange() edits, and removes the last reaction altogether", () => {
  const by = { room: "lobby", seq: 1, from: "bo", by: "bo", change: 2 };
  const edited = applyChange(SAID, { type: "edit", ...by, content: "b", time: 7 }, "ann");
  assertEquals([edited.content, edited.edited], ["b", 7]);
  const bare = applyChange(
    SAID,
    { type: "react", ...by, content: "👍", on: false, count: 0 },
    "ann",
  );
  assertEquals("reactions" in bare, false);
});
