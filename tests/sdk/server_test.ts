/**
 * The client against a real server, over connections that break.
 *
 * @module
 */
import { connect, type HubbubClient, RefusedError } from "../../sdk/hubbub.js";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { startTestServer } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";
import { keptIn, Listener, proxyTo } from "./listener.ts";

Deno.test("a client says something, and everybody hears it once", async () => {
  await using server = await startTestServer();
  await using ann = await Listener.enter(server.url, "ann");
  await using bo = await Listener.enter(server.url, "bo");
  const about: object[] = [];
  bo.chat.on("message", (_, facts) => about.push(facts));
  const { from, content, seq } = await ann.chat.say("lobby", "hello @bo");
  assertEquals([from, content, seq], ["ann", "hello @bo", 1]);
  await bo.hears("hello @bo");
  assertEquals(ann.heard, ["hello @bo"]);
  assertEquals(about, [{ missed: false, own: false, mention: true }]);
});

Deno.test("a client does not take what was said before its first visit for news", async () => {
  await using server = await startTestServer();
  await using ann = await Listener.enter(server.url, "ann");
  await ann.chat.say("lobby", "before");
  await using bo = new Listener(server.url, "bo");
  const page: string[] = [];
  bo.chat.on("history", ({ messages }) => page.push(...messages.map(({ content }) => content)));
  await bo.isOnline();
  await ann.chat.say("lobby", "after");
  await bo.hears("after");
  assertEquals([page, bo.heard], [["before"], ["after"]]);
});

Deno.test("a line that breaks again and again loses nothing, doubles nothing and keeps the order", async () => {
  await using server = await startTestServer();
  const proxy = proxyTo(server);
  using _proxy = { [Symbol.dispose]: () => proxy.stop() };
  await using bo = await Listener.enter(server.url, "bo", { rooms: ["lobby", "tea"] });
  await using ann = await Listener.enter(proxy.url, "ann", { rooms: ["lobby", "tea"] });
  // What is on the first page was not missed.
  for (const room of ["lobby", "tea"]) await keptIn(ann.chat, room);
  const said: string[] = [];
  const saying: Promise<unknown>[] = [];
  for (let round = 0; round < 8; round++) {
    for (const part of ["a", "b", "c"]) {
      said.push(`${part}${round}`);
      saying.push(
        ann.chat.say("lobby", `${part}${round}`),
        ann.chat.say("tea", `tea ${part}${round}`),
      );
    }
    // Cuts at another point of the exchange in each round.
    for (let i = 0; i < round; i++) await bo.chat.ask({ type: "ping" });
    proxy.cut();
    await ann.isOffline();
    await bo.chat.say("lobby", `bo ${round}`);
    proxy.mend();
    ann.chat.nudge();
    await ann.isOnline();
  }
  await within(DEADLINE, "everything to be kept", Promise.all(saying));
  await bo.hears("tea c7");
  await ann.hears("c7");
  await ann.hears("tea c7");
  const [lobby, tea] = [await keptIn(bo.chat), await keptIn(bo.chat, "tea")];
  assertEquals(lobby.filter((text) => !text.startsWith("bo")), said);
  assertEquals(tea, said.map((text) => `tea ${text}`));
  for (const { heard } of [ann, bo]) {
    assertEquals(heard.filter((text) => !text.startsWith("tea")), lobby);
    assertEquals(heard.filter((text) => text.startsWith("tea")), tea);
  }
});

Deno.test("a message said twice under one id is kept once", async () => {
  await using server = await startTestServer();
  await using ann = await Listener.enter(server.url, "ann");
  const first = await ann.chat.say("lobby", "once", { id: "key" });
  const second = await ann.chat.say("lobby", "once", { id: "key" });
  assertEquals(second.seq, first.seq);
  assertEquals(await keptIn(ann.chat), ["once"]);
  assertEquals(ann.heard, ["once"]);
});

Deno.test("unsent messages of an earlier run are sent by the next one", async () => {
  await using server = await startTestServer();
  const stored = { items: [] as ReturnType<HubbubClient["queue"]["of"]> };
  const persistence = () => ({
    items: stored.items,
    save: (items: typeof stored.items) => void (stored.items = items),
  });
  const early = new Listener("http://127.0.0.1:9", "ann", { persistence: persistence() });
  const kept = early.chat.say("lobby", "later");
  await early.chat.close();
  assertEquals((await assertRejects(() => kept, RefusedError)).code, "closed");
  await using ann = await Listener.enter(server.url, "ann", { persistence: persistence() });
  await ann.hears("later");
  assertEquals(stored.items, []);
});

