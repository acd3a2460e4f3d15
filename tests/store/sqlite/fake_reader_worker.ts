/**
 * A thread in place of the reader's, whose name says how it answers `rooms`.
 *
 * @module
 */
import type { FromReader, Question } from "../../../store/sqlite/reader_messages.ts";

const post = (message: FromReader) => self.postMessage(message);

self.onmessage = ({ data: { id, kind } }: MessageEvent<Question>) => {
  if (kind === "open" || kind === "close") return post({ kind: "answer", id, answer: undefined });
  if (kind !== "rooms") return;
  switch (self.name) {
    case "dies":
      setTimeout(() => {
        throw new Error("out of order");
      });
      return;
    case "refuses":
    case "is damaged":
      return post({
        kind: "failure",
        id,
        message: "no such page",
        damaged: self.name === "is damaged",
      });
    case "talks":
      post({ kind: "indexed", change: 7 });
      post({ kind: "stuck", message: "full" });
  }
  post({ kind: "answer", id, answer: { rooms: [], complete: true } });
};
