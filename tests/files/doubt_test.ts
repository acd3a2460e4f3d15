/** Nothing is removed because a record or a message is missing: lost, damaged and outdated databases. */
import { join } from "node:path";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { CapturedLogs } from "../support/captured_logs.ts";
import { type DoubtHarness, FakeMessages, reopen, sayFile, withFakes } from "./fake_messages.ts";
import {
  bytesOnDisk,
  DAY,
  HOUR,
  pathOf,
  quarantined,
  removeDatabase,
  textOf,
  upload,
} from "./harness.ts";

/** What may happen to `files.db` while the server is down. */
const MISFORTUNES: Readonly<Record<string, (path: string) => Promise<void>>> = {
  missing: removeDatabase,
  empty: async (path) => {
    await removeDatabase(path);
    await Deno.writeFile(path, new Uint8Array());
  },
  "not a database": async (path) => {
    await removeDatabase(path);
    await Deno.writeTextFile(path, "All work and no play makes Jack a dull boy. ".repeat(200));
  },
  "overwritten in the middle": async (path) => {
    using file = await Deno.open(path, { write: true });
    const { size } = await file.stat();
    assert(size > 8192);
    await file.seek(4096, Deno.SeekMode.Start);
    await file.write(new Uint8Array(size - 4096).fill(0xa5));
  },
  "cut off": (path) => Deno.truncate(path, 10_000),
  "without its tables": async (path) => {
    await removeDatabase(path);
    const { DatabaseSync } = await import("node:sqlite");
    const db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 3");
    db.close();
  },
};

for (const [misfortune, happen] of Object.entries(MISFORTUNES)) {
  Deno.test(`LocalFiles makes files.db anew from the messages when it is ${misfortune}`, () =>
    withFakes(async (harness) => {
      const { dir, messages } = harness;
      const [one, other] = [await upload(harness.files, "one"), await upload(harness.files, "two")];
      sayFile(harness, one);
      harness.now += 100 * DAY;
      sayFile(harness, one, { room: "later" });
      sayFile(harness, other, { room: "@ann:bob" });
      messages.chatter("lobby", 450, harness.now);
      const files = await reopen(harness, () => happen(join(dir, "files.db")));
      using logs = new CapturedLogs();
      await files.collect(harness.now);
      assertEquals([files.find(one.id), files.find(other.id)], [one, other]);
      assertEquals([files.announcements(one.id), files.announcements(other.id)], [2, 1]);
      assertEquals([files.isFrom(one.id, "ann"), files.isFrom(one.id, "bob")], [true, false]);
      assertEquals(await textOf(files, one), "one");
      assertEquals((await bytesOnDisk(dir)).length, 2);
      assertEquals(logs.lines.filter((line) => line.startsWith("warning")), [
        "warning: Recorded 2 files in files.db anew, from the messages; of 0 the bytes are missing",
      ]);
      // It is as old as its first message says.
      messages.delete("later", 1);
      files.withdrawn("later", 1);
      assertEquals(files.find(one.id), one);
    }));
}

Deno.test("LocalFiles takes a file whose record is made anew to be as old as its first message", () =>
  withFakes(async (harness) => {
    const { dir } = harness;
    const file = await upload(harness.files, "hello");
    const uploaded = harness.now;
    sayFile(harness, file);
    harness.now += 49 * HOUR;
    // In both orders in which rooms are read.
    for (const room of ["earlier by name", "more"]) sayFile(harness, file, { room });
    const files = await reopen(harness, () => removeDatabase(join(dir, "files.db")));
    await files.collect(uploaded + 50 * HOUR);
    assertEquals(files.find(file.id), file);
    await files.collect(uploaded + 50 * HOUR + 1);
    assertEquals(files.find(file.id), undefined);
  }, { retain: 50 * HOUR }));

Deno.test("LocalFiles moves a damaged files.db aside and says so", () =>
  withFakes(async (harness) => {
    using logs = new CapturedLogs();
    const path = join(harness.dir, "files.db");
    await reopen(harness, async () => {
      await removeDatabase(path);
      await Deno.writeTextFile(path, "not a database, but what somebody wrote");
    });
    const aside = [...Deno.readDirSync(harness.dir)].map(({ name }) => name)
      .filter((name) => /^files\.db\.damaged-\d{8}T\d{6}Z$/.test(name));
    assertEquals(aside.length, 1);
    const text = await Deno.readTextFile(join(harness.dir, aside[0] ?? ""));
    assertEquals(text, "not a database, but what somebody wrote");
    assertMatch(
      logs.lines.join("\n"),
      /error: .*files\.db.* is damaged: .*not a database.*moved to/,
    );
  }));

