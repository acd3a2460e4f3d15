import { stripComments } from "../../http/strip_comments.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("stripComments() empties documentation and keeps every line in its place", () => {
  const code = `/**
 * What this is for: \`a\`.
 */
export function f(/** @type {any} */ x) {
  /** @type {string} */
  const y = /** @type {string} */ (x); // and why
  return "/** no comment */" + y;
}
`;
  assertEquals(
    stripComments(code),
    `


export function f(/** @type {any} */ x) {

  const y = /** @type {string} */ (x); // and why
  return "/** no comment */" + y;
}
`,
  );
});

Deno.test("stripComments() leaves the code of the page and of the client as it is", async () => {
  for (
    const folder of ["sdk", "protocol", "static", "static/chat", "static/logic", "static/views"]
  ) {
    const url = new URL(`../../${folder}/`, import.meta.url);
    for await (const { name } of Deno.readDir(url)) {
      if (!name.endsWith(".js")) continue;
      const lines = (await Deno.readTextFile(new URL(name, url))).split("\n");
      const kept = stripComments(lines.join("\n")).split("\n");
      assertEquals(kept.length, lines.length);
      kept.forEach((line, i) => {
        const original = lines[i] ?? "";
        const isComment = /^\s*(\/\*\*|\*)/.test(original);
        assert(line === original || isComment, `${folder}/${name}:${i + 1}: ${original}`);
      });
    }
  }
});
