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
    for (let index = 0; index < 3; index++) announce(harness, deleted, { record: false });
    announce(harness, lost, { record: false });
    harness.messages.chatter("lobby", 450, harness.now + 1);
    for (const seq of [1, 2, 3]) harness.messages.delete("lobby", seq);
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
    announce(harness, file, { room, record: false });
    const after = await harness.crash();
    await after.collect(harness.now + 2 * HOUR);
    assertEquals(after.find(file.id), file);
    assertEquals(after.isAnnouncedIn(file.id, (one) => one === room), true);
  }));

Deno.test("LocalFiles.collect() does not reread recorded announcements", () =>
  withFiles(async (harness) => {
    const file = await upload(harness.files, "hello");
    announce(harness, file);
    harness.now += HOUR;
    await harness.files.collect(harness.now);
    await harness.files.close();
    harness.messages.restart();
    harness.messages.reads = 0;
    const files = await harness.crash();
    await files.collect(harness.now);
    // Only the only room's last and its oldest message are read.
    assertEquals(harness.messages.reads, 2);
  }));

Deno.test("LocalFiles.collect() removes files whose messages were deleted before a crash", () =>
  withFiles(async (harness) => {
    const { files, messages } = harness;
    const gone = await upload(files, "gone");
    const kept = await upload(files, "kept");
    const seq = announce(harness, gone);
    messages.chatter("lobby", 450, harness.now);
    announce(harness, kept);
    messages.delete("lobby", seq);
    const after = await harness.crash();
    await after.collect(harness.now);
    assertEquals([after.find(gone.id), after.find(kept.id)], [undefined, kept]);
  }));
