/**
 * Runs the tests of all `*_tests.ts` here as one module, so that they share one browser and load its driver
 * once. A single file runs too: `deno test -A tests/browser/talking_tests.ts`.
 *
 * @module
 */
const folder = new URL("./", import.meta.url);
const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
for (const name of names.filter((name) => name.endsWith("_tests.ts")).sort()) {
  await import(new URL(name, folder).href);
}
