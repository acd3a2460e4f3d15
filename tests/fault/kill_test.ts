/**
 * A server that is killed in the middle of traffic, again and again, on the same data: whatever anybody
 * was shown is kept, once, in its place; whatever was not shown is sent again and is there once too.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { ServerProcess } from "../support/server_process.ts";
import { Talker } from "../support/talker.ts";
import type { ServerMessage, UserMessage } from "../../protocol.ts";

const KILLS = 5;

/** Messages that everybody must have been shown between two kills. */
const MESSAGES_A_ROUND = 200;

/** All of a room's history, page by page. */
async function readAll(chatter: Chatter): Promise<UserMessage[]> {
  const all: UserMessage[] = [];
  for (;;) {
    await chatter.send({ type: "history", after: all.at(-1)?.seq ?? 0, limit: 200 });
    const { messages, complete } = await chatter.next("history");
    all.push(...messages);
    if (complete) return all;
  }
}

for (const sync of ["full", "normal"]) {
  Deno.test(`serve --sync ${sync} keeps all that anybody was shown when it is killed`, async () => {
    const data = await Deno.makeTempDir();
    const flags = ["--data", data, "--sync", sync, "--rate", "0"];
    try {
      let running = Promise.withResolvers<ServerProcess>();
      const connect = async () => {
        const server = await running.promise;
        return await Chatter.connect(server.ws());
      };
      const talkers = ["ann", "bob", "cid", "dan"].map((name) => new Talker(name, connect));
      for (let round = 1; round <= KILLS + 1; round++) {
        const server = await ServerProcess.start(flags);
        running.resolve(server);
        await Promise.all(talkers.map((talker) => talker.reached(round * MESSAGES_A_ROUND)));
        if (round > KILLS) break;
        running = Promise.withResolvers();
        server.kill("SIGKILL");
        assertEquals((await server.ended()).signal, "SIGKILL");
      }
      for (const talker of talkers) talker.stop();
      await Promise.all(talkers.map((talker) => talker.done()));
      await using server = await running.promise;
      const reader = await Chatter.enter(server.ws(), "reader");
      check(await readAll(reader), talkers);
      await reader[Symbol.asyncDispose]();
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });
}

function check(history: UserMessage[], talkers: Talker[]): void {
  assertEquals(history.map(({ seq }) => seq), history.map((_, index) => index + 1), "a gap");
  const ids = history.map(({ id }) => id ?? "");
  const said = talkers.flatMap(({ name, said }) =>
    Array.from({ length: said }, (_, index) => `${name}-${index + 1}`)
  );
  assertEquals(ids.toSorted(), said.toSorted(), "not each message once");
  for (const { name, shown, complaints } of talkers) {
    assertEquals(complaints, [], name);
    assert(shown.size >= (KILLS + 1) * MESSAGES_A_ROUND);
    for (const [seq, message] of shown) assertEquals(message, history[seq - 1]);
  }
}

Deno.test("serve knows its users, their names, memberships and resends after a kill", async () => {
  const data = await Deno.makeTempDir();
  try {
    const flags = ["--data", data];
    const first = await ServerProcess.start(flags);
    const ann = await Chatter.enter(first.ws(), "ann", { remember: true, room: "den" });
    const bob = await Chatter.enter(first.ws(), "bob");
    const said = await ann.say("once", "den");
    await ann.send({ type: "read", room: "den", seq: said.seq, id: "r" });
    await ann.next("read");
    first.kill("SIGKILL");
    await first.ended();
    for (const { socket } of [ann, bob]) await socket.closed.catch(() => {});

    await using second = await ServerProcess.start(flags);
    await using back = await Chatter.connect(second.ws());
    await back.send({ type: "login", session: ann.session, room: "den" });
    const { user, rooms } = await back.next("login", ({ user }) => user !== undefined);
    assertEquals([user?.id, user?.name], [said.by, "ann"]);
    assertEquals(rooms, [{ room: "den", last: 1, read: 1, unread: 0, mentions: 0 }]);
    const { id } = said;
    await back.send({ type: "user", room: "den", content: "once", id });
    assertEquals<ServerMessage>(await back.next("user"), { ...said, repeat: true });
    assertEquals((await back.say("twice", "den")).seq, 2);
    // Bob was a guest who is not kept, and comes back within two minutes.
    await using again = await Chatter.enter(second.ws(), "bob", { session: bob.session });
    assertEquals((await again.say("here")).by, bob.user);
    await using thief = await Chatter.connect(second.ws());
    await thief.send({ type: "login", content: "ANN" });
    assertEquals((await thief.next("error")).code, "name_taken");
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
