import type { Chat } from "../../static/chat/chat.js";
import { loadAround, loadOlder, loadQuoted } from "../../static/chat/history.js";
import { react, say, sayAgain } from "../../static/chat/talk.js";
import { asTarget, messageOf, targetOf } from "../../static/logic/conversation.js";
import type { Conversation } from "../../static/logic/conversation.js";
import type { UserMessage } from "../../protocol/messages.ts";
import { history, idOf, presence, said } from "../sdk/fakes.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { settle } from "../support/promises.ts";
import { ANN, World } from "./fakes.ts";

/** What a message becomes that is deleted. */
const GONE = { content: "", deleted: true };

interface Scene {
  world: World;
  chat: Chat;
  conversation: Conversation;
}

/** A world in which ann is in the lobby, where `last` messages were said, the newest 60 of which came. */
function inLobby(last: number): Scene {
  const world = new World();
  const chat = world.open();
  chat.open("lobby");
  world.socket.greet("e1", {}, ANN);
  world.socket.welcome(messages(Math.max(1, last - 59), last), false);
  assert(chat.conversation);
  return { world, chat, conversation: chat.conversation };
}

function messages(from: number, to: number): Record<string, unknown>[] {
  return Array.from({ length: to - from + 1 }, (_, i) => said(from + i, `m${from + i}`));
}

/** The connection breaks, and the answer to the new claim is this. */
function comeBack(
  { world }: Scene,
  { epoch = "e1", ...page }: { epoch?: string } & Record<string, unknown>,
): void {
  world.socket.break();
  world.advance(1_000);
  world.socket.greet(epoch, {}, ANN);
  const missed = page.messages instanceof Array ? page.messages : [];
  world.socket.welcome(missed, page.complete !== false, {}, page);
}

/** The server answers the newest question of a type. */
async function answer({ world }: Scene, type: string, message: Record<string, unknown>) {
  world.socket.say({ ...message, id: world.socket.last(type).id });
  await settle();
}

function content({ conversation }: Scene, seq: number): string | undefined {
  return conversation.log.find(seq)?.content;
}

/** The texts that the page was told to revise, as a view that holds a message would have them now. */
function revised({ world }: Scene, message: Record<string, unknown>): UserMessage {
  return world.events.reduce((held, event) => {
    if (event.type !== "revised" || event.room !== held.room) return held;
    return event.seq === "all" || event.seq === held.seq ? event.change(held) : held;
  }, message as unknown as UserMessage);
}

Deno.test("Chat replaces every loaded message that was changed during an absence", async () => {
  const scene = inLobby(300);
  const { chat, conversation } = scene;
  // As far back as the reader has scrolled.
  const older = history(messages(41, 240));
  const loading = loadOlder(chat, conversation);
  await answer(scene, "history", older);
  await loading;
  const changed = [
    said(41, "", GONE),
    said(100, "better", { edited: 7 }),
    said(300, "m300", { reactions: { "👍": { count: 1, names: ["bo"] } } }),
  ];
  comeBack(scene, { last: 300, change: 3, changed });
  assertEquals([content(scene, 41), content(scene, 100)], ["", "better"]);
  assert(conversation.log.find(41)?.deleted);
  assertEquals(conversation.log.find(300)?.reactions?.["👍"]?.count, 1);
  assertEquals(conversation.log.entries.length, 260);
});

Deno.test("Chat replaces changed messages in a range that does not end at the present", async () => {
  const scene = inLobby(900);
  const jump = loadAround(scene.chat, scene.conversation, 100);
  await answer(scene, "history", history(messages(71, 130)));
  assert(await jump);
  comeBack(scene, {
    messages: [said(901, "m901")],
    last: 901,
    changed: [said(100, "", GONE), said(880, "elsewhere")],
  });
  assert(scene.conversation.log.find(100)?.deleted);
  assertEquals([scene.conversation.log.last, scene.conversation.log.live], [130, 901]);
});

