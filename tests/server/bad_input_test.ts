/**
 * What a server makes of input that no right client sends: each piece is answered with its error code
 * and its id, the connection goes on, and nobody else notices.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { startTestServer, TRANSPORTS } from "../support/test_server.ts";

const bidi = "\u202egnp.exe";

/** What is sent by a member, and the code with which it is answered. The id is added. */
const REQUESTS: readonly [name: string, request: object, code: string][] = [
  ["a wrong type", { type: "user", content: 7 }, "bad_message"],
  ["an object for a text", { type: "user", content: { toString: "x" } }, "bad_message"],
  ["a missing field", { type: "user" }, "bad_message"],
  ["an empty text", { type: "user", content: "" }, "bad_message"],
  ["an unknown type", { type: "shout", content: "hi" }, "unknown_type"],
  ["a type of every object", { type: "__proto__" }, "unknown_type"],
  ["another type of every object", { type: "constructor" }, "unknown_type"],
  ["a type that is no text", { type: ["user"], content: "hi" }, "bad_message"],
  ["no type", { content: "hi" }, "bad_message"],
  ["a lone surrogate", { type: "user", content: "\ud800" }, "bad_message"],
  ["a lone surrogate in a name", { type: "rename", content: "\udc00" }, "bad_name"],
  ["a control character in a name", { type: "rename", content: "an\u0007n" }, "bad_name"],
  ["a line break in a name", { type: "rename", content: "an\nn" }, "bad_name"],
  ["a bidi override in a name", { type: "rename", content: bidi }, "bad_name"],
  ["white space around a name", { type: "rename", content: " ann" }, "bad_name"],
  ["an empty name", { type: "rename", content: "" }, "bad_name"],
  ["a long name", { type: "rename", content: "x".repeat(33) }, "bad_name"],
  ["a message of 20 KiB", { type: "user", content: "x".repeat(20 * 1024) }, "too_long"],
  ["a second login", { type: "login", content: "anne" }, "already_logged_in"],
  ["another's message", { type: "edit", seq: 1, content: "hacked" }, "not_yours"],
  ["another's message to delete", { type: "delete", seq: 1 }, "not_yours"],
  ["a message that is not there", { type: "react", seq: 99, content: "👍" }, "no_such_message"],
  ["a negative limit", { type: "history", limit: -1 }, "bad_message"],
  ["a limit above the page", { type: "history", limit: 201 }, "bad_message"],
  ["half a limit", { type: "search", content: "x", limit: 0.5 }, "bad_message"],
  ["a seq of 0", { type: "edit", seq: 0, content: "x" }, "bad_message"],
  ["a seq in quotes", { type: "delete", seq: "1" }, "bad_message"],
  ["a room that is a path", { type: "join", room: "../../etc" }, "bad_room"],
  ["a room in capitals", { type: "join", room: "Lobby" }, "bad_room"],
  ["a room that is too long", { type: "join", room: "x".repeat(65) }, "bad_room"],
  ["a room that one is not in", { type: "user", content: "hi", room: "den" }, "not_in_room"],
  ["a reaction that is no emoji", { type: "react", seq: 1, content: "<b>" }, "bad_message"],
  ["a direct message to nobody", { type: "direct", to: "zoe", content: "hi" }, "no_such_user"],
  ["a name that is taken", { type: "rename", content: "BOB" }, "name_taken"],
  ["a file that was never uploaded", { type: "file", content: "nothing" }, "bad_message"],
];

/** Frames that carry no id, and what they are answered with. */
const FRAMES: readonly [name: string, frame: string | Uint8Array, code: string][] = [
  ["no JSON", "hello?", "bad_json"],
  ["half of JSON", `{"type":"user","content":"hi"`, "bad_json"],
  ["nothing", "", "bad_json"],
  ["null", "null", "bad_message"],
  ["a number", "1e400", "bad_message"],
  ["a list", `[{"type":"user","content":"hi"}]`, "bad_message"],
  ["deep nesting", "[".repeat(50_000), "bad_message"],
  ["an infinite seq", `{"type":"edit","seq":1e400,"content":"x"}`, "bad_message"],
  ["an id of the wrong type", `{"type":"ping","id":7}`, "bad_message"],
  ["10,000 lines", `{"type":"user","content":"hi"}\n`.repeat(10_000), "too_large"],
  ["a frame of 300 KiB", `{"type":"ping","x":"${"x".repeat(300 * 1024)}"}`, "too_large"],
  ["binary garbage", Uint8Array.from({ length: 1000 }, (_, index) => index * 7), "bad_message"],
  ["an empty binary frame", new Uint8Array(), "bad_message"],
];

for (const transport of TRANSPORTS) {
  Deno.test(`startServer() with ${transport} answers bad input with its code, and nobody else notices`, async (t) => {
    await using server = await startTestServer("--transport", transport);
    const url = server.ws("/ws");
    await using bob = await Chatter.enter(url, "bob");
    await using ann = await Chatter.enter(url, "ann");
    await bob.next("login", ({ content }) => content === "ann");
    await bob.send({ type: "user", content: "mine" });
    await bob.next("user");
    await ann.next("user");
    for (const [index, [name, request, code]] of REQUESTS.entries()) {
      await t.step(name, async () => {
        const id = `request-${index}`;
        await ann.send({ ...request, id });
        const answer = await ann.message();
        assertEquals(answer.type === "error" && [answer.code, answer.id], [code, id]);
      });
    }
    for (const [name, frame, code] of FRAMES) {
      await t.step(name, async () => {
        await ann.socket.send(frame);
        const answer = await ann.message();
        assertEquals(answer.type === "error" && [answer.code, answer.id], [code, undefined]);
      });
    }
    await ann.send({ type: "user", content: "fine" });
    assertEquals((await ann.next("user")).seq, 2);
    const seen = await bob.message();
    assertEquals(seen.type === "user" && seen.content, "fine", "somebody else noticed");
  });

  Deno.test(`startServer() with ${transport} answers who talks before login, who may log in then`, async () => {
    await using server = await startTestServer("--transport", transport);
    await using ann = await Chatter.connect(server.ws("/ws"));
    await ann.next("handshake");
    await ann.send({ type: "user", content: "hi", id: "1" }, { type: "logout", id: "2" });
    for (const id of ["1", "2"]) {
      const answer = await ann.message();
      assertEquals(answer.type === "error" && [answer.code, answer.id], ["not_logged_in", id]);
    }
    await ann.send({ type: "login", content: "\u202eann", id: "3" });
    const answer = await ann.message();
    assertEquals(answer.type === "error" && [answer.code, answer.id], ["bad_name", "3"]);
    await ann.send({ type: "login", content: "ann" });
    await ann.next("login");
  });
}
