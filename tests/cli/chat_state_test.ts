import { MAX_ENTRIES, RoomLog } from "../../cli/chat/room_log.ts";
import type { ServerMessage, User } from "../../protocol.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { ANN, draw, FakeClient, said, setUp, texts } from "./chat_state_fixture.ts";

/** A page of history without its room and its messages. */
const PAGE = { type: "history", first: 1, last: 3, change: 0, complete: true } as const;

Deno.test("ChatState shows messages in the room that they are of", () => {
  const { state, hear } = setUp();
  state.turnTo("kitchen");
  hear(said(1, "hi"));
  hear(said(1, "soup", { room: "kitchen" }));
  assertEquals(texts(state.room("lobby")), ["hi"]);
  assertEquals(texts(state.current), ["soup"]);
  assertEquals([state.room("lobby").unread, state.current.unread], [1, 0]);
});

Deno.test("ChatState counts what came while nobody looked, and draws a line there", () => {
  const { state, hear } = setUp();
  hear(said(1, "seen"));
  state.focused = false;
  hear(said(2, "unseen"));
  hear(said(3, "unseen too"));
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
  const { state, clock, hear } = setUp();
  clock.now += 119_000;
  hear(said(1, "a"));
  assertEquals(state.current.unread, 0);
  clock.now += 1000;
  hear(said(2, "b"));
  assertEquals(state.current.unread, 1);
});

Deno.test("ChatState calls when somebody else names the user who does not look", () => {
  const { state, calls, hear } = setUp();
  hear(said(1, "@Ann look"));
  assertEquals(calls.count, 0);
  state.focused = false;
  hear(said(2, "@ann myself", { from: "ann", by: "a" }));
  hear(said(3, "@Ann look"));
  hear(said(4, "nothing"));
  hear(said(5, "@annabel, and ann@ann.example"));
  assertEquals([calls.count, state.current.mentions], [1, 1]);
});

Deno.test("ChatState follows who is here", () => {
  const { state, apply } = setUp();
  const event = (type: "login" | "logout", from: string, users: string[]): ServerMessage => ({
    type,
    room: "lobby",
    content: from,
    from,
    by: from.slice(0, 1),
    user_count: users.length,
    user_list: users,
  });
  apply(event("login", "ann", ["ann", "bo"]));
  apply(event("login", "cy", ["ann", "bo", "cy"]));
  apply(event("logout", "bo", ["ann", "cy"]));
  apply({
    type: "rename",
    room: "lobby",
    from: "cy",
    by: "c",
    content: "di",
    user_count: 2,
  });
  assertEquals([...state.current.users], ["ann", "di"]);
  assertEquals(texts(state.current), ["cy is here", "bo has left", "cy is now di"]);
  assertStringIncludes(draw(state).rows[0] ?? "", "#lobby · 2 here: ann, di");
});

Deno.test("ChatState keeps no names of a crowd, nor who comes and goes in it", () => {
  const { state, apply } = setUp();
  const event = { content: "x", from: "x", by: "x", room: "lobby", user_count: 101 };
  apply({ type: "login", ...event });
  assertEquals([state.current.users.size, state.current.userCount], [0, 101]);
  assertEquals(texts(state.current), []);
});

Deno.test("ChatState applies edits, deletions and reactions to what is shown", () => {
  const { state, apply, hear } = setUp();
  for (const seq of [1, 2, 3]) hear(said(seq, `m${seq}`));
  const at = { room: "lobby", from: "bo", by: "b" };
  apply({ type: "edit", ...at, seq: 1, content: "edited", time: 5, change: 1 });
  apply({ type: "delete", ...at, seq: 2, change: 2 });
  const thumb = { type: "react", ...at, content: "👍", on: true } as const;
  apply({ ...thumb, seq: 3, count: 1, change: 3 });
  const shown = draw(state).rows.join("\n");
  assertMatch(shown, /edited \(edited\)\n.*bo: \(deleted\)\n.*bo: m3\n +👍 1/);
  apply({ ...thumb, seq: 3, count: 7, change: 4 });
  assertMatch(draw(state).rows.join("\n"), /👍 7/);
  apply({ type: "delete", ...at, seq: 3, change: 5 });
  assertEquals(/👍/.test(draw(state).rows.join("\n")), false);
});

