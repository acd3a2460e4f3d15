/** Whose file may be announced where, without a hub around it. */
import type { FileStore } from "../../files/file_store.ts";
import { Batch } from "../../hub/batch.ts";
import type { HubCommands } from "../../hub/commands.ts";
import { type FileAuthor, type FileConnection, FileService } from "../../hub/file_service.ts";
import { directRoom, Refused, type ServerMessage, type UserMessage } from "../../protocol.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { frame } from "../support/file_frame.ts";
import { type FilesHarness, HOUR, upload, withFiles } from "../files/harness.ts";

const NO_HUB: HubCommands = {
  command() {
    throw new Error("Nothing is asked of the hub here");
  },
};

/** Takes files of at most 1000 bytes. */
function serviceWith(files: FileStore, hub = NO_HUB, refused = (_error: Refused) => {}) {
  return new FileService(files, {
    maxFile: 1000,
    hub,
    refused: (_connection, error) => refused(error),
  });
}

/** Somebody on a connection of their own. */
function author(id: string, name = id): FileAuthor {
  return { user: { id, name }, answer: () => {}, repeat: () => {}, withholds: () => false };
}

/** Announces a file in a batch that the store commits. Returns what is recorded in the room. */
function announce(
  { files, now }: FilesHarness,
  from: FileAuthor,
  fileId: string,
  { room = "lobby", seq = 1 } = {},
): UserMessage[] {
  const recorded: UserMessage[] = [];
  const batch = new Batch(now);
  const record = (event: UserMessage) => {
    assertEquals(event.room, room);
    recorded.push(event);
  };
  serviceWith(files)
    .announce(fileId, { from, room: { name: room }, batch, record });
  batch.settle([seq]);
  batch.runTasks();
  return recorded;
}

Deno.test("FileService.announce() takes what the same user uploaded from another connection", () =>
  withFiles(async (harness) => {
    const file = await upload(harness.files, "hello", { user: "id-ann" });
    const [event] = announce(harness, author("id-ann", "Ann"), file.id);
    assertEquals(event, {
      type: "file",
      room: "lobby",
      from: "Ann",
      by: "id-ann",
      content: "a.txt",
      seq: 1,
      time: harness.now,
      file,
    });
    assertEquals(announce(harness, author("id-ann", "Anna"), file.id, { seq: 2 })[0]?.from, "Anna");
    assertEquals(harness.files.announcements(file.id), 2);
  }));

Deno.test("FileService.announce() notes a direct conversation by its internal name", () =>
  withFiles(async (harness) => {
    const { files } = harness;
    const { id } = await upload(files, "hello");
    const room = directRoom("bob", "ann");
    announce(harness, author("ann"), id, { room });
    assertEquals(files.isAnnouncedIn(id, (one) => one === room), true);
    assertEquals(files.isAnnouncedIn(id, (one) => one !== room), false);
  }));

Deno.test("FileService.announce() refuses what somebody else uploaded, whatever they are called", () =>
  withFiles(async (harness) => {
    const { files } = harness;
    const { id } = await upload(files, "hello", { user: "id-ann" });
    for (const other of [author("id-bob", "id-ann"), author("")]) {
      const error = assertThrows(() => announce(harness, other, id), Refused);
      assertEquals(error.code, "not_yours");
    }
    // Nothing holds the file any more.
    assertEquals(await files.collect(harness.now + HOUR + 1), 1);
  }));

Deno.test("FileService.announce() refuses a file to which a thousand messages refer", () =>
  withFiles(async (harness) => {
    const { files } = harness;
    const { id } = await upload(files, "hello");
    for (let seq = 1; seq < 1000; seq++) files.announced(id, "lobby", seq);
    announce(harness, author("ann"), id, { seq: 1000 });
    const error = assertThrows(() => announce(harness, author("ann"), id, { seq: 1001 }), Refused);
    assertEquals([error.code, files.announcements(id)], ["too_many", 1000]);
    files.withdrawn("lobby", 1);
    announce(harness, author("ann"), id, { seq: 1001 });
  }));

/** A connection, with the answers that it gets. */
function connection(user: string): FileConnection & { answers: ServerMessage[] } {
  const answers: ServerMessage[] = [];
  return {
    number: 1,
    ip: "192.0.2.1",
    answers,
    answer: (messages) => void answers.push(...messages),
    membership: { user, name: user, role: "member", rooms: ["lobby"] },
  };
}

Deno.test("FileService.receive() stores a binary frame for the user of the connection", () =>
  withFiles(async ({ files }) => {
    const users: string[] = [];
    const put = files.put.bind(files);
    files.put = (bytes, file) => {
      users.push(file.user);
      return put(bytes, file);
    };
    const stored = Promise.withResolvers<void>();
    const service = serviceWith(files, { command: () => stored.resolve() });
    const ann = connection("ann");
    assertEquals(service.receive(ann, frame("a.txt", [1, 2]), 0), undefined);
    await stored.promise;
    assertEquals([users, ann.answers], [["ann"], []]);
  }));

Deno.test("FileService.receive() refuses a binary frame before the login", () =>
  withFiles(({ files }) => {
    const told: string[] = [];
    const refusal = serviceWith(files, NO_HUB, ({ code }) => void told.push(code))
      .receive(connection(""), frame("a.txt", [1, 2]), 0);
    assert(refusal !== undefined);
    assertEquals([refusal.code, told], ["not_logged_in", ["not_logged_in"]]);
    return Promise.resolve();
  }));
