/** What the hub does with files: announcing uploads, taking in binary frames. */
import { assert, assertEquals, assertObjectMatch } from "../support/assert.ts";
import type { FileStore } from "../../files/file_store.ts";
import type { Store } from "../../store/store.ts";
import { announce, type FilesHarness, HOUR, upload, withFiles } from "../files/harness.ts";
import { HubHarness } from "../support/hub_harness.ts";
import { frame } from "../support/file_frame.ts";

/** Runs a test with a hub and its files. Files may have 1000 bytes. */
function withHub(
  run: (harness: { hub: HubHarness; files: FilesHarness }) => Promise<void>,
  change: (files: FileStore, store: Store) => void = () => {},
): Promise<void> {
  return withFiles(async (files) => {
    change(files.files, files.messages);
    const hub = new HubHarness({
      store: files.messages,
      files: files.files,
      maxFile: 1000,
    });
    await using _end = hub;
    hub.now = files.now;
    await run({ hub, files });
  });
}

function bytes(length: number): number[] {
  return new Array(length).fill(7);
}

Deno.test("Hub announces an upload to the room, its sender included", () =>
  withHub(async ({ hub, files }) => {
    const [ann, bob] = [await hub.enter("ann"), await hub.enter("bob")];
    const file = await upload(files.files, "hello", { user: ann.user.id });
    ann.take();
    ann.send({ type: "file", content: file.id, id: "f" }, { type: "user", content: "look" });
    const said = await bob.next("file");
    assertEquals(said, {
      type: "file",
      room: "lobby",
      from: "ann",
      content: "a.txt",
      seq: 1,
      time: hub.now,
      by: ann.user.id,
      file,
      id: "f",
    });
    assertEquals((await bob.next("user")).seq, 2);
    assertEquals(await ann.next("file"), said);
    assertEquals(files.files.isAnnouncedIn(file.id, () => true), true);
    ann.send({ type: "history" });
    assertObjectMatch((await ann.next("history")).messages[0]!, { type: "file", file });
  }));

Deno.test("Hub announces only what the requester uploaded, on whatever connection", () =>
  withHub(async ({ hub, files }) => {
    const [ann, bob] = [await hub.enter("ann"), await hub.enter("bob")];
    const file = await upload(files.files, "hello", { user: ann.user.id });
    bob.send({ type: "file", content: file.id, id: "1" }, { type: "file", content: "x", id: "2" });
    assertObjectMatch(await bob.next("error"), { code: "not_yours", id: "1" });
    assertObjectMatch(await bob.next("error"), { code: "bad_message", id: "2" });
    const again = await hub.enterAgain(ann);
    again.send({ type: "file", content: file.id });
    assertEquals((await bob.next("file")).file, file);
  }));

Deno.test("Hub announces what was uploaded by a user whose connections had all ended", () =>
  withHub(async ({ hub, files }) => {
    const ann = await hub.enter("ann");
    const file = await upload(files.files, "hello", { user: ann.user.id });
    ann.socket.hangUp();
    await hub.settled();
    const again = await hub.enterAgain(ann);
    again.send({ type: "file", content: file.id });
    assertEquals((await again.next("file")).file, file);
  }));

Deno.test("Hub answers a resent announcement with the first one", () =>
  withHub(async ({ hub, files }) => {
    const ann = await hub.enter("ann");
    const file = await upload(files.files, "hello", { user: ann.user.id });
    ann.send({ type: "file", content: file.id, id: "f" });
    const first = await ann.next("file");
    ann.send({ type: "file", content: file.id, id: "f" });
    assertEquals(await ann.next("file"), { ...first, repeat: true });
    ann.send({ type: "delete", seq: 1 });
    await ann.next("delete");
    await hub.settled();
    // Nothing refers to it any more, and nothing holds it.
    assertEquals(files.files.find(file.id), undefined);
  }));

Deno.test("Hub lets a file go with the last message that refers to it", () =>
  withHub(async ({ hub, files }) => {
    const ann = await hub.enter("ann");
    const file = await upload(files.files, "hello", { user: ann.user.id });
    ann.send({ type: "file", content: file.id }, { type: "file", content: file.id });
    await ann.next("file", ({ seq }) => seq === 2);
    ann.send({ type: "delete", seq: 1 });
    await ann.next("delete");
    await hub.settled();
    assertEquals(files.files.find(file.id), file);
    ann.send({ type: "delete", seq: 2 });
    await ann.next("delete");
    await hub.settled();
    assertEquals(files.files.find(file.id), undefined);
  }));

Deno.test("Hub keeps the file of a message that another tried to delete", () =>
  withHub(async ({ hub, files }) => {
    const [ann, bob] = [await hub.enter("ann"), await hub.enter("bob")];
    const file = await upload(files.files, "hello", { user: ann.user.id });
    ann.send({ type: "file", content: file.id });
    await bob.next("file");
    bob.send({ type: "delete", seq: 1 });
    assertEquals((await bob.next("error")).code, "not_yours");
    await hub.settled();
    assertEquals(files.files.find(file.id), file);
  }));

Deno.test("Hub lets go of an upload whose announcement could not be kept", () =>
  withHub(async ({ hub, files }) => {
    const ann = await hub.enter("ann");
    const file = await upload(files.files, "hello", { user: ann.user.id });
    ann.send({ type: "file", content: file.id, id: "f" });
    assertObjectMatch(await ann.next("error"), { code: "unavailable", id: "f" });
    await hub.settled();
    assertEquals(files.files.isAnnouncedIn(file.id, () => true), false);
    assertEquals(await files.files.collect(files.now + 2 * HOUR), 1);
  }, (_files, store) => store.commit = () => Promise.reject(new Error("disk"))));

