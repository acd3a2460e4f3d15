/** What a restart makes of what the last run left. */
import { join } from "node:path";
import { assertEquals } from "../support/assert.ts";
import { openLocalFiles } from "../../files/local.ts";
import { createMemoryStore } from "../../store/memory/store.ts";
import { announce, bytesOnDisk, HOUR, upload, withFiles } from "./bench.ts";

Deno.test("openLocalFiles() finds what was kept before a crash", () =>
  withFiles(async (bench) => {
    const file = await upload(bench.files, "hello");
    const files = await bench.crash();
    assertEquals(files.find(file.id), file);
    assertEquals(files.isFrom(file.id, ["ann"]), true);
  }));

Deno.test("openLocalFiles() removes what was on its way in", () =>
  withFiles(async (bench) => {
    await Deno.writeTextFile(join(bench.dir, "files", "tmp", "half"), "hel");
    await bench.crash();
    assertEquals(await bytesOnDisk(join(bench.dir, "..", "1")), []);
  }));

Deno.test("LocalFiles.collect() keeps a file whose announcement a crash kept from being noted", () =>
  withFiles(async (bench) => {
    const { files } = bench;
    const [lost, deleted] = [await upload(files, "hello"), await upload(files, "deleted")];
    await files.collect(bench.now);
    // More messages than are read at a time lie above the one that counts, and some before it.
    for (let index = 0; index < 3; index++) await announce(bench, deleted, { note: false });
    await announce(bench, lost, { note: false });
    await bench.messages.commit(
      Array.from({ length: 450 }, (_, index) => ({
        kind: "message" as const,
        room: "lobby",
        from: "bob",
        content: `${index}`,
        time: bench.now + 1,
      })),
    );
    await bench.messages.commit(
      [1, 2, 3].map((seq) => ({ kind: "delete" as const, room: "lobby", seq, by: ["ann"] })),
    );
    const after = await bench.crash();
    await after.collect(bench.now + 2 * HOUR);
    assertEquals(after.isAnnounced(lost.id), true);
    assertEquals(after.find(deleted.id), undefined);
  }));

Deno.test("LocalFiles.collect() does not read again what was noted", () =>
  withFiles(async (bench) => {
    const file = await upload(bench.files, "hello");
    await announce(bench, file);
    bench.now += HOUR;
    await bench.files.collect(bench.now);
    await bench.files.close();
    let reads = 0;
    const files = await bench.crash({
      messages: {
        epoch: "first",
        rooms: () => bench.messages.rooms(),
        read: (room, range) => (reads++, bench.messages.read(room, range)),
      },
    });
    await files.collect(bench.now);
    // Only the oldest message of the one room is asked for.
    assertEquals(reads, 1);
  }));

Deno.test("LocalFiles.collect() removes, after a crash, files whose messages were deleted", () =>
  withFiles(async (bench) => {
    const { files, messages } = bench;
    const gone = await upload(files, "gone");
    const kept = await upload(files, "kept");
    const seq = await announce(bench, gone);
    await messages.commit(
      Array.from({ length: 450 }, () => ({
        kind: "message" as const,
        room: "lobby",
        from: "bob",
        content: "between",
        time: bench.now,
      })),
    );
    await announce(bench, kept);
    await messages.commit([{ kind: "delete", room: "lobby", seq, by: ["ann"] }]);
    const after = await bench.crash();
    await after.collect(bench.now);
    assertEquals([after.find(gone.id), after.find(kept.id)], [undefined, kept]);
  }));

Deno.test("LocalFiles.collect() removes bytes that no file has", () =>
  withFiles(async (bench) => {
    const file = await upload(bench.files, "hello");
    const stray = "ab".repeat(32);
    await Deno.mkdir(join(bench.dir, "files", "ab"));
    await Deno.writeTextFile(join(bench.dir, "files", "ab", stray), "stray");
    const after = await bench.crash();
    await after.collect(bench.now);
    assertEquals(await bytesOnDisk(join(bench.dir, "..", "1")), [
      `${file.sha256.slice(0, 2)}/${file.sha256}`,
    ]);
  }));

Deno.test("LocalFiles.collect() asks other messages anew which files they refer to", () =>
  withFiles(async (bench) => {
    const [stale, found] = [await upload(bench.files, "stale"), await upload(bench.files, "found")];
    await announce(bench, stale);
    await bench.files.collect(bench.now);
    await bench.files.close();
    const messages = createMemoryStore({ epoch: "second" });
    await messages.commit([
      { kind: "message", room: "old", from: "ann", content: "f", time: 1, file: found },
    ]);
    const after = openLocalFiles({
      dir: bench.dir,
      messages,
      sync: "full",
      maxFile: 1000,
      maxStorage: Infinity,
      retain: 0,
    });
    try {
      await after.collect(bench.now + 2 * HOUR);
      assertEquals([after.find(stale.id), after.find(found.id)], [undefined, found]);
    } finally {
      await after.close();
    }
  }));