Deno.test("LocalFiles puts an upload into quarantine whose record is gone, and says so", () =>
  withFakes(async (harness) => {
    const { dir } = harness;
    const file = await upload(harness.files, "never announced");
    const files = await reopen(harness, () => removeDatabase(join(dir, "files.db")));
    using logs = new CapturedLogs();
    await files.collect(harness.now);
    assertEquals(await bytesOnDisk(dir), []);
    assertEquals(await quarantined(dir), [file.sha256, `${file.sha256}.json`]);
    const [line = ""] = logs.lines.filter((one) => one.startsWith("warning"));
    assertMatch(line, /Moved 1 uploads \(15 bytes\) to .*quarantine, .*30 days/);
    const note = JSON.parse(
      await Deno.readTextFile(join(dir, "quarantine", `${file.sha256}.json`)),
    );
    assertEquals(note, {
      sha256: file.sha256,
      size: 15,
      quarantined: harness.now,
      why: "no record and no message refers to it",
    });
  }));

Deno.test("LocalFiles removes from quarantine what has been there for 30 days, and nothing sooner", () =>
  withFakes(async (harness) => {
    const { dir } = harness;
    const file = await upload(harness.files, "never announced");
    const files = await reopen(harness, () => removeDatabase(join(dir, "files.db")));
    await files.collect(harness.now);
    await files.collect(harness.now + 30 * DAY);
    assertEquals(await quarantined(dir), [file.sha256, `${file.sha256}.json`]);
    await files.collect(harness.now + 30 * DAY + HOUR);
    assertEquals(await quarantined(dir), []);
  }));

Deno.test("LocalFiles keeps bytes in quarantine without a note for 30 days more", () =>
  withFakes(async (harness) => {
    const { dir, files } = harness;
    const name = "ab".repeat(32);
    await Deno.mkdir(join(dir, "quarantine"));
    await Deno.writeTextFile(join(dir, "quarantine", name), "?");
    await Deno.writeTextFile(join(dir, "quarantine", `${name}.json`), "{ cut o");
    await files.collect(harness.now);
    await files.collect(harness.now + 30 * DAY);
    assertEquals(await quarantined(dir), [name, `${name}.json`]);
    await files.collect(harness.now + 30 * DAY + HOUR);
    assertEquals(await quarantined(dir), []);
  }));

/** Announces two files, with a copy of the messages made in between; the second one is a day old. */
async function announceAroundBackup(harness: DoubtHarness) {
  const { files } = harness;
  const before = await upload(files, "before");
  sayFile(harness, before);
  await files.collect(harness.now);
  const copy = harness.messages.copy();
  const after = await upload(files, "after");
  sayFile(harness, after);
  harness.now += DAY;
  return { before, after, copy };
}

Deno.test("LocalFiles puts files into quarantine that a restored hubbub.db does not know, rather than removing them", () =>
  withFakes(async (harness) => {
    const { dir, messages } = harness;
    messages.restart();
    const { before, after, copy } = await announceAroundBackup(harness);
    const files = await reopen(harness, () => {
      // As of the run before.
      copy.run = "run-1";
      harness.messages = copy;
    });
    await files.collect(harness.now);
    assertEquals([files.find(before.id), files.find(after.id)], [before, undefined]);
    assertEquals(await quarantined(dir), [after.sha256, `${after.sha256}.json`]);
    const note = JSON.parse(
      await Deno.readTextFile(join(dir, "quarantine", `${after.sha256}.json`)),
    );
    const { url: _url, ...known } = after;
    assertEquals(note, {
      ...known,
      uploader: "ann",
      created: harness.now - DAY,
      quarantined: harness.now,
      why: "the messages that referred to it are gone without a trace",
    });
  }));

Deno.test("LocalFiles notices a hubbub.db from earlier in the same run", () =>
  withFakes(async (harness) => {
    const { dir } = harness;
    const { after, copy } = await announceAroundBackup(harness);
    const files = await reopen(harness, () => {
      harness.messages = copy;
    });
    await files.collect(harness.now);
    assertEquals(files.find(after.id), undefined);
    assertEquals(await quarantined(dir), [after.sha256, `${after.sha256}.json`]);
  }));

Deno.test("LocalFiles notices by the noted time that hubbub.db is older, even if more was said in it since", () =>
  withFakes(async (harness) => {
    const { dir } = harness;
    const { after, copy } = await announceAroundBackup(harness);
    copy.lastNoted = harness.now - DAY;
    copy.chatter("lobby", 5, harness.now);
    const files = await reopen(harness, () => {
      harness.messages = copy;
    });
    await files.collect(harness.now);
    assertEquals(files.find(after.id), undefined);
    assertEquals(await quarantined(dir), [after.sha256, `${after.sha256}.json`]);
  }));

