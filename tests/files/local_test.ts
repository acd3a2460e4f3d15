/** Uploading, finding, announcing and removing files. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
} from "../support/assert.ts";
import { join } from "node:path";
import { LostWriteError } from "../../sqlite/data_error.ts";
import { announce, bytesOnDisk, HOUR, stream, textOf, upload, withFiles } from "./harness.ts";

const FILE = { name: "a.txt", user: "ann" };
const HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

Deno.test("LocalFiles.put() stores the bytes under their SHA-256 and describes the file", () =>
  withFiles(async ({ files, dir }) => {
    const kept = await files.put(stream("he", "llo"), { name: "a b.txt", user: "ann" });
    assert(!("refused" in kept));
    const { id, url, ...rest } = kept;
    assertEquals(rest, { name: "a b.txt", size: 5, media_type: "text/plain", sha256: HELLO });
    assertMatch(id, /^[A-Za-z0-9_-]{24}$/);
    assertEquals(url, `/files/${id}/a%20b.txt`);
    assertEquals(await bytesOnDisk(dir), [`2c/${HELLO}`]);
    assertEquals(await textOf(files, kept), "hello");
    assertEquals(files.find(id), kept);
  }));

Deno.test("LocalFiles.put() stores identical bytes once, as long as one file has them", () =>
  withFiles(async (harness) => {
    const { files, dir } = harness;
    const first = await upload(files, "hello", { name: "one.txt" });
    const second = await upload(files, "hello", { name: "two.txt", user: "bob" });
    assertNotEquals(first.id, second.id);
    assertEquals(await bytesOnDisk(dir), [`2c/${HELLO}`]);
    const seq = await announce(harness, first);
    await announce(harness, second);
    files.withdrawn("lobby", seq);
    await files.collect(harness.now);
    assertEquals([files.find(first.id), files.find(second.id)], [undefined, second]);
    assertEquals(await textOf(files, second), "hello");
  }));

Deno.test("LocalFiles.put() refuses empty and too large uploads and leaves nothing behind", () =>
  withFiles(async ({ files, dir }) => {
    assertEquals(await files.put(stream(), FILE), { refused: "empty" });
    assertEquals(await files.put(stream("12345", "6"), FILE), { refused: "too_large" });
    assert(!("refused" in await files.put(stream("123", "45"), FILE)));
    assertEquals((await bytesOnDisk(dir)).length, 1);
  }, { maxFile: 5 }));

Deno.test({
  name: "LocalFiles.put() fails for good when the disk does not take the record",
  // Elsewhere a file that is open cannot be removed.
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFiles(async ({ files, dir }) => {
      await Deno.remove(join(dir, "files.db-wal"));
      await assertRejects(() => files.put(stream("hello"), FILE), LostWriteError, "may or may not");
      assert(await files.failed instanceof LostWriteError);
    }),
});

Deno.test("LocalFiles.put() stops reading a stream that is too large", () =>
  withFiles(async ({ files }) => {
    let chunks = 0;
    async function* endless() {
      for (;; chunks++) yield await Promise.resolve(new Uint8Array(100));
    }
    assertEquals(await files.put(endless(), FILE), { refused: "too_large" });
    assertEquals(chunks, 10); // the eleventh exceeds the limit
  }));

Deno.test("LocalFiles.put() leaves nothing of a stream that fails", () =>
  withFiles(async ({ files, dir }) => {
    await assertRejects(() => files.put(stream("he", new Error("cut")), FILE), Error, "cut");
    assertEquals(await bytesOnDisk(dir), []);
  }));

Deno.test("LocalFiles.put() enforces the limit of all files together until some are removed", () =>
  withFiles(async (harness) => {
    const { files, dir } = harness;
    const kept = await upload(files, "1234567");
    assertEquals(await files.put(stream("12", "34567"), FILE), { refused: "full" });
    await upload(files, "123");
    for (let again = 0; again < 3; again++) {
      await upload(files, "123"); // identical bytes take no further space
    }
    const seq = await announce(harness, kept);
    files.withdrawn("lobby", seq);
    await files.collect(harness.now);
    await upload(files, "7654321");
    assertEquals((await bytesOnDisk(dir)).length, 2);
  }, { maxStorage: 13 }));

Deno.test("LocalFiles.put() returns the space of refused and failed uploads", () =>
  withFiles(async ({ files }) => {
    const half = new Uint8Array(250_000);
    for (let turn = 0; turn < 3; turn++) {
      const tooLarge = stream(half, half, "x");
      assertEquals(await files.put(tooLarge, FILE), { refused: "too_large" });
      await assertRejects(() => files.put(stream(half, new Error("cut")), FILE));
    }
    assert(!("refused" in await files.put(stream(half, half), FILE)));
  }, { maxFile: 500_000, maxStorage: 500_000 }));

Deno.test("LocalFiles.put() leaves a reserve on the disk", () =>
  withFiles(async (harness) => {
    const { files, dir } = harness;
    harness.free = 64 * 1024 * 1024 + 5;
    await upload(files, "12345");
    harness.free -= 1;
    assertEquals(await files.put(stream("12345"), FILE), { refused: "full" });
    assertEquals((await bytesOnDisk(dir)).length, 1);
  }));

Deno.test("LocalFiles.put() refuses an upload as full when the disk is full", () =>
  withFiles(async ({ files, dir }) => {
    const full = Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
    assertEquals(await files.put(stream("1", full), FILE), { refused: "full" });
    assertEquals(await bytesOnDisk(dir), []);
  }));

Deno.test("LocalFiles.isFrom() recognises the uploader", () =>
  withFiles(async ({ files }) => {
    const { id } = await upload(files, "hello", { user: "bob" });
    assertEquals(files.isFrom(id, "bob"), true);
    assertEquals(files.isFrom(id, "ann"), false);
    assertEquals(files.isFrom(id, ""), false);
    assertEquals(files.isFrom("unknown", "bob"), false);
  }));

Deno.test("LocalFiles.collect() removes uploads that were not announced within an hour", () =>
  withFiles(async (harness) => {
    const { files, dir } = harness;
    const announced = await upload(files, "announced");
    const forgotten = await upload(files, "forgotten");
    await announce(harness, announced);
    assertEquals(files.announcements(announced.id), 1);
    assertEquals(files.announcements(forgotten.id), 0);
    assertEquals(await files.collect(harness.now + HOUR), 0);
    assertEquals(await files.collect(harness.now + HOUR + 1), 1);
    assertEquals([files.find(announced.id), files.find(forgotten.id)], [announced, undefined]);
    assertEquals(await bytesOnDisk(dir), [`${announced.sha256.slice(0, 2)}/${announced.sha256}`]);
  }));

Deno.test("LocalFiles.collect() keeps held files", () =>
  withFiles(async (harness) => {
    const { files } = harness;
    const file = await upload(files, "hello");
    assertEquals(files.hold(file.id), file);
    files.hold(file.id);
    files.release(file.id);
    assertEquals(await files.collect(harness.now + 2 * HOUR), 0);
    files.release(file.id);
    assertEquals(await files.collect(harness.now + 2 * HOUR), 1);
    assertEquals(files.hold(file.id), undefined);
  }));

Deno.test("LocalFiles.collect() removes files above the maximum age, announced or not", () =>
  withFiles(async (harness) => {
    const { files } = harness;
    const file = await upload(files, "hello");
    await announce(harness, file);
    assertEquals(await files.collect(harness.now + 50 * HOUR), 0);
    assertEquals(await files.collect(harness.now + 50 * HOUR + 1), 1);
    assertEquals(await files.open(file), { unreadable: "removed" });
  }, { retain: 50 * HOUR }));

Deno.test("LocalFiles.collect() removes files whose messages retention removed", () =>
  withFiles(async (harness) => {
    const { files, messages } = harness;
    const [old, both, young] = [
      await upload(files, "1"),
      await upload(files, "2"),
      await upload(files, "3"),
    ];
    await announce(harness, old);
    await announce(harness, both);
    await announce(harness, young);
    await announce(harness, both, { room: "other" });
    await messages.retain({ maxMessages: 1 }, harness.now);
    assertEquals(await files.collect(harness.now), 1);
    assertEquals([files.find(old.id), files.find(both.id), files.find(young.id)], [
      undefined,
      both,
      young,
    ]);
  }));

Deno.test("LocalFiles.withdrawn() keeps a file that another message refers to", () =>
  withFiles(async (harness) => {
    const { files } = harness;
    const file = await upload(files, "hello");
    const [first, second] = [await announce(harness, file), await announce(harness, file)];
    files.withdrawn("lobby", first);
    files.withdrawn("lobby", first);
    files.withdrawn("other", second);
    assertEquals(files.find(file.id), file);
    files.withdrawn("lobby", second);
    await files.collect(harness.now);
    assertEquals([files.find(file.id), await bytesOnDisk(harness.dir)], [undefined, []]);
  }));

Deno.test("LocalFiles.close() aborts a running upload and leaves nothing of it", () =>
  withFiles(async ({ files, dir }) => {
    const started = Promise.withResolvers<void>();
    async function* stalled() {
      yield new Uint8Array(10);
      started.resolve();
      await new Promise(() => {});
    }
    const upload = files.put(stalled(), FILE);
    await started.promise;
    await files.close();
    assertEquals(await upload, { refused: "closing" });
    assertEquals(await bytesOnDisk(dir), []);
  }));
