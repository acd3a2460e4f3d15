/**
 * The examples of docs/client.md, run against a real server as they stand.
 *
 * @module
 */
import { connect } from "../../sdk/hubbub.js";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { startTestServer } from "../support/test_server.ts";

const ROOT = new URL("../../", import.meta.url);

function toFileUrl(path: string): string {
  return new URL(`file://${path}`).href;
}

/** The programs of the document, in order, for a server at this address. */
async function examples(url: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL("docs/client.md", ROOT));
  const programs = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = ""]) => code);
  return programs.map((code) => code.replaceAll("http://localhost:8080", url.replace(/\/$/, "")));
}

for (const source of ["the server", "the file"]) {
  Deno.test(`the bot of docs/client.md answers who mentions it, imported from ${source}`, async () => {
    await using server = await startTestServer();
    const [bot = ""] = await examples(server.url);
    assert(bot.trimEnd().split("\n").length <= 10);
    const path = await Deno.makeTempFile({ suffix: ".js" });
    const file = new URL("sdk/hubbub.js", ROOT).href;
    const remote = new URL("static/sdk/hubbub.js", server.url).href;
    assert(bot.includes(remote));
    await Deno.writeTextFile(path, source === "the file" ? bot.replace(remote, file) : bot);
    await using ann = await Chatter.enter(server.ws("ws"), "ann");
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-config", "--reload", "--allow-net", "--allow-import", path],
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    try {
      const { content, seq } = await ann.next("user");
      assertMatch(content, /@echo-bot/);
      await ann.send({ type: "user", content: "hello @echo-bot" });
      const answer = await ann.next("user", ({ from }) => from === "echo-bot");
      assertEquals([answer.content, answer.reply_to], ["ann said: hello @echo-bot", seq + 1]);
    } finally {
      child.kill("SIGKILL");
      await child.status;
      await Deno.remove(path);
    }
  });
}

Deno.test("the upload of docs/client.md announces its file", async () => {
  await using server = await startTestServer();
  const upload = (await examples(server.url)).find((code) => code.includes(".upload("));
  const chat = connect(server.url, { name: "ann" });
  await chat.join("lobby");
  const run = new Function("chat", `return (async () => { ${upload} })()`);
  await run(chat);
  const { messages } = await chat.ask({ type: "history", room: "lobby", limit: 1 });
  assertEquals(messages[0]?.file?.name, "report.txt");
  await chat.close();
});

Deno.test("the accounts of docs/client.md have a guest enter, who connects then", async () => {
  await using server = await startTestServer();
  const code = (await examples(server.url)).find((program) => program.includes("new Accounts("));
  assert(code !== undefined);
  const path = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const file = new URL("sdk/accounts.js", ROOT).href;
    const local = code.replace(/"[^"]*accounts\.js"/, JSON.stringify(file));
    await Deno.writeTextFile(path, `${local}\nexport { user, session };\n`);
    const { user, session } = await import(toFileUrl(path));
    const chat = connect(server.url, { session });
    await chat.join("lobby");
    assertEquals([chat.user?.id, chat.name], [user.id, "report-bot"]);
    await chat.close();
  } finally {
    await Deno.remove(path);
  }
});