Deno.test("a refused message rejects with the server's code, and the next one is sent", async () => {
  await using server = await startTestServer("--max-message", "64");
  await using ann = await Listener.enter(server.url, "ann");
  const refused = ann.chat.say("lobby", "x".repeat(65));
  const kept = ann.chat.say("lobby", "short");
  assertEquals((await assertRejects(() => refused, RefusedError, "64")).code, "too_long");
  assertEquals((await kept).seq, 1);
  const elsewhere = ann.chat.say("attic", "hi");
  assertEquals((await assertRejects(() => elsewhere, RefusedError)).code, "not_in_room");
});

Deno.test("a client keeps to the server's rate instead of being refused", async () => {
  await using server = await startTestServer("--rate", "100", "--burst", "4");
  await using ann = await Listener.enter(server.url, "ann");
  const errors: string[] = [];
  ann.chat.on("error", ({ code }) => errors.push(code));
  const rooms = Array.from({ length: 10 }, (_, i) => `room-${i}`);
  const joined = rooms.map((room) => ann.chat.join(room));
  const said = Array.from({ length: 20 }, (_, i) => ann.chat.say("lobby", `${i}`));
  await within(DEADLINE, "all rooms and messages", Promise.all([...joined, ...said]));
  assertEquals(errors, []);
  assertEquals((await keptIn(ann.chat)).length, 20);
});

Deno.test("a name that is taken is for the bot to change", async () => {
  await using server = await startTestServer();
  await using _ann = await Listener.enter(server.url, "ann");
  const other = new Listener(server.url, "Ann");
  await using _other = other;
  other.chat.on("refused", ({ code }) => {
    if (code === "name_taken") other.chat.login("ann-2");
  });
  const { from } = await other.chat.say("lobby", "hello");
  assertEquals(from, "ann-2");
});

Deno.test("a bot whose name is taken and that does not care hears of it from what it says", async () => {
  await using server = await startTestServer();
  await using _ann = await Listener.enter(server.url, "ann");
  const bot = connect(server.url, { name: "ann" });
  const error = await assertRejects(() => bot.say("lobby", "hello"), RefusedError);
  assertEquals(error.code, "name_taken");
  assertEquals(bot.state.phase, "stopped");
});

Deno.test("a client starts over on a server that has other data", async () => {
  const first = await startTestServer();
  const { port } = new URL(first.url);
  await using ann = await Listener.enter(first.url, "ann");
  let resets = 0;
  ann.chat.on("reset", () => resets++);
  await ann.chat.say("lobby", "old");
  await first.stop("away");
  await ann.isOffline();
  const meanwhile = ann.chat.say("lobby", "meanwhile");
  await using second = await startTestServer("--addr", `127.0.0.1:${port}`);
  ann.chat.nudge();
  assertEquals((await within(DEADLINE, "meanwhile to be kept", meanwhile)).seq, 1);
  assertEquals(resets, 1);
  assertEquals(ann.heard, ["old", "meanwhile"]);
  assertEquals(await keptIn(ann.chat), ["meanwhile"]);
  assert(second.url !== "");
});

Deno.test("a client that missed more than a resume replays starts the room over", async () => {
  await using server = await startTestServer();
  const proxy = proxyTo(server);
  using _proxy = { [Symbol.dispose]: () => proxy.stop() };
  await using ann = await Listener.enter(proxy.url, "ann");
  const told: string[] = [];
  ann.chat.on("restart", ({ room }) => told.push(room));
  ann.chat.on("history", ({ messages }) => told.push(`${messages.at(-1)?.content}`));
  await ann.chat.say("lobby", "1");
  told.length = 0;
  proxy.cut();
  await ann.isOffline();
  await using bo = await Chatter.enter(server.ws("ws"), "bo");
  for (let i = 0; i < 11; i++) {
    const requests = Array.from({ length: 100 }, (_, n) => ({
      type: "user",
      content: `${i * 100 + n + 2}`,
    }));
    await bo.send(...requests);
  }
  await bo.next("user", ({ seq }) => seq === 1101);
  proxy.mend();
  ann.chat.nudge();
  await ann.hears("1101");
  assertEquals(told, ["lobby", "1101"]);
  const { messages } = await ann.chat.ask({
    type: "history",
    room: "lobby",
    after: 1,
    limit: 200,
  });
  assertEquals(messages[0]?.content, "2");
});

