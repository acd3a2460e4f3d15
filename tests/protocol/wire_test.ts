import fc from "fast-check";
import {
  checkName,
  CloseCode,
  decodeFrame,
  foldName,
  MAX_NAME_LENGTH,
  mentions,
  ROOM_PATTERN,
  shouldReconnect,
} from "../../protocol.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "../support/assert.ts";
import { name, text } from "./arbitraries.ts";

function problem(candidate: string): string {
  const checked = checkName(candidate);
  return "problem" in checked ? checked.problem : "";
}

/** Every code point except surrogates. */
function* codePoints(): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
  }
}

Deno.test("checkName() accepts names of every script, with spaces and emoji", () => {
  const names = [
    ...[
      "a",
      "ann",
      "O'Brien",
      "Zoë Müller",
      "王小明",
      "अनुष्का",
      "مریم‌جان",
      "クシ゚",
      "이수진",
      "👩‍🚀",
      "❤️",
    ],
    ...[
      "葛\u{e0100}城",
      "🏴󠁧󠁢󠁥󠁮󠁧󠁿 fan",
      "x".repeat(MAX_NAME_LENGTH),
      "👍".repeat(MAX_NAME_LENGTH),
      "__proto__",
      "#a1",
    ],
  ];
  for (const candidate of names) {
    assertEquals(checkName(candidate), { name: candidate.normalize("NFC") });
  }
});

Deno.test("checkName() normalizes a name to NFC before it counts code points", () => {
  assertEquals(checkName("e\u0301".repeat(MAX_NAME_LENGTH)), { name: "é".repeat(MAX_NAME_LENGTH) });
  assertEquals(checkName("\u212b"), { name: "\u00c5" });
});

Deno.test("checkName() refuses empty and too long names, counted in code points", () => {
  const allowed = "name must have 1 to 32 characters";
  assertEquals(problem(""), allowed);
  assertEquals(problem("x".repeat(MAX_NAME_LENGTH + 1)), allowed);
  assertEquals(problem("👍".repeat(MAX_NAME_LENGTH + 1)), allowed);
  assertEquals(problem("x".repeat(1_000_000)), allowed);
  // U+0958 takes one code point, and two in NFC.
  assertEquals(problem("\u0958".repeat(MAX_NAME_LENGTH / 2 + 1)), allowed);
});

Deno.test("checkName() refuses white space at the ends, even next to a joiner", () => {
  for (
    const candidate of [" ann", "ann ", "\u00a0ann", "ann\u3000", " ", "ann \u200d", "\ufe0f ann"]
  ) {
    assertEquals(problem(candidate), "name must not begin or end with white space");
  }
});

Deno.test("checkName() refuses lone surrogates", () => {
  for (const candidate of ["\ud800", "a\udc00b", "\udc00\ud800"]) {
    assertEquals(problem(candidate), "name must be well-formed Unicode");
  }
});

Deno.test("checkName() refuses every control and bidirectional control, and invisible ones", () => {
  const controls = [...codePoints()].filter((point) => /[\p{Cc}\p{Bidi_Control}]/u.test(point));
  const invisible = [
    "\u00ad",
    "\u200b",
    "\u2060",
    "\ufeff",
    "\u3164",
    "\u2800",
    "\ufffa",
    "\u{e0041}",
    "\u2028",
  ];
  for (const point of [...controls, ...invisible]) {
    const code = point.codePointAt(0)?.toString(16);
    assertStringIncludes(problem(`a${point}b`), "must not contain control, invisible", `U+${code}`);
  }
});

Deno.test("checkName() refuses invisible names", () => {
  for (const candidate of ["\u200d", "\u200c\u200d", "\ufe0f", "\u{e0100}"]) {
    assertStringIncludes(problem(candidate), "invisible");
  }
});

Deno.test("checkName() refuses tags other than those of a flag", () => {
  assertStringIncludes(problem("🏴\u{e0061}\u{e007f}"), "invisible");
  assertStringIncludes(problem("🏴󠁧󠁢󠁥󠁮󠁧󠁿\u{e0061}"), "invisible");
});

Deno.test("checkName() refuses names that address a connection", () => {
  for (const candidate of ["#1", "#0012", "#1\u200d2"]) {
    assertStringIncludes(problem(candidate), "addresses a connection");
  }
});

Deno.test("checkName() refuses names that address a user by id", () => {
  for (const candidate of ["@", "@ann", "@k3J9xQ2mPz_w", "\u200d@ann"]) {
    assertStringIncludes(problem(candidate), "addresses a user by id");
  }
  assertEquals(checkName("ann@work"), { name: "ann@work" });
});

Deno.test("checkName() never throws, and accepts its own result", () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  const candidate = fc.oneof(
    text,
    fc.array(unit, { maxLength: 40 }).map((units) => units.join("")),
  );
  fc.assert(fc.property(candidate, (value) => {
    const checked = checkName(value);
    if (!("name" in checked)) return;
    assertEquals(checkName(checked.name), checked);
    assert([...checked.name].length <= MAX_NAME_LENGTH);
  }));
});

Deno.test("foldName() ignores letter case, even where it changes the length", () => {
  const pairs = [["Ann", "aNN"], ["ZOË", "Zoe\u0308"], ["Straße", "STRASSE"], ["Straße", "STRAẞE"]];
  pairs.push(["ΟΔΟΣ", "οδος"], ["ΐ", "Ϊ\u0301"], ["\u212a", "k"], ["ǆ", "ǅ"], ["ﬁ", "FI"]);
  for (const [one = "", other = ""] of pairs) assertEquals(foldName(one), foldName(other), one);
});

