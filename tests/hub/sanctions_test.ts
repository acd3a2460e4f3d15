/** Bans and mutes of those who are connected. */
import type { Refusal } from "../../log/refusals.ts";
import { say } from "../../hub/commands.ts";
import { Refused, type ServerMessage } from "../../protocol.ts";
import { upload, withFiles } from "../files/harness.ts";
import { assertEquals, assertMatch, assertObjectMatch, assertRejects } from "../support/assert.ts";
import { FakeSanctions, type Imposed } from "../support/fake_sanctions.ts";
import { frame } from "../support/file_frame.ts";
import { GatedVisits } from "../support/gated_visits.ts";
import { type HarnessOptions, HubHarness } from "../support/hub_harness.ts";
import { DEADLINE, within } from "../support/within.ts";
import { admit, ask, codeOf, makePrivate, seen } from "./people/people.ts";

const IP = "198.51.100.7";

/** A hub, what is imposed on whom, and what the operator is told. */
function open(options: HarnessOptions = {}) {
  const sanctions = new FakeSanctions();
  const noted: Refusal[] = [];
  const refusals = { note: (refusal: Refusal) => void noted.push(refusal) };
  const harness = new HubHarness({ sanctions, refusals, ...options });
  return { harness, sanctions, reasons: () => noted.map(({ reason }) => reason) };
}

/** The texts of system messages. */
function texts(messages: readonly ServerMessage[]): string[] {
  return messages.flatMap((one) => one.type === "system" ? [one.content] : []);
}

const BANS: [Imposed, string, string][] = [
  ["ban user", "", "You are banned: spam"],
  ["ban name", "ann", "You are banned: spam"],
  ["ban address", IP, "This address is banned: spam"],
  ["ban address", "198.51.100.0/24", "This address is banned: spam"],
];

for (const [what, on, text] of BANS) {
  Deno.test(`Hub ends the connections that a ${what} ${on || "ID"} concerns, and no others`, async () => {
    const { harness, sanctions } = open();
    await using _harness = harness;
    const ann = await harness.enter("ann", {}, { ip: IP });
    const bob = await harness.enter("bob");
    sanctions.impose(what, on || ann.user.id, { reason: "spam" });
    assertEquals((await ann.closed()).code, 4505);
    assertEquals(texts(ann.take()), [text]);
    assertEquals(await seen(harness, bob), ["logout lobby ann of 1"]);
    assertEquals(bob.socket.closed, undefined);
  });
}

Deno.test("Hub ends connections that have not logged in from an address that gets banned", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const stranger = harness.connect({ ip: IP });
  await harness.settled();
  sanctions.impose("ban address", IP);
  assertEquals((await stranger.closed()).code, 4505);
});

Deno.test("Hub ends a connection whose address was banned while it opened", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  sanctions.impose("ban address", IP);
  await harness.settled();
  assertEquals((await harness.connect({ ip: IP }).closed()).code, 4505);
});

Deno.test("Hub never bans admins, whose address may be banned", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const root = await harness.enter("root", { remember: true }, { ip: IP });
  await harness.people.change(root.user.id, { role: "admin" });
  await harness.settled();
  sanctions.impose("ban address", IP);
  sanctions.impose("ban user", root.user.id);
  await harness.settled();
  assertEquals(root.socket.closed, undefined);
});

Deno.test("Hub lets nobody in who was looked up before the ban came", async () => {
  const visits = new GatedVisits();
  const { harness, sanctions, reasons } = open({ people: visits.people, visits });
  await using _harness = harness;
  const bob = await harness.enter("bob");
  visits.held.add("enter");
  const ann = harness.connect();
  ann.send({ type: "login", content: "ann", id: "in" });
  const gate = await within(DEADLINE, "a question", visits.gates.receive());
  sanctions.impose("ban name", "ann", { until: 1_060_000, reason: "spam" });
  await gate?.pass();
  const answer = await ann.answerTo("in");
  assertEquals(answer, {
    type: "error",
    code: "forbidden",
    content: "Cannot log in: you are banned until 1970-01-01T00:17:40.000Z: spam",
    retry_ms: 60_000,
    id: "in",
  });
  assertEquals(await seen(harness, bob), []);
  assertEquals(reasons(), ["banned"]);
});

