import fc from "fast-check";
import { HELP, readLine } from "../../../client/text/commands.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import { codePoint } from "../../support/code_point.ts";

/** The request that a line becomes, if it becomes one. */
function requestOf(line: string): unknown {
  const read = readLine(line);
  return read.kind === "request" ? read.request : read;
}

/** Why a line cannot be read. */
function reasonOf(line: string): string {
  const read = readLine(line);
  return read.kind === "unreadable" ? read.reason : `read as ${read.kind}`;
}

Deno.test("readLine() says what is no command, as it stands", () => {
  for (const content of ["hi", " /nick", "a: b", "  two  ", "1.5:x", "-1:x", "http://a", "::"]) {
    assertEquals(requestOf(content), { type: "user", content });
  }
  assertEquals(requestOf("hi\r"), { type: "user", content: "hi" });
});

Deno.test("readLine() says a text that begins with a slash after a second one", () => {
  assertEquals(requestOf("//nick is a command"), { type: "user", content: "/nick is a command" });
  assertEquals(requestOf("//"), { type: "user", content: "/" });
});

Deno.test("readLine() takes a line of white space for blank", () => {
  for (const line of ["", " ", "\t\r", "\r"]) assertEquals(readLine(line), { kind: "blank" });
});

Deno.test("readLine() reads each command, in any letter case", () => {
  assertEquals(requestOf("/nick  ann lee "), { type: "rename", content: "ann lee" });
  assertEquals(requestOf("/NICK ann"), { type: "rename", content: "ann" });
  assertEquals(requestOf("/who"), { type: "users" });
  assertEquals(requestOf("/who #dev"), { type: "users", room: "dev" });
  assertEquals(requestOf("/rooms"), { type: "rooms" });
  assertEquals(readLine("/join #dev"), { kind: "join", room: "dev" });
  assertEquals(readLine("/leave"), { kind: "leave" });
  assertEquals(readLine("/leave dev"), { kind: "leave", room: "dev" });
  assertEquals(requestOf("/private #x"), { type: "create", room: "x", private: true });
  assertEquals(requestOf("/invite ann lee"), { type: "invite", user: "ann lee" });
  assertEquals(requestOf("/remove ann"), { type: "remove", user: "ann" });
  assertEquals(requestOf("/topic tea for two"), { type: "topic", content: "tea for two" });
  assertEquals(readLine("/help me"), { kind: "help" });
  assertEquals(readLine("/quit"), { kind: "quit" });
});

Deno.test("readLine() reads direct messages by name, quoted name and number", () => {
  const cases = {
    "/msg bob  hi there ": { to: "bob", content: "hi there" },
    '/msg "ann lee" hi': { to: "ann lee", content: "hi" },
    '/msg "bob hi': { to: '"bob', content: "hi" },
    "/msg #2 hi": { to: "#2", content: "hi" },
    "2:hello": { to: "#2", content: "hello" },
    "2: hello": { to: "#2", content: "hello" },
    "007:hello": { to: "#7", content: "hello" },
  };
  for (const [line, direct] of Object.entries(cases)) {
    assertEquals(requestOf(line), { type: "direct", ...direct });
  }
});

Deno.test("readLine() says how a command goes that lacks something", () => {
  assertEquals(reasonOf("/nick"), "Cannot read command: usage is /nick NAME");
  assertEquals(reasonOf("/join "), "Cannot read command: usage is /join ROOM");
  for (const line of ["/msg", "/msg bob", '/msg "ann lee"', '/msg "ann"hi']) {
    assertEquals(reasonOf(line), "Cannot read command: usage is /msg NAME TEXT");
  }
  assertEquals(reasonOf("2:"), "Cannot send direct message: there is no text after 2:");
});

Deno.test("readLine() answers an unknown command with what to do", () => {
  assertMatch(reasonOf("/dance all night"), /^There is no command \/dance: \/help /);
  for (const line of ["/constructor", "/__proto__", "/", "/ nick"]) {
    assertMatch(reasonOf(line), /^There is no command \//);
  }
  assert(reasonOf(`/${"x".repeat(10_000)}`).length < 200);
});

Deno.test("readLine() reads any line", () => {
  fc.assert(fc.property(fc.string({ unit: codePoint }), (line) => {
    assert(readLine(line).kind !== undefined);
    assert(readLine(`/${line}`).kind !== undefined);
  }));
});

Deno.test("readLine() reads long lines in a time that grows no faster than they do", () => {
  // With a pattern that looks at each place twice, these would take hours.
  const blank = " ".repeat(1_000_000);
  for (
    const line of [`/${blank}x`, `/msg${blank}x`, `/msg "${blank}`, `1:${blank}x`, `//${blank}`]
  ) {
    assert(readLine(line).kind !== "blank");
  }
});

Deno.test("HELP names every command", () => {
  for (const name of ["nick", "join", "leave", "who", "rooms", "msg", "help", "quit"]) {
    assertStringIncludes(HELP, `\n/${name}`);
  }
});
