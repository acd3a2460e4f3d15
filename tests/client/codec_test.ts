import { codecOf, Delivery, withholds } from "../../client/codec.ts";
import type { ServerMessage, UserMessage } from "../../protocol.ts";
import { assertEquals, assertStrictEquals } from "../support/assert.ts";

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
const typing: ServerMessage = { type: "typing", room: "lobby", from: "bob" };

function texts(frames: readonly { data: string | Uint8Array }[]): unknown[] {
  return frames.map(({ data }) => data);
}

Deno.test("codecOf() knows clients without a subprotocol by one object in each frame", () => {
  const frames = plain.events([said, typing, file]);
  assertEquals(texts(frames).map((text) => JSON.parse(String(text))), [
    said,
    { ...file, type: "user", content: "x.png /files/f/x.png" },
  ]);
  assertEquals(plain.events([typing]), []);
  assertEquals(texts(plain.answers([typing])), [JSON.stringify(typing)]);
});

Deno.test("codecOf() puts all messages for hubbub.v1 into one frame, whatever they are", () => {
  assertEquals(texts(lines.events([typing, said, file])), [
    [typing, said, file].map((message) => JSON.stringify(message)).join("\n"),
  ]);
  assertEquals(lines.events([]), []);
});

Deno.test("withholds() names what clients without a subprotocol are not told unless they asked", () => {
  const types = ["user", "file", "login", "typing", "edit", "delete", "react", "error"] as const;
  assertEquals(types.filter((type) => withholds(plain, type)), [
    "typing",
    "edit",
    "delete",
    "react",
  ]);
  assertEquals(types.filter((type) => withholds(lines, type)), []);
});

Deno.test("Delivery.frames() makes the frames of a codec once, and not of those not in use", () => {
  let made = 0;
  const counting = {
    ...plain,
    events: (messages: readonly ServerMessage[]) => {
      made++;
      return plain.events(messages);
    },
  };
  const delivery = new Delivery([said]);
  const frames = delivery.frames(lines);
  assertEquals(made, 0);
  assertStrictEquals(delivery.frames(lines), frames);
  assertStrictEquals(delivery.frames({ ...counting }), delivery.frames(counting));
  assertEquals(made, 1);
});