Deno.test("Chat replaces what a reply quotes, and what the reader is about to answer", async () => {
  const scene = inLobby(300);
  const { chat, conversation } = scene;
  const quote = loadQuoted(chat, conversation, 5);
  await answer(scene, "history", history([said(5, "m5")]));
  await quote;
  const target = conversation.log.find(299);
  assert(target);
  conversation.replyTo = asTarget(target);
  comeBack(scene, { last: 300, changed: [said(5, "", GONE), said(299, "", GONE)] });
  assertEquals(messageOf(conversation, 5)?.content, "");
  assertEquals(targetOf(conversation, conversation.replyTo), null);
  say(chat, conversation, "so what");
  assertEquals(scene.world.socket.last("user").reply_to, undefined);
});

Deno.test("Chat tells the views that hold messages what becomes of them", () => {
  const scene = inLobby(2);
  comeBack(scene, { last: 2, changed: [said(2, "", GONE)] });
  assert(revised(scene, said(2, "m2")).deleted);
  assertEquals(revised(scene, said(1, "m1")).content, "m1");
  scene.world.socket.say({ ...said(1, "one"), type: "edit", change: 1 });
  assertEquals(revised(scene, said(1, "m1")).content, "one");
  comeBack(scene, { epoch: "e2", messages: [said(1, "other")], complete: false });
  assert(revised(scene, said(1, "m1")).deleted);
});

Deno.test("Chat starts a room over, and keeps what the reader was about to do", () => {
  const scene = inLobby(3);
  const { chat, conversation } = scene;
  const [kept, gone] = [conversation.log.find(2), conversation.log.find(3)];
  assert(kept && gone);
  chat.memory.saveDraft("lobby", "half a sent");
  conversation.replyTo = asTarget(kept);
  // A backup from before the third message: another one has its number now.
  const page = [said(1, "m1"), said(2, "m2"), said(3, "another", { time: 9_999 })];
  comeBack(scene, { messages: page, complete: false });
  assertEquals([content(scene, 2), content(scene, 3)], ["m2", "another"]);
  assertEquals(targetOf(conversation, conversation.replyTo)?.content, "m2");
  assertEquals(targetOf(conversation, asTarget(gone)), null);
  assertEquals(chat.memory.draft("lobby"), "half a sent");
  assertEquals(chat.current, "lobby");
});

Deno.test("Chat applies reactions one by one", () => {
  const scene = inLobby(1);
  const reaction = { type: "react", room: "lobby", seq: 1, content: "👍", on: true };
  const by = (name: string) => ({ from: name, by: idOf(name) });
  scene.world.socket.say(
    { ...reaction, ...by("bo"), count: 1, change: 1 },
    { ...reaction, ...by("ann"), count: 2, change: 2 },
  );
  const present = () => scene.conversation.log.find(1)?.reactions;
  assertEquals(present(), { "👍": { count: 2, names: ["bo", "ann"], mine: true } });
  scene.world.socket.say({ ...reaction, ...by("ann"), on: false, count: 1, change: 3 });
  assertEquals(present(), { "👍": { count: 1, names: ["bo"] } });
});

Deno.test("react() tells how many reactions there may be", async () => {
  const { world, chat, conversation } = inLobby(1);
  const asked = react(chat, conversation, { seq: 1, emoji: "👍" });
  world.socket.refuse("react", "too_many");
  await asked;
  assertEquals(world.events, [{ type: "problem", code: "too_many_reactions" }]);
});

Deno.test("sayAgain() sends under another id what was refused for its id", () => {
  const { world, chat, conversation } = inLobby(1);
  say(chat, conversation, "hi");
  const { id = "" } = world.socket.last("user");
  world.socket.refuse("user", "conflict");
  assertEquals(chat.queue.of("lobby").map(({ state, problem }) => [state, problem]), [
    ["failed", "conflict"],
  ]);
  sayAgain(chat, id);
  const again = world.socket.last("user");
  assertEquals(again.content, "hi");
  assert(again.id !== id);
});