Deno.test("Hub shows nobody anything that somebody does who is muted", async () => {
  const { harness, sanctions, reasons } = open();
  await using _harness = harness;
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  await admit(harness, "cid");
  await makePrivate(harness, ann, "den", bob);
  ann.say("before", "den");
  await seen(harness, bob);
  sanctions.impose("mute user", ann.user.id, { until: 1_060_000, reason: "calm down" });
  const said = [
    { type: "user", content: "x" },
    { type: "direct", to: "bob", content: "x" },
    { type: "user", room: "@bob", content: "x" },
    { type: "edit", room: "den", seq: 1, content: "x" },
    { type: "react", room: "den", seq: 1, content: "👍" },
    { type: "file", content: "x" },
    { type: "create", room: "new" },
    { type: "topic", room: "den", content: "x" },
    { type: "invite", room: "den", user: "cid" },
    { type: "remove", room: "den", user: "bob" },
    { type: "role", room: "den", user: "bob", content: "owner" },
    { type: "rename", content: "x" },
  ];
  for (const request of said) {
    assertEquals([request.type, await codeOf(ann, request)], [request.type, "muted"]);
  }
  assertEquals(await seen(harness, bob), []);
  assertEquals(reasons(), said.map(() => "muted"));
  assertObjectMatch(await ask(ann, { type: "user", content: "x" }), {
    ...{ type: "error", code: "muted", retry_ms: 60_000 },
    content: "Cannot send message: you are muted until 1970-01-01T00:17:40.000Z: calm down",
  });
});

Deno.test("Hub drops the typing of whom is muted without a word", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  await seen(harness, ann);
  sanctions.impose("mute user", ann.user.id);
  ann.send({ type: "typing" });
  assertEquals(await seen(harness, ann), []);
  assertEquals(await seen(harness, bob), []);
});

Deno.test("Hub lets somebody who is muted read, come, go, and take back what it has said", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  await makePrivate(harness, ann, "den", bob);
  ann.say("one", "den");
  bob.say("two", "den");
  bob.send({ type: "join", room: "tea" });
  await seen(harness, ann);
  sanctions.impose("mute user", ann.user.id);
  const allowed = [
    { type: "join", room: "tea" },
    { type: "leave", room: "tea" },
    { type: "users", room: "den" },
    { type: "rooms" },
    { type: "history", room: "den" },
    { type: "search", content: "two" },
    { type: "read", room: "den", seq: 2 },
    { type: "ping" },
    { type: "delete", room: "den", seq: 1 },
  ];
  for (const request of allowed) {
    assertEquals([request.type, await codeOf(ann, request)], [request.type, "ok"]);
  }
  assertEquals(await codeOf(ann, { type: "delete", room: "den", seq: 2 }), "not_yours");
  assertEquals(await codeOf(ann, { type: "logout" }), "ok");
});

Deno.test("Hub lets nobody who is muted show another name or a new room by a login or a join", async () => {
  const { harness, sanctions, reasons } = open();
  await using _harness = harness;
  const [ann, bob] = [await admit(harness, "ann"), await harness.enter("bob", { room: "tea" })];
  await seen(harness, bob);
  sanctions.impose("mute user", ann.user.id, { reason: "spam" });
  const { session } = ann;
  const again = harness.connect();
  const problems = [];
  for (
    const [person, request] of [
      [ann, { type: "join", room: "buy-this" }],
      [again, { type: "login", session, content: "buy this" }],
      [again, { type: "login", session, room: "buy-this" }],
    ] as const
  ) {
    const answer = await ask(person, request);
    problems.push(answer.type === "error" && [answer.code, answer.content]);
  }
  assertEquals(problems, [
    ["muted", "Cannot create room: you are muted: spam"],
    ["muted", "Cannot log in with another name: you are muted: spam"],
    ["muted", "Cannot create room: you are muted: spam"],
  ]);
  assertEquals(reasons(), ["muted", "muted", "muted"]);
  assertEquals(await codeOf(ann, { type: "join", room: "tea" }), "ok");
  assertEquals(await codeOf(again, { type: "login", session, content: "ann", room: "tea" }), "ok");
  assertEquals(await seen(harness, bob), ["login tea ann of 2"]);
});