Deno.test("ChatState replaces what was changed during a break", () => {
  const { state, hear } = setUp();
  hear(said(1, "one"));
  hear(said(2, "two"));
  const deleted = said(2, "", { deleted: true });
  const reacted = said(1, "ONE", {
    edited: 5,
    reactions: { "👍": { count: 2, names: ["a", "b"] } },
  });
  state.changed({ room: "lobby", messages: [reacted, deleted, said(7, "not shown")] });
  state.changed({ room: "nowhere", messages: [reacted] });
  const shown = draw(state).rows.join("\n");
  assertMatch(shown, /ONE \(edited\)\n +👍 2\n.*\(deleted\)/);
  assertEquals(texts(state.current), ["ONE", ""]);
});

Deno.test("ChatState.restart() replaces what is shown by the page that comes next", () => {
  const { state, apply, hear } = setUp();
  hear(said(1, "one"));
  hear(said(12, "lost"));
  state.restart("lobby");
  const history = { type: "history", room: "lobby", first: 9, last: 9, change: 0 } as const;
  apply({ ...history, messages: [said(9, "nine")], complete: false });
  assertEquals(texts(state.current), ["nine"]);
  assertEquals(state.current.isComplete, false);
});

Deno.test("ChatState counts what was missed during a break, but for the user's own", () => {
  const { state, apply, hear } = setUp();
  hear(said(1, "before"));
  assertEquals([state.current.unread, state.current.line], [0, 0]);
  const missed = [said(2, "mine", { from: "ann", by: "a" }), said(3, "@ann"), said(4, "four")];
  const history = { type: "history", room: "lobby", first: 2, last: 4, change: 0 } as const;
  apply({ ...history, messages: missed, complete: true });
  for (const message of missed) hear(message, true);
  const { unread, mentions, line } = state.current;
  assertEquals([unread, mentions, line], [2, 1, 3]);
});

Deno.test("ChatState draws the line where the server says that the user has read to", () => {
  const { state, client, apply } = setUp();
  const entry = { room: "lobby", last: 3, read: 1, unread: 2, mentions: 0 };
  client.memberships = [entry];
  client.reading.seed([entry]);
  const messages = [said(1, "one"), said(2, "two"), said(3, "three")];
  apply({ ...PAGE, room: "lobby", messages });
  state.showed("lobby");
  assertEquals([state.current.unread, state.current.line], [0, 2]);
  state.current.tidy();
  assertEquals(state.current.line, 0);
});

Deno.test("ChatState puts older pages before what is shown, without doubles", () => {
  const { state, apply, hear } = setUp();
  hear(said(3, "three"));
  state.current.isLoading = true;
  const messages = [said(2, "two"), said(3, "three")];
  apply({ ...PAGE, room: "lobby", id: "x", messages });
  assertEquals(texts(state.current), ["two", "three"]);
  assertEquals([state.current.isComplete, state.current.isLoading], [true, false]);
});

Deno.test("ChatState.forget() turns to another room and keeps the last one", () => {
  const { state, hear } = setUp();
  state.turnTo("kitchen");
  state.forget("kitchen");
  assertEquals(state.current.name, "lobby");
  state.forget("lobby");
  assertEquals(state.current.name, "lobby");
  hear(said(1, "late", { room: "kitchen" }));
  assertEquals(state.has("kitchen"), false);
});

const login = (id: string): ServerMessage => ({
  type: "login",
  room: "lobby",
  content: "ann",
  from: "ann",
  by: id,
  user_count: 1,
  user: { id, name: "ann", role: "member" },
});

Deno.test("ChatState shows the rooms of the login, and the conversations with something new", () => {
  const { state, client, apply } = setUp();
  const nothing = { last: 4, read: 4, unread: 0, mentions: 0 };
  client.memberships = [
    { ...nothing, room: "@b" },
    { ...nothing, room: "@c", unread: 2 },
    { ...nothing, room: "board", topic: "Budget" },
  ];
  apply(login("a"));
  assertEquals(state.rooms.map(({ name }) => name), ["lobby", "@c", "board"]);
  assertEquals(state.room("board").topic, "Budget");
});