Deno.test("sayAgain() says as no reply what answered a message that is gone", () => {
  const { world, chat, conversation } = inLobby(1);
  const target = conversation.log.find(1);
  assert(target);
  conversation.replyTo = asTarget(target);
  say(chat, conversation, "hi");
  const { id = "", reply_to } = world.socket.last("user");
  assertEquals(reply_to, 1);
  world.socket.refuse("user", "no_such_message");
  sayAgain(chat, id);
  const again = world.socket.last("user");
  assertEquals([again.content, again.reply_to], ["hi", undefined]);
  assertEquals(chat.queue.of("lobby").length, 1);
});

Deno.test("Chat keeps what the server could not keep, and sends it again", () => {
  const { world, chat, conversation } = inLobby(1);
  say(chat, conversation, "hi");
  const { id } = world.socket.last("user");
  world.socket.refuse("user", "unavailable", { retry_ms: 500 });
  assertEquals(chat.queue.of("lobby").map(({ state }) => state), ["waiting"]);
  world.advance(500);
  assertEquals(world.socket.all("user").map((sent) => sent.id), [id, id]);
});

Deno.test("Found.search() reads on, and its hits follow what becomes of their messages", async () => {
  const scene = inLobby(3);
  const { chat, world } = scene;
  const searching = chat.found.search(chat, "m", { room: "lobby" });
  const next = { time: 2_000, room: "lobby", seq: 2 };
  // Deleted after the server had looked, before its answer came.
  world.socket.say({ ...said(3, ""), type: "delete", change: 1 });
  const hits = [said(3, "m3"), said(2, "m2")];
  await answer(scene, "search", {
    type: "search",
    messages: hits,
    complete: false,
    next,
    indexed: false,
  });
  await searching;
  const texts = () => chat.found.messages.map((hit) => hit.content);
  assertEquals([texts(), chat.found.indexed], [["m2"], false]);
  const reading = chat.found.more(chat);
  assertEquals(world.socket.last("search").before, next);
  await answer(scene, "search", { type: "search", messages: [said(1, "m1")], complete: true });
  await reading;
  assertEquals([texts(), chat.found.next], [["m2", "m1"], undefined]);
  comeBack(scene, { last: 3, changed: [said(2, "two"), said(1, "", GONE)] });
  assertEquals([texts(), chat.found.stale], [["two"], false]);
  comeBack(scene, { epoch: "e2", messages: [said(1, "other")], complete: false });
  assert(chat.found.stale);
});

Deno.test("Directory reads the rooms page by page", async () => {
  const scene = inLobby(1);
  const { chat, world } = scene;
  const room = (name: string) => ({ room: name, user_count: 0, last: 0 });
  const finding = chat.directory.find(chat, "te");
  const { content, after, limit } = world.socket.last("rooms");
  assertEquals([content, after, limit], ["te", undefined, 200]);
  await answer(scene, "rooms", { type: "rooms", rooms: [room("latte")], complete: false });
  await finding;
  const reading = chat.directory.more(chat);
  void chat.directory.more(chat);
  assertEquals(world.socket.last("rooms").after, "latte");
  await answer(scene, "rooms", { type: "rooms", rooms: [room("tea")], complete: true });
  await reading;
  assertEquals(chat.directory.rooms.map((entry) => entry.room), ["latte", "tea"]);
  const before = world.socket.all("rooms").length;
  await chat.directory.more(chat);
  assertEquals(world.socket.all("rooms").length, before);
});

Deno.test("Chat asks for the topic of a room that it enters, once", async () => {
  const scene = inLobby(1);
  const { chat, world } = scene;
  chat.show("tea");
  world.socket.letIn("tea");
  assertEquals(world.socket.last("rooms").content, "tea");
  const entry = { room: "tea", topic: "Oolong", user_count: 1, last: 0 };
  await answer(scene, "rooms", { type: "rooms", rooms: [entry], complete: true });
  assertEquals(chat.conversation?.topic, "Oolong");
  const before = world.socket.all("rooms").length;
  world.socket.say(presence("login", "tea", "ann", ["ann"]));
  assertEquals(world.socket.all("rooms").length, before);
});
