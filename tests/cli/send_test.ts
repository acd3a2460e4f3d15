import { COMMANDS } from "../../cli/commands.ts";
import { StartError, UsageError } from "../../config/errors.ts";
import { run as runHealth } from "../../cli/health.ts";
import { defaultName, nextName } from "../../cli/default_name.ts";
import { parseInput } from "../../cli/parse.ts";
import { run as runSend } from "../../cli/send.ts";
import { assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { openClient, withServer } from "./real_server.ts";

const send = (...args: string[]) =>
  runSend({ ...parseInput("send", COMMANDS.send, args, {}), warnings: [] });

const health = (...args: string[]) =>
  runHealth({ ...parseInput("health", COMMANDS.health, args, {}), warnings: [] });

Deno.test("hubbub send says its text in the room and resolves to 0", async () => {
  await withServer([], async (url) => {
    await using listener = await openClient(url, { name: "bo", room: "kitchen" });
    assertEquals(await send(url.base, "soup is ready", "--room", "kitchen", "--name", "ann"), 0);
    const { from, content } = await listener.next("user");
    assertEquals({ from, content }, { from: "ann", content: "soup is ready" });
  });
});

Deno.test("hubbub send speaks in the room of an invitation link", async () => {
  await withServer([], async (url) => {
    await using listener = await openClient(url, { name: "bo", room: "attic" });
    await send(`${url.base}#attic`, "dusty", "--name", "ann");
    assertEquals((await listener.next("user")).room, "attic");
  });
});

Deno.test("hubbub send fails when its name is taken", async () => {
  await withServer([], async (url) => {
    await using _bo = await openClient(url, { name: "bo", room: "lobby" });
    await assertRejects(() => send(url.base, "hi", "--name", "bo"), StartError, "bo");
  });
});

Deno.test("hubbub send fails when the server refuses the text", async () => {
  await withServer(["--max-message", "64"], async (url) => {
    const long = "x".repeat(65);
    await assertRejects(() => send(url.base, long, "--name", "ann"), StartError, "64");
  });
});

Deno.test("hubbub send fails when nobody is there", async () => {
  const sent = () => send("127.0.0.1:9", "hi", "--name", "ann", "--timeout", "100ms");
  await assertRejects(sent, StartError, "Cannot send to http://127.0.0.1:9/");
});

Deno.test("hubbub send refuses to say nothing", async () => {
  await assertRejects(() => send("127.0.0.1:9", " "), UsageError, "there is no text");
});

Deno.test("hubbub send refuses a token that cannot travel in a subprotocol", async () => {
  for (const token of ["a/b", "a=", "a b", "é"]) {
    await assertRejects(
      // deno-lint-ignore require-await -- parsing throws
      async () => send("127.0.0.1:9", "hi", "--token", token),
      UsageError,
      "Cannot read --token",
    );
  }
});

Deno.test("hubbub send refuses what is no server", async () => {
  await assertRejects(() => send("ftp://x", "hi"), UsageError, '"ftp://x"');
});

Deno.test("hubbub health resolves to 0 for a server that is alive", async () => {
  await withServer([], async (url) => {
    assertEquals(await health(url.base), 0);
    assertEquals(await health("--addr", `0.0.0.0:${new URL(url.base).port}`), 0);
  });
});

Deno.test({
  name: "hubbub health reaches a server on a Unix socket",
  ignore: Deno.build.os === "windows",
  async fn() {
    const directory = await Deno.makeTempDir();
    const path = `${directory}/hubbub.sock`;
    const server = Deno.serve(
      { path, onListen() {} },
      (request) => new Response(null, { status: request.url.endsWith("/healthz") ? 200 : 404 }),
    );
    assertEquals(await health("--addr", `unix:${path}`), 0);
    await server.shutdown();
    await assertRejects(() => health("--addr", `unix:${path}`), StartError, "cannot reach");
    await Deno.remove(directory, { recursive: true });
  },
});

Deno.test("hubbub health fails where nobody listens", async () => {
  await assertRejects(() => health("127.0.0.1:9"), StartError, "cannot reach http://127.0.0.1:9/");
});

Deno.test("hubbub health fails for a server that is not well", async () => {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("", { status: 503 }),
  );
  await assertRejects(() => health(`127.0.0.1:${server.addr.port}`), StartError, "status 503");
  await server.shutdown();
});

Deno.test("defaultName() is the user's name, or made up where that is no name", () => {
  assertEquals(defaultName((name) => ({ USER: "ann" })[name]), "ann");
  assertEquals(defaultName((name) => ({ LOGNAME: "\x1b[1m", USERNAME: "Ann B" })[name]), "Ann B");
  assertMatch(defaultName(() => undefined, () => 0.5), /^guest-5500$/);
});

Deno.test("nextName() counts up within the longest name", () => {
  assertEquals(nextName("ann"), "ann-2");
  assertEquals(nextName("ann-9"), "ann-10");
  assertEquals(nextName("é".repeat(32)), `${"é".repeat(30)}-2`);
});
