import { MAX_ENTRIES, RoomLog } from "../../cli/chat/room_log.ts";
import { ChatState } from "../../cli/chat/state.ts";
import { createStyle, PLAIN } from "../../cli/chat/style.ts";
import { drawView, scroll, type ViewState } from "../../cli/chat/view.ts";
import { textWidth } from "../../cli/chat/width.ts";
import type { ServerMessage, UserMessage } from "../../protocol.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";

const START = 1_700_000_000_000;

function said(seq: number, content: string, more: Partial<UserMessage> = {}): UserMessage {
  return { type: "user", room: "lobby", from: "bo", content, seq, time: START + seq, ...more };
}

/** A state whose time the test moves, and how often it called. */
function setUp() {
  const clock = { now: START };
  const state = new ChatState("ann", "lobby", () => clock.now);
  const calls = { count: 0 };
  state.onCall = () => calls.count++;
  return { state, clock, calls };
}

/** What the screen shows of a state. */
function draw(state: ChatState, more: Partial<ViewState> = {}) {
  return drawView(viewOf(state, more));
}

function viewOf(state: ChatState, more: Partial<ViewState> = {}): ViewState {
  return {
    width: 40,
    height: 10,
    style: PLAIN,
    name: "ann",
    base: "http://h/",
    room: state.current,
    others: state.rooms.filter((room) => room !== state.current),
    status: "",
    hint: "",
    line: "",
    cursor: 0,
    now: START,
    ...more,
  };
}

const STYLES = new RegExp(`${"\x1b"}\\[[\\d;]*m`, "g");

const texts = (log: RoomLog) =>
  log.entries.map((entry) =>
    entry.kind === "message" ? entry.message.content : entry.kind === "note" ? entry.text : "gap"
  );

Deno.test("ChatState shows messages in the room that they are of", () => {
  const { state } = setUp();
  state.turnTo("kitchen");
  state.apply(said(1, "hi"));
  state.apply(said(1, "soup", { room: "kitchen" }));
  assertEquals(texts(state.room("lobby")), ["hi"]);
  assertEquals(texts(state.current), ["soup"]);
  assertEquals([state.room("lobby").unread, state.current.unread], [1, 0]);
});

Deno.test("ChatState counts what came while nobody looked, and draws a line there", () => {
  const { state } = setUp();
  state.apply(said(1, "seen"));
  state.focused = false;
  state.apply(said(2, "unseen"));
  state.apply(said(3, "unseen too"));
  assertEquals([state.current.unread, state.current.line], [2, 2]);
  const { rows } = draw(state);
  const line = rows.findIndex((row) => /─ new ─/.test(row));
  assertStringIncludes(rows[line - 1] ?? "", "seen");
  assertStringIncludes(rows[line + 1] ?? "", "unseen");
  state.focused = true;
  assertEquals(state.current.unread, 0);
  assert(draw(state).rows.some((row) => /─ new ─/.test(row)));
});

Deno.test("ChatState takes who presses no key for two minutes not to look", () => {
  const { state, clock } = setUp();
  clock.now += 119_000;
  state.apply(said(1, "a"));
  assertEquals(state.current.unread, 0);
  clock.now += 1000;
  state.apply(said(2, "b"));
  assertEquals(state.current.unread, 1);
});

Deno.test("ChatState calls when somebody else names the user who does not look", () => {
  const { state, calls } = setUp();
  state.apply(said(1, "@Ann look"));
  assertEquals(calls.count, 0);
  state.focused = false;
  state.apply(said(2, "@Ann look"));
  state.apply(said(3, "@ann myself", { from: "ann" }));
  state.apply(said(4, "nothing"));
  state.apply(said(5, "@annabel, and ann@ann.example"));
  assertEquals([calls.count, state.current.mentions], [1, 1]);
});

Deno.test("ChatState follows who is here", () => {
  const { state } = setUp();
  const event = (type: "login" | "logout", from: string, users: string[]): ServerMessage => ({
    type,
    room: "lobby",
    content: from,
    from,
    user_count: users.length,
    user_list: users,
  });
  state.apply(event("login", "ann", ["ann", "bo"]));
  state.apply(event("login", "cy", ["ann", "bo", "cy"]));
  state.apply(event("logout", "bo", ["ann", "cy"]));
  state.apply({ type: "rename", room: "lobby", from: "cy", content: "di", user_count: 2 });
  assertEquals([...state.current.users], ["ann", "di"]);
  assertEquals(texts(state.current), ["cy is here", "bo has left", "cy is now di"]);
  assertStringIncludes(draw(state).rows[0] ?? "", "#lobby · 2 here: ann, di");
});

