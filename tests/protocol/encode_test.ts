import fc from "fast-check";
import {
  decodeFrame,
  encodeFrame,
  encodeMessage,
  type Reactions,
  type ServerMessage,
  type UserMessage,
} from "../../protocol.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { members } from "./arbitraries.ts";
import { batch, serverMessage, userMessage } from "./arbitrary_messages.ts";

const first: UserMessage = {
  type: "user",
  room: "lobby",
  from: "ann",
  content: "hi",
  seq: 7,
  time: 1000,
};

/** The encoded lines of a frame, except the first. */
function furtherLines(...messages: ServerMessage[]): string[] {
  return encodeFrame([first, ...messages]).split("\n").slice(1);
}

Deno.test("encodeMessage() writes every message as one line that reads back", () => {
  fc.assert(fc.property(serverMessage, (message) => {
    const line = encodeMessage(message);
    assert(!line.includes("\n"));
    assertEquals(members(JSON.parse(line)), members(message));
  }));
});

Deno.test("encodeFrame() writes what decodeFrame() reads back, for any mixture of messages", () => {
  fc.assert(
    fc.property(batch, (messages) => {
      const frame = encodeFrame(messages);
      assertEquals(frame.split("\n").length, messages.length);
      assertEquals(members(decodeFrame(frame)), members(messages));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("encodeFrame() preserves any two consecutive messages", () => {
  fc.assert(
    fc.property(userMessage, userMessage, (one, two) => {
      assertEquals(members(decodeFrame(encodeFrame([one, two]))), members([one, two]));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("encodeFrame() does not modify its messages", () => {
  fc.assert(fc.property(batch, (messages) => {
    const before = JSON.stringify(messages);
    encodeFrame(messages);
    assertEquals(JSON.stringify(messages), before);
  }));
});

Deno.test("encodeFrame() returns an empty frame for no message, and a complete line for one", () => {
  assertEquals(encodeFrame([]), "");
  assertEquals(encodeFrame([first]), encodeMessage(first));
});

Deno.test("encodeFrame() omits from a further line what the previous line implies", () => {
  assertEquals(furtherLines({ ...first, seq: 8 }), ['{"from":"ann","content":"hi"}']);
});

Deno.test("encodeFrame() writes room, seq and time where the previous line does not imply them", () => {
  assertEquals(furtherLines({ ...first, room: "random", seq: 8 }), [
    '{"from":"ann","content":"hi","room":"random"}',
  ]);
  assertEquals(furtherLines(first), ['{"from":"ann","content":"hi","seq":7}']);
  assertEquals(furtherLines({ ...first, seq: 8, time: 1001 }), [
    '{"from":"ann","content":"hi","time":1001}',
  ]);
});

Deno.test("encodeFrame() writes the room of a direct conversation as it is", () => {
  assertEquals(furtherLines({ ...first, room: "@k3J9xQ2mPz_w", seq: 8, by: "k3J9xQ2mPz_w" }), [
    '{"from":"ann","content":"hi","room":"@k3J9xQ2mPz_w","by":"k3J9xQ2mPz_w"}',
  ]);
});

Deno.test("encodeFrame() writes every other member of a further line", () => {
  const message: UserMessage = {
    ...first,
    seq: 8,
    by: "k3J9xQ2mPz_w",
    id: 'a"b',
    reply_to: 3,
    edited: 5,
    deleted: true,
    reactions: { "👍": { count: 1, names: ["bob"] } },
    file: { id: "f", name: "n", size: 1, media_type: "text/plain", url: "/files/f/n", sha256: "0" },
  };
  assertEquals(furtherLines(message), [
    '{"from":"ann","content":"hi","by":"k3J9xQ2mPz_w","id":"a\\"b","reply_to":3,"edited":5,' +
    '"deleted":true,"reactions":{"👍":{"count":1,"names":["bob"]}},"file":{"id":"f","name":"n","size":1,' +
    '"media_type":"text/plain","url":"/files/f/n","sha256":"0"}}',
  ]);
});

Deno.test("encodeFrame() writes no lean line after another kind of message", () => {
  const others: ServerMessage[] = [
    { type: "system", content: "hello" },
    { ...first, type: "file", seq: 8 },
    {
      type: "edit",
      room: "lobby",
      seq: 8,
      from: "ann",
      by: "a",
      content: "ho",
      time: 1000,
      change: 1,
    },
  ];
  for (const other of others) {
    const next = { ...first, seq: 9 };
    assertEquals(furtherLines(other, next), [encodeMessage(other), encodeMessage(next)]);
  }
});

Deno.test("encodeFrame() preserves reactions that are named like inherited members", () => {
  const reactions: Reactions = Object.create(null);
  for (const key of ["__proto__", "constructor", "toString"]) {
    reactions[key] = { count: 1, names: ["ann"] };
  }
  const [, read] = decodeFrame(encodeFrame([first, { ...first, seq: 8, reactions }]));
  assert(read?.type === "user" && read.reactions !== undefined);
  assertEquals(Object.keys(read.reactions), ["__proto__", "constructor", "toString"]);
  assertEquals(Object.getPrototypeOf(read.reactions), Object.prototype);
});
