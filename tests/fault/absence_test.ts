/**
 * What somebody is told who comes back: of what was deleted, of a backup that was put back, of what retention
 * removed; and what becomes of a message that is sent twice.
 *
 * @module
 */
import { join } from "node:path";
import { assert, assertEquals } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { ServerProcess } from "../support/server_process.ts";
import { poll } from "../support/within.ts";
import type { ErrorMessage, History, UserMessage } from "../../protocol.ts";

/** Where somebody was when they left. */
interface Left {
  readonly session: string;
  readonly seen: Readonly<Record<string, unknown>>;
}

/** Runs a test with a data directory and a place for a copy of it. */
async function withData(run: (data: string, copy: string) => Promise<void>): Promise<void> {
  const parent = await Deno.makeTempDir();
  try {
    await run(join(parent, "data"), join(parent, "copy"));
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

function serve(data: string, ...flags: string[]): Promise<ServerProcess> {
  return ServerProcess.start(["--data", data, "--rate", "0", ...flags]);
}

async function stop(server: ServerProcess): Promise<void> {
  assertEquals((await server.stop("SIGTERM")).code, 0);
}

async function copyFiles(from: string, to: string): Promise<void> {
  await Deno.remove(to, { recursive: true }).catch(() => {});
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isFile } of Deno.readDir(from)) {
    if (isFile) await Deno.copyFile(join(from, name), join(to, name));
  }
}

/** Says so many things. Returns the last of them. */
async function sayMany(chatter: Chatter, count: number, text = "message"): Promise<UserMessage> {
  const last = `${text} ${crypto.randomUUID()}`;
  const requests = Array.from({ length: count }, (_, index) => ({
    type: "user",
    content: `${text} ${index + 1}`,
    id: index === count - 1 ? last : crypto.randomUUID(),
  }));
  await chatter.send(...requests);
  return await chatter.next("user", ({ id }) => id === last);
}

/** Somebody enters, reads all, and leaves. */
async function visit(server: ServerProcess, name: string): Promise<Left> {
  await using chatter = await Chatter.connect(server.ws());
  const { epoch, run } = await chatter.next("handshake");
  await chatter.send({ type: "login", content: name, remember: true, since: 0, changes: 0, epoch });
  const { messages, last, change } = await chatter.next("history");
  const seen = { since: last, at: messages.at(-1)?.time, changes: change, epoch, run };
  return { session: chatter.session, seen };
}

/** They come back; what they are told. */
async function comeBack(server: ServerProcess, { session, seen }: Left): Promise<History> {
  await using chatter = await Chatter.connect(server.ws());
  await chatter.send({ type: "login", session, ...seen });
  return await chatter.next("history");
}

/** The same position, of a client that does not send `run`. */
function withoutRun({ session, seen: { run: _, ...seen } }: Left): Left {
  return { session, seen };
}

Deno.test("a return tells of what was deleted, edited and reacted to long before", () =>
  withData(async (data) => {
    await using server = await serve(data);
    await using ann = await Chatter.enter(server.ws(), "ann");
    const [secret, typo, liked] = [
      await ann.say("a secret"),
      await ann.say("a tpyo"),
      await ann.say("a joke"),
    ];
    const left = await visit(server, "bob");
    await sayMany(ann, 70);
    await ann.send(
      { type: "delete", seq: secret.seq },
      { type: "edit", seq: typo.seq, content: "a typo" },
      { type: "react", seq: liked.seq, content: "👍" },
    );
    await ann.next("react");
    for (const one of [left, withoutRun(left)]) {
      const { complete, messages, changed = [], change } = await comeBack(server, one);
      assertEquals([complete, messages.length, change], [true, 70, 3]);
      assertEquals(changed.map(({ seq, content }) => [seq, content]), [
        [secret.seq, ""],
        [typo.seq, "a typo"],
        [liked.seq, "a joke"],
      ]);
      assertEquals(changed[0]?.deleted, true);
      assertEquals(changed[2]?.reactions, { "👍": { count: 1, names: ["ann"] } });
    }
  }));