Deno.test("Hub mutes whoever writes from a muted address, until that is lifted", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const ann = await harness.enter("ann", {}, { ip: IP });
  sanctions.impose("mute address", "198.51.100.0/24");
  assertEquals(await codeOf(ann, { type: "user", content: "x" }), "muted");
  sanctions.lift("mute address", "198.51.100.0/24");
  assertEquals(await codeOf(ann, { type: "user", content: "x" }), "ok");
});

Deno.test("Hub takes nothing that is muted while it is looked up", async () => {
  const visits = new GatedVisits();
  const { harness, sanctions } = open({ people: visits.people, visits });
  await using _harness = harness;
  const ann = await admit(harness, "ann");
  const cid = await admit(harness, "cid");
  cid.socket.hangUp();
  await harness.settled();
  visits.held.add("find");
  ann.send({ type: "direct", to: "cid", content: "x", id: "said" });
  const gate = await within(DEADLINE, "a question", visits.gates.receive());
  sanctions.impose("mute user", ann.user.id);
  await gate?.pass();
  const answer = await ann.answerTo("said");
  assertEquals(answer.type === "error" && answer.code, "muted");
});

Deno.test("say() says nothing for somebody who is muted", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const bob = await harness.enter("bob");
  const { user } = await admit(harness, "ann");
  await seen(harness, bob);
  sanctions.impose("mute user", user.id, { reason: "spam" });
  const said = say(harness.hub, { principal: { user }, ip: "", room: "lobby", content: "x" });
  const { code, message } = await assertRejects(() => said, Refused);
  assertEquals([code, message], ["muted", "Cannot send message: you are muted: spam"]);
  assertEquals(await seen(harness, bob), []);
});

Deno.test("say() says nothing for somebody who was banned after the request was authenticated", async () => {
  const { harness, sanctions } = open();
  await using _harness = harness;
  const bob = await harness.enter("bob");
  const { user } = await admit(harness, "ann");
  await seen(harness, bob);
  const speech = { principal: { user }, ip: IP, room: "lobby", content: "x" };
  for (
    const [what, on, who] of [
      ["ban user", user.id, "you are"],
      ["ban address", IP, "this address is"],
    ] as const
  ) {
    sanctions.impose(what, on, { reason: "spam" });
    const { code, message } = await assertRejects(() => say(harness.hub, speech), Refused);
    assertEquals([code, message], ["forbidden", `Cannot send message: ${who} banned: spam`]);
    sanctions.lift(what, on);
  }
  assertEquals(await seen(harness, bob), ["logout lobby ann of 1"]);
});

Deno.test("Hub takes no file from somebody who is muted, in a frame or uploaded before", () =>
  withFiles(async (files) => {
    const { harness, sanctions, reasons } = open({ store: files.messages, files: files.files });
    await using _harness = harness;
    const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
    const file = await upload(files.files, "hello", { user: ann.user.id });
    sanctions.impose("mute user", ann.user.id);
    ann.socket.receive(frame("a.txt", [1, 2, 3]));
    assertMatch((await ann.next("error")).content, /^Cannot store file: you are muted$/);
    assertEquals(await codeOf(ann, { type: "file", content: file.id }), "muted");
    assertEquals(await seen(harness, bob), []);
    assertEquals(reasons(), ["muted", "muted"]);
  }));

Deno.test("Hub announces no file of whom is muted while it is stored", () =>
  withFiles(async (files) => {
    const { harness, sanctions } = open({ store: files.messages, files: files.files });
    await using _harness = harness;
    const ann = await harness.enter("ann");
    ann.socket.receive(frame("a.txt", [1, 2, 3]));
    sanctions.impose("mute user", ann.user.id, { reason: "spam" });
    const { code, content } = await ann.next("error");
    assertEquals([code, content], ["muted", "Cannot announce file: you are muted: spam"]);
    assertEquals((await files.messages.read("lobby", { limit: 1 })).last, 0);
  }));

Deno.test("Hub tells the operator of rooms beyond a bound", async () => {
  const { harness, reasons } = open({ roomsPerGuest: 1 });
  await using _harness = harness;
  const ann = await harness.enter("ann", { room: "one" });
  assertEquals(await codeOf(ann, { type: "join", room: "two" }), "too_many");
  assertEquals(await codeOf(ann, { type: "user", content: "x" }), "ok");
  assertEquals(reasons(), ["rooms"]);
});
