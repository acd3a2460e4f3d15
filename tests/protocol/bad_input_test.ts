import fc from "fast-check";
import { decodeRequest, type ErrorCode, type ErrorMessage } from "../../protocol.ts";
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertStringIncludes,
  fail,
} from "../support/assert.ts";

/** The error that answers a request; fails if the request is accepted. */
function refusal(request: unknown): ErrorMessage {
  const line = typeof request === "string" ? request : JSON.stringify(request);
  const answer = decodeRequest(line);
  if (answer.type !== "error") fail(`Accepted ${line}`);
  return answer;
}

/** Nested deeply, and short enough to be parsed. */
const deep = `{"type":"user","id":"7","content":${"[".repeat(900)}${"]".repeat(900)}}`;

/** A request, and the code of the answer and a part of its text. */
const BAD: readonly [request: unknown, code: ErrorCode, includes: string][] = [
  ["", "bad_json", "must be one JSON object"],
  ["hello", "bad_json", "Cannot read request"],
  ['{"type":"user"', "bad_json", ""],
  ['{"type":"ping"}{"type":"ping"}', "bad_json", ""],
  ["\0\x01\xff", "bad_json", ""],
  ["null", "bad_message", "not null"],
  ["7", "bad_message", "not 7"],
  ['"login"', "bad_message", 'not "login"'],
  ["[]", "bad_message", "not an array"],
  ["{}", "bad_message", "type is missing"],
  [{ type: null }, "bad_message", "type must be a string, received null"],
  [{ type: ["user"] }, "bad_message", "received an array"],
  [{ type: "" }, "unknown_type", 'received ""'],
  [{ type: "shout" }, "unknown_type", 'logout, received "shout"'],
  [{ type: "User" }, "unknown_type", 'received "User"'],
  [{ type: "constructor" }, "unknown_type", 'received "constructor"'],
  [{ type: "__proto__" }, "unknown_type", 'received "__proto__"'],
  [{ type: "handshake" }, "unknown_type", ""],
  [{ type: "error" }, "unknown_type", ""],
  [{ type: "user" }, "bad_message", "Cannot send message: content is missing"],
  [{ type: "user", content: "" }, "bad_message", 'received ""'],
  [{ type: "user", content: 5 }, "bad_message", "received 5"],
  [{ type: "user", content: { a: 1 } }, "bad_message", "received an object"],
  [{ type: "user", content: "a\ud800" }, "bad_message", 'received "a\\ud800"'],
  [{ type: "user", content: "x".repeat(20 * 1024) }, "too_long", "at most 16384 bytes of UTF-8"],
  [{ type: "user", content: "字".repeat(5462) }, "too_long", "at most 16384 bytes"],
  [{ type: "user", content: "a", room: 1 }, "bad_message", "room must be a string, received 1"],
  [{ type: "user", content: "a", room: null }, "bad_message", "received null"],
  [{ type: "user", content: "a", room: "" }, "bad_room", 'received ""'],
  [{ type: "user", content: "a", room: "../../etc" }, "bad_room", 'received "../../etc"'],
  [{ type: "user", content: "a", room: "Lobby" }, "bad_room", ""],
  [{ type: "user", content: "a", room: "lobby\n" }, "bad_room", ""],
  [{ type: "user", content: "a", room: "__proto__" }, "bad_room", ""],
  [{ type: "user", content: "a", room: "r".repeat(65) }, "bad_room", "1 to 64"],
  [{ type: "user", content: "a", reply_to: 0 }, "bad_message", "an integer of at least 1"],
  [{ type: "user", content: "a", reply_to: "1" }, "bad_message", 'received "1"'],
  [{ type: "login", content: "ann", since: -1 }, "bad_message", "since must be"],
  [{ type: "login", content: "ann", since: 1, at: "x" }, "bad_message", "at must be"],
  [{ type: "join", room: "dev", since: 1, changes: 0.5 }, "bad_message", "changes must be"],
  [{ type: "join", room: "dev", since: 1, run: 7 }, "bad_message", "run must be a string"],
  [{ type: "rooms", limit: 0 }, "bad_message", "limit must be an integer from 1 to 200"],
  [{ type: "rooms", after: "" }, "bad_message", "after must be a string of 1 to"],
  [{ type: "rooms", content: 5 }, "bad_message", "content must be a string"],
  [{ type: "search", content: "a", before: 7 }, "bad_message", "with time, room and seq"],
  [{ type: "search", content: "a", before: [] }, "bad_message", "as next of a search"],
  [
    { type: "search", content: "a", before: { time: 1, room: "", seq: 1 } },
    "bad_message",
    "received an object",
  ],
  [
    { type: "search", content: "a", before: { time: 1.5, room: "a", seq: 1 } },
    "bad_message",
    "before must be",
  ],
  [{ type: "login", content: true }, "bad_message", "the name, received true"],
  [{ type: "login", content: "" }, "bad_name", "1 to 32 characters"],
  [{ type: "login", content: "a\u0007b" }, "bad_name", "control"],
  [{ type: "login", content: "a\u202eb" }, "bad_name", "bidirectional"],
  [{ type: "login", content: "\udc00" }, "bad_name", "well-formed"],
  [{ type: "login", content: "ann", room: "No" }, "bad_room", ""],
  [{ type: "login", content: "ann", since: -1 }, "bad_message", "at least 0, received -1"],
  [{ type: "login", content: "ann", epoch: "" }, "bad_message", "1 to 128 characters"],
  [{ type: "login", session: 1 }, "bad_message", "session must be a string of 1 to 8192"],
  [{ type: "login", session: "s".repeat(8193) }, "bad_message", "session must be a string"],
  [{ type: "login", content: null, session: "s" }, "bad_message", "the name, received null"],
  [{ type: "login", content: "@ann" }, "bad_name", "must not begin with @"],
  [{ type: "login", content: "ann", remember: 1 }, "bad_message", "true or false, received 1"],
  [{ type: "login", content: "ann", room: "@bob" }, "bad_room", 'received "@bob"'],
  [{ type: "rename", content: " ann" }, "bad_name", "Cannot rename: name must not begin"],
  [{ type: "join" }, "bad_message", "Cannot join: room is missing; it must be a string"],
  [{ type: "join", room: "a b" }, "bad_room", ""],
  [{ type: "leave" }, "bad_message", "Cannot leave: room is missing"],
  [{ type: "leave", room: "@bob" }, "bad_room", 'received "@bob"'],
  [{ type: "user", content: "a", room: "@" }, "bad_room", "a name or the id of a user"],
  [{ type: "user", content: "a", room: "@\ud800" }, "bad_room", "well-formed Unicode after @"],
  [{ type: "user", content: "a", room: `@${"x".repeat(129)}` }, "bad_room", "1 to 128"],
  [{ type: "users", all: "yes" }, "bad_message", 'true or false, received "yes"'],
  [{ type: "direct", content: "psst" }, "bad_message", "to is missing"],
  [
    { type: "direct", to: "", content: "psst" },
    "bad_message",
    "to must be a name, @ID of a user, or #NUMBER",
  ],
  [{ type: "direct", to: "ann" }, "bad_message", "content is missing"],
  [{ type: "history", limit: -1 }, "bad_message", "from 1 to 200, received -1"],
  [{ type: "history", limit: 0 }, "bad_message", "received 0"],
  [{ type: "history", limit: 201 }, "bad_message", "received 201"],
  [{ type: "history", limit: 1.5 }, "bad_message", "received 1.5"],
  [{ type: "history", before: 0 }, "bad_message", "before must be"],
  [{ type: "history", after: -1 }, "bad_message", "after must be"],
  [{ type: "search" }, "bad_message", "content is missing"],
  [{ type: "search", content: "w".repeat(257) }, "bad_message", "1 to 256 characters"],
  ['{"type":"edit","id":"7","seq":1e400,"content":"a"}', "bad_message", "received Infinity"],
  [{ type: "edit", seq: 2 ** 53, content: "a" }, "bad_message", "received 9007199254740992"],
  [{ type: "edit", content: "a" }, "bad_message", "seq is missing; it must be an integer"],
  [
    { type: "delete", seq: "1" },
    "bad_message",
    'seq must be an integer of at least 1, received "1"',
  ],
  [{ type: "react", seq: 1 }, "bad_message", "content is missing; it must be one emoji"],
  [{ type: "react", seq: 1, content: "👍👍" }, "bad_message", "Cannot react: content must be one"],
  [{ type: "react", seq: 1, content: "a" }, "bad_message", "one emoji"],
  [{ type: "react", seq: 1, content: "1" }, "bad_message", "one emoji"],
  [{ type: "react", seq: 1, content: "🇩" }, "bad_message", "one emoji"],
  [{ type: "react", seq: 1, content: "👍\n" }, "bad_message", "one emoji"],
  [{ type: "react", seq: 1, content: "👩\u200d" }, "bad_message", "one emoji"],
  [{ type: "react", seq: 1, content: `👩${"\u200d👩".repeat(16)}` }, "bad_message", "one emoji"],
  [{ type: "create" }, "bad_message", "Cannot create room: room is missing"],
  [{ type: "create", room: "@bob" }, "bad_room", 'received "@bob"'],
  [{ type: "create", room: "a", private: "no" }, "bad_message", "private must be true or false"],
  [{ type: "create", room: "a", topic: 1 }, "bad_message", "topic must be one line"],
  [{ type: "create", room: "a", topic: "a\nb" }, "bad_message", "without control characters"],
  [{ type: "create", room: "a", topic: "é".repeat(257) }, "too_long", "at most 512 bytes"],
  [{ type: "invite", room: "a" }, "bad_message", "Cannot invite: user is missing"],
  [{ type: "invite", room: "@bob", user: "ann" }, "bad_room", 'received "@bob"'],
  [{ type: "invite", user: "" }, "bad_message", "user must be a name, @ID of a user, or"],
  [{ type: "invite", user: "x".repeat(130) }, "bad_message", "user must be a name"],
  [{ type: "remove", user: "a\ud800" }, "bad_message", "Cannot remove member: user must be"],
  [{ type: "remove", room: "a b", user: "ann" }, "bad_room", ""],
  [{ type: "topic" }, "bad_message", "Cannot set topic: content is missing; it must be one line"],
  [{ type: "topic", content: "a\u2028b" }, "bad_message", "content must be one line"],
  [{ type: "topic", content: "t".repeat(513) }, "too_long", "content must have at most 512"],
  [{ type: "topic", room: "@bob", content: "" }, "bad_room", ""],
  [{ type: "role", user: "ann" }, "bad_message", "content is missing; it must be one of owner, "],
  [{ type: "role", user: "ann", content: "admin" }, "bad_message", 'member, received "admin"'],
  [{ type: "role", content: "owner" }, "bad_message", "Cannot set role: user is missing"],
  [{ type: "read" }, "bad_message", "seq is missing; it must be an integer of at least 0"],
  [{ type: "read", seq: -1 }, "bad_message", "Cannot mark as read: seq must be an integer"],
  [{ type: "read", seq: 0.5 }, "bad_message", "received 0.5"],
  [{ type: "file" }, "bad_message", "Cannot announce file: content is missing"],
  [{ type: "typing", room: [] }, "bad_message", "received an array"],
  [deep, "bad_message", "received an array"],
];