Deno.test("a return after more than is replayed starts over", () =>
  withData(async (data) => {
    await using server = await serve(data);
    await using ann = await Chatter.enter(server.ws(), "ann");
    await ann.say("first");
    const left = await visit(server, "bob");
    const last = await sayMany(ann, 900);
    assertEquals((await comeBack(server, left)).complete, true);
    const end = await sayMany(ann, 101);
    const { complete, messages } = await comeBack(server, left);
    assertEquals([complete, messages.at(-1)?.seq], [false, end.seq]);
    assert(end.seq > last.seq);
  }));

Deno.test("a return after more changes than are replayed starts over", () =>
  withData(async (data) => {
    await using server = await serve(data);
    await using ann = await Chatter.enter(server.ws(), "ann");
    await sayMany(ann, 500);
    await sayMany(ann, 501);
    const left = await visit(server, "bob");
    for (let seq = 1; seq <= 1001; seq += 100) {
      const requests = Array.from(
        { length: Math.min(100, 1002 - seq) },
        (_, index) => ({ type: "delete", seq: seq + index }),
      );
      await ann.send(...requests);
      await ann.next("delete", ({ seq: deleted }) => deleted === Math.min(seq + 99, 1001));
    }
    assertEquals((await comeBack(server, left)).complete, false);
  }));

Deno.test("a return to a backup that was put back by hand starts over", () =>
  withData(async (data, copy) => {
    const first = await serve(data);
    const ann = await Chatter.enter(first.ws(), "ann", { remember: true });
    await sayMany(ann, 10, "kept");
    const early = await visit(first, "eve");
    await stop(first);
    await copyFiles(data, copy);

    const second = await serve(data);
    const again = await Chatter.enter(second.ws(), "ann", { session: ann.session });
    await sayMany(again, 10, "lost");
    const left = await visit(second, "bob");
    await stop(second);
    await copyFiles(copy, data);

    await using third = await serve(data);
    await using cid = await Chatter.enter(third.ws(), "cid");
    // Bob is not known in the backup, and comes back as whoever he is now.
    const asEve = { session: early.session, seen: left.seen };
    assertEquals((await comeBack(third, asEve)).complete, false, "before anything else was said");
    await sayMany(cid, 30, "other");
    const { complete, messages } = await comeBack(third, asEve);
    assertEquals(complete, false);
    assertEquals(messages.filter(({ content }) => content.startsWith("lost")), []);
    assertEquals((await comeBack(third, withoutRun(asEve))).complete, false);
    // Who has seen only what is in the backup is brought up to date.
    for (const one of [early, withoutRun(early)]) {
      const told = await comeBack(third, one);
      assertEquals([told.complete, told.messages.length], [true, 30]);
    }
  }));

Deno.test("a return to a backup that lacks only changes starts over", () =>
  withData(async (data, copy) => {
    const first = await serve(data);
    const ann = await Chatter.enter(first.ws(), "ann", { remember: true });
    await sayMany(ann, 10);
    const { session } = await visit(first, "eve");
    await stop(first);
    await copyFiles(data, copy);

    const second = await serve(data);
    const again = await Chatter.enter(second.ws(), "ann", { session: ann.session });
    await again.send({ type: "edit", seq: 1, content: "edited, and then lost" });
    await again.next("edit");
    const { seen } = await visit(second, "bob");
    await stop(second);
    await copyFiles(copy, data);

    await using third = await serve(data);
    await using back = await Chatter.enter(third.ws(), "ann", { session: ann.session });
    await back.send({ type: "edit", seq: 2, content: "another edit" });
    await back.next("edit");
    assertEquals((await comeBack(third, { session, seen })).complete, false);
  }));

