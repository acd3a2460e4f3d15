/** Bodies that stop, drip or break off, over real TCP connections to both transports. */
import { listenOptions } from "../support/listen_options.ts";
import { deadline } from "@std/async/deadline";
import { assertEquals, assertMatch } from "../support/assert.ts";
import type { BodyTimeouts } from "../../http/body.ts";
import { createAuthenticator } from "../../people/authenticator.ts";
import { Policy } from "../../people/policy.ts";
import { ANONYMOUS } from "../../people/principal.ts";
import type { RequestHandler } from "../../transport/socket.ts";
import { createBaseApp } from "../../http/base_app.ts";
import { uploadHandler } from "../../http/files/upload.ts";
import { Access } from "../../http/access.ts";
import { listen as listenDeno } from "../../transport/deno/listen.ts";
import { listen as listenNode } from "../../transport/node/listen.ts";
import { HubHarness } from "../support/hub_harness.ts";
import { poll } from "../support/within.ts";
import { RawLine } from "../support/raw_tcp.ts";
import { bytesOnDisk, type FilesHarness, withFiles } from "../files/harness.ts";

/** A listener whose only route is that of uploads, and a session that may upload. */
interface UploadServer {
  readonly url: string;
  readonly session: string;
  readonly files: FilesHarness;
  /** Resolves when an upload has ended, with its result or error. */
  ended(): Promise<unknown>;
}

/** Longest duration of a test, in milliseconds. */
const DEADLINE_MS = 30_000;

/** Runs a test against a listener of each transport. By default, uploads may take a minute. */
function testUpload(
  name: string,
  run: (server: UploadServer) => Promise<void>,
  timeouts: BodyTimeouts = { idle: 60_000, grace: 60_000, rate: 0 },
): void {
  for (const [transport, listen] of [["deno", listenDeno], ["node", listenNode]] as const) {
    Deno.test(`${name}, with transport ${transport}`, () =>
      withFiles(async (files) => {
        await using hub = new HubHarness({ store: files.messages });
        const ann = await hub.enter("ann");
        const access = new Access({
          hub: hub.hub,
          policy: new Policy(),
          files: files.files,
          allowOrigins: { kind: "any" },
          rate: 0,
          burst: 1,
        });
        const ended = Promise.withResolvers<unknown>();
        const put = files.files.put.bind(files.files);
        files.files.put = (...upload) => {
          const kept = put(...upload);
          kept.then(ended.resolve, ended.resolve);
          return kept;
        };
        const base = createBaseApp();
        base.post("/files", uploadHandler({ files: files.files, access, maxFile: 1000, timeouts }));
        const { authenticate } = createAuthenticator({
          store: hub.people,
          sessions: hub.sessions,
          bots: [],
        });
        const requests: RequestHandler = {
          connect: () => Promise.resolve(undefined),
          async fetch(request, peer) {
            const principal = await authenticate(request, peer) ?? ANONYMOUS;
            return await base.fetch(request, { principal, ip: peer.ip });
          },
        };
        const listener = await listen(listenOptions(), requests);
        try {
          const { session } = ann;
          const server = { url: listener.url, session, files, ended: () => ended.promise };
          await deadline(run(server), DEADLINE_MS);
        } finally {
          await listener.close(1000);
        }
      }));
  }
}

/** Sends the head of an upload with these fields. */
async function begin(
  { url, session }: UploadServer,
  ...fields: string[]
): Promise<RawLine> {
  const raw = await RawLine.open(url);
  const authorization = `authorization: Bearer ${session}`;
  const head = ["POST /files?name=a HTTP/1.1", "host: localhost", authorization, ...fields, "", ""];
  await raw.write(head.join("\r\n"));
  return raw;
}

testUpload("POST /files answers 408 to a body that stops", async (server) => {
  for (const field of ["content-length: 100", "transfer-encoding: chunked"]) {
    const raw = await begin(server, field);
    await raw.write(field.startsWith("content") ? "hel" : "64\r\nhel");
    assertMatch(await raw.until(/"status":408/), /^HTTP\/1\.1 408 /);
    assertEquals(await bytesOnDisk(server.files.dir), []);
    await raw.reset();
  }
}, { idle: 50, grace: 60_000, rate: 0 });

testUpload("POST /files closes the connection of a body that drips", async (server) => {
  const raw = await begin(server, "content-length: 900");
  const answer = raw.ended();
  let isOver = false;
  answer.finally(() => isOver = true).catch(() => {});
  while (!isOver) {
    await raw.write("x");
    // A byte a millisecond: that is the drip, and not a wait for something.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertMatch(await answer, /^HTTP\/1\.1 408 [^]*"status":408/);
  assertEquals(await bytesOnDisk(server.files.dir), []);
}, { idle: 60_000, grace: 50, rate: 10_000 });

testUpload("POST /files leaves nothing of an upload whose connection is reset", async (server) => {
  for (const field of ["content-length: 100", "transfer-encoding: chunked"]) {
    const raw = await begin(server, field);
    await raw.write(field.startsWith("content") ? "hel" : "3\r\nhel\r\n");
    await raw.reset();
  }
  assertMatch(String(await server.ended()), /ended too soon/);
  // The second one may still be on its way out.
  const { files, dir } = server.files;
  await poll("nothing to be left", () => bytesOnDisk(dir), (left) => left.length === 0);
  await files.close();
});

testUpload("POST /files refuses a body that turns out too large", async (server) => {
  const body = ReadableStream.from([new Uint8Array(600), new Uint8Array(600)]);
  const response = await fetch(`${server.url}files?name=a`, {
    method: "POST",
    body,
    headers: { authorization: `Bearer ${server.session}` },
  });
  assertEquals([response.status, (await response.json()).code], [413, "too_large"]);
  assertEquals(await bytesOnDisk(server.files.dir), []);
});

testUpload("POST /files takes a body in chunks, and the server goes on", async (server) => {
  const raw = await begin(server, "transfer-encoding: chunked");
  await raw.write("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
  assertMatch(await raw.until(/"sha256":"2cf24dba[^]*\}/), /^HTTP\/1\.1 201 /);
  await raw.reset();
  const body = ReadableStream.from(["hel", "lo"].map((text) => new TextEncoder().encode(text)));
  const headers = { authorization: `Bearer ${server.session}` };
  const response = await fetch(`${server.url}files?name=b`, { method: "POST", body, headers });
  assertEquals([response.status, (await response.json()).size], [201, 5]);
});
