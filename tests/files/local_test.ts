/** Putting files in, finding, announcing and removing them. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
} from "../support/assert.ts";
import { announce, bytesOnDisk, HOUR, stream, textOf, upload, withFiles } from "./bench.ts";

const FILE = { name: "a.txt", session: "ann" };
const HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

Deno.test("LocalFiles.put() keeps the bytes under their SHA-256 and says what they are", () =>
  withFiles(async ({ files, dir }) => {
    const kept = await files.put(stream("he", "llo"), { name: "a b.txt", session: "ann" });
    assert(!("refused" in kept));
    const { id, url, ...rest } = kept;
    assertEquals(rest, { name: "a b.txt", size: 5, media_type: "text/plain", sha256: HELLO });
    assertMatch(id, /^[A-Za-z0-9_-]{24}$/);
    assertEquals(url, `/files/${id}/a%20b.txt`);
    assertEquals(await bytesOnDisk(dir), [`2c/${HELLO}`]);
    assertEquals(await textOf(files, kept), "hello");
    assertEquals(files.find(id), kept);
  }));

Deno.test("LocalFiles.put() keeps the same bytes once, as long as one file has them", () =>
  withFiles(async (bench) => {
    const { files, dir } = bench;
    const first = await upload(files, "hello", { name: "one.txt" });
    const second = await upload(files, "hello", { name: "two.txt", session: "bob" });
    assertNotEquals(first.id, second.id);
    assertEquals(await bytesOnDisk(dir), [`2c/${HELLO}`]);
    const seq = await announce(bench, first);
    await announce(bench, second);
    files.withdrawn("lobby", seq);
    await files.collect(bench.now);
    assertEquals([files.find(first.id), files.find(second.id)], [undefined, second]);
    assertEquals(await textOf(files, second), "hello");
  }));

Deno.test("LocalFiles.put() refuses what is empty or too large and leaves nothing of it", () =>
  withFiles(async ({ files, dir }) => {
    assertEquals(await files.put(stream(), FILE), { refused: "empty" });
    assertEquals(await files.put(stream("12345", "6"), FILE), { refused: "too_large" });
    assert(!("refused" in await files.put(stream("123", "45"), FILE)));
    assertEquals((await bytesOnDisk(dir)).length, 1);
  }, { maxFile: 5 }));

Deno.test("LocalFiles.put() stops reading a stream that is too large", () =>
  withFiles(async ({ files }) => {
    let chunks = 0;
    async function* endless() {
      for (;; chunks++) yield await Promise.resolve(new Uint8Array(100));
    }
    assertEquals(await files.put(endless(), FILE), { refused: "too_large" });
    assertEquals(chunks, 10); // the eleventh was too much
  }));

Deno.test("LocalFiles.put() leaves nothing of a stream that breaks", () =>
  withFiles(async ({ files, dir }) => {
    await assertRejects(() => files.put(stream("he", new Error("cut")), FILE), Error, "cut");
    assertEquals(await bytesOnDisk(dir), []);
  }));

Deno.test("LocalFiles.put() refuses what all files together may not have, until some are gone", () =>
  withFiles(async (bench) => {
    const { files, dir } = bench;
    const kept = await upload(files, "1234567");
    assertEquals(await files.put(stream("12", "34567"), FILE), { refused: "full" });
    await upload(files, "123");
    for (let again = 0; again < 3; again++) {
      await upload(files, "123"); // the same bytes take no further space
    }
    const seq = await announce(bench, kept);
    files.withdrawn("lobby", seq);
    await files.collect(bench.now);
    await upload(files, "7654321");
    assertEquals((await bytesOnDisk(dir)).length, 2);
  }, { maxStorage: 13 }));

Deno.test("LocalFiles.put() gives the space of refused and broken uploads back", () =>
  withFiles(async ({ files }) => {
    const half = new Uint8Array(250_000);
    for (let turn = 0; turn < 3; turn++) {
      const tooLarge = stream(half, half, "x");
      assertEquals(await files.put(tooLarge, FILE), { refused: "too_large" });
      await assertRejects(() => files.put(stream(half, new Error("cut")), FILE));
    }
    assert(!("refused" in await files.put(stream(half, half), FILE)));
  }, { maxFile: 500_000, maxStorage: 500_000 }));

Deno.test("LocalFiles.put() leaves the disk a reserve", () =>
  withFiles(async (bench) => {
    const { files, dir } = bench;
    bench.free = 64 * 1024 * 1024 + 5;
    await upload(files, "12345");
    bench.free -= 1;
    assertEquals(await files.put(stream("12345"), FILE), { refused: "full" });
    assertEquals((await bytesOnDisk(dir)).length, 1);
  }));

Deno.test("LocalFiles.put() refuses as full what the disk has no room for", () =>
  withFiles(async ({ files, dir }) => {
    const full = Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
    assertEquals(await files.put(stream("1", full), FILE), { refused: "full" });
    assertEquals(await bytesOnDisk(dir), []);
  }));

Deno.test("LocalFiles.isFrom() knows the sessions of the uploader", () =>
  withFiles(async ({ files }) => {
    const { id } = await upload(files, "hello", { session: "s2" });
    assertEquals(files.isFrom(id, ["s1", "s2"]), true);
    assertEquals(files.isFrom(id, ["s1"]), false);
    assertEquals(files.isFrom("unknown", ["s1"]), false);
  }));

Deno.test("LocalFiles.collect() removes what was not announced for an hour", () =>
  withFiles(async (bench) => {
    const { files, dir } = bench;
    const announced = await upload(files, "announced");
    const forgotten = await upload(files, "forgotten");
    await announce(bench, announced);
    assertEquals(files.isAnnounced(announced.id), true);
    assertEquals(files.isAnnounced(forgotten.id), false);
    assertEquals(await files.collect(bench.now + HOUR), 0);
    assertEquals(await files.collect(bench.now + HOUR + 1), 1);
    assertEquals([files.find(announced.id), files.find(forgotten.id)], [announced, undefined]);
    assertEquals(await bytesOnDisk(dir), [`${announced.sha256.slice(0, 2)}/${announced.sha256}`]);
  }));

Deno.test("LocalFiles.collect() leaves what is held", () =>
  withFiles(async (bench) => {
    const { files } = bench;
    const file = await upload(files, "hello");
    assertEquals(files.hold(file.id), file);
    files.hold(file.id);
    files.release(file.id);
    assertEquals(await files.collect(bench.now + 2 * HOUR), 0);
    files.release(file.id);
    assertEquals(await files.collect(bench.now + 2 * HOUR), 1);
    assertEquals(files.hold(file.id), undefined);
  }));

Deno.test("LocalFiles.collect() removes what is older than files are kept, announced or not", () =>
  withFiles(async (bench) => {
    const { files } = bench;
    const file = await upload(files, "hello");
    await announce(bench, file);
    assertEquals(await files.collect(bench.now + 50 * HOUR), 0);
    assertEquals(await files.collect(bench.now + 50 * HOUR + 1), 1);
    assertEquals(await files.open(file), undefined);
  }, { retain: 50 * HOUR }));

Deno.test("LocalFiles.collect() removes files whose messages are no longer kept", () =>
  withFiles(async (bench) => {
    const { files, messages } = bench;
    const [old, both, young] = [
      await upload(files, "1"),
      await upload(files, "2"),
      await upload(files, "3"),
    ];
    await announce(bench, old);
    await announce(bench, both);
    await announce(bench, young);
    await announce(bench, both, { room: "other" });
    await messages.retain({ maxMessages: 1 }, bench.now);
    assertEquals(await files.collect(bench.now), 1);
    assertEquals([files.find(old.id), files.find(both.id), files.find(young.id)], [
      undefined,
      both,
      young,
    ]);
  }));

Deno.test("LocalFiles.withdrawn() keeps a file to which another message refers", () =>
  withFiles(async (bench) => {
    const { files } = bench;
    const file = await upload(files, "hello");
    const [first, second] = [await announce(bench, file), await announce(bench, file)];
    files.withdrawn("lobby", first);
    files.withdrawn("lobby", first);
    files.withdrawn("other", second);
    assertEquals(files.find(file.id), file);
    files.withdrawn("lobby", second);
    await files.collect(bench.now);
    assertEquals([files.find(file.id), await bytesOnDisk(bench.dir)], [undefined, []]);
  }));

Deno.test("LocalFiles.close() cuts an upload that is under way and leaves nothing of it", () =>
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
