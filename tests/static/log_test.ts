import { assert, assertEquals } from "../support/assert.ts";
import { Log } from "../../static/logic/log.js";
import type { UserMessage } from "../../protocol.ts";

function message(seq: number, content = `m${seq}`): UserMessage {
  return { type: "user", room: "tea", from: "ann", content, seq, time: seq };
}

function page(from: number, to: number): UserMessage[] {
  return Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
}

function texts(log: Log): string[] {
  return log.entries.map((entry) => entry.kind === "message" ? entry.message.content : entry.kind);
}

Deno.test("Log holds back live messages until the first page, and shows each once", () => {
  const log = new Log();
  assertEquals(log.receive(message(4)), "elsewhere");
  assertEquals(log.receive(message(5)), "elsewhere");
  log.open(page(2, 4), { live: 4, atStart: false });
  assertEquals(texts(log), ["m2", "m3", "m4", "m5"]);
  assert(log.atEnd);
});

Deno.test("Log.receive() takes the next, knows the old, and reports a gap", () => {
  const log = new Log();
  log.open(page(1, 2), { live: 2, atStart: true });
  assertEquals(log.receive(message(3)), "added");
  assertEquals(log.receive(message(3, "again")), "known");
  assertEquals(log.receive(message(5)), "gap");
  assertEquals(texts(log), ["m1", "m2", "again"]);
});

Deno.test("Log.startAfter() goes on where reading stopped", () => {
  const log = new Log();
  log.startAfter(10);
  assertEquals(log.receive(message(11)), "added");
  log.prepend(page(8, 10), false);
  assertEquals(texts(log), ["m8", "m9", "m10", "m11"]);
});

Deno.test("Log.prepend() ignores what does not border on it", () => {
  const log = new Log();
  log.open(page(10, 12), { live: 12, atStart: false });
  log.prepend(page(3, 5), true);
  assertEquals(log.first, 10);
  assert(!log.atStart);
  log.prepend(page(7, 10), true);
  assertEquals(log.first, 7);
  assert(log.atStart);
});

Deno.test("Log only counts what comes while it shows the past, and reads on to the present", () => {
  const log = new Log();
  log.open(page(1, 3), { live: 5, atStart: true });
  assertEquals(log.receive(message(6)), "elsewhere");
  assertEquals(texts(log), ["m1", "m2", "m3"]);
  log.append(page(4, 6));
  assert(log.atEnd);
  assertEquals(log.receive(message(7)), "added");
});

Deno.test("Log folds comings and goings between two messages into one notice", () => {
  const log = new Log();
  log.open(page(1, 1), { live: 1, atStart: true });
  log.notePresence({ what: "joined", id: "bob", name: "bob" }, 1);
  log.notePresence({ what: "left", id: "bob", name: "bob" }, 2);
  log.receive(message(2));
  log.notePresence({ what: "joined", id: "bob", name: "bob" }, 3);
  assertEquals(texts(log), ["m1", "presence", "m2", "presence"]);
  assertEquals(log.find(2)?.content, "m2");
  assertEquals(log.indexOf(1), 0);
  assertEquals(log.indexOf(3), -1);
});

Deno.test("Log.replace() changes what came before the first page, which the page may know better", () => {
  const log = new Log();
  for (const seq of [4, 5]) log.receive(message(seq));
  for (const seq of [4, 5]) log.replace(seq, (old) => ({ ...old, content: "edited" }));
  log.open([...page(2, 3), message(4, "edited again")], { live: 4, atStart: false });
  assertEquals(texts(log), ["m2", "m3", "edited again", "edited"]);
});

Deno.test("Log.replace() makes a new entry, so that views see the change", () => {
  const log = new Log();
  log.open(page(1, 3), { live: 3, atStart: true });
  const before = log.entries[1];
  log.replace(2, (old) => ({ ...old, content: "edited" }));
  assertEquals(texts(log), ["m1", "edited", "m3"]);
  assert(log.entries[1] !== before);
});
