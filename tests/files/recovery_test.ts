/** What a restart recovers from the last run. */
import { join } from "node:path";
import { assertEquals } from "../support/assert.ts";
import { directRoom } from "../../protocol.ts";
import { openLocalFiles } from "../../files/local.ts";
import { createMemoryStore } from "../../store/memory/store.ts";
import { announce, bytesOnDisk, HOUR, upload, withFiles } from "./harness.ts";

Deno.test("openLocalFiles() finds what was stored before a crash", () =>
  withFiles(async (harness) => {
    const file = await upload(harness.files, "hello");
    const files = await harness.crash();
    assertEquals(files.find(file.id), file);
    assertEquals(files.isFrom(file.id, "ann"), true);
  }));

Deno.test("openLocalFiles() removes incomplete uploads", () =>
  withFiles(async (harness) => {
    await Deno.writeTextFile(join(harness.dir, "files", "tmp", "half"), "hel");
    await harness.crash();
    assertEquals(await bytesOnDisk(join(harness.dir, "..", "1")), []);
  }));

Deno.test("LocalFiles.collect() keeps a file whose announcement was not recorded because of a crash", () =>
  withFiles(async (harness) => {
    const { files } = harness;
    const [lost, deleted] = [await upload(files, "hello"), await upload(files, "deleted")];
    await files.collect(harness.now);
    // The announcement is on an earlier page than the newest messages, and not the first of its page.
    for (let index = 0; index < 3; index++) await announce(harness, deleted, { record: false });
    await announce(harness, lost, { record: false });
    await harness.messages.commit(
      Array.from({ length: 450 }, (_, index) => ({
        kind: "message" as const,
        room: "lobby",
        from: "bob",
        content: `${index}`,
        time: harness.now + 1,
      })),
    );
    await harness.messages.commit(
      [1, 2, 3].map((seq) => ({ kind: "delete" as const, room: "lobby", seq, by: "ann" })),
    );
    const after = await harness.crash();
    await after.collect(harness.now + 2 * HOUR);
    assertEquals(after.announcements(lost.id), 1);
    assertEquals(after.find(deleted.id), undefined);
  }));

Deno.test("LocalFiles.collect() keeps a file whose announcement in a direct conversation was not recorded", () =>
  withFiles(async (harness) => {
    const file = await upload(harness.files, "hello");
    await harness.files.collect(harness.now);
    const room = directRoom("ann", "bob");
    await announce(harness, file, { room, record: false });
    const after = await harness.crash();
    await after.collect(harness.now + 2 * HOUR);
    assertEquals(after.find(file.id), file);
    assertEquals(after.isAnnouncedIn(file.id, (one) => one === room), true);
  }));

Deno.test("LocalFiles.collect() does not reread recorded announcements", () =>
  withFiles(async (harness) => {
    const file = await upload(harness.files, "hello");
    await announce(harness, file);
    harness.now += HOUR;
    await harness.files.collect(harness.now);
    await harness.files.close();
    let reads = 0;
    const files = await harness.crash({
      messages: {
        epoch: "first",
        rooms: (options) => harness.messages.rooms(options),
        read: (room, range) => (reads++, harness.messages.read(room, range)),
      },
    });
    await files.collect(harness.now);
    // Only the oldest message of the only room is read.
    assertEquals(reads, 1);
  }));

Deno.test("LocalFiles.collect() removes files whose messages were deleted before a crash", () =>
  withFiles(async (harness) => {
    const { files, messages } = harness;
    const gone = await upload(files, "gone");
    const kept = await upload(files, "kept");
    const seq = await announce(harness, gone);
    await messages.commit(
      Array.from({ length: 450 }, () => ({
        kind: "message" as const,
        room: "lobby",
        from: "bob",
        content: "between",
        time: harness.now,
      })),
    );
    await announce(harness, kept);
    await messages.commit([{ kind: "delete", room: "lobby", seq, by: "ann" }]);
    const after = await harness.crash();
    await after.collect(harness.now);
    assertEquals([after.find(gone.id), after.find(kept.id)], [undefined, kept]);
  }));

Deno.test("LocalFiles.collect() removes bytes without a file", () =>
  withFiles(async (harness) => {
    const file = await upload(harness.files, "hello");
    const stray = "ab".repeat(32);
    await Deno.mkdir(join(harness.dir, "files", "ab"));
    await Deno.writeTextFile(join(harness.dir, "files", "ab", stray), "stray");
    const after = await harness.crash();
    await after.collect(harness.now);
    assertEquals(await bytesOnDisk(join(harness.dir, "..", "1")), [
      `${file.sha256.slice(0, 2)}/${file.sha256}`,
    ]);
  }));

Deno.test("LocalFiles.collect() rebuilds the announcements when the messages have another epoch", () =>
  withFiles(async (harness) => {
    const [stale, found] = [
      await upload(harness.files, "stale"),
      await upload(harness.files, "found"),
    ];
    await announce(harness, stale);
    await harness.files.collect(harness.now);
    await harness.files.close();
    const messages = createMemoryStore({ epoch: "second" });
    await messages.commit([
      { kind: "message", room: "old", from: "ann", content: "f", time: 1, file: found },
    ]);
    const after = openLocalFiles({
      dir: harness.dir,
      messages,
      sync: "full",
      maxFile: 1000,
      maxStorage: Infinity,
      retain: 0,
    });
    try {
      await after.collect(harness.now + 2 * HOUR);
      assertEquals([after.find(stale.id), after.find(found.id)], [undefined, found]);
    } finally {
      await after.close();
    }
  }));
