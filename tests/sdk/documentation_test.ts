import { assert } from "../support/assert.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("docs/client.md names every event, option and function", async () => {
  const text = await Deno.readTextFile(new URL("docs/client.md", ROOT));
  const types = await Deno.readTextFile(new URL("sdk/types.js", ROOT));
  const files = ["client", "questions", "accounts", "admin"].map((name) => {
    return Deno.readTextFile(new URL(`sdk/${name}.js`, ROOT));
  });
  const classes = (await Promise.all(files)).join("");
  const [, shape = ""] = /\{object\} ClientOptions\n(.*?)\*\//s.exec(types) ?? [];
  const options = [...shape.matchAll(/@property \{.*\} \[?(\w+)/g)].map(([, name]) => name);
  const events = [...types.matchAll(/^ \* - `([\w-]+)`/gm)].map(([, name]) => name);
  const members = [...classes.matchAll(/^ {2}(?:get |async )?([a-z]\w*)\(/gm)].map(([, name]) =>
    name
  );
  assert(options.includes("name") && events.includes("join-refused") && members.includes("say"));
  const internal = ["constructor", "send"];
  for (const name of [...options, ...events, ...members]) {
    if (name === undefined || internal.includes(name)) continue;
    assert(new RegExp(`\`[^\`]*\\b${name}\\b`).test(text), `${name} is not documented`);
  }
});
