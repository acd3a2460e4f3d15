/** What only real lines show: bodies that stop, drip or break, on both transports. */
import { assertEquals, assertMatch } from "../support/assert.ts";
import type { Pace } from "../../http/body.ts";
import { Admission } from "../../server/admission.ts";
import { uploadHandler } from "../../http/files/upload.ts";
import { Access } from "../../http/access.ts";
import { Routes } from "../../server/request_handler.ts";
import { listen as listenDeno } from "../../transport/deno/listen.ts";
import { listen as listenNode } from "../../transport/node/listen.ts";
import { HubBench } from "../support/hub_bench.ts";
import { RawLine } from "../support/raw_tcp.ts";
import { bytesOnDisk, type FilesBench, withFiles } from "../files/bench.ts";

/** What a test is given: where uploads go, and with what they are allowed. */
interface Line {
  readonly url: string;
  readonly session: string;
  readonly files: FilesBench;
  /** Resolves when an upload has ended, with what became of it. */
  ended(): Promise<unknown>;
}

/** Runs a test against a listener of each transport. Unless told otherwise, uploads may take their time. */
function testLine(
  name: string,
  run: (line: Line) => Promise<void>,
  pace: Pace = { idle: 60_000, grace: 60_000, rate: 0 },
): void {
  for (const [transport, listen] of [["deno", listenDeno], ["node", listenNode]] as const) {
    Deno.test(`${name}, with transport ${transport}`, () =>
      withFiles(async (files) => {
        await using hub = new HubBench({ store: files.messages });
        const ann = await hub.enter("ann");
        const allowOrigins = { kind: "any" } as const;
        const access = new Access({
          hub: hub.hub,
          files: files.files,
          apiTokens: [],
          allowOrigins,
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
        const post = uploadHandler({ files: files.files, access, maxFile: 1000, pace });
        const admission = new Admission({ maxConnections: 9, maxConnectionsPerAddress: 9 });
        const table = [{ path: "/files", post }];
        const routes = new Routes({ admission, allowOrigins, endpoints: [], table });
        const addr = { kind: "host", hostname: "127.0.0.1", port: 0 } as const;
        const listener = await listen({ addr, pingInterval: 0 }, routes);
        try {
          const { session } = ann.client;
          await run({ url: listener.url, session, files, ended: () => ended.promise });
        } finally {
          await listener.close(1000);
        }
      }));
  }
}

async function begin({ url, session }: Line, ...fields: string[]): Promise<RawLine> {
  const line = await RawLine.open(url);
  const authorization = `authorization: Bearer ${session}`;
  const head = ["POST /files?name=a HTTP/1.1", "host: localhost", authorization, ...fields, "", ""];
  await line.write(head.join("\r\n"));
  return line;
}

testLine("POST /files gives up on a body of which nothing more comes", async (line) => {
  for (const field of ["content-length: 100", "transfer-encoding: chunked"]) {
    const raw = await begin(line, field);
    await raw.write(field.startsWith("content") ? "hel" : "64\r\nhel");
    assertMatch(await raw.until(/"status":408/), /^HTTP\/1\.1 408 /);
    assertEquals(await bytesOnDisk(line.files.dir), []);
    await raw.reset();
  }
}, { idle: 50, grace: 60_000, rate: 0 });

testLine("POST /files cuts a line on which a body drips", async (line) => {
  const raw = await begin(line, "content-length: 900");
  const answer = raw.ended();
  let isOver = false;
  answer.then(() => isOver = true);
  while (!isOver) {
    await raw.write("x");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertMatch(await answer, /^HTTP\/1\.1 408 [^]*"status":408/);
  assertEquals(await bytesOnDisk(line.files.dir), []);
}, { idle: 60_000, grace: 50, rate: 10_000 });

testLine("POST /files leaves nothing of an upload whose line breaks", async (line) => {
  for (const field of ["content-length: 100", "transfer-encoding: chunked"]) {
    const raw = await begin(line, field);
    await raw.write(field.startsWith("content") ? "hel" : "3\r\nhel\r\n");
    await raw.reset();
  }
  assertMatch(String(await line.ended()), /ended too soon/);
  await line.files.files.close();
  assertEquals(await bytesOnDisk(line.files.dir), []);
});

testLine("POST /files refuses a body that turns out too large", async (line) => {
  const body = ReadableStream.from([new Uint8Array(600), new Uint8Array(600)]);
  const response = await fetch(`${line.url}files?name=a`, {
    method: "POST",
    body,
    headers: { authorization: `Bearer ${line.session}` },
  });
  assertEquals([response.status, (await response.json()).code], [413, "too_large"]);
  assertEquals(await bytesOnDisk(line.files.dir), []);
});

testLine("POST /files takes a body of any shape, and the line serves on", async (line) => {
  const raw = await begin(line, "transfer-encoding: chunked");
  await raw.write("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
  assertMatch(await raw.until(/"sha256":"2cf24dba[^]*\}/), /^HTTP\/1\.1 201 /);
  await raw.reset();
  const body = ReadableStream.from(["hel", "lo"].map((text) => new TextEncoder().encode(text)));
  const headers = { authorization: `Bearer ${line.session}` };
  const response = await fetch(`${line.url}files?name=b`, { method: "POST", body, headers });
  assertEquals([response.status, (await response.json()).size], [201, 5]);
});
