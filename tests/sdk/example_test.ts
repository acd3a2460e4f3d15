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
  const [, upload = ""] = await examples(server.url);
  const chat = connect(server.url, { name: "ann" });
  await chat.join("lobby");
  const run = new Function("chat", `return (async () => { ${upload} })()`);
  await run(chat);
  const { messages } = await chat.ask({ type: "history", room: "lobby", limit: 1 });
  assertEquals(messages[0]?.file?.name, "report.txt");
  await chat.close();
});

Deno.test("docs/client.md names every event, option and function", async () => {
  const text = await Deno.readTextFile(new URL("docs/client.md", ROOT));
  const types = await Deno.readTextFile(new URL("sdk/types.js", ROOT));
  const client = await Deno.readTextFile(new URL("sdk/client.js", ROOT));
  const [, shape = ""] = /\{object\} ClientOptions\n(.*?)\*\//s.exec(types) ?? [];
  const options = [...shape.matchAll(/@property \{.*\} \[?(\w+)/g)].map(([, name]) => name);
  const events = [...types.matchAll(/^ \* - `(\w+)`/gm)].map(([, name]) => name);
  const members = [...client.matchAll(/^ {2}(?:get )?([a-z]\w*)\(/gm)].map(([, name]) => name);
  assert(options.includes("name") && events.includes("message") && members.includes("say"));
  const internal = ["constructor", "send"];
  for (const name of [...options, ...events, ...members]) {
    if (name === undefined || internal.includes(name)) continue;
    assert(new RegExp(`\`[^\`]*\\b${name}\\b`).test(text), `${name} is not documented`);
  }
});
