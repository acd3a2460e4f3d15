/**
 * An upgrade preserves data: this version opens the directories of earlier versions
 * (`tests/fixtures/`), and refuses one that a newer version has written.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { COMMANDS } from "../../cli/commands.ts";
import { StartError } from "../../config/errors.ts";
import { parseInput } from "../../cli/parse.ts";
import { parseServerUrl, type ServerUrl } from "../../cli/server_url.ts";
import { serveConfig } from "../../config/config.ts";
import { startServer } from "../../server/server.ts";
import { MIGRATIONS } from "../../store/sqlite/schema.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { openClient, type TestClient } from "../cli/real_server.ts";
import { readExpected, readStored } from "../fixtures/hidden_rooms.ts";
import { DEADLINE, within } from "../support/within.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url);

const formats = Array.from(Deno.readDirSync(FIXTURES))
  .flatMap(({ name }) => /^format-(\d+)$/.exec(name)?.[1] ?? [])
  .map(Number)
  .sort((a, b) => a - b);

/** Copies the data of a fixture, so that the fixture itself is never opened. */
async function copyFixture(format: number): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "hubbub-upgrade-" });
  await copyFolder(new URL(`format-${format}/data/`, FIXTURES), folder);
  return folder;
}

async function copyFolder(from: URL, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(new URL(`${name}/`, from), `${to}/${name}`);
    else await Deno.copyFile(new URL(name, from), `${to}/${name}`);
  }
}

function start(folder: string) {
  const args = ["--addr", "127.0.0.1:0", "--data", folder];
  return startServer(serveConfig(parseInput("serve", COMMANDS.serve, args, {}).flags));
}

async function withData(folder: string, test: (url: ServerUrl) => Promise<void>): Promise<void> {
  const server = await start(folder);
  try {
    const url = parseServerUrl(server.url);
    assert(url !== undefined);
    await within(DEADLINE, "a test with a server to end", test(url));
  } finally {
    await server.stop("The test is over");
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("every format of data has a fixture (deno run -A tests/fixtures/make.ts)", () => {
  assertEquals(formats, MIGRATIONS.map((_, i) => i + 1));
});

for (const format of formats) {
  const fixture = new URL(`format-${format}/`, FIXTURES);

  Deno.test(`data of format ${format} is read unchanged, and can be added to`, async () => {
    const expected = JSON.parse(await Deno.readTextFile(new URL("expected.json", fixture)));
    await withData(await copyFixture(format), async (url) => {
      for (const room of Object.keys(expected)) {
        await using bo = await openClient(url, { name: "bo", room });
        const { messages } = await bo.next("history");
        assertEquals<unknown>(messages, expected[room]);
        const { seq } = await bo.client.say(room, "still here");
        assertEquals(seq, messages.length + 1);
      }
    });
  });

  // Format 1 has nothing but public rooms.
  if (format > 1) {
    Deno.test(`data of format ${format} keeps private rooms, direct conversations and members`, async () => {
      const stored = await readExpected(fixture);
      const folder = await copyFixture(format);
      const { state, messages } = await readStored(folder);
      assertEquals<unknown>(plain({ state, messages }), stored);
      await withData(folder, async (url) => {
        await using bo = await openClient(url, { name: "bo", room: "lobby" });
        const { rooms } = await bo.client.ask({ type: "rooms" });
        assertEquals(rooms.map(({ room }) => room).toSorted(), ["kitchen", "lobby"]);
      });
    });
  }

  Deno.test(`data of format ${format} is found by search`, async () => {
    await withData(await copyFixture(format), async (url) => {
      await using bo = await openClient(url, { name: "bo", room: "lobby" });
      assertEquals(await search(bo, "second"), ["second"]);
      assertEquals(await search(bo, "日本"), ["third 日本 🎉"]);
    });
  });

  Deno.test(`files of format ${format} can be downloaded`, async () => {
    await withData(await copyFixture(format), async (url) => {
      await using bo = await openClient(url, { name: "bo", room: "lobby" });
      const { messages } = await bo.next("history");
      const { file } = messages.find(({ type }) => type === "file") ?? {};
      assert(file !== undefined);
      const response = await fetch(new URL(file.url, url.base));
      assertEquals(await response.text(), "hello from an older version\n");
    });
  });
}

/** As it is written in JSON: reactions have no prototype here. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Searches until something is found: the index is rebuilt after the start. */
async function search({ client }: TestClient, words: string): Promise<string[]> {
  for (const end = performance.now() + DEADLINE; performance.now() < end;) {
    const { messages } = await client.ask({ type: "search", content: words, limit: 5 });
    if (messages.length > 0) return messages.map(({ content }) => content);
  }
  throw new Error(`Found no ${words} in ${DEADLINE} ms`);
}

for (const name of ["hubbub.db", "files.db", "people.db"]) {
  Deno.test(`data whose ${name} has a newer format is refused in one line, and unchanged`, async () => {
    const folder = await copyFixture(formats.at(-1) ?? 1);
    const path = `${folder}/${name}`;
    const db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 1000");
    db.close();
    const before = await Deno.readFile(path);
    const error = await assertRejects(() => start(folder), StartError, "newer version");
    assert(!error.message.includes("\n"));
    assertEquals(await Deno.readFile(path), before);
    await Deno.remove(folder, { recursive: true });
  });
}
