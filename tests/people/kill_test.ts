/** What survives when a process is killed, and what happens when several open a directory at once. */
import { assert, assertEquals } from "../support/assert.ts";
import { DEADLINE } from "../support/within.ts";
import { openPeople, withDir } from "./harness.ts";
import { member } from "./conformance.ts";

function start(script: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", new URL(script, import.meta.url).href, ...args],
    stdout: "piped",
    signal: AbortSignal.timeout(DEADLINE),
  }).spawn();
}

/** Runs a writer until it has reported so many users, and kills it. Returns the last one reported. */
async function addUntilKilled(dir: string, first: number, count: number): Promise<number> {
  const writer = start("./kill_writer.ts", dir, `${first}`);
  let reported = first - 1;
  let partial = "";
  let killed = false;
  for await (const chunk of writer.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (partial + chunk).split("\n");
    partial = lines.pop() ?? "";
    for (const number of lines.flatMap((line) => line.split(" "))) {
      assertEquals(Number(number), ++reported);
    }
    if (!killed && reported >= first + count) {
      writer.kill("SIGKILL");
      killed = true;
    }
  }
  await writer.status;
  assert(killed, "the writer ended by itself");
  return reported;
}

Deno.test("SqlitePeople has every user whose addition was acknowledged after SIGKILL", () =>
  withDir(async (dir) => {
    let added = 0;
    for (let round = 1; round <= 3; round++) {
      const reported = await addUntilKilled(dir, added + 1, 300 * round);
      await using people = await openPeople(dir);
      const users = await people.list({ limit: 1e6 });
      added = users.length;
      assert(added >= reported, `${added} added, ${reported} acknowledged`);
      assertEquals(
        users.map(({ name }) => name).sort(),
        Array.from({ length: added }, (_, index) => `user${index + 1}`).sort(),
      );
    }
  }));

Deno.test("openSqlitePeople() works while other processes open the same new directory", () =>
  withDir(async (dir) => {
    const openers = Array.from({ length: 4 }, (_, index) => start("./opener.ts", dir, `${index}`));
    const lines = openers.map(({ stdout }) => stdout.pipeThrough(new TextDecoderStream()));
    const reports = await Promise.all(lines.map((one) => Array.fromAsync(one)));
    assertEquals(reports.map((chunks) => chunks.join("")), ["50\n", "50\n", "50\n", "50\n"]);
    await using people = await openPeople(dir);
    assertEquals((await people.list({ limit: 1e6 })).length, 200);
    assertEquals(await people.add(member("user0-0")), false);
  }));