Deno.test("LocalFiles brings a file back from quarantine when its message is there again", () =>
  withFakes(async (harness) => {
    const { dir, messages } = harness;
    const { after, copy } = await announceAroundBackup(harness);
    const older = await reopen(harness, () => {
      harness.messages = copy;
    });
    await older.collect(harness.now);
    const newer = await reopen(harness, () => {
      harness.messages = messages;
    });
    await newer.collect(harness.now);
    assertEquals(newer.find(after.id), after);
    assertEquals(await textOf(newer, after), "after");
    assertEquals(await quarantined(dir), []);
  }));

Deno.test("LocalFiles serves a file that is announced under a number which belonged to another one", () =>
  withFakes(async (harness) => {
    const { dir } = harness;
    const { after, copy } = await announceAroundBackup(harness);
    const files = await reopen(harness, () => {
      harness.messages = copy;
    });
    const replacing = await upload(files, "replacing");
    // Before anything was compared: the number is the one of `after`.
    sayFile({ files, messages: harness.messages, now: harness.now }, replacing);
    await files.collect(harness.now);
    await files.collect(harness.now + 2 * HOUR);
    assertEquals(files.find(replacing.id), replacing);
    assertEquals(files.announcements(replacing.id), 1);
    assertEquals(files.isAnnouncedIn(replacing.id, (room) => room === "lobby"), true);
    assertEquals(files.find(after.id), undefined);
    assertEquals(await quarantined(dir), [after.sha256, `${after.sha256}.json`]);
  }));

Deno.test("LocalFiles does not take the deletion of another message under the same number for the file's", () =>
  withFakes(async (harness) => {
    const { dir } = harness;
    const { after, copy } = await announceAroundBackup(harness);
    copy.chatter("lobby", 1, harness.now);
    copy.delete("lobby", 2);
    copy.previousRun = "run-0";
    const files = await reopen(harness, () => {
      copy.run = "run-7";
      harness.messages = copy;
    });
    await files.collect(harness.now);
    assertEquals(await quarantined(dir), [after.sha256, `${after.sha256}.json`]);
  }));

Deno.test("LocalFiles removes for good what the messages say was deleted or retired, restored or not", () =>
  withFakes(async (harness) => {
    const { dir, messages, files } = harness;
    const [retired, deleted, kept] = [
      await upload(files, "retired"),
      await upload(files, "deleted"),
      await upload(files, "kept"),
    ];
    for (const file of [retired, deleted, kept]) sayFile(harness, file);
    await files.collect(harness.now);
    const reopened = await reopen(harness, () => {
      messages.retain(2);
      messages.delete("lobby", 2);
      messages.run = "run-9";
    });
    assertEquals(await reopened.collect(harness.now), 2);
    assertEquals([retired, deleted, kept].map(({ id }) => reopened.find(id)), [
      undefined,
      undefined,
      kept,
    ]);
    assertEquals(await quarantined(dir), []);
    assertEquals((await bytesOnDisk(dir)).length, 1);
  }));

Deno.test("LocalFiles puts files into quarantine when the messages have another epoch and do not know them", () =>
  withFakes(async (harness) => {
    const { dir, files } = harness;
    const [stale, found] = [await upload(files, "stale"), await upload(files, "found")];
    sayFile(harness, stale);
    await files.collect(harness.now);
    harness.now += 2 * HOUR;
    const reopened = await reopen(harness, () => {
      harness.messages = new FakeMessages();
      harness.messages.epoch = "second";
      harness.messages.say({ room: "old", from: "ann", content: "f", time: 1, file: found });
    });
    await reopened.collect(harness.now);
    assertEquals([reopened.find(stale.id), reopened.find(found.id)], [undefined, found]);
    assertEquals(await quarantined(dir), [stale.sha256, `${stale.sha256}.json`]);
  }));

Deno.test("LocalFiles keeps an upload for its hour that was never announced, after a restore too", () =>
  withFakes(async (harness) => {
    const { dir } = harness;
    const { copy } = await announceAroundBackup(harness);
    const fresh = await upload(harness.files, "fresh");
    const files = await reopen(harness, () => {
      harness.messages = copy;
    });
    await files.collect(harness.now + HOUR);
    assertEquals(files.find(fresh.id), fresh);
    await files.collect(harness.now + HOUR + 1);
    assertEquals(files.find(fresh.id), undefined);
    assertEquals((await quarantined(dir)).includes(fresh.sha256), false);
  }));

Deno.test("LocalFiles lets a file be announced again whose message was lost within its hour", () =>
  withFakes(async (harness) => {
    const { messages } = harness;
    await harness.files.collect(harness.now);
    const copy = messages.copy();
    const file = await upload(harness.files, "hello");
    sayFile(harness, file);
    const files = await reopen(harness, () => {
      harness.messages = copy;
    });
    await files.collect(harness.now);
    assertEquals(files.hold(file.id), file);
    sayFile({ files, messages: harness.messages, now: harness.now }, file);
    files.release(file.id);
    await files.collect(harness.now + DAY);
    assertEquals(files.find(file.id), file);
  }));

