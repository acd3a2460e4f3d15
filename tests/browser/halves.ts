/**
 * The tests of all `*_tests.ts` here, in two halves. Each half is one module, whose tests share one browser and
 * load its driver once; `deno test --parallel` runs both at a time. A single file runs too:
 * `deno test -A tests/browser/talking_tests.ts`.
 *
 * @module
 */

/** Imports every other file of tests, beginning with the first or with the second. */
export async function importHalf(first: 0 | 1): Promise<void> {
  const folder = new URL("./", import.meta.url);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith("_tests.ts")).sort();
  for (const [index, name] of names.entries()) {
    if (index % 2 === first) await import(new URL(name, folder).href);
  }
}
