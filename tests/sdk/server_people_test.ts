/**
 * Users, sessions, memberships and direct conversations: the client against a real server.
 *
 * @module
 */
import { Accounts } from "../../sdk/accounts.js";
import { RefusedError } from "../../sdk/hubbub.js";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { startTestServer } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";
import { keptIn, Listener, proxyTo } from "./listener.ts";

Deno.test("one user is there on two devices, and each hears what the other one says", async () => {
  await using server = await startTestServer();
  await using bo = await Listener.enter(server.url, "bo");
  const entered: string[] = [];
  bo.chat.on("login", ({ from }) => entered.push(from));
  await using first = await Listener.enter(server.url, "ann");
  const { session, user } = first.chat;
  await using second = await Listener.enter(server.url, "", { session });
  assertEquals(second.chat.user, user);
  const about: object[] = [];
  second.chat.on("message", (_, facts) => about.push(facts));
  const { by } = await first.chat.say("lobby", "from the first");
  await second.hears("from the first");
  assertEquals([by, about], [user?.id, [{ missed: false, own: true, mention: false }]]);
  await second.chat.close();
  // Somebody who is still there has not left.
  assertEquals((await bo.chat.users("lobby")).user_list.toSorted(), ["ann", "bo"]);
  assertEquals(entered, ["ann"]);
});

Deno.test("a client is the same user in its next run, by its session", async () => {
  await using server = await startTestServer();
  const early = await Listener.enter(server.url, "ann", { remember: true });
  const { session, user } = early.chat;
  const { seq } = await early.chat.say("lobby", "mine");
  await early.chat.close();
  await using late = await Listener.enter(server.url, "", { session });
  assertEquals(late.chat.user, user);
  const edited = await late.chat.ask({ type: "edit", room: "lobby", seq, content: "still mine" });
  assertEquals(edited.by, user?.id);
});

Deno.test("who takes a free name is not who had it", async () => {
  await using server = await startTestServer();
  const first = await Listener.enter(server.url, "ann");
  const { user } = first.chat;
  const { seq } = await first.chat.say("lobby", "of the first ann");
  await first.chat.close();
  await using second = await Listener.enter(server.url, "ann");
  assert(second.chat.user?.id !== user?.id);
  const edit = () => second.chat.ask({ type: "edit", room: "lobby", seq, content: "x" });
  assertEquals((await assertRejects(edit, RefusedError)).code, "not_yours");
});

Deno.test("a guest whose name was taken while it was away comes back under another one", async () => {
  await using server = await startTestServer();
  const proxy = proxyTo(server);
  using _proxy = { [Symbol.dispose]: () => proxy.stop() };
  await using bo = await Listener.enter(server.url, "bo");
  const gone = Promise.withResolvers<void>();
  bo.chat.on("logout", () => gone.resolve());
  await using first = await Listener.enter(proxy.url, "ann");
  const { user } = first.chat;
  first.chat.on("refused", () => first.chat.login("ann-2"));
  proxy.cut();
  await first.isOffline();
  await within(DEADLINE, "ann to be gone", gone.promise);
  await using _second = await Listener.enter(server.url, "ann");
  proxy.mend();
  first.chat.nudge();
  await first.isOnline();
  assertEquals([first.chat.user?.id, first.chat.name], [user?.id, "ann-2"]);
});

Deno.test("a session that is ended on another device signs its client out", async () => {
  await using server = await startTestServer();
  const phone = new Accounts(server.url);
  const laptop = new Accounts(server.url);
  const password = "correct horse battery";
  await phone.enter({ name: "ann" });
  await phone.claim({ password });
  const { session = "" } = await laptop.signIn({ name: "ann", password });
  await using ann = await Listener.enter(server.url, "", { session });
  assertEquals([ann.chat.name, ann.chat.user?.role], ["ann", "member"]);
  const ended = Promise.withResolvers<string>();
  ann.chat.on("session-ended", (reason) => ended.resolve(reason));
  const devices = await phone.sessions();
  const other = devices.find(({ current }) => !current);
  await phone.endSession(other?.id ?? "");
  await within(DEADLINE, "the session to end", ended.promise);
  assertEquals([ann.chat.isSignedOut, ann.chat.state.code], [true, 4504]);
  await using bo = new Listener(server.url, "", { session });
  await bo.until("to be signed out", () => bo.chat.isSignedOut || undefined);
});

