import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { poll } from "../support/within.ts";
import {
  EXECUTABLE,
  run,
  runCommand,
  serve,
  SILENT,
  temporaryFolder,
  testExecutable,
} from "./executable.ts";
import { jailObstacle, makeJail } from "./jail.ts";

testExecutable(
  "the executable tells its version and the commit that it was made from",
  async () => {
    const { code, stdout, stderr } = await run(["--version"]);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^hubbub \d+\.\d+\.\d+ \(([0-9a-f]{12}\+?|unknown), Deno [\d.]+, \S+\)\n$/);
  },
);

testExecutable("the executable helps with every command", async () => {
  const { code, stdout } = await run(["--help"]);
  assertEquals(code, 0);
  for (const name of ["serve", "chat", "send", "health", "bench", "completions"]) {
    assertStringIncludes(stdout, `hubbub ${name}`);
    const help = await run([name, "--help"]);
    assertEquals(help.code, 0);
    assertStringIncludes(help.stdout, `Usage: hubbub ${name}`);
  }
});

for (
  const [args, problem] of [
    [["--nope"], 'Unknown flag "--nope"'],
    [["serve", "--addr", "nowhere"], "Cannot read --addr"],
    [["chat", "ftp://x"], "Cannot read URL"],
    [["send", "localhost:1", " "], "there is no text"],
    [["sing"], 'Unknown command "sing"'],
    [["bench", "x", "--rate", "1", "--window", "1"], "Cannot use --window with --rate"],
  ] as const
) {
  testExecutable(`the executable refuses hubbub ${args.join(" ")} in one line`, async () => {
    const { code, stdout, stderr } = await run(args);
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, /^hubbub: [^\n]+\n$/);
    assertStringIncludes(stderr, problem);
  });
}

testExecutable("the executable serves the page and everything that it asks for", async () => {
  await using server = await serve(":memory:");
  const page = await fetch(server.url);
  assertEquals(page.status, 200);
  const html = await page.text();
  const paths = [...html.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, path]) => path);
  assert(paths.length > 0);
  for (const path of paths) {
    const asset = await fetch(new URL(path ?? "", server.url));
    await asset.bytes();
    assertEquals(asset.status, 200, path);
  }
});

testExecutable("the executable keeps history over a restart", async () => {
  await using folder = await temporaryFolder();
  {
    await using server = await serve(folder.path);
    await using ann = await Chatter.enter(server.ws(), "ann");
    await ann.say("remember 日本");
    assertEquals((await server.stop()).code, 0);
  }
  await using server = await serve(folder.path);
  await using bo = await Chatter.enter(server.ws(), "bo", { since: 0 });
  const { messages } = await bo.next("history");
  assertEquals(messages.map(({ from, content }) => [from, content]), [["ann", "remember 日本"]]);
  const found = async () => {
    await bo.send({ type: "search", content: "remember", limit: 5 });
    return (await bo.next("search")).messages;
  };
  // The index may lag behind the messages.
  const search = await poll("the message to be found", found, (all) => all.length > 0);
  assertEquals(search, messages);
});

testExecutable("the executable keeps what it showed when it is killed", async () => {
  await using folder = await temporaryFolder();
  {
    await using server = await serve(folder.path);
    await using ann = await Chatter.enter(server.ws(), "ann");
    await ann.say("before the end");
    await server.stop("SIGKILL");
  }
  await using server = await serve(folder.path);
  await using bo = await Chatter.enter(server.ws(), "bo", { since: 0 });
  const { messages } = await bo.next("history");
  assertEquals(messages.map(({ content }) => content), ["before the end"]);
});

testExecutable("the executable tells everybody at SIGTERM and ends with 0", async () => {
  await using server = await serve(":memory:");
  await using ann = await Chatter.enter(server.ws(), "ann");
  assertEquals((await server.stop("SIGTERM")).code, 0);
  const reason = "The server is shutting down";
  assertEquals((await ann.next("system")).content, reason);
  assertEquals(await ann.socket.closed, { code: 1001, reason });
});

testExecutable("the executable serves with --transport node, or says why it cannot", async () => {
  const { stdout } = await run(["--version"]);
  const flags = ["serve", "--addr", "127.0.0.1:0", "--data", ":memory:", "--transport", "node"];
  if (!/deno 2\.[0-5]\./i.test(stdout)) {
    await using server = await serve(":memory:", { flags: ["--transport", "node"] });
    assertEquals((await run(["health", server.url])).code, 0);
    return;
  }
  const { code, stderr } = await run(flags);
  assertEquals(code, 1);
  assertMatch(stderr, /Cannot serve with --transport node: its runtime is Deno 2\.5[^\n]*\n$/);
});

