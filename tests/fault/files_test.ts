/** Files in a real server: what they cost it, and what a kill leaves of them. */
import { join } from "node:path";
import { assert, assertEquals, assertLess } from "../support/assert.ts";
import type { FileInfo } from "../../protocol.ts";
import { Chatter } from "../support/chatter.ts";
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