Deno.test("what was read on one device is read on the others, and at the next login", async () => {
  await using server = await startTestServer();
  await using bo = await Listener.enter(server.url, "bo");
  await using phone = await Listener.enter(server.url, "ann", { remember: true });
  const { session } = phone.chat;
  await using laptop = await Listener.enter(server.url, "", { session });
  await bo.chat.say("lobby", "one");
  const { seq } = await bo.chat.say("lobby", "@ann two");
  await phone.hears("@ann two");
  await laptop.hears("@ann two");
  assertEquals([laptop.chat.unread("lobby").count, laptop.chat.unread("lobby").mentions], [2, 1]);
  phone.chat.markRead("lobby", seq - 1);
  await laptop.until("one to be read", () => {
    return laptop.chat.unread("lobby").count === 1 ? true : undefined;
  });
  await using tablet = await Listener.enter(server.url, "", { session, rooms: "memberships" });
  const [lobby] = tablet.chat.memberships;
  assertEquals([lobby?.room, lobby?.unread, lobby?.mentions], ["lobby", 1, 1]);
});

Deno.test("a private room is there for its members, and closed to whoever is removed", async () => {
  await using server = await startTestServer();
  await using ann = await Listener.enter(server.url, "ann", { remember: true });
  await using bo = await Listener.enter(server.url, "bo", {
    remember: true,
    rooms: "memberships",
  });
  await ann.chat.create("den", { private: true, topic: "Quiet" });
  const early = () => bo.chat.join("den");
  await assertRejects(early, RefusedError);
  await ann.chat.invite("den", "bo");
  await bo.until("to be in the den", () => bo.chat.rooms.includes("den") || undefined);
  await within(DEADLINE, "the den", bo.chat.join("den"));
  await ann.chat.say("den", "welcome");
  await bo.hears("welcome");
  await ann.chat.remove("den", `@${bo.chat.user?.id}`);
  await bo.until("to be out", () => bo.chat.rooms.includes("den") ? undefined : true);
  await ann.chat.say("den", "behind your back");
  await ann.chat.say("lobby", "done");
  await bo.hears("done");
  assertEquals(bo.heard, ["welcome", "done"]);
  assertEquals(bo.chat.memberships.map(({ room }) => room), ["lobby"]);
});

Deno.test("a direct conversation reaches somebody who is away, when they come back", async () => {
  await using server = await startTestServer();
  await using ann = await Listener.enter(server.url, "ann", { remember: true });
  const early = await Listener.enter(server.url, "bo", { remember: true });
  const { session, user } = early.chat;
  const room = await ann.chat.direct("bo");
  assertEquals(room, `@${user?.id}`);
  await ann.chat.say(room, "first");
  await early.hears("first");
  await early.chat.close();
  await ann.chat.say(room, "while you were away");
  await using bo = await Listener.enter(server.url, "", { session });
  const back = `@${ann.chat.user?.id}`;
  const entry = bo.chat.memberships.find((membership) => membership.room === back);
  assertEquals([entry?.unread, entry?.user?.name], [2, "ann"]);
  assertEquals(await keptIn(bo.chat, back), ["first", "while you were away"]);
  await bo.chat.say(back, "thanks");
  await ann.hears("thanks");
});

Deno.test("a direct conversation goes on over a break, with what was missed", async () => {
  await using server = await startTestServer();
  const proxy = proxyTo(server);
  using _proxy = { [Symbol.dispose]: () => proxy.stop() };
  await using ann = await Listener.enter(server.url, "ann");
  await using bo = await Listener.enter(proxy.url, "bo");
  const room = `@${bo.chat.user?.id}`;
  await ann.chat.say(room, "one");
  await bo.hears("one");
  proxy.cut();
  await bo.isOffline();
  await ann.chat.say(room, "two");
  proxy.mend();
  bo.chat.nudge();
  await bo.hears("two");
  await ann.chat.say(room, "three");
  await bo.hears("three");
  assertEquals(bo.heard, ["one", "two", "three"]);
});

Deno.test("a program has its name by the secret of its token, which nobody else can have", async () => {
  const secret = "0123456789abcdef";
  await using server = await startTestServer("--api-token", `Build:${secret}`);
  await using bot = await Listener.enter(server.url, "", { token: secret });
  assertEquals((await bot.chat.say("lobby", "green")).from, "Build");
  assertEquals(bot.chat.user?.role, "bot");
  await using ann = new Listener(server.url, "Build");
  const refused = Promise.withResolvers<string>();
  ann.chat.on("refused", ({ code }) => refused.resolve(code));
  assertEquals(await within(DEADLINE, "a refusal", refused.promise), "name_taken");
  await using eve = new Listener(server.url, "eve", { token: "another-secret-" });
  const phases: string[] = [];
  eve.chat.on("status", ({ phase }) => phases.push(phase));
  await eve.until("a refusal before the upgrade", () => eve.chat.isSignedOut || undefined);
  assertEquals(phases.includes("open"), false);
});