Deno.test("Hub goes on when it cannot note what a message refers to, and the next start notes it", () =>
  withHub(async ({ hub, files }) => {
    const ann = await hub.enter("ann");
    await files.files.collect(files.now);
    const file = await upload(files.files, "hello", { user: ann.user.id });
    ann.send({ type: "file", content: file.id });
    await ann.next("file");
    await hub.settled();
    // Still held: it must not be taken for an upload that nobody wants, nor all for noted.
    files.now += HOUR;
    assertEquals(await files.files.collect(files.now + 2 * HOUR), 0);
    const after = await files.crash();
    await after.collect(files.now + 2 * HOUR);
    assertEquals(after.isAnnouncedIn(file.id, () => true), true);
  }, (files) => {
    files.announced = () => {
      throw new Error("disk");
    };
  }));

Deno.test("Hub takes a file in one binary frame, and announces it in the room entered last", () =>
  withHub(async ({ hub, files }) => {
    const [ann, bob] = [await hub.enter("ann"), await hub.enter("bob")];
    ann.send({ type: "join", room: "tea" });
    bob.send({ type: "join", room: "tea" });
    await bob.next("login", ({ content }) => content === "bob");
    ann.socket.receive(frame("né.bin", bytes(1000)));
    const { file, ...said } = await bob.next("file");
    assertObjectMatch(said, { room: "tea", from: "ann", content: "né.bin", seq: 1 });
    assert(file !== undefined);
    assertEquals([file.size, file.media_type], [1000, "application/octet-stream"]);
    assertEquals((await ann.next("file")).file, file);
    assertEquals(files.files.find(file.id), file);
    assertEquals(files.files.isAnnouncedIn(file.id, () => true), true);
  }));

const REFUSED: readonly [what: string, frame: Uint8Array, code: string][] = [
  ["garbage", Uint8Array.of(255, 255, 1, 2, 3), "bad_message"],
  ["nothing", Uint8Array.of(), "bad_message"],
  ["a name that is not UTF-8", frame([0xff], [1]), "bad_message"],
  ["a path", frame("../x", [1]), "bad_message"],
  ["a file without bytes", frame("x", []), "bad_message"],
  ["a file that is too large", frame("x", bytes(1001)), "too_large"],
  ["a frame that is too large", frame("x".repeat(1000), bytes(1001)), "too_large"],
];

for (const [what, data, code] of REFUSED) {
  Deno.test(`Hub refuses ${what} in a binary frame, and goes on`, () =>
    withHub(async ({ hub }) => {
      const ann = await hub.enter("ann");
      ann.socket.receive(data);
      assertEquals((await ann.next("error")).code, code);
      ann.say("still here");
      assertEquals((await ann.next("user")).seq, 1);
    }));
}

Deno.test("Hub takes files only from who is logged in and in a room", () =>
  withHub(async ({ hub }) => {
    const newcomer = hub.connect();
    newcomer.socket.receive(frame("x", [1]));
    assertEquals((await newcomer.next("error")).code, "not_logged_in");
    const ann = await hub.enter("ann");
    ann.send({ type: "leave", room: "lobby" });
    await ann.next("logout");
    ann.socket.receive(frame("x", [1]));
    assertEquals((await ann.next("error")).code, "not_in_room");
  }));

Deno.test("Hub does not announce the file of who has left meanwhile", () => {
  const gate = Promise.withResolvers<void>();
  return withHub(async ({ hub }) => {
    const [ann, bob] = [await hub.enter("ann"), await hub.enter("bob")];
    ann.socket.receive(frame("x", [1]));
    ann.send({ type: "leave", room: "lobby" });
    await ann.next("logout");
    gate.resolve();
    assertEquals((await ann.next("error")).code, "not_in_room");
    assertEquals(bob.takeBrief(), ["logout lobby ann of 1"]);
  }, (files) => {
    const put = files.put.bind(files);
    files.put = (...upload) => gate.promise.then(() => put(...upload));
  });
});

Deno.test("Hub counts the bytes of binary frames against a rate", () =>
  withHub(async ({ hub }) => {
    const ann = await hub.enter("ann");
    const send = (size: number) => ann.socket.receive(frame("x", bytes(size)));
    for (const size of [1000, 1000]) {
      send(size);
      await ann.next("file");
    }
    send(101);
    assertEquals((await ann.next("error")).code, "rate_limited");
    hub.now += 1000;
    send(100);
    await ann.next("file");
    send(1);
    assertEquals((await ann.next("error")).code, "rate_limited");
  }));

Deno.test("Hub answers a binary frame that there is no room for", () =>
  withHub(async ({ hub, files }) => {
    files.free = 0;
    const ann = await hub.enter("ann");
    ann.socket.receive(frame("x", [1]));
    assertEquals((await ann.next("error")).code, "unavailable");
  }));

Deno.test("Hub refuses binary frames where uploads are switched off", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  ann.socket.receive(frame("x", [1]));
  assertEquals((await ann.next("error")).code, "forbidden");
});

Deno.test("A note that a file is referred to survives the message's retention only as long as it", () =>
  withHub(async ({ files }) => {
    const file = await upload(files.files, "hello");
    await announce(files, file);
    await files.messages.retain({ maxAge: 1 }, files.now + 2);
    assertEquals(await files.files.collect(files.now + 2), 1);
  }));
