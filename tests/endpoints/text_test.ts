import { assert, assertEquals, assertMatch, assertNotMatch } from "../support/assert.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { WsClient } from "../support/ws_client.ts";
import { TerminalPerson, timeless } from "./terminal_person.ts";

/** Somebody with JSON who has logged in. */
async function logIn(server: TestServer, name: string): Promise<WsClient> {
  const client = await WsClient.open(server.ws("/ws"), "hubbub.v1");
  await client.send(JSON.stringify({ type: "login", content: name }));
  await client.until(/"type":"login"/);
  return client;
}

Deno.test("hubbub.text.v1 gives a name and says how to go on", async () => {
  await using server = await startTestServer();
  await using ann = await TerminalPerson.open(server);
  assertEquals(ann.subprotocol, "hubbub.text.v1");
  const lines = await ann.take(3);
  assertEquals(lines, [
    "Welcome to Hubbub, connection 1. What you type is said to everybody in the room; " +
    "/help lists the commands.",
    "* guest-1 joined (1 here)",
    "You are guest-1 in #lobby; /nick NAME changes your name. All times are UTC.",
  ]);
});

Deno.test("hubbub.text.v1 takes the next guest's name that is free", async () => {
  await using server = await startTestServer();
  await using _one = await logIn(server, "Guest-3");
  await using _two = await logIn(server, "guest-4");
  await using guest = await TerminalPerson.open(server);
  const lines = await guest.until(/^You are /);
  assertMatch(String(lines.at(-1)), /^You are guest-5 in #lobby/);
  assert(!lines.some((line) => line.startsWith("!")));
});

Deno.test("hubbub.text.v1 shows the last 20 messages, and then what happens", async () => {
  await using server = await startTestServer();
  await using ann = await logIn(server, "ann");
  for (let count = 1; count <= 30; count++) {
    await ann.send(JSON.stringify({ type: "user", content: `message ${count}` }));
  }
  await ann.until(/message 30/);
  await using guest = await TerminalPerson.arrive(server);
  const shown = await guest.take(20);
  const last = Array.from({ length: 20 }, (_, index) => `[time] ann: message ${index + 11}`);
  assertEquals(shown.map(timeless), last);
  await ann.send(JSON.stringify({ type: "user", content: "now" }));
  assertEquals(timeless(await guest.line()), "[time] ann: now");
});

Deno.test("hubbub.text.v1 says each line of a frame, and no blank ones", async () => {
  await using server = await startTestServer();
  await using ann = await TerminalPerson.arrive(server);
  await ann.types("one\r\n\n  \n//two\n three\n");
  await ann.types("");
  await ann.types("end");
  const said = ["one", "/two", " three", "end"].map((text) => `[time] guest-1: ${text}`);
  assertEquals((await ann.take(4)).map(timeless), said);
});

Deno.test("hubbub.text.v1 does each command", async () => {
  await using server = await startTestServer();
  await using ann = await TerminalPerson.arrive(server);
  await using bob = await TerminalPerson.arrive(server);
  assertEquals(await ann.line(), "* guest-2 joined (2 here)");
  await ann.types("/nick ann");
  await bob.types("/nick bob");
  await ann.until(/^\* guest-2 is now bob$/);
  await ann.types("/who");
  assertEquals(await ann.line(), "* In #lobby: ann, bob (2 here)");
  await bob.until(/^\* guest-2 is now bob$/);
  await ann.types("/msg bob psst");
  assertEquals(await ann.line(), "(direct to bob) ann: psst");
  assertEquals(await bob.line(), "(direct) ann: psst");
  await bob.types("1:pssst");
  assertEquals(await ann.line(), "(direct) bob: pssst");
  await ann.types("/rooms");
  assertEquals(await ann.line(), "* Rooms: #lobby (2 here)");
  await ann.types("/help");
  assertMatch(await ann.line(), /^\* What you type is said .*\n {4}\/nick NAME /s);
  await ann.types("/quit");
  assertEquals(await ann.closed, { code: 1000, reason: "Goodbye" });
  await bob.until(/^\* ann left \(1 here\)$/);
});

Deno.test("hubbub.text.v1 says what is wrong", async () => {
  await using server = await startTestServer("--max-message", "64");
  await using _bob = await logIn(server, "bob");
  await using ann = await TerminalPerson.arrive(server);
  const refused = {
    "/dance": /^! There is no command \/dance: /,
    "9:hello": /^! Cannot send direct message: there is no connection number 9 /,
    "/msg eve hi": /^! Cannot send direct message: there is nobody called "eve"$/,
    "/nick bob": /^! Cannot rename: "bob" is taken, or looks like a name that is; /,
    "/nick": /^! Cannot read command: usage is \/nick NAME$/,
    "/join Dev": /^! Cannot join: room must have /,
    "/leave dev": /^! Cannot leave: you are not in dev/,
    ["x".repeat(65)]: /^! Cannot send message: content must have at most 64 bytes of UTF-8$/,
  };
  for (const [line, answer] of Object.entries(refused)) {
    await ann.types(line);
    assertMatch(await ann.line(), answer);
  }
});

Deno.test("hubbub.text.v1 sends NUMBER:TEXT to that connection only", async () => {
  await using server = await startTestServer();
  await using ann = await TerminalPerson.arrive(server);
  await using bob = await TerminalPerson.arrive(server);
  await using eve = await TerminalPerson.arrive(server);
  await bob.until(/guest-3 joined/);
  await ann.until(/guest-3 joined/);
  await ann.types("2:hello\nto all");
  // Two conversations have no order between them.
  const heard = (await bob.take(2)).map(timeless).sort();
  assertEquals(heard, ["(direct) guest-1: hello", "[time] guest-1: to all"]);
  assertMatch(await eve.line(), /guest-1: to all$/);
});

/** The session of a guest who is remembered. */
async function remember(server: TestServer, name: string): Promise<string> {
  const response = await fetch(new URL("api/session", server.url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  return (await response.json()).session;
}

Deno.test("hubbub.text.v1 logs a user in by the session, on two connections of one user", async () => {
  await using server = await startTestServer();
  const session = await remember(server, "ann");
  await using ann = await TerminalPerson.open(server, session);
  assertMatch(String((await ann.until(/^You are /)).at(-1)), /^You are ann in #lobby/);
  await using other = await TerminalPerson.arrive(server, session);
  await ann.types("/who");
  assertEquals(await ann.line(), "* In #lobby: ann (1 here)");
  await other.types("/msg ann note to self");
  assertEquals(await ann.line(), "(direct) ann: note to self");
});

Deno.test("hubbub.text.v1 makes a private room and lets somebody in and out", async () => {
  await using server = await startTestServer();
  await using ann = await TerminalPerson.arrive(server, await remember(server, "ann"));
  await using bob = await TerminalPerson.arrive(server, await remember(server, "bob"));
  await ann.until(/bob joined/);
  await ann.types("/private board");
  assertEquals(await ann.line(), "#board * ann joined (1 here)");
  await bob.types("/join board");
  assertMatch(await bob.line(), /^! Cannot join: /);
  await ann.types("/invite bob");
  assertEquals(await ann.line(), "#board * ann invited bob to #board");
  assertEquals(await bob.line(), "* ann invited bob to #board");
  await bob.types("/join board");
  assertEquals(await bob.line(), "#board * bob joined (2 here)");
  await ann.types("/topic Soup");
  await bob.until(/^#board \* ann set the topic: Soup$/);
  await ann.types("/remove bob");
  await bob.until(/ann removed bob from #board$/);
  await bob.types("/who board");
  await bob.until(/^! Cannot list users: /);
});

Deno.test("hubbub.text.v1 labels lines while one is in several rooms", async () => {
  await using server = await startTestServer();
  await using ann = await TerminalPerson.arrive(server);
  await ann.types("/join dev\nhere");
  assertEquals(await ann.line(), "#dev * guest-1 joined (1 here)");
  assertEquals(timeless(await ann.line()), "#dev [time] guest-1: here");
  await using bob = await TerminalPerson.arrive(server);
  assertEquals(await ann.line(), "#lobby * guest-2 joined (2 here)");
  await ann.types("/join lobby");
  assertEquals(await ann.line(), "* You talk in #lobby again (2 here)");
  await ann.types("back");
  assertEquals(timeless(await ann.line()), "#lobby [time] guest-1: back");
  assertEquals(timeless(await bob.line()), "[time] guest-1: back");
  await ann.types("/join dev\n/leave\nonly here");
  assertEquals(await ann.line(), "* You talk in #dev again (1 here)");
  assertEquals(await ann.line(), "* guest-1 left (0 here)");
  assertEquals(timeless(await ann.line()), "[time] guest-1: only here");
});

Deno.test("hubbub.text.v1 can leave the last room and come back", async () => {
  await using server = await startTestServer();
  await using ann = await TerminalPerson.arrive(server);
  await ann.types("/leave\nhello?\n/join lobby\nhello");
  const lines = await ann.until(/hello$/);
  assert(lines.includes("! Cannot send message: you are in no room; join one"));
  assertEquals(lines.filter((line) => line.includes("guest-1: hello?")), []);
});

Deno.test("hubbub.text.v1 shows a history without what is in it already", async () => {
  await using server = await startTestServer();
  await using ann = await logIn(server, "ann");
  const talk = (async () => {
    for (let count = 1; count <= 200; count++) {
      await ann.send(JSON.stringify({ type: "user", content: `message ${count}` }));
    }
  })();
  await ann.until(/message 50"/);
  await using guest = await TerminalPerson.arrive(server);
  await talk;
  const lines = await guest.until(/message 200$/);
  const numbers = lines.map((line) => Number(/ message (\d+)$/.exec(line)?.[1]));
  const first = numbers[0] ?? 0;
  assertEquals(numbers, Array.from({ length: 201 - first }, (_, index) => first + index));
});

Deno.test("hubbub.text.v1 shows edits, deletions and reactions of others", async () => {
  await using server = await startTestServer();
  await using guest = await TerminalPerson.arrive(server);
  await using ann = await logIn(server, "ann");
  const requests = [
    { type: "user", content: "helo" },
    { type: "edit", seq: 1, content: "hello" },
    { type: "react", seq: 1, content: "👍" },
    { type: "typing" },
    { type: "delete", seq: 1 },
  ];
  for (const request of requests) await ann.send(JSON.stringify(request));
  const lines = await guest.until(/deleted/);
  assertEquals(lines.map(timeless), [
    "* ann joined (2 here)",
    "[time] ann: helo",
    "* ann edited message 1: hello",
    "* ann reacted with 👍 on message 1",
    "* ann deleted message 1",
  ]);
});

Deno.test("hubbub.text.v1 lets no text command the terminal", async () => {
  await using server = await startTestServer();
  await using guest = await TerminalPerson.arrive(server);
  await using ann = await logIn(server, "ann");
  await guest.line();
  const content = "\x1b[2J\x07\n[12:34] guest-1: forged\r\x9b31m\u202e end";
  await ann.send(JSON.stringify({ type: "user", content }));
  const line = await guest.line();
  assertNotMatch(line.replaceAll("\n", ""), /[\p{Cc}\u202e]/u);
  assertMatch(line, /^\[\d\d:\d\d\] ann: ␛\[2J␇\n {4}\[12:34\] guest-1: forged\n {4}/);
});

Deno.test("hubbub.text.v1 counts the lines that the rate refuses", async () => {
  await using server = await startTestServer("--rate", "1", "--burst", "3");
  await using ann = await TerminalPerson.arrive(server);
  await ann.types(Array.from({ length: 10 }, (_, index) => `line ${index}`).join("\n"));
  const lines = (await ann.take(4)).map(timeless);
  const [refusal = ""] = lines.filter((line) => line.startsWith("!"));
  const said = [0, 1, 2].map((number) => `[time] guest-1: line ${number}`);
  assertEquals(lines, [refusal, ...said]);
  assertMatch(refusal, /at most 1 requests a second, 3 at once \(7 times\)$/);
});