Deno.test("LocalFiles keeps a file of which one message is lost when the other one is deleted", () =>
  withFakes(async (harness) => {
    const { dir } = harness;
    await harness.files.collect(harness.now);
    const file = await upload(harness.files, "hello");
    const seq = sayFile(harness, file, { room: "other" });
    const copy = harness.messages.copy();
    sayFile(harness, file);
    harness.now += DAY;
    const files = await reopen(harness, () => {
      harness.messages = copy;
    });
    await files.collect(harness.now);
    assertEquals(files.announcements(file.id), 1);
    copy.delete("other", seq);
    files.withdrawn("other", seq);
    await files.collect(harness.now);
    assertEquals(files.find(file.id), undefined);
    assertEquals(await quarantined(dir), [file.sha256, `${file.sha256}.json`]);
  }));

Deno.test("LocalFiles removes nothing before all messages were compared", () =>
  withFakes(async (harness) => {
    const { dir } = harness;
    const { after, copy } = await announceAroundBackup(harness);
    const files = await reopen(harness, () => {
      harness.messages = copy;
    });
    copy.onRead = () => {
      throw new Error("damaged");
    };
    for (let again = 0; again < 2; again++) {
      const error = await files.collect(harness.now + DAY).catch((error: unknown) => error);
      assert(error instanceof Error && error.message === "damaged");
      assertEquals(files.find(after.id), after);
      assertEquals((await bytesOnDisk(dir)).length, 2);
    }
    copy.onRead = () => {};
    await files.collect(harness.now + DAY);
    assertEquals(files.find(after.id), undefined);
  }));

Deno.test("LocalFiles removes a new upload with its message, even before all messages were compared", () =>
  withFakes(async (harness) => {
    const { files, dir } = harness;
    const file = await upload(files, "hello");
    files.withdrawn("lobby", sayFile(harness, file));
    assertEquals(files.find(file.id), undefined);
    await files.close();
    assertEquals(await bytesOnDisk(dir), []);
  }));

Deno.test("LocalFiles takes notice of a message that is deleted while messages are compared", () =>
  withFakes(async (harness) => {
    const { dir, messages } = harness;
    const [gone, kept] = [await upload(harness.files, "gone"), await upload(harness.files, "kept")];
    const seq = sayFile(harness, gone);
    sayFile(harness, kept);
    const files = await reopen(harness, () => removeDatabase(join(dir, "files.db")));
    messages.onRead = async () => {
      messages.onRead = () => {};
      // After the page was read, and before it is recorded.
      await Promise.resolve();
      queueMicrotask(() => {
        messages.delete("lobby", seq);
        files.withdrawn("lobby", seq);
      });
    };
    await files.collect(harness.now);
    assertEquals(files.announcements(gone.id), 0);
    assertEquals(files.announcements(kept.id), 1);
    await files.collect(harness.now + 2 * HOUR);
    assertEquals(files.find(gone.id), undefined);
    assertEquals(await textOf(files, kept), "kept");
  }));

Deno.test("LocalFiles stops comparing when it is closed, and begins again with the next start", () =>
  withFakes(async (harness) => {
    const { dir, messages } = harness;
    const file = await upload(harness.files, "hello");
    sayFile(harness, file);
    messages.chatter("lobby", 1000, harness.now);
    const first = await reopen(harness, () => removeDatabase(join(dir, "files.db")));
    const reading = Promise.withResolvers<void>();
    messages.onRead = () => reading.resolve();
    messages.reads = 0;
    const collected = first.collect(harness.now).catch((error: unknown) => error);
    await reading.promise;
    const second = await reopen(harness);
    assertEquals((await collected as Error).name, "AbortError");
    assertEquals(messages.reads < 6, true);
    await second.collect(harness.now);
    assertEquals(await textOf(second, file), "hello");
  }));

Deno.test("LocalFiles.put() of bytes whose record is still missing leaves them to their file", () =>
  withFakes(async (harness) => {
    const { dir } = harness;
    const file = await upload(harness.files, "hello");
    sayFile(harness, file);
    const files = await reopen(harness, () => removeDatabase(join(dir, "files.db")));
    // Its own upload of the same bytes replaces them, and is not announced.
    await upload(files, "hello", { user: "bob" });
    await files.collect(harness.now + 2 * HOUR);
    assertEquals(await textOf(files, file), "hello");
    assertEquals(await Deno.readTextFile(pathOf(dir, file)), "hello");
  }));