for (const [request, code, includes] of BAD) {
  const shown = typeof request === "string" ? request : JSON.stringify(request);
  const title = shown.slice(0, 60).toWellFormed().replace(
    /[^ -~]/gu,
    (point) => encodeURIComponent(point),
  );
  Deno.test(`decodeRequest() answers '${title}' with ${code}`, () => {
    const isObject = typeof request === "object";
    const answer = refusal(isObject ? { ...request, id: "7" } : request);
    assertEquals(answer.code, code);
    assertStringIncludes(answer.content, includes);
    assert(answer.content.startsWith("Cannot ") && !answer.content.endsWith("."));
    assert(answer.content.isWellFormed());
    assertEquals(answer.id, isObject || shown.includes('"id":"7"') ? "7" : undefined);
  });
}

/** What takes a parser long although it is not long: all of 256 KiB. */
const OVERGROWN = {
  "lists in lists": "[".repeat(262_144),
  "objects in objects": '{"a":'.repeat(52_428),
  "a list of strings": `{"type":"user","content":[${'"",'.repeat(65_536)}""]}`,
  "a list of numbers": `[${"1,".repeat(131_072)}1]`,
  "members": `{${'"a":1,'.repeat(32_768)}"type":"ping"}`,
  "lists after strings with quotes": `{"type":"${'\\"'.repeat(99)}","x":${"[".repeat(200_000)}`,
};