Deno.test("a client hears after a break what was edited, deleted and reacted to meanwhile", async () => {
  await using server = await startTestServer();
  const proxy = proxyTo(server);
  using _proxy = { [Symbol.dispose]: () => proxy.stop() };
  await using ann = await Listener.enter(proxy.url, "ann");
  await using bo = await Listener.enter(server.url, "bo");
  for (const text of ["one", "two", "three", "four"]) await bo.chat.say("lobby", text);
  await ann.hears("four");
  proxy.cut();
  await ann.isOffline();
  const room = "lobby";
  await bo.chat.ask({ type: "edit", room, seq: 1, content: "ONE" });
  await bo.chat.ask({ type: "delete", room, seq: 2 });
  await bo.chat.ask({ type: "react", room, seq: 3, content: "👍" });
  const told = Promise.withResolvers<unknown[]>();
  ann.chat.on("changed", ({ messages }) => {
    told.resolve(messages.map(({ content, deleted, reactions }) => [content, deleted, reactions]));
  });
  proxy.mend();
  ann.chat.nudge();
  assertEquals(await within(DEADLINE, "what was changed", told.promise), [
    ["ONE", undefined, undefined],
    ["", true, undefined],
    ["three", undefined, { "👍": { count: 1, names: ["bo"] } }],
  ]);
});

Deno.test("unread messages are counted over a break, until they are marked as read", async () => {
  await using server = await startTestServer();
  const proxy = proxyTo(server);
  using _proxy = { [Symbol.dispose]: () => proxy.stop() };
  await using ann = await Listener.enter(proxy.url, "ann");
  await using bo = await Listener.enter(server.url, "bo");
  await bo.chat.say("lobby", "one");
  await ann.hears("one");
  proxy.cut();
  await ann.isOffline();
  await bo.chat.say("lobby", "@ann two");
  proxy.mend();
  ann.chat.nudge();
  await ann.hears("@ann two");
  assertEquals(ann.chat.unread("lobby"), { read: 0, count: 2, mentions: 1, line: 1 });
  ann.chat.markRead("lobby");
  assertEquals(ann.chat.unread("lobby").count, 0);
});

Deno.test("rooms are entered and left, questions answered, direct messages delivered", async () => {
  await using server = await startTestServer();
  await using ann = await Listener.enter(server.url, "ann");
  await using bo = await Listener.enter(server.url, "bo");
  await within(DEADLINE, "the kitchen", ann.chat.join("kitchen"));
  const { seq } = await ann.chat.say("kitchen", "soup");
  assertEquals((await ann.chat.users("kitchen")).user_list, ["ann"]);
  const edited = await ann.chat.ask({ type: "edit", room: "kitchen", seq, content: "salad" });
  assertEquals(edited.content, "salad");
  ann.chat.leave("kitchen");
  assertEquals(ann.chat.rooms, ["lobby"]);
  const refused = () => ann.chat.ask({ type: "history", room: "kitchen", limit: 1 });
  assertEquals((await assertRejects(refused, RefusedError)).code, "not_in_room");
  assertEquals((await ann.chat.tell("BO", "psst")).room, `@${bo.chat.user?.id}`);
  await bo.hears("psst");
  const nobody = () => ann.chat.tell("nobody", "psst");
  assertEquals((await assertRejects(nobody, RefusedError)).code, "no_such_user");
});

Deno.test("the others see a client leave when it is closed", async () => {
  await using server = await startTestServer();
  await using bo = await Listener.enter(server.url, "bo");
  const gone = Promise.withResolvers<string>();
  bo.chat.on("logout", ({ from }) => gone.resolve(from));
  await using ann = await Listener.enter(server.url, "ann");
  await ann.chat.close();
  assertEquals(await within(DEADLINE, "ann to leave", gone.promise), "ann");
});
