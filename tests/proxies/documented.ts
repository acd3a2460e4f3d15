/**
 * The configuration files in docs/proxies.md, and what they become in a test: other ports, paths and names,
 * and the rest as it is documented.
 *
 * @module
 */

const DOCUMENT = await Deno.readTextFile(new URL("../../docs/proxies.md", import.meta.url));

/** The code blocks of a language in a section, in order. */
export function documented(section: string, language: string): string[] {
  const [, rest = ""] = DOCUMENT.split(`\n## ${section}\n`);
  const [text = ""] = rest.split(/\n## /);
  const blocks = text.matchAll(new RegExp("^```" + language + "\n([^]*?)^```$", "gm"));
  return [...blocks].map(([, body = ""]) => body);
}

/** Whether the document has some code, between ticks. */
export function isDocumented(code: string): boolean {
  return DOCUMENT.includes(`\`${code}\``);
}

/**
 * Replaces parts of a text.
 *
 * @throws {Error} if one is not there: the document says something else than the test expects
 */
export function replace(text: string, parts: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [part, replacement] of Object.entries(parts)) {
    if (!result.includes(part)) throw new Error(`docs/proxies.md has no ${part} in:\n${text}`);
    result = result.replaceAll(part, () => replacement);
  }
  return result;
}