for (const [name, text] of Object.entries(OVERGROWN)) {
  Deno.test(`decodeRequest() refuses ${name} without parsing them`, () => {
    const answer = refusal(text);
    assertEquals(answer.code, "bad_message");
    assertStringIncludes(answer.content, "one object with at most 256 parts");
  });
}

Deno.test("decodeRequest() reads any long text, whatever is in it", () => {
  const part = fc.constantFrom("[", "{", ",", '"', "\\", '\\"', "a", "\n", "é", "👍", "[[[[", '",');
  const text = fc.array(part, { minLength: 1000, maxLength: 3000 }).map((parts) => parts.join(""));
  fc.assert(fc.property(text, (content) => {
    assertEquals(decodeRequest(JSON.stringify({ type: "user", content })), {
      type: "user",
      content,
    });
  }));
});

for (const id of ["", "x".repeat(65), 7, null, {}, "\ud83d"]) {
  Deno.test(`decodeRequest() refuses and does not repeat the id ${JSON.stringify(id)}`, () => {
    const answer = refusal({ type: "user", content: "", id });
    assertEquals(answer.code, "bad_message");
    assertStringIncludes(answer.content, "id must be a string of 1 to 64 characters");
    assertEquals("id" in answer, false);
    assertEquals("id" in refusal({ type: "shout", id }), false);
  });
}

Deno.test("decodeRequest() reports the first of several problems", () => {
  const answer = refusal({ type: "login", content: "", room: "No", since: -1, id: "7" });
  assertEquals([answer.code, answer.id], ["bad_room", "7"]);
});

Deno.test("decodeRequest() quotes only the beginning of a long value", () => {
  const answer = refusal({ type: "user", content: "a", room: "👍".repeat(5000) });
  assertLessOrEqual(answer.content.length, 200);
  assertStringIncludes(answer.content, '👍…"');
});

for (const session of ["secret".repeat(2000), "secret\ud800", { secret: "secret" }]) {
  const kind = typeof session === "string" ? `one of ${session.length} characters` : "an object";
  Deno.test(`decodeRequest() quotes nothing of a wrong session: ${kind}`, () => {
    const answer = refusal({ type: "login", session });
    assertEquals(answer.code, "bad_message");
    assertStringIncludes(answer.content, "session must be a string of 1 to 8192 characters");
    assert(!answer.content.includes("secret"));
  });
}