Deno.test("ChatState forgets the conversations of whom the user was before", () => {
  const { state, client, apply, hear } = setUp();
  apply(login("a"));
  hear(said(1, "psst", { room: "@b" }));
  client.user = { id: "a2", name: "ann", role: "guest" };
  apply(login("a2"));
  assertEquals(state.rooms.map(({ name }) => name), ["lobby"]);
});

Deno.test("ChatState tells of a direct message where the user is, and keeps it in its conversation", () => {
  const { state, calls, opened, hear } = setUp();
  hear(said(7, "psst", { room: "@b" }));
  assertEquals(texts(state.current), ["bo → ann: psst"]);
  assertEquals([calls.count, state.room("@b").unread, state.titleOf("@b")], [1, 1, "@bo"]);
  state.turnTo("@b");
  assertEquals([texts(state.current), opened, state.current.unread], [["psst"], ["@b"], 0]);
  state.turnTo("lobby");
  state.turnTo("@b");
  assertEquals(opened, ["@b"]);
});

Deno.test("ChatState puts the page of a conversation around what was heard of it", () => {
  const { state, apply, hear } = setUp();
  hear(said(3, "three", { room: "@b" }));
  const messages = [1, 2, 3].map((seq) => said(seq, `m${seq}`, { room: "@b" }));
  apply({ ...PAGE, room: "@b", messages });
  assertEquals(texts(state.room("@b")), ["m1", "m2", "three"]);
  assert(state.room("@b").isComplete);
});

Deno.test("ChatState takes what the user says on another device for their own", () => {
  const { state, client, calls, hear } = setUp();
  state.focused = false;
  hear(said(1, "@ann", { by: "a", from: "ann" }));
  hear(said(2, "psst", { by: "a", from: "ann", room: "@b" }));
  assertEquals([state.current.unread, state.room("@b").unread, calls.count], [0, 0, 0]);
  assert(state.isOwn(said(1, "", { by: "a", from: "an older name" })));
  client.user = undefined;
  assert(!state.isOwn({}));
});

Deno.test("ChatState tells of an invitation and of being removed", () => {
  const { state, calls, apply } = setUp();
  const about = { room: "board", from: "bo", by: "b", user: ANN };
  apply({ type: "invite", ...about });
  assertEquals(state.rooms.map(({ name }) => name), ["lobby", "board"]);
  state.turnTo("board");
  apply({ type: "remove", ...about });
  assertEquals([state.current.name, state.has("board"), calls.count], ["lobby", false, 2]);
  assertEquals(texts(state.current), [
    "bo has invited you to #board: /join board",
    "bo has removed you from #board",
  ]);
});

Deno.test("ChatState shows a room that the user has entered on another device, without a word", () => {
  const { state, calls, apply } = setUp();
  apply({ type: "invite", room: "board", from: "ann", by: ANN.id, user: ANN });
  assertEquals(state.rooms.map(({ name }) => name), ["lobby", "board"]);
  assertEquals([texts(state.current), calls.count], [[], 0]);
});

Deno.test("ChatState tells in a room what happens to it", () => {
  const { state, apply } = setUp();
  const about = { room: "lobby", from: "bo", by: "b" };
  const user: User = { id: "c", name: "cy", role: "guest" };
  apply({ type: "invite", ...about, user });
  apply({ type: "role", ...about, user, content: "owner" });
  apply({ type: "topic", ...about, content: "Soup" });
  apply({ type: "remove", ...about, user });
  apply({ type: "topic", ...about, room: "elsewhere", content: "x" });
  assertEquals(texts(state.current), [
    "bo has invited cy",
    "bo has made cy an owner",
    "bo has set the topic: Soup",
    "bo has removed cy",
  ]);
  assertStringIncludes(draw(state).rows[0] ?? "", "#lobby · Soup");
});

Deno.test("RoomLog keeps a bounded number of entries", () => {
  const log = new RoomLog("lobby", new FakeClient());
  for (let seq = 1; seq <= MAX_ENTRIES + 5; seq++) log.add(said(seq, ""));
  assertEquals([log.entries.length, log.first?.seq], [MAX_ENTRIES, 6]);
});
