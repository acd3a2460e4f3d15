import { Accounts } from "../../sdk/accounts.js";
import { connect } from "../../sdk/hubbub.js";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { Program, runToEnd } from "../support/server_process.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";

/** Runs a test with a server under a path, and a home of the programs that talk with it. */
async function withChat(
  test: (server: TestServer, env: Record<string, string>) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    await using server = await startTestServer("--base-path", "/chat");
    await test(server, { XDG_CONFIG_HOME: home, NO_COLOR: "1" });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("hubbub login, chat, send and health find a server under a path", () =>
  withChat(async (server, env) => {
    const done = async (...args: string[]) => {
      const { code, stderr, stdout } = await runToEnd(args, { env, input: "\n" });
      assertEquals([args[0], code, stderr], [args[0], 0, stderr]);
      return stdout + stderr;
    };
    await using bo = await Chatter.enter(server.ws("ws"), "bo", { room: "lobby" });
    assertStringIncludes(await done("login", server.url, "--name", "ann"), `to ${server.url} as`);
    await done("send", server.url, "by the page's address");
    assertEquals((await bo.next("user")).from, "ann");
    await done("send", server.ws("ws"), "by the socket's");
    assertEquals((await bo.next("user")).content, "by the socket's");
    await done("health", server.url);
    const { port } = new URL(server.url);
    await done("health", "--addr", `:${port}`, "--base-path", "/chat");
    const wrong = await runToEnd(["health", "--addr", `:${port}`], { env });
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.stderr, "answered with status 404");
    await done("logout", server.url);
  }));

Deno.test("hubbub chat shows the address of a file below the path", () =>
  withChat(async (server, env) => {
    const args = ["chat", server.url, "--name", "ann", "--listen"];
    await using bo = await Chatter.enter(server.ws("ws"), "bo", { room: "lobby" });
    await using chat = new Program(args, { env });
    await bo.next("login", ({ content }) => content === "ann");
    const response = await fetch(`${server.url}files?name=a.txt`, {
      method: "POST",
      headers: { authorization: `Bearer ${bo.session}` },
      body: "a file",
    });
    const { id, url } = await response.json();
    await bo.send({ type: "file", content: id });
    await bo.next("file");
    await bo.say("the end");
    const { stdout } = await chat.stop("SIGINT");
    assertStringIncludes(stdout, server.url + url.slice(1));
  }));

Deno.test("hubbub bench measures a server under a path", () =>
  withChat(async (server, env) => {
    const flags = ["--clients", "2", "--warmup", "0", "--duration", "100ms", "--json"];
    const { code, stderr } = await runToEnd(["bench", server.url, ...flags], { env });
    assertEquals([code, stderr], [0, ""]);
  }));

Deno.test("the SDK signs in, talks and invites under a path", () =>
  withChat(async (server) => {
    const accounts = new Accounts(server.url);
    const invite = server.adminLink.split("=")[1] ?? "";
    const { session = "" } = await accounts.useInvite({
      invite,
      name: "ann",
      password: "a long password",
    });
    const { link } = await accounts.invite();
    assertStringIncludes(link, `${server.url}#invite=`);
    const client = connect(server.url, { session, rooms: ["lobby"] });
    try {
      await within(DEADLINE, "ann in the lobby", client.join("lobby"));
      const file = await within(DEADLINE, "a file", client.upload("a.txt", "a"));
      const download = await fetch(server.url + file.url.slice(1), {
        headers: { authorization: `Bearer ${session}` },
      });
      assertEquals(await download.text(), "a");
      assert(link.length > server.url.length);
    } finally {
      client.close();
    }
  }));
