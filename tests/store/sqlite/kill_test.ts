/** What survives when the process is killed in the middle of its work. */
import { assert, assertEquals } from "../../support/assert.ts";
import { assertFinds, message } from "../conformance.ts";
import { DEADLINE } from "../../support/within.ts";
import { openStore, withDir } from "./harness.ts";

/** Runs a writer until it has reported so many commits, and kills it. Returns the last reported `seq`. */
async function writeUntilKilled(dir: string, first: number, count: number): Promise<number> {
  const writer = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      new URL("./kill_writer.ts", import.meta.url).href,
      dir,
      `${first}`,
    ],
    stdout: "piped",
    signal: AbortSignal.timeout(DEADLINE),
  }).spawn();
  let acknowledged = first - 1;
  let partial = "";
  let killed = false;
  for await (const chunk of writer.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (partial + chunk).split("\n");
    partial = lines.pop() ?? "";
    for (const seq of lines.flatMap((line) => line.split(" "))) {
      assertEquals(Number(seq), ++acknowledged);
    }
    if (!killed && acknowledged >= first + count) {
      writer.kill("SIGKILL");
      killed = true;
    }
  }
  await writer.status;
  return acknowledged;
}

Deno.test("SqliteStore has every acknowledged message once and in order after SIGKILL", () =>
  withDir(async (dir) => {
    let committed = 0;
    for (let round = 1; round <= 4; round++) {
      const acknowledged = await writeUntilKilled(dir, committed + 1, 700 * round);
      const store = await openStore(dir);
      const { messages, last } = await store.read("lobby", { limit: 1e6 });
      assert(last >= acknowledged, `${last} committed, ${acknowledged} acknowledged`);
      assertEquals(
        messages.map(({ seq, content }) => `${seq} ${content}`),
        Array.from({ length: last }, (_, index) => `${index + 1} number ${index + 1}`),
      );
      const text = `number ${acknowledged}`;
      const resent = await store.commit([message("lobby", text, { id: text })]);
      assertEquals(resent, [{ duplicate: messages[acknowledged - 1]! }]);
      await assertFinds(store, { words: `number ${last}` }, [`number ${last}`]);
      await store.close();
      committed = last;
    }
  }));
