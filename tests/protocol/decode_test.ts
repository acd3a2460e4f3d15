import fc from "fast-check";
import {
  type ClientRequest,
  decodeRequest,
  DEFAULT_PAGE,
  exceedsBytes,
  MAX_CONTENT_BYTES,
  refuse,
} from "../../protocol.ts";
import { assert, assertEquals, fail } from "../support/assert.ts";
import { codePoint } from "../support/code_point.ts";
import { text } from "./arbitraries.ts";
import { clientRequest, REQUEST_TYPES } from "./arbitrary_requests.ts";

/** Every member that a request of the protocol can have. */
const MEMBERS = [
  ...["type", "content", "room", "id", "since", "epoch", "session", "reply_to"],
  ...["to", "before", "after", "limit", "seq", "remember", "all", "private", "topic", "user"],
];

/** Decodes a request; fails if it is refused. */
function accepted(request: object): ClientRequest {
  const answer = decodeRequest(JSON.stringify(request));
  if (answer.type === "error") fail(`Refused: ${answer.content}`);
  return answer;
}

function assertPlain(value: object): void {
  assert(Object.getPrototypeOf(value) === Object.prototype, "the prototype was replaced");
  for (const key of Object.keys(value)) assert(MEMBERS.includes(key), `unknown member ${key}`);
}

