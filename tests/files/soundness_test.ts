/** What is served is what was uploaded; and nobody else on the machine reads it. */
import { join } from "node:path";
import { assert, assertEquals } from "../support/assert.ts";
import { CapturedLogs } from "../support/captured_logs.ts";
import type { FileStore } from "../../files/file_store.ts";
import type { FileInfo } from "../../protocol.ts";
import { reopen, sayFile, withFakes } from "./fake_messages.ts";
import { HOUR, pathOf, textOf, upload } from "./harness.ts";

const LARGE = "0123456789abcdef".repeat(40_000);

/** What is wrong with a file's bytes. */
async function faultOf(files: FileStore, file: FileInfo): Promise<string> {
  const opened = await files.open(file);
  if (!(opened instanceof Deno.FsFile)) return opened.unreadable;
  opened.close();
  return "none";
}

/** Overwrites some bytes in the middle, so that the size stays. */
async function alter(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true });
  await file.seek(300_000, Deno.SeekMode.Start);
  await file.write(new TextEncoder().encode("ALTERED"));
}

Deno.test("LocalFiles.open() refuses bytes that were altered while the server was down, and says so once", () =>
  withFakes(async (harness) => {
    const { dir } = harness;
    const file = await upload(harness.files, LARGE);
    const sound = await upload(harness.files, `${LARGE}!`);
    for (const one of [file, sound]) sayFile(harness, one);
    const files = await reopen(harness, () => alter(pathOf(dir, file)));
    using logs = new CapturedLogs();
    for (let again = 0; again < 3; again++) assertEquals(await faultOf(files, file), "altered");
    assertEquals(await textOf(files, sound), `${LARGE}!`);
    assertEquals(logs.lines, [
      `error: The bytes of file ${file.id} (SHA-256 ${file.sha256}) are altered: run hubbub check`,
    ]);
  }, { maxFile: 1e6 }));

Deno.test("LocalFiles.open() refuses bytes that are altered after they were read, or cut off", () =>
  withFakes(async ({ files, dir }) => {
    const file = await upload(files, LARGE);
    assertEquals(await textOf(files, file), LARGE);
    await alter(pathOf(dir, file));
    // A clock that is too coarse would not show it.
    await Deno.utime(pathOf(dir, file), 1, 1);
    assertEquals(await faultOf(files, file), "altered");
    const other = await upload(files, "12345");
    await Deno.truncate(pathOf(dir, other), 4);
    assertEquals(await faultOf(files, other), "altered");
  }, { maxFile: 1e6 }));

Deno.test("LocalFiles.open() reports missing bytes once, and serves them when they are back", () =>
  withFakes(async ({ files, dir }) => {
    const file = await upload(files, "hello");
    const path = pathOf(dir, file);
    await Deno.rename(path, `${dir}/elsewhere`);
    using logs = new CapturedLogs();
    for (let again = 0; again < 2; again++) assertEquals(await faultOf(files, file), "missing");
    assertEquals(logs.lines, [
      `error: The bytes of file ${file.id} (SHA-256 ${file.sha256}) are missing: run hubbub check`,
    ]);
    await Deno.rename(`${dir}/elsewhere`, path);
    assertEquals(await textOf(files, file), "hello");
  }));

Deno.test("LocalFiles.put() heals a file whose bytes are altered or missing", () =>
  withFakes(async ({ files, dir }) => {
    const file = await upload(files, LARGE);
    await alter(pathOf(dir, file));
    await upload(files, LARGE);
    assertEquals(await textOf(files, file), LARGE);
    await Deno.remove(pathOf(dir, file));
    await upload(files, LARGE);
    assertEquals(await textOf(files, file), LARGE);
  }, { maxFile: 1e6 }));

Deno.test("LocalFiles.open() serves many readers of many files at once", () =>
  withFakes(async (harness) => {
    const texts = Array.from({ length: 40 }, (_, index) => `${index}${LARGE}`);
    const all: FileInfo[] = [];
    for (const text of texts) all.push(await upload(harness.files, text));
    for (const file of all) sayFile(harness, file);
    const altered = all[7];
    assert(altered !== undefined);
    const files = await reopen(harness, () => alter(pathOf(harness.dir, altered)));
    const read = await Promise.all([...all, ...all].map((file) => textOf(files, file)));
    const expected = texts.map((text, index) => index === 7 ? undefined : text);
    assertEquals(
      read.map((text) => text?.length),
      [...expected, ...expected].map((one) => one?.length),
    );
  }, { maxFile: 1e6 }));

Deno.test("LocalFiles.hasSpace() says whether the disk has more than its reserve", () =>
  withFakes(async (harness) => {
    assertEquals(await harness.files.hasSpace(), true);
    harness.free = 64 * 1024 * 1024;
    assertEquals(await harness.files.hasSpace(), false);
  }));

/** The modes of everything in a directory, below its name. */
async function modesOf(dir: string): Promise<Map<string, number>> {
  const modes = new Map<string, number>();
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    modes.set(name, ((await Deno.stat(join(dir, name))).mode ?? 0) & 0o777);
    if (!isDirectory) continue;
    for (const [below, mode] of await modesOf(join(dir, name))) modes.set(`${name}/${below}`, mode);
  }
  return modes;
}

/** The names of what others could read. */
async function readable(dir: string): Promise<string[]> {
  return [...await modesOf(dir)].filter(([, mode]) => (mode & 0o077) !== 0).map(([name]) => name);
}

Deno.test({
  name: "LocalFiles lets nobody else read what it makes, and takes rights away from what was there",
  ignore: Deno.build.os === "windows", // it has no modes
  fn: () =>
    withFakes(async (harness) => {
      const { dir, files } = harness;
      const file = await upload(files, "hello");
      const orphan = join(dir, "files", "ab", "ab".repeat(32));
      await Deno.mkdir(join(orphan, ".."));
      await Deno.writeTextFile(orphan, "orphan", { mode: 0o644 });
      sayFile(harness, file);
      const again = await reopen(harness, async () => {
        for (const [name, mode] of await modesOf(dir)) {
          await Deno.chmod(join(dir, name), mode | ((mode & 0o500) >> 3) | ((mode & 0o500) >> 6));
        }
        await Deno.chmod(join(dir, "files"), 0o700); // which another part may have done already
        await Deno.remove(join(dir, "files.db"));
      });
      await again.collect(harness.now + HOUR);
      assertEquals((await modesOf(join(dir, "quarantine"))).size, 2);
      assertEquals(await readable(dir), []);
      assertEquals(await textOf(again, file), "hello");
    }),
});
