import { codecOf, type ServerMessage, type UserMessage } from "../../protocol.ts";
import { assertEquals } from "../support/assert.ts";

const lines = codecOf("hubbub.v1");
const plain = codecOf(undefined);

const said: UserMessage = {
  type: "user",
  room: "lobby",
  from: "ann",
  content: "hi",
  seq: 1,
  time: 5,
};
const file: UserMessage = {
  ...said,
  type: "file",
  content: "x.png",
  seq: 2,
  file: {
    id: "f",
    name: "x.png",
    size: 1,
    media_type: "image/png",
    url: "/files/f/x.png",
    sha256: "0",
  },
};
const typing: ServerMessage = { type: "typing", room: "lobby", from: "bob", by: "bbbbbbbbbbbb" };

Deno.test("codecOf() knows clients without a subprotocol by one object in each frame", () => {
  const frames = plain.events([said, typing, file]);
  assertEquals(frames.map((text) => JSON.parse(text)), [
    said,
    { ...file, type: "user", content: "x.png /files/f/x.png" },
  ]);
  assertEquals(plain.events([typing]), []);
  assertEquals(plain.answers([typing]), [JSON.stringify(typing)]);
});

Deno.test("codecOf() puts all messages for hubbub.v1 into one frame, whatever they are", () => {
  assertEquals(lines.events([typing, said, file]), [
    [typing, said, file].map((message) => JSON.stringify(message)).join("\n"),
  ]);
  assertEquals(lines.events([]), []);
});

Deno.test("Codec.withholds() names what clients without a subprotocol are shown only if they asked", () => {
  const types = [
    ...["user", "file", "login", "direct", "users", "error"] as const,
    ...["typing", "edit", "delete", "react"] as const,
    ...["create", "invite", "remove", "topic", "role", "read"] as const,
  ];
  assertEquals(types.filter((type) => plain.withholds(type)), [
    "typing",
    "edit",
    "delete",
    "react",
    "create",
    "invite",
    "remove",
    "topic",
    "role",
    "read",
  ]);
  assertEquals(types.filter((type) => lines.withholds(type)), []);
});

Deno.test("Codec.direct is true for clients that know no rooms of two", () => {
  assertEquals([plain.direct, lines.direct], [true, false]);
});

Deno.test("codecOf() tells the author's id to clients without a subprotocol", () => {
  const frames = plain.events([{ ...said, by: "aaaaaaaaaaaa" }]);
  assertEquals(frames.map((text) => JSON.parse(text)), [{ ...said, by: "aaaaaaaaaaaa" }]);
});