Deno.test("decodeRequest() reads back every request", () => {
  fc.assert(
    fc.property(clientRequest, (request) => {
      assertEquals(decodeRequest(JSON.stringify(request)), request);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("decodeRequest() answers any text with a request or an error", () => {
  fc.assert(fc.property(fc.oneof(text, fc.json(), fc.string({ unit: codePoint })), (line) => {
    const answer = decodeRequest(line);
    if (answer.type !== "error") assertPlain(answer);
  }));
});

Deno.test("decodeRequest() answers any bytes with an error or a request", () => {
  const utf8 = new TextDecoder();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    decodeRequest(utf8.decode(bytes));
    decodeRequest(String.fromCharCode(...bytes));
    decodeRequest(
      String.fromCharCode(...new Uint16Array(bytes.buffer.slice(0, bytes.length & ~1))),
    );
  }));
});

Deno.test("decodeRequest() returns only known members with checked values, for any object", () => {
  const value = fc.oneof(
    fc.jsonValue(),
    text,
    fc.integer({ min: -2, max: 300 }),
    fc.constantFrom("lobby", "👍", "ann", 1),
  );
  const keys = [...MEMBERS, "__proto__", "constructor", "prototype", "toJSON", "hasOwnProperty"];
  const object = fc.tuple(
    fc.constantFrom(...REQUEST_TYPES),
    fc.array(fc.tuple(fc.constantFrom(...keys), value), { maxLength: 8 }),
  );
  fc.assert(
    fc.property(object, ([type, members]) => {
      const written = [...members, ["type", type]].map(([key, member]) =>
        `${JSON.stringify(key)}:${JSON.stringify(member)}`
      );
      const answer = decodeRequest(`{${written.join(",")}}`);
      if (answer.type === "error") return;
      assertPlain(answer);
      assertEquals(
        decodeRequest(JSON.stringify(answer)),
        answer,
        "a checked request was not right",
      );
    }),
    { numRuns: 3000 },
  );
});

Deno.test("decodeRequest() lets nothing reach a prototype", () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  for (const type of REQUEST_TYPES) {
    const content = type === "role" ? "owner" : "👍";
    const named = '"room":"constructor","to":"__proto__","user":"__proto__"';
    const members = `"type":"${type}","content":"${content}",${named},"seq":1`;
    for (const key of ["__proto__", "constructor", "prototype"]) {
      const answer = decodeRequest(`{${members},"${key}":{"id":"in","polluted":true}}`);
      assertEquals(answer.type, type);
      assertEquals(answer.id, undefined);
      assertPlain(answer);
    }
  }
  assertEquals(Object.getOwnPropertyNames(Object.prototype), before);
  assert(!("polluted" in {}));
});

Deno.test("decodeRequest() does not read members from a prototype in the text", () => {
  const answer = decodeRequest('{"__proto__":{"type":"ping","id":"x"}}');
  assert(answer.type === "error");
  assertEquals(answer.code, "bad_message");
  assertEquals(answer.id, undefined);
});

Deno.test("decodeRequest() fills in the default room of a login and the default limits", () => {
  assertEquals(accepted({ type: "login", content: "ann" }), {
    type: "login",
    content: "ann",
    room: "lobby",
  });
  assertEquals(accepted({ type: "history" }), { type: "history", limit: DEFAULT_PAGE });
  assertEquals(accepted({ type: "search", content: "tea" }), {
    type: "search",
    content: "tea",
    limit: DEFAULT_PAGE,
  });
});

Deno.test("decodeRequest() accepts strings and numbers up to their bounds", () => {
  const requests: ClientRequest[] = [
    { type: "user", content: "a", room: "r".repeat(64), id: "x".repeat(64), reply_to: 1 },
    { type: "join", room: "0", epoch: "e".repeat(128), since: Number.MAX_SAFE_INTEGER },
    { type: "login", room: "a", session: "s".repeat(8192), since: 0, remember: false },
    { type: "user", content: "a", room: `@${"x".repeat(128)}` },
    { type: "invite", user: `@${"x".repeat(128)}` },
    { type: "topic", content: "é".repeat(256) },
    { type: "topic", content: "" },
    { type: "read", seq: 0 },
    { type: "search", content: "w".repeat(256), limit: 1 },
    { type: "history", limit: 200, before: 1, after: 0 },
  ];
  for (const request of requests) assertEquals(accepted(request), request);
});

Deno.test("decodeRequest() leaves it to the session whether a login needs a name", () => {
  assertEquals(accepted({ type: "login" }), { type: "login", room: "lobby" });
  assertEquals(accepted({ type: "login", session: "s", remember: true }), {
    type: "login",
    room: "lobby",
    session: "s",
    remember: true,
  });
});

Deno.test("decodeRequest() takes a direct conversation for a room wherever something is said or read", () => {
  const room = "@Zoë Müller";
  const requests: ClientRequest[] = [
    { type: "user", content: "a", room },
    { type: "file", content: "f", room },
    { type: "join", room, since: 1 },
    { type: "users", room, all: true },
    { type: "history", limit: 1, room },
    { type: "search", content: "a", limit: 1, room },
    { type: "edit", seq: 1, content: "a", room },
    { type: "delete", seq: 1, room },
    { type: "react", seq: 1, content: "👍", room },
    { type: "typing", room },
    { type: "read", seq: 1, room },
  ];
  for (const request of requests) assertEquals(accepted(request), request);
});

Deno.test("decodeRequest() normalizes names to NFC", () => {
  assertEquals(accepted({ type: "login", content: "Zoe\u0308" }), {
    type: "login",
    content: "Zo\u00eb",
    room: "lobby",
  });
  assertEquals(accepted({ type: "rename", content: "Zoe\u0308" }), {
    type: "rename",
    content: "Zo\u00eb",
  });
});

Deno.test("decodeRequest() reads -0 as 0", () => {
  const request = decodeRequest('{"type":"join","room":"lobby","since":-0}');
  assert(request.type === "join" && Object.is(request.since, 0));
});

Deno.test("decodeRequest() measures content in bytes of UTF-8 against the limit it is given", () => {
  const fitting = { type: "user" as const, content: "é".repeat(MAX_CONTENT_BYTES / 2) };
  assertEquals(accepted(fitting), fitting);
  const longer = JSON.stringify({ ...fitting, content: `${fitting.content}a` });
  const refused = decodeRequest(longer);
  assertEquals(refused.type === "error" && refused.code, "too_long");
  assertEquals(decodeRequest('{"type":"user","content":"éé"}', 4).type, "user");
  assertEquals(decodeRequest('{"type":"user","content":"ééa"}', 4), {
    ...refuse("too_long", "Cannot send message: content must have at most 4 bytes of UTF-8"),
  });
});

Deno.test("decodeRequest() accepts every emoji of the standard, with and without variation selector", () => {
  const kinds = [
    ...["👍", "👍🏽", "❤️", "❤", "☺️", "©️", "➡️", "🅰️", "㊗️", "♾️", "🀄"],
    ...["1️⃣", "#⃣", "*️⃣", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "🏴‍☠️", "👁️‍🗨️", "❤️‍🔥", "🐦‍⬛", "🙂‍↔️"],
    ...["👨‍👩‍👧‍👦", "👩🏽‍🚀", "🧑🏿‍🤝‍🧑🏻", "⛹🏽‍♀️", "🫱🏻‍🫲🏿", "👩‍❤️‍💋‍👨"],
  ];
  for (const content of kinds) {
    assertEquals(accepted({ type: "react", seq: 1, content }), { type: "react", seq: 1, content });
  }
});

Deno.test("refuse() omits an absent id", () => {
  assertEquals(refuse("internal", "a"), { type: "error", code: "internal", content: "a" });
  assertEquals(refuse("internal", "a", "7"), {
    type: "error",
    code: "internal",
    content: "a",
    id: "7",
  });
});

Deno.test("exceedsBytes() agrees with the encoded length", () => {
  const encoder = new TextEncoder();
  fc.assert(fc.property(text, fc.nat(60), (value, limit) => {
    assertEquals(exceedsBytes(value, limit), encoder.encode(value).length > limit);
  }));
});
