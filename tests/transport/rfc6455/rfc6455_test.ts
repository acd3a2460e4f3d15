import { assertEquals } from "../../support/assert.ts";
import { startTestServer, TRANSPORTS } from "../../support/test_server.ts";
import { type Case, CASES } from "./cases.ts";
import { DEVIATIONS } from "./deviations.ts";
import { play } from "./outcome.ts";

/** Cases that are played at the same time; below the limit of connections from one address. */
const AT_ONCE = 32;

for (const transport of TRANSPORTS) {
  Deno.test(`transport ${transport} does what RFC 6455 demands, but for the deviations that are listed`, async () => {
    await using server = await startTestServer("--transport", transport);
    const url = new URL("/echo", server.url).href;
    const found = new Map<string, string>();
    const cases = CASES.values();
    const playOn = async () => {
      for (const one of cases) {
        const instead = deviationOf(one, await play(url, one));
        if (instead !== undefined) found.set(one.name, instead);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, playOn));
    const listed = Object.entries(DEVIATIONS[transport] ?? {}).flatMap(([instead, names]) =>
      names.map((name) => [name, instead] as const)
    );
    const order = (entries: Iterable<readonly [string, string]>) => [...entries].sort();
    assertEquals(order(found), order(listed));
  });
}

Deno.test("CASES have names of their own, and each deviation is of one of them", () => {
  const names = CASES.map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
  const listed = Object.values(DEVIATIONS).flatMap((deviations) =>
    Object.values(deviations).flat()
  );
  assertEquals(listed.filter((name) => !names.includes(name)), []);
});

/** What the server did from where it began to differ from what is demanded; `undefined` if it did not. */
function deviationOf({ expect }: Case, outcome: readonly string[]): string | undefined {
  const same = expect.findIndex((answer, index) => outcome[index] !== answer);
  const rest = outcome.slice(same < 0 ? expect.length : same);
  if (same < 0 && rest.length === 0) return undefined;
  return rest.join(", ") || "nothing";
}
