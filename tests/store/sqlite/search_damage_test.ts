/** A damaged search index is found out, removed and rebuilt, and leaves nothing open. */
import { assert, assertEquals } from "../../support/assert.ts";
import { type Setup, withSetup } from "./search_setup.ts";

const MESSAGES = 1200;

/** Bytes that are overwritten. */
const DAMAGE = 16 * 1024;

/** Small shards, so that there are many. */
const OPTIONS = { shardSpan: 300 };

function fillRoom(setup: Setup): void {
  const texts = Array.from({ length: MESSAGES }, (_, index) => `apple ${index} pear${index % 7}`);
  for (let start = 0; start < MESSAGES; start += 100) {
    setup.say("lobby", ...texts.slice(start, start + 100));
  }
}

/** Overwrites a part of `search.db`, at a share of its length; its log is part of it by then. */
function overwrite(setup: Setup, share: number, byte: number): void {
  const path = setup.path("search.db");
  const at = Math.floor(Deno.statSync(path).size * share);
  const file = Deno.openSync(path, { write: true });
  file.seekSync(at - at % 512, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(DAMAGE).fill(byte));
  file.close();
}

/** Does what touches all of the index: removes every entry, and finds the rest. */
async function useAll(setup: Setup): Promise<void> {
  setup.writer.commit(
    Array.from({ length: MESSAGES }, (_, index) => ({
      kind: "edit",
      room: "lobby",
      seq: index + 1,
      content: `plum ${index}`,
      time: 1,
      by: "nobody",
      also: "anybody",
    })),
  );
  await setup.update();
}

/** Open files of this process that have a name; 0 where that is not known. */
function openFiles(name: string): number {
  if (Deno.build.os !== "linux") return 0;
  return [...Deno.readDirSync("/proc/self/fd")].filter(({ name: fd }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${fd}`).includes(name);
    } catch {
      return false;
    }
  }).length;
}

const SHARES = [0, 0.2, 0.5, 0.8];

for (const byte of [0x00, 0x5a]) {
  const damage = `16 KiB of ${byte.toString(16)}`;

  Deno.test(`SearchReader rebuilds an index with ${damage} in it at the start`, () =>
    withSetup(async (setup) => {
      fillRoom(setup);
      await setup.update();
      for (const share of SHARES) {
        await setup.close();
        overwrite(setup, share, byte);
        setup.open();
        await setup.search("apple");
        await useAll(setup);
        const found = await setup.search("plum", { limit: MESSAGES });
        assertEquals([found.messages.length, found.indexed], [MESSAGES, true], `at ${share}`);
        assertEquals((await setup.search("apple")).messages, []);
      }
    }, OPTIONS));

  Deno.test(`SearchReader rebuilds an index with ${damage} in it while it is used`, () =>
    withSetup(async (setup) => {
      fillRoom(setup);
      const files: number[] = [];
      for (const share of SHARES) {
        await setup.update();
        // Empties the log and the cache.
        await setup.reopen();
        await setup.update();
        overwrite(setup, share, byte);
        for (let searches = 0; searches < 5; searches++) await setup.search(`pear${searches}`);
        await useAll(setup);
        const found = await setup.search("plum", { limit: MESSAGES });
        assertEquals([found.messages.length, found.indexed], [MESSAGES, true], `at ${share}`);
        files.push(openFiles(setup.path("search.db")));
      }
      assertEquals(new Set(files).size, 1, `open files: ${files}`);
    }, OPTIONS));
}

Deno.test("SearchReader answers from what is there, and says so, until a damaged index is rebuilt", () =>
  withSetup(async (setup) => {
    fillRoom(setup);
    await setup.update();
    assertEquals((await setup.search("apple")).indexed, true);
    await setup.reopen();
    await setup.update();
    const size = Deno.statSync(setup.path("search.db")).size;
    const file = Deno.openSync(setup.path("search.db"), { write: true });
    file.seekSync(8192, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(size - 8192).fill(0x5a));
    file.close();
    const found = await setup.search("apple", { limit: MESSAGES });
    // It may be rebuilt by then.
    assert(!found.indexed || found.messages.length === MESSAGES);
    assertEquals(setup.posted.filter(({ kind }) => kind === "stuck").length, 1);
    await setup.update();
    const rebuilt = await setup.search("apple", { limit: MESSAGES });
    assertEquals([rebuilt.messages.length, rebuilt.indexed], [MESSAGES, true]);
  }, OPTIONS));

Deno.test("SearchReader opens nothing again and again when the index cannot be opened", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple");
    Deno.mkdirSync(setup.path("search.db"));
    const before = openFiles(setup.path(""));
    for (let searches = 0; searches < 5; searches++) {
      await setup.search("apple").then(() => assert(false, "it was opened"), () => {});
    }
    assertEquals(openFiles(setup.path("")), before);
    Deno.removeSync(setup.path("search.db"));
  }));