Deno.test("a return over messages that retention removed starts over", () =>
  withData(async (data) => {
    const first = await serve(data);
    const ann = await Chatter.enter(first.ws(), "ann");
    await sayMany(ann, 100);
    const left = await visit(first, "bob");
    await stop(first);

    await using second = await serve(data, "--retain-messages", "20");
    const oldest = () => comeBack(second, { ...left, seen: { since: 0 } });
    await poll("retention", oldest, ({ first }) => first > 1);
    const { complete, messages } = await comeBack(second, left);
    assertEquals([complete, messages.length], [false, 20]);
    assertEquals((await comeBack(second, withoutRun(left))).complete, false);
    // Who has seen that is brought up to date.
    const now = await visit(second, "eve");
    assertEquals((await comeBack(second, now)).complete, true);
  }));

Deno.test("an id that is used again: a repeat of the same, a conflict with anything else", () =>
  withData(async (data) => {
    const first = await serve(data);
    const ann = await Chatter.enter(first.ws(), "ann", { remember: true });
    await ann.send({ type: "user", content: "one", id: "1" });
    const said = await ann.next("user");
    await stop(first);

    await using server = await serve(data);
    await using again = await Chatter.enter(server.ws(), "ann", { session: ann.session });
    const same = { type: "user", content: "one", id: "1" };
    await again.send(same);
    assertEquals(await again.next("user"), { ...said, repeat: true });
    await again.send({ ...same, content: "another" });
    const refused: ErrorMessage = await again.next("error");
    assertEquals([refused.code, refused.id], ["conflict", "1"]);
    // The text that counts is the one that was sent first, and the user, whatever they are called.
    await again.send({ type: "edit", seq: said.seq, content: "edited" });
    await again.next("edit");
    await again.send({ type: "rename", content: "Ann B." });
    await again.next("rename");
    await again.send(same);
    const { content, repeat, seq, from } = await again.next("user");
    assertEquals([content, repeat, seq, from], ["edited", true, said.seq, "Ann B."]);
    await again.send({ ...same, content: "edited" });
    assertEquals((await again.next("error")).code, "conflict");
    // It is the user's own: somebody else, of a name that was given up, has ids of their own.
    await using other = await Chatter.enter(server.ws(), "ann");
    await other.send({ ...same, content: "mine" });
    const mine = await other.next("user");
    assertEquals([mine.content, mine.repeat, mine.seq], ["mine", undefined, said.seq + 1]);
  }));

Deno.test("an id that is used again over HTTP: 200 for the same, 409 for anything else", () =>
  withData(async (data) => {
    await using server = await serve(data);
    await using ann = await Chatter.enter(server.ws(), "ann", { remember: true });
    const post = async (body: object): Promise<[number, { code?: string; repeat?: true }]> => {
      const response = await fetch(new URL("/api/rooms/lobby/messages", server.url), {
        method: "POST",
        body: JSON.stringify(body),
        headers: { authorization: `Bearer ${ann.session}`, "content-type": "application/json" },
      });
      return [response.status, await response.json()];
    };
    const [created, said] = await post({ content: "one", id: "h" });
    const [ok, repeat] = await post({ content: "one", id: "h" });
    const [conflict, problem] = await post({ content: "two", id: "h" });
    assertEquals([created, ok, conflict], [201, 200, 409]);
    assertEquals(repeat, { ...said, repeat: true });
    assertEquals(problem.code, "conflict");
  }));

Deno.test("a reply to nothing is refused, and a reply to what was deleted is not", () =>
  withData(async (data) => {
    await using server = await serve(data);
    await using ann = await Chatter.enter(server.ws(), "ann");
    await ann.send({ type: "user", content: "to nothing", reply_to: 1, id: "r" });
    assertEquals((await ann.next("error")).code, "no_such_message");
    const said = await ann.say("something");
    await ann.send({ type: "delete", seq: said.seq });
    await ann.next("delete");
    await ann.send({ type: "user", content: "to what is gone", reply_to: said.seq, id: "s" });
    assertEquals((await ann.next("user")).reply_to, said.seq);
  }));
