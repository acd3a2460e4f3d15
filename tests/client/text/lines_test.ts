import fc from "fast-check";
import { eventLine, labelled, roomsLine } from "../../../client/text/lines.ts";
import { directLine, errorLine, usersLine } from "../../../client/text/lines.ts";
import type { ServerMessage, User, UserMessage } from "../../../protocol.ts";
import { assert, assertEquals, assertNotMatch } from "../../support/assert.ts";
import { codePoint } from "../../support/code_point.ts";

const NOON = Date.UTC(2026, 10, 21, 12, 34, 56);
const DAY = 86_400_000;

function said(more: Partial<UserMessage> = {}): UserMessage {
  return { type: "user", room: "dev", from: "ann", content: "hi", seq: 7, time: NOON, ...more };
}

const presence = { room: "dev", content: "bob", from: "bob", by: "b", user_count: 3 };

const bob: User = { id: "b", name: "bob", role: "guest" };

const byAnn = { room: "dev", from: "ann", by: "a" } as const;

/** What is shown of each event. */
const LINES: readonly [ServerMessage, string | undefined][] = [
  [said(), "[12:34] ann: hi"],
  [said({ content: "one\ntwo" }), "[12:34] ann: one\n    two"],
  [said({ edited: NOON }), "[12:34] ann: hi (edited)"],
  [said({ content: "", deleted: true }), "[12:34] ann: (deleted)"],
  [said({ reply_to: 5 }), "[12:34] ann (answering message 5): hi"],
  [
    said({
      reactions: {
        "👍": { count: 2, names: ["bob", "eve"] },
        "❤️": { count: 1, names: ["bob"] },
      },
    }),
    "[12:34] ann: hi [👍 2] [❤️ 1]",
  ],
  [
    said({
      type: "file",
      content: "a.png",
      file: {
        id: "x",
        name: "a\x1b.png",
        size: 1_300_000,
        media_type: "image/png",
        url: "/files/x/a.png",
        sha256: "",
      },
    }),
    "[12:34] ann: (file) a␛.png, 1.2 MiB, /files/x/a.png",
  ],
  [{ type: "login", ...presence }, "* bob joined (3 here)"],
  [{ type: "logout", ...presence }, "* bob left (3 here)"],
  [{ type: "rename", ...presence, content: "bert" }, "* bob is now bert"],
  [
    { type: "edit", ...byAnn, seq: 7, content: "hello", time: NOON, change: 1 },
    "* ann edited message 7: hello",
  ],
  [{ type: "delete", ...byAnn, seq: 7, change: 2 }, "* ann deleted message 7"],
  [
    {
      type: "react",
      room: "dev",
      seq: 7,
      from: "bob",
      by: "b",
      content: "👍",
      on: true,
      count: 1,
      change: 1,
    },
    "* bob reacted with 👍 on message 7",
  ],
  [
    {
      type: "react",
      room: "dev",
      seq: 7,
      from: "bob",
      by: "b",
      content: "👍",
      on: false,
      count: 1,
      change: 2,
    },
    "* bob took back 👍 on message 7",
  ],
  [{ type: "system", content: "Back at\nnine" }, "* Back at\n    nine"],
  [{ type: "typing", room: "dev", from: "bob", by: "b" }, undefined],
  [{ type: "invite", ...byAnn, user: bob }, "* ann invited bob to #dev"],
  [{ type: "remove", ...byAnn, user: bob }, "* ann removed bob from #dev"],
  [{ type: "topic", ...byAnn, content: "Soup\x1b" }, "* ann set the topic: Soup␛"],
  [{ type: "topic", ...byAnn, content: "" }, "* ann cleared the topic"],
  [{ type: "role", ...byAnn, user: bob, content: "owner" }, "* ann made bob owner"],
];

Deno.test("eventLine() shows each event", () => {
  for (const [event, line] of LINES) assertEquals(eventLine(event), line);
});

Deno.test("labelled() puts the room in front of what happens in one", () => {
  for (const [event, line] of LINES) {
    assertEquals(labelled(event), "room" in event && line !== undefined ? `#dev ${line}` : line);
  }
});

Deno.test("eventLine() gives the date of what is not of today, in UTC", () => {
  const midnight = NOON - NOON % DAY;
  assertEquals(eventLine(said({ time: midnight }), NOON), "[00:00] ann: hi");
  assertEquals(eventLine(said({ time: midnight - 1 }), NOON), "[2026-11-20 23:59] ann: hi");
});

Deno.test("eventLine() takes the power from names and texts", () => {
  const line = eventLine(said({ from: "a\x1b[2Jb", content: "\x1b]0;x\x07\n[12:34] bob: forged" }));
  assertEquals(line, "[12:34] a␛[2Jb: ␛]0;x␇\n    [12:34] bob: forged");
});

Deno.test("directLine() tells the receiver's copy from the sender's", () => {
  const about = { from: "ann", by: "a", to: "bob", time: NOON } as const;
  const direct = { type: "direct", ...about, content: "psst" } as const;
  assertEquals(directLine(direct, false), "(direct) ann: psst");
  assertEquals(directLine(direct, true), "(direct to bob) ann: psst");
});

Deno.test("errorLine() is one line, whatever was received", () => {
  const content = 'Cannot join: room must be, received "a\nb\x9b"';
  const line = errorLine({ type: "error", code: "bad_room", content });
  assertEquals(line, '! Cannot join: room must be, received "a b\ufffd"');
  assertEquals(
    errorLine({ type: "error", code: "rate_limited", content: "Slow" }, 3),
    "! Slow (3 times)",
  );
});

Deno.test("usersLine() and roomsLine() list a hundred and count the rest", () => {
  const user_list = Array.from({ length: 103 }, (_, index) => `n${index}`);
  const line = usersLine({ type: "users", room: "dev", user_count: 103, user_list, users: [] });
  assertEquals(line, `* In #dev: ${user_list.slice(0, 100).join(", ")} and 3 more (103 here)`);
  const rooms = [{ room: "dev", user_count: 2, last: 9 }, { room: "old", user_count: 0, last: 1 }];
  assertEquals(
    roomsLine({ type: "rooms", rooms, complete: true }),
    "* Rooms: #dev (2 here), #old (0 here)",
  );
});

/** Text full of what terminals obey. */
const hostile = fc.array(
  fc.oneof(
    fc.string({ unit: codePoint, maxLength: 8 }),
    fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)),
    fc.constantFrom("\x1b[2J", "\x9b31m", "\x1b]0;title\x07", "\r\n", "\u2028", "\u202e", "\u2066"),
  ),
).map((parts) => parts.join(""));

/** Controls of any kind, line and paragraph separators, and what turns the direction around. */
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

Deno.test("eventLine() leaves nothing that a terminal obeys, and indents further lines", () => {
  fc.assert(fc.property(hostile, hostile, (from, content) => {
    const [first = "", ...further] = String(eventLine(said({ from, content }))).split("\n");
    assert(first.startsWith("[12:34] "));
    assert(further.every((line) => line.startsWith("    ")));
    for (const line of [first, ...further]) assertNotMatch(line, OBEYED);
  }));
});

Deno.test("eventLine() drops line ends at a text's end, however many", () => {
  const content = `a\n${"\n".repeat(100_000)}b${"\n".repeat(100_000)}`;
  assertEquals(eventLine(said({ content }))?.length, "[12:34] ann: ab".length + 100_001 * 5);
});
