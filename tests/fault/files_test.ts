/** Files in a real server: what they cost it, and what kills, broken lines, losses and damage leave of them. */
import { join } from "node:path";
import { assert, assertEquals, assertLess } from "../support/assert.ts";
import type { FileInfo } from "../../protocol.ts";
import { Chatter } from "../support/chatter.ts";
import { FlakyProxy } from "../support/flaky_proxy.ts";
import { ServerProcess } from "../support/server_process.ts";
import { DEADLINE, within } from "../support/within.ts";

const MIB = 1024 * 1024;

/** Runs a test with a data directory. */
async function withData(run: (data: string) => Promise<void>): Promise<void> {
  const data = await Deno.makeTempDir();
  try {
    await run(data);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

async function upload(url: string, session: string, body: BodyInit, name = "a.bin") {
  const uploading = fetch(new URL(`/files?name=${name}`, url), {
    method: "POST",
    body,
    headers: { authorization: `Bearer ${session}` },
  });
  const response = await within(DEADLINE, `the upload of ${name}`, uploading);
  assertEquals(response.status, 201);
  const file: FileInfo = await response.json();
  return file;
}

async function download(url: string, file: FileInfo, session = "none"): Promise<string | number> {
  const downloading = fetch(new URL(file.url, url), {
    headers: { authorization: `Bearer ${session}` },
  });
  const response = await within(DEADLINE, `the download of ${file.name}`, downloading);
  if (response.ok) return await response.text();
  await response.body?.cancel();
  return response.status;
}

Deno.test("serve keeps files through a kill: announced, unannounced and half", () =>
  withData(async (data) => {
    const flags = ["--data", data];
    const first = await ServerProcess.start(flags);
    const ann = await Chatter.enter(first.ws(), "ann");
    const announced = await upload(first.url, ann.session, "announced");
    await ann.send({ type: "file", content: announced.id, id: "f" });
    const said = await ann.next("file");
    const later = await upload(first.url, ann.session, "later");
    const reached = Promise.withResolvers<void>();
    const half = fetch(new URL("/files?name=half", first.url), {
      method: "POST",
      body: new ReadableStream({
        pull(controller) {
          controller.enqueue(new Uint8Array(65_536));
          if (controller.desiredSize !== null && controller.desiredSize <= 0) reached.resolve();
        },
      }),
      headers: { authorization: `Bearer ${ann.session}` },
    }).catch((error: unknown) => error);
    await within(DEADLINE, "an upload to be under way", reached.promise);
    first.kill("SIGKILL");
    await first.ended();
    assert(await within(DEADLINE, "an upload to break", half) instanceof Error);
    await ann.socket.closed;

    await using second = await ServerProcess.start(flags);
    assertEquals(await download(second.url, announced), "announced");
    assertEquals(await download(second.url, later), 404);
    assertEquals([...Deno.readDirSync(join(data, "files", "tmp"))], []);
    // Who comes back with the session it had announces what it uploaded before.
    const again = await Chatter.enter(second.ws(), "ann", { session: ann.session, since: 0 });
    assertEquals((await again.next("history")).messages, [said]);
    await again.send({ type: "file", content: later.id });
    assertEquals((await again.next("file")).file, later);
    assertEquals(await download(second.url, later), "later");
    await again[Symbol.asyncDispose]();
  }));

Deno.test("serve removes the file of a deleted message for good", () =>
  withData(async (data) => {
    const flags = ["--data", data];
    const first = await ServerProcess.start(flags);
    const ann = await Chatter.enter(first.ws(), "ann");
    const file = await upload(first.url, ann.session, "secret");
    await ann.send({ type: "file", content: file.id });
    await ann.send({ type: "delete", seq: 1 });
    await ann.next("delete");
    await ann[Symbol.asyncDispose]();
    first.kill("SIGTERM");
    assertEquals((await first.ended()).code, 0);
    await using second = await ServerProcess.start(flags);
    assertEquals(await download(second.url, file), 404);
    const folders = [...Deno.readDirSync(join(data, "files"))].map(({ name }) => name);
    const left = folders.flatMap((name) => [...Deno.readDirSync(join(data, "files", name))]);
    assertEquals(left, []);
  }));

for (const signals of [1, 2]) {
  Deno.test(`serve with :memory: leaves no files behind when it ends by ${signals} signals`, () =>
    withData(async (temporary) => {
      const env = { TMPDIR: temporary };
      const server = await ServerProcess.start(["--data", ":memory:"], { env });
      const ann = await Chatter.enter(server.ws(), "ann");
      await upload(server.url, ann.session, "hello");
      assertEquals([...Deno.readDirSync(temporary)].length, 1);
      for (let signal = 0; signal < signals; signal++) server.kill("SIGTERM");
      await server.ended();
      await ann.socket.closed;
      assertEquals([...Deno.readDirSync(temporary)], []);
    }));
}

/** What the process has in memory, in bytes: now, or the most since `forget`. */
async function memory(pid: number, key: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

Deno.test({
  name: "serve never has a file in memory, on its way in or out",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withData(async (data) => {
      await using server = await ServerProcess.start(["--data", data, "--max-file", "64MiB"]);
      const ann = await Chatter.enter(server.ws(), "ann");
      await upload(server.url, ann.session, "warm");
      const before = await memory(server.pid, "VmRSS");
      const file = await upload(server.url, ann.session, new Uint8Array(64 * MIB));
      assertEquals(file.size, 64 * MIB);
      const response = await fetch(new URL(file.url, server.url), {
        headers: { authorization: `Bearer ${ann.session}` },
      });
      let received = 0;
      for await (const chunk of response.body ?? []) received += chunk.length;
      assertEquals(received, 64 * MIB);
      const growth = await memory(server.pid, "VmHWM") - before;
      assertLess(growth, 32 * MIB);
      await ann[Symbol.asyncDispose]();
    }),
});

/** Uploads a text and announces it in the lobby. Returns the file. */
async function share(server: ServerProcess, ann: Chatter, text: string): Promise<FileInfo> {
  const file = await upload(server.url, ann.session, text, `${text}.txt`);
  await ann.send({ type: "file", content: file.id, id: crypto.randomUUID() });
  assertEquals((await ann.next("file")).file, file);
  return file;
}

/** Lets somebody share files on a server with these data, which is then stopped in good order. */
async function withSharing(
  data: string,
  run: (server: ServerProcess, ann: Chatter) => Promise<void>,
  session?: string,
): Promise<string> {
  await using server = await ServerProcess.start(["--data", data]);
  const ann = await Chatter.enter(server.ws(), "ann", session === undefined ? {} : { session });
  await run(server, ann);
  const last = ann.session;
  await ann[Symbol.asyncDispose]();
  assertEquals((await server.stop()).code, 0);
  return session ?? last;
}

/** Where the bytes of a file are. */
function pathOf(data: string, { sha256 }: FileInfo): string {
  return join(data, "files", sha256.slice(0, 2), sha256);
}

async function removeDatabase(path: string): Promise<void> {
  for (const end of ["", "-wal", "-shm"]) await Deno.remove(path + end).catch(() => {});
}

/** How many lines of a server's log fit. */
function count(server: ServerProcess, pattern: RegExp): number {
  return server.log.split("\n").filter((line) => pattern.test(line)).length;
}

Deno.test("serve announces an upload after its line broke twice and the server was killed", () =>
  withData(async (data) => {
    const first = await ServerProcess.start(["--data", data]);
    const proxy = new FlakyProxy(first.port);
    try {
      const line = () => `${proxy.url.replace("http", "ws")}ws`;
      let ann = await Chatter.enter(line(), "ann");
      const { session } = ann;
      const file = await upload(first.url, session, "hello");
      for (let broken = 0; broken < 3; broken++) {
        proxy.cut();
        await ann.socket.closed;
        proxy.mend();
        ann = await Chatter.enter(line(), "ann", { session });
      }
      first.kill("SIGKILL");
      await first.ended();
      await ann.socket.closed;
      await using second = await ServerProcess.start(["--data", data]);
      await using again = await Chatter.enter(second.ws(), "ann", { session });
      await again.send({ type: "file", content: file.id, id: "f" });
      assertEquals((await again.next("file")).file, file);
      assertEquals(await download(second.url, file), "hello");
    } finally {
      proxy.stop();
      await first.stop("SIGKILL");
    }
  }));

Deno.test("serve takes an upload again whose line broke when it was stored", () =>
  withData(async (data) => {
    await using server = await ServerProcess.start(["--data", data]);
    const proxy = new FlakyProxy(server.port);
    try {
      await using ann = await Chatter.enter(server.ws(), "ann");
      // The answer begins when the file is stored; all of it never arrives.
      const unheard = await within(
        DEADLINE,
        "an upload",
        fetch(new URL("/files?name=a.bin", proxy.url), {
          method: "POST",
          body: "hello",
          headers: { authorization: `Bearer ${ann.session}` },
        }),
      );
      assertEquals(unheard.status, 201);
      proxy.cut();
      await unheard.body?.cancel();
      const file = await share(server, ann, "hello");
      assertEquals(await download(server.url, file), "hello");
    } finally {
      proxy.stop();
    }
  }));

Deno.test("serve makes files.db anew from the messages, and loses no file with it", () =>
  withData(async (data) => {
    const files: FileInfo[] = [];
    const session = await withSharing(data, async (server, ann) => {
      for (const text of ["one", "two"]) files.push(await share(server, ann, text));
    });
    await removeDatabase(join(data, "files.db"));
    await withSharing(data, async (server, ann) => {
      await server.until(/Recorded 2 files in files\.db anew/);
      const read = [];
      for (const file of files) read.push(await download(server.url, file));
      assertEquals(read, ["one", "two"]);
      // They are still ann's: she may say so once more.
      await ann.send({ type: "file", content: files[0]?.id });
      assertEquals((await ann.next("file")).file, files[0]);
    }, session);
  }));

Deno.test("serve keeps all files when only hubbub.db was put back, those announced since included", () =>
  withData(async (data) => {
    const [database, copy] = [join(data, "hubbub.db"), join(data, "copy.db")];
    const files: FileInfo[] = [];
    const session = await withSharing(data, async (server, ann) => {
      files.push(await share(server, ann, "before"));
    });
    await Deno.copyFile(database, copy);
    await withSharing(data, async (server, ann) => {
      files.push(await share(server, ann, "since"));
    }, session);
    await removeDatabase(database);
    await Deno.rename(copy, database);
    const [before, since] = files;
    assert(before !== undefined && since !== undefined);
    await withSharing(data, async (server, ann) => {
      // Its message has the number that the one of `since` had.
      files.push(await share(server, ann, "now"));
      assertEquals(await download(server.url, before), "before");
      assertEquals(await download(server.url, since), 404);
      assertEquals(await download(server.url, since, ann.session), "since");
      await ann.send({ type: "file", content: since.id });
      assertEquals((await ann.next("file", ({ file }) => file?.id === since.id)).file, since);
    }, session);
    await withSharing(data, async (server) => {
      const read = [];
      for (const file of files) read.push(await download(server.url, file));
      assertEquals(read, ["before", "since", "now"]);
    }, session);
  }));

Deno.test("serve serves no bytes that were altered or are missing, and says so once of each file", () =>
  withData(async (data) => {
    const files: FileInfo[] = [];
    const session = await withSharing(data, async (server, ann) => {
      for (const text of ["altered", "missing", "sound"]) {
        files.push(await share(server, ann, text));
      }
    });
    const [altered, missing, sound] = files;
    assert(altered !== undefined && missing !== undefined && sound !== undefined);
    await Deno.writeTextFile(pathOf(data, altered), "ALTERED");
    await Deno.remove(pathOf(data, missing));
    await withSharing(data, async (server) => {
      for (let again = 0; again < 2; again++) {
        assertEquals(await download(server.url, altered), 404);
        assertEquals(await download(server.url, missing), 404);
        assertEquals(await download(server.url, sound), "sound");
      }
      for (const [file, state] of [[altered, "altered"], [missing, "missing"]] as const) {
        await server.until(new RegExp(`${file.id}.*are ${state}: run hubbub check`));
        assertEquals(count(server, new RegExp(`${file.id}.*run hubbub check`)), 1);
      }
    }, session);
  }));

Deno.test("serve puts bytes without an owner into quarantine, and removes them after 30 days", () =>
  withData(async (data) => {
    const first = await ServerProcess.start(["--data", data]);
    first.kill("SIGKILL");
    await first.ended();
    const sha256 = "ab".repeat(32);
    await Deno.mkdir(join(data, "files", "ab"));
    await Deno.writeTextFile(join(data, "files", "ab", sha256), "whose?");
    const note = join(data, "quarantine", `${sha256}.json`);
    await withSharing(data, async (server) => {
      await server.until(/Moved 1 uploads \(6 bytes\)/);
      assertEquals(await Deno.readTextFile(join(data, "quarantine", sha256)), "whose?");
    });
    const { quarantined, ...rest } = JSON.parse(await Deno.readTextFile(note));
    assertEquals([rest.sha256, rest.size], [sha256, 6]);
    // As if it had come there so long ago.
    const earlier = quarantined - 30 * 24 * 3600_000 - 1;
    await Deno.writeTextFile(note, JSON.stringify({ ...rest, quarantined: earlier }));
    await withSharing(data, async (server) => {
      await server.until(/Removed 1 uploads from/);
    });
    assertEquals([...Deno.readDirSync(join(data, "quarantine"))], []);
  }));