Deno.test("foldName() ignores invisible differences", () => {
  const ann = foldName("Ann Lee");
  for (
    const alike of ["An\u200dn Lee", "Ann\u200c Lee", "Ann\ufe0f Lee", "Ann\u00a0Lee", "ann  lee"]
  ) {
    assertEquals(foldName(alike), ann);
  }
  assertEquals(foldName("e\u200d\u0301"), foldName("É"));
});

Deno.test("foldName() distinguishes different names", () => {
  for (
    const [one, other] of [["ann", "anna"], ["Zoë", "Zoe"], ["王", "玉"], ["🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"], [
      "annlee",
      "ann lee",
    ]]
  ) {
    assertNotEquals(foldName(one ?? ""), foldName(other ?? ""));
  }
});

Deno.test("foldName() gives all cases and compositions of a code point one key", () => {
  for (const point of codePoints()) {
    const key = foldName(point);
    const forms = [point.toUpperCase(), point.toLowerCase(), point.normalize("NFD"), key];
    for (const form of forms) {
      if (form !== point && foldName(form) !== key) assertEquals(foldName(form), key, point);
    }
  }
});

Deno.test("foldName() gives the two letter cases of any name one key", () => {
  fc.assert(fc.property(name, (value) => {
    const key = foldName(value);
    assertEquals(foldName(value.toUpperCase()), key);
    assertEquals(foldName(value.toLowerCase()), key);
    assertEquals(foldName(key), key);
    assert(key !== "");
  }));
});

Deno.test("mentions() finds a name behind @ as a whole word, in any letter case", () => {
  const found = [
    ["@ann", "ann"],
    ["hello @Ann!", "ann"],
    ["(@ann)", "Ann"],
    ["@annette and @ann", "ann"],
    ["@Ann Lee, look", "ann lee"],
    ["@Zoe\u0308", "Zoë"],
    ["你好@王小明你好", "王小明"],
  ];
  for (const [text = "", who = ""] of found) assert(mentions(text, who), text);
  const missed = [
    ["ann", "ann"],
    ["@annette", "ann"],
    ["mail@ann.example", "ann"],
    ["@ann_b", "ann"],
    ["", "ann"],
  ];
  for (const [text = "", who = ""] of missed) assertFalse(mentions(text, who), text);
});

Deno.test("mentions() finds any name after @, in either letter case", () => {
  fc.assert(fc.property(name, (who) => {
    assert(mentions(`@${who}`, who));
    assert(mentions(`well, @${who.toUpperCase()} `, who));
  }));
});

Deno.test("ROOM_PATTERN matches exactly the names that need no escaping", () => {
  for (const room of ["a", "0", "lobby", "a-b_c", "constructor", "r".repeat(64)]) {
    assert(ROOM_PATTERN.test(room), room);
  }
  for (const room of ["", "-a", "_a", "A", "a b", "ä", "a/b", "..", "a\n", "\na", "r".repeat(65)]) {
    assertFalse(ROOM_PATTERN.test(room), JSON.stringify(room));
  }
});

Deno.test("shouldReconnect() is true unless the close was requested or forbids it", () => {
  const stay: number[] = [CloseCode.Normal, CloseCode.Policy, 4500];
  stay.push(CloseCode.Idle, 4503, CloseCode.SessionEnded, 4999);
  for (const code of stay) assertFalse(shouldReconnect(code), String(code));
  const back: number[] = [
    0,
    1005,
    1006,
    CloseCode.GoingAway,
    CloseCode.ServerError,
    CloseCode.TooSlow,
  ];
  back.push(CloseCode.LoginTimeout, 4002, 4499, 5000);
  for (const code of back) assert(shouldReconnect(code), String(code));
});

Deno.test("decodeFrame() restores what lean lines omit", () => {
  const frame = [
    '{"type":"user","room":"a","from":"ann","content":"1","seq":7,"time":5}',
    '{"from":"bob","content":"2"}',
    '{"from":"bob","content":"3","room":"b","seq":1}',
    '{"from":"bob","content":"4","time":6,"id":"x"}',
    '{"from":"bob","content":"5"}',
  ].join("\n");
  assertEquals<unknown>(decodeFrame(frame), [
    { type: "user", room: "a", from: "ann", content: "1", seq: 7, time: 5 },
    { type: "user", room: "a", from: "bob", content: "2", seq: 8, time: 5 },
    { type: "user", room: "b", from: "bob", content: "3", seq: 1, time: 5 },
    { type: "user", room: "b", from: "bob", content: "4", seq: 2, time: 6, id: "x" },
    { type: "user", room: "b", from: "bob", content: "5", seq: 3, time: 6 },
  ]);
});

Deno.test("decodeFrame() reads a lean line after a file as a message", () => {
  const messages = decodeFrame(
    '{"type":"file","room":"a","from":"ann","content":"n","seq":7,"time":5}\n' +
      '{"from":"bob","content":"2"}',
  );
  assertEquals<unknown>(messages[1], {
    type: "user",
    room: "a",
    from: "bob",
    content: "2",
    seq: 8,
    time: 5,
  });
});

Deno.test("decodeFrame() skips empty lines", () => {
  assertEquals(decodeFrame(""), []);
  assertEquals<unknown>(decodeFrame('\n{"type":"pong","time":1}\n\n'), [{ type: "pong", time: 1 }]);
});

Deno.test("decodeFrame() throws if a line is not a JSON object", () => {
  assertThrows(() => decodeFrame('{"type":"pong","time":1}\n{'), SyntaxError);
  assertThrows(() => decodeFrame("null"), TypeError);
});
