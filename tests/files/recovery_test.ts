/** What a restart recovers from the last run. */
import { join } from "node:path";
import { assertEquals } from "../support/assert.ts";
import { directRoom } from "../../protocol.ts";
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
    const { epoch, run, lastNoted } = harness.messages;
    const files = await harness.crash({
      messages: {
        epoch,
        run: "next",
        previousRun: run,
        lastNoted,
        rooms: (query) => harness.messages.rooms(query),
        read: (room, range) => (reads++, harness.messages.read(room, range)),
      },
    });
    await files.collect(harness.now);
    // Only the last and the oldest message of the only room are read.
    assertEquals(reads, 2);
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