Deno.test("ChatState keeps no names of a crowd, nor who comes and goes in it", () => {
  const { state } = setUp();
  const event = { content: "x", from: "x", room: "lobby", user_count: 101 };
  state.apply({ type: "login", ...event });
  assertEquals([state.current.users.size, state.current.userCount], [0, 101]);
  assertEquals(texts(state.current), []);
});

Deno.test("ChatState applies edits, deletions and reactions to what is shown", () => {
  const { state } = setUp();
  for (const seq of [1, 2, 3]) state.apply(said(seq, `m${seq}`));
  const at = { room: "lobby", from: "bo" };
  state.apply({ type: "edit", ...at, seq: 1, content: "edited", time: 5 });
  state.apply({ type: "delete", ...at, seq: 2 });
  state.apply({ type: "react", ...at, seq: 3, content: "👍", reactions: { "👍": ["bo"] } });
  const shown = draw(state).rows.join("\n");
  assertMatch(shown, /edited \(edited\)\n.*bo: \(deleted\)\n.*bo: m3\n +👍 1/);
});

Deno.test("ChatState marks where messages are missing after a long break", () => {
  const { state } = setUp();
  state.apply(said(1, "one"));
  const history = { type: "history", room: "lobby", first: 9, last: 9 } as const;
  state.apply({ ...history, messages: [said(9, "nine")], complete: false });
  assertEquals(texts(state.current), ["one", "gap", "nine"]);
  assertEquals(state.current.line, 9);
});

Deno.test("ChatState counts what was missed during a break, but for the user's own", () => {
  const { state } = setUp();
  const history = { type: "history", room: "lobby", first: 1, last: 1, complete: false } as const;
  state.apply({ ...history, messages: [said(1, "before")] });
  assertEquals([state.current.unread, state.current.line], [0, 0]);
  const missed = [said(2, "mine", { from: "ann" }), said(3, "@ann"), said(4, "four")];
  state.apply({ ...history, messages: missed, first: 2, last: 4, complete: true });
  const { unread, mentions, line } = state.current;
  assertEquals([unread, mentions, line], [2, 1, 3]);
});

Deno.test("ChatState starts afresh on a server with another epoch", () => {
  const { state } = setUp();
  const greet = (epoch: string) => state.apply({ type: "handshake", epoch } as ServerMessage);
  greet("e1");
  state.apply(said(1, "old"));
  greet("e1");
  assertEquals(texts(state.current), ["old"]);
  greet("e2");
  assertEquals(texts(state.current), []);
});

Deno.test("ChatState puts older pages before what is shown, without doubles", () => {
  const { state } = setUp();
  state.apply(said(3, "three"));
  state.current.isLoading = true;
  const page = { type: "history", room: "lobby", id: "x", first: 1, last: 3 } as const;
  state.apply({ ...page, messages: [said(2, "two"), said(3, "three")], complete: true });
  assertEquals(texts(state.current), ["two", "three"]);
  assertEquals([state.current.isComplete, state.current.isLoading], [true, false]);
});

Deno.test("ChatState.forget() turns to another room and keeps the last one", () => {
  const { state } = setUp();
  state.turnTo("kitchen");
  state.forget("kitchen");
  assertEquals(state.current.name, "lobby");
  state.forget("lobby");
  assertEquals(state.current.name, "lobby");
  state.apply(said(1, "late", { room: "kitchen" }));
  assertEquals(state.has("kitchen"), false);
});

Deno.test("RoomLog keeps a bounded number of entries", () => {
  const log = new RoomLog("lobby");
  for (let seq = 1; seq <= MAX_ENTRIES + 5; seq++) log.add(said(seq, ""));
  assertEquals([log.entries.length, log.first?.seq], [MAX_ENTRIES, 6]);
});

Deno.test("drawView() fills the screen exactly, whatever its size", () => {
  const { state } = setUp();
  for (let seq = 1; seq < 30; seq++) state.apply(said(seq, "日本語 ".repeat(seq)));
  state.turnTo("kitchen");
  state.turnTo("lobby");
  for (const [width, height] of [[80, 24], [20, 5], [7, 3], [1, 1], [3, 2]] as const) {
    const line = "a long line being typed 日本語";
    const { rows, cursorRow, cursorColumn } = draw(state, {
      width,
      height,
      line,
      cursor: line.length,
      status: "offline, again in 3 s",
      hint: "a hint that is longer than the screen",
    });
    assertEquals(rows.length, height);
    assertEquals(cursorRow, height - 1);
    assert(cursorColumn < width);
    if (width < 7) continue;
    for (const row of rows) assert(textWidth(row) <= width, `${JSON.stringify(row)} in ${width}`);
  }
});