testExecutable("the executable takes files and gives them back after a restart", async () => {
  await using folder = await temporaryFolder();
  const bytes = crypto.getRandomValues(new Uint8Array(50_000));
  let path = "";
  {
    await using server = await serve(folder.path);
    await using ann = await Chatter.enter(server.ws(), "ann");
    const response = await fetch(new URL("files?name=noise.bin", server.url), {
      method: "POST",
      body: bytes,
      headers: { authorization: `Bearer ${ann.session}` },
    });
    const { id } = await response.json();
    await ann.send({ type: "file", content: id });
    const { file } = await ann.next("file");
    assertEquals(file?.size, bytes.length);
    path = file?.url.replace(/^\//, "") ?? "";
    assertEquals((await server.stop()).code, 0);
  }
  await using server = await serve(folder.path);
  const response = await fetch(new URL(path, server.url));
  assertEquals(await response.bytes(), bytes);
});

testExecutable("hubbub send, health and chat of the executable reach its server", async () => {
  await using server = await serve(":memory:");
  await using bo = await Chatter.enter(server.ws(), "bo", { room: "ops" });
  assertEquals((await run(["health", server.url])).code, 0);
  const sent = await run(["send", server.url, "--room", "ops"], {
    input: "a report\nof two lines\n",
    env: { HUBBUB_NAME: "cron" },
  });
  assertEquals(sent, SILENT);
  const report = await bo.next("user");
  assertEquals([report.from, report.content], ["cron", "a report\nof two lines"]);
  const filtered = await run(
    ["chat", server.url, "--room", "ops", "--name", "log", "--json"],
    {
      input: "one\ntwo\n",
    },
  );
  assertEquals([filtered.code, filtered.stderr], [0, ""]);
  const events = filtered.stdout.trim().split("\n").map((line) => JSON.parse(line));
  const own = events.filter(({ type, from }) => type === "user" && from === "log");
  assertEquals(own.map(({ content }) => content), ["one", "two"]);
  assertEquals((await server.stop()).code, 0);
  assertEquals((await run(["health", server.url])).code, 1);
  const late = await run(["send", server.url, "hi", "--timeout", "100ms"]);
  assertEquals(late.code, 1);
});

testExecutable("hubbub bench of the executable measures its server", async () => {
  await using server = await serve(":memory:", { flags: ["--rate", "0"] });
  const { code, stdout } = await run([
    "bench",
    server.url,
    "--clients",
    "5",
    "--warmup",
    "0",
    "--duration",
    "200ms",
    "--json",
  ]);
  assertEquals(code, 0);
  const { connected, deliveries_per_second } = JSON.parse(stdout);
  assertEquals(connected, 5);
  assert(deliveries_per_second > 0);
});

testExecutable("hubbub bench refuses a server that would refuse it", async () => {
  await using server = await serve(":memory:");
  const { code, stderr } = await run(["bench", server.url, "--clients", "2"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "start it with --rate 0");
});

testExecutable("the executable prints completions that the shell takes", async () => {
  const { code, stdout } = await run(["completions", "bash"]);
  assertEquals(code, 0);
  const checked = await runCommand(["/bin/bash", "-n"], { input: stdout });
  assertEquals(checked, SILENT);
});

/** The kernel says that a process has no capabilities, can get none, and does not run as root. */
async function assertPowerless(pid: number): Promise<void> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const value = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, "m").exec(status)?.[1];
  for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
    assertEquals([set, BigInt(`0x${value(set)}`)], [set, 0n]);
  }
  assertEquals(value("NoNewPrivs"), "1");
  assert(value("Uid") !== "0\t0\t0\t0");
}

testExecutable(
  "the executable runs in an empty root, read-only but for its data, as nobody, without capabilities and environment",
  async () => {
    await using folder = await temporaryFolder();
    const { prefix, data } = await makeJail(folder.path);
    {
      await using server = await serve(data, { prefix });
      await assertPowerless(server.pid);
      assertEquals((await fetch(server.url).then((page) => page.bytes())).length > 0, true);
      const { port } = new URL(server.url);
      const sent = await runCommand([...prefix, "send", `127.0.0.1:${port}`, "from the jail"]);
      assertEquals(sent, SILENT);
      const health = await runCommand([...prefix, "health", "--addr", `:${port}`]);
      assertEquals(health, SILENT);
      assertEquals((await server.stop()).code, 0);
    }
    await using server = await serve(data, { prefix });
    await using bo = await Chatter.enter(server.ws(), "bo", { since: 0 });
    const { messages } = await bo.next("history");
    assertEquals(messages.map(({ content }) => content), ["from the jail"]);
    const refused = await runCommand([
      ...prefix,
      "serve",
      "--addr",
      "127.0.0.1:0",
      "--data",
      "/no",
    ]);
    assertEquals(refused.code, 1);
    assertMatch(refused.stderr, /^hubbub: [^\n]+\n$/);
  },
  await jailObstacle(),
);

testExecutable("the executable embeds no path of the machine that it was made on", async () => {
  const text = new TextDecoder("latin1").decode(await Deno.readFile(EXECUTABLE));
  assert(!text.includes(new URL("../../", import.meta.url).pathname));
});

testExecutable("the executable backs up, checks, restores, exports and imports", async () => {
  await using folder = await temporaryFolder();
  const path = (name: string) => `${folder.path}/${name}`;
  const succeed = async (...args: string[]) => {
    const { code, stderr } = await run(args);
    assertEquals([code, stderr], [0, ""], args.join(" "));
  };
  {
    await using server = await serve(path("data"));
    await using ann = await Chatter.enter(server.ws(), "ann");
    await ann.say("keep me");
    await succeed("backup", path("copy"), "--data", path("data"));
    await ann.say("after the backup");
    assertEquals((await server.stop()).code, 0);
  }
  await succeed("check", "--data", path("data"));
  await succeed("restore", path("copy"), "--data", path("data"), "--replace");
  await succeed("export", path("lines"), "--data", path("data"));
  await succeed("import", path("lines"), "--data", path("again"));
  for (const data of [path("data"), path("again")]) {
    await using server = await serve(data);
    await using bo = await Chatter.enter(server.ws(), "bo", { since: 0 });
    const { messages } = await bo.next("history");
    assertEquals(messages.map(({ content }) => content), ["keep me"]);
    assertEquals((await server.stop()).code, 0);
  }
});
