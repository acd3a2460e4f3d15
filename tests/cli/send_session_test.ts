import { COMMANDS } from "../../cli/commands.ts";
import { parseInput } from "../../cli/parse.ts";
import { send } from "../../cli/send.ts";
import type { ServerUrl } from "../../cli/server_url.ts";
import { saveSession } from "../../cli/session_file.ts";
import { beginSession, endSession } from "../../cli/session_request.ts";
import { StartError } from "../../config/errors.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { openClient, withServer } from "./real_server.ts";

/** What somebody sends who has logged in as ann. */
interface Sender {
  readonly url: ServerUrl;
  readonly id: string;
  /** What was printed. */
  readonly printed: string[];
  send(...args: string[]): Promise<number>;
  logOut(): Promise<boolean>;
}

async function withAnn(test: (sender: Sender) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/hubbub/sessions.json`;
  const printed: string[] = [];
  try {
    await withServer([], async (url) => {
      const begun = await beginSession(url.base, { name: "ann" });
      saveSession(url.base, begun, path);
      await test({
        url,
        id: begun.user.id,
        printed,
        send: (...args) =>
          send(parseInput("send", COMMANDS.send, [url.base, ...args], {}), {
            path,
            print: (line) => printed.push(line),
          }),
        logOut: () => endSession(url.base, begun.session),
      });
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("hubbub send speaks as the user of the session, who may be connected elsewhere", () =>
  withAnn(async ({ url, id, printed, send }) => {
    await using bo = await openClient(url, { name: "bo", room: "lobby" });
    await send("one");
    await send("two", "--name", "Ann");
    await send("three", "--name", "ci");
    const said = [];
    for (let i = 0; i < 3; i++) said.push(await bo.next("user"));
    assertEquals(said.map(({ from, by }) => [from, by === id]), [
      ["ann", true],
      ["ann", true],
      ["ci", false],
    ]);
    assertEquals(printed, []);
  }));

Deno.test("hubbub send --json prints the message as the server keeps it", () =>
  withAnn(async ({ id, printed, send }) => {
    assertEquals(await send("hi\u202e", "--room", "kitchen", "--json"), 0);
    assertEquals(printed.length, 1);
    const { type, room, from, by, content, seq } = JSON.parse(printed[0] ?? "");
    const kept = {
      type: "user",
      room: "kitchen",
      from: "ann",
      by: id,
      content: "hi\u202e",
      seq: 1,
    };
    assertEquals({ type, room, from, by, content, seq }, kept);
  }));

Deno.test("hubbub send says how to log in again once the session has ended", () =>
  withAnn(async ({ url, send, logOut }) => {
    await logOut();
    const problem = `log in again with hubbub login ${url.base}`;
    await assertRejects(() => send("hi"), StartError, problem);
  }));

Deno.test("hubbub send says why it is not let into a private room", () =>
  withAnn(async ({ url, send }) => {
    const { session } = await beginSession(url.base, { name: "bo" });
    await using bo = await openClient(url, { session: session.reveal(), room: "lobby" });
    await bo.client.create("board", { private: true });
    await assertRejects(() => send("hi", "--room", "board"), StartError, "Cannot join");
  }));