Deno.test("drawView() leaves nothing in any row that a terminal would obey but its own styles", () => {
  const { state } = setUp();
  const evil = "\x1b[2J\x9b\x07\u202e";
  state.apply(said(1, evil, { from: `x${evil}`, reactions: { [evil]: ["x"] } }));
  state.apply(said(2, "re", { reply_to: 1 }));
  state.apply({ type: "typing", room: "lobby", from: evil });
  state.current.users.add(evil);
  state.current.userCount = 1;
  const { rows } = draw(state, { style: createStyle(true), status: "x", width: 60 });
  for (const row of rows) assert(!/[\p{Cc}\u202e]/u.test(row.replace(STYLES, "")), row);
});

Deno.test("drawView() shows the place of the cursor in a line that is too long", () => {
  const { state } = setUp();
  const line = "0123456789".repeat(10);
  const at = (cursor: number) => draw(state, { width: 20, line, cursor });
  assertEquals(at(0).rows.at(-1), "ann› 01234567890123…");
  assertEquals(at(0).cursorColumn, 5);
  assertEquals(at(100).rows.at(-1), "ann› 67890123456789");
  assertEquals(at(100).cursorColumn, 19);
});

Deno.test("drawView() shows what is said and not confirmed", () => {
  const { state } = setUp();
  state.current.pending.push({ text: "wait" });
  assertStringIncludes(draw(state).rows.at(-3) ?? "", "ann: wait …");
});

Deno.test("drawView() says who is typing, for as long as that is believed", () => {
  const { state } = setUp();
  state.apply({ type: "typing", room: "lobby", from: "bo" });
  assertEquals(draw(state).rows.at(-2), "bo is typing");
  assertEquals(draw(state, { now: START + 5000 }).rows.at(-2), "");
});

Deno.test("drawView() shows unread messages of other rooms", () => {
  const { state } = setUp();
  state.room("kitchen");
  state.apply(said(1, "@ann", { room: "kitchen" }));
  assertMatch(draw(state).rows[0] ?? "", /#kitchen 1! $/);
});

Deno.test("drawView() puts a line between two days", () => {
  const { state } = setUp();
  state.apply(said(1, "a"));
  state.apply(said(2, "b", { time: START + 86_400_000 * 2 }));
  assertEquals(draw(state).rows.filter((row) => row.startsWith("──")).length, 1);
});

Deno.test("scroll() moves by rows, keeps its place when more comes, and ends at both ends", () => {
  const { state } = setUp();
  for (let seq = 1; seq <= 20; seq++) state.apply(said(seq, `m${seq}`));
  const log = () => draw(state).rows.slice(1, 8).map((row) => row.slice(10));
  assertEquals(log().at(-1), "m20");
  assertEquals(scroll(viewOf(state), 5, 7), false);
  assertEquals(log(), ["m9", "m10", "m11", "m12", "m13", "m14", "m15"]);
  state.apply(said(21, "m21"));
  assertEquals(log().at(-1), "m15");
  assertStringIncludes(draw(state).rows.at(-2) ?? "", "6 more below");
  assertEquals(state.current.unread, 1);
  assertEquals(scroll(viewOf(state), 100, 7), true);
  assertEquals(log(), ["m1", "m2", "m3", "m4", "m5", "m6", "m7"]);
  scroll(viewOf(state), -3, 7);
  assertEquals(log().at(-1), "m10");
  scroll(viewOf(state), -100, 7);
  assertEquals([log().at(-1), state.current.bottom], ["m21", undefined]);
});

Deno.test("scroll() goes through an entry that is taller than the screen", () => {
  const { state } = setUp();
  const lines = Array.from({ length: 30 }, (_, i) => `line${i}`);
  state.apply(said(1, lines.join("\n")));
  const log = () => draw(state).rows.slice(1, 8).map((row) => /line\d+/.exec(row)?.[0]);
  assertEquals(log().at(-1), "line29");
  scroll(viewOf(state), 10, 7);
  assertEquals(log(), lines.slice(13, 20));
  assertEquals(scroll(viewOf(state), 100, 7), true);
  assertEquals(log(), lines.slice(0, 7));
});

Deno.test("scroll() has nowhere to go in a log that fits", () => {
  const { state } = setUp();
  state.apply(said(1, "a"));
  assertEquals(scroll(viewOf(state), 5, 7), true);
  assertEquals(state.current.bottom, undefined);
});
