/**
 * The cost of the protocol and the inbox for every message. Run with `deno task bench:micro`; only
 * compare results of one run with each other.
 *
 * @module
 */
import { Channel } from "../hub/channel.ts";
import { decodeFrame, decodeRequest, encodeFrame, encodeMessage } from "../protocol.ts";
import type { UserMessage } from "../protocol.ts";

const LINES = 1000;

const messages: UserMessage[] = Array.from({ length: LINES }, (_, index) => ({
  type: "user",
  room: "lobby",
  from: `user-${index % 100}`,
  content: `Message number ${index}, of the usual length of a line in a chat, with "quotes".`,
  seq: 1_000_000 + index,
  time: 1_700_000_000_000,
  id: `m${index}`,
}));
const frame = encodeFrame(messages);
const complete = messages.map(encodeMessage).join("\n");

const request = JSON.stringify({ type: "user", content: messages[7]?.content, id: "m7" });
const inRoom = JSON.stringify({
  type: "user",
  content: "你好，世界 👋",
  room: "random",
  reply_to: 17,
});
const long = JSON.stringify({ type: "user", content: "x".repeat(8 * 1024) });
const unknown = JSON.stringify({ type: "usr", content: "hi", id: "m7" });

Deno.bench(
  "JSON.parse of a user request (floor)",
  { group: "decodeRequest", baseline: true },
  () => {
    JSON.parse(request);
  },
);
Deno.bench("decodeRequest user", { group: "decodeRequest" }, () => {
  decodeRequest(request);
});
Deno.bench("decodeRequest user with room and reply_to", { group: "decodeRequest" }, () => {
  decodeRequest(inRoom);
});
Deno.bench("decodeRequest user of 8 KiB", { group: "decodeRequest" }, () => {
  decodeRequest(long);
});
Deno.bench("decodeRequest unknown type", { group: "decodeRequest" }, () => {
  decodeRequest(unknown);
});

Deno.bench(
  "encodeMessage 1,000 complete lines (floor)",
  { group: "encodeFrame", baseline: true },
  () => {
    messages.map(encodeMessage).join("\n");
  },
);
Deno.bench("encodeFrame 1,000 lean lines", { group: "encodeFrame" }, () => {
  encodeFrame(messages);
});

Deno.bench(
  "decodeFrame 1,000 complete lines (floor)",
  { group: "decodeFrame", baseline: true },
  () => {
    decodeFrame(complete);
  },
);
Deno.bench("decodeFrame 1,000 lean lines", { group: "decodeFrame" }, () => {
  decodeFrame(frame);
});

const channel = new Channel<UserMessage>(LINES);
Deno.bench("array push 1,000 (floor)", { group: "channel", baseline: true }, () => {
  const values: UserMessage[] = [];
  for (const message of messages) values.push(message);
});
Deno.bench("Channel trySend 1,000 and drain", { group: "channel" }, () => {
  for (const message of messages) channel.trySend(message);
  channel.drain();
});
Deno.bench("Channel trySend 1,000 and receive each", { group: "channel" }, async () => {
  for (const message of messages) channel.trySend(message);
  for (let left = LINES; left > 0; left--) await channel.receive();
});
