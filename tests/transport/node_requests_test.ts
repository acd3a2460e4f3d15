/**
 * Requests by hand against the transport `node`: ambiguous ones, slow ones, too many.
 *
 * @module
 */
import { createServer, type ServerResponse } from "node:http";
import type { Refusal } from "../../log/refusals.ts";
import type { Metric } from "../../metrics/metrics.ts";
import { listen } from "../../transport/node/listen.ts";
import { Networks } from "../../network/cidr.ts";
import { RequestWatch } from "../../transport/node/request_watch.ts";
import type { Listener, ListenOptions } from "../../transport/listener.ts";
import type { RequestHandler } from "../../transport/socket.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { listenOptions } from "../support/listen_options.ts";
import {
  BAD_HOSTS,
  exchange,
  handshake,
  ODD_TARGETS,
  parseResponses,
  SMUGGLING,
} from "../support/raw_http.ts";
import { formatRequest, RawLine } from "../support/raw_tcp.ts";
import { TRANSPORTS } from "../support/test_server.ts";
import { DEADLINE, poll, within } from "../support/within.ts";

/** Answers with the URL that it was asked for; accepts WebSockets on `/ws`. */
class Handler implements RequestHandler {
  /** Resolves when `/slow` may be answered. */
  readonly released = Promise.withResolvers<void>();
  gone = 0;

  async connect({ url, headers }: Request) {
    if (new URL(url).pathname !== "/ws" || !headers.has("upgrade")) return undefined;
    await Promise.resolve();
    return {
      ip: "127.0.0.1",
      maxPayload: 65536,
      opened: () => {},
      gone: () => void this.gone++,
    };
  }

  async fetch(request: Request): Promise<Response> {
    if (request.url.endsWith("/slow")) await this.released.promise;
    if (request.url.endsWith("/large")) return new Response(new Uint8Array(16 * 1024 * 1024));
    const body = request.body === null ? "" : await request.text().catch(String);
    return new Response(`${request.url} ${body}`);
  }
}

interface Served extends AsyncDisposable {
  readonly url: string;
  readonly handler: Handler;
  readonly refusals: Refusal[];
  readonly figures: Map<string, Metric>;
}

async function serve(options: Partial<ListenOptions> = {}): Promise<Served> {
  const handler = new Handler();
  const refusals: Refusal[] = [];
  const figures = new Map<string, Metric>();
  const listener: Listener = await listen(
    listenOptions({
      refusals: { note: (refusal) => void refusals.push(refusal) },
      metrics: { register: (metric) => void figures.set(metric.name, metric) },
      ...options,
    }),
    handler,
  );
  const { url } = listener;
  return { url, handler, refusals, figures, [Symbol.asyncDispose]: () => listener.close(1000) };
}

/** A test of the transport, where the runtime carries it. */
function test(behaviour: string, body: () => Promise<void>): void {
  Deno.test(`transport node ${behaviour}`, { ignore: !TRANSPORTS.includes("node") }, body);
}

test("answers 400 to invalid hosts, also those of an upgrade, and says so", async () => {
  await using served = await serve();
  for (const { name, text } of BAD_HOSTS) {
    const upgrade = text.replace(
      "\r\n\r\n",
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    );
    for (const request of [text, upgrade]) {
      const responses = await exchange(served.url, request);
      assertEquals(responses.map(({ status }) => status), [400], name);
      assert(!responses[0]?.body.includes(" at "), name);
    }
  }
  assertEquals(new Set(served.refusals.map(({ reason }) => reason)), new Set(["bad_request"]));
  assertEquals(served.refusals.length, 2 * BAD_HOSTS.length);
});

test("takes the host of a URL from the header alone, whatever the target", async () => {
  await using served = await serve();
  for (const { target, path } of ODD_TARGETS) {
    const request = formatRequest(`GET ${target} HTTP/1.1`, { host: "here:81" });
    const [response] = await exchange(served.url, request, { responses: 1 });
    assertEquals(response?.body, `http://here:81${path} `);
  }
  const bare = await exchange(served.url, "GET / HTTP/1.0\r\n\r\n");
  assertEquals(bare[0]?.body, "http://localhost/ ");
  for (const target of ["*", "here", "http:/ws", "http://here@ws\\x", "ws://here/ws"]) {
    const request = formatRequest(`OPTIONS ${target} HTTP/1.1`, { host: "here" });
    const responses = await exchange(served.url, request);
    assertEquals(responses.map(({ status }) => status), [400], target);
  }
});

test("answers nothing that is hidden behind an ambiguous request", async () => {
  await using served = await serve();
  for (const { name, text } of SMUGGLING) {
    const responses = await exchange(served.url, text);
    assert(responses.length <= 1, name);
    for (const { status, body } of responses) {
      assert([400, 413, 431].includes(status), `${name}: ${status}`);
      assert(!body.includes("hidden"), name);
    }
  }
  assert(served.refusals.some(({ reason }) => reason === "too_large"));
});

test("answers 431 to a head that is too large", async () => {
  await using served = await serve();
  const text = formatRequest("GET / HTTP/1.1", { host: "a", "x-a": "x".repeat(20_000) });
  const [response] = await exchange(served.url, text);
  assertEquals(response?.status, 431);
});

test("answers in order and then upgrades when an upgrade is pipelined behind a request", async () => {
  await using served = await serve();
  const raw = await RawLine.open(served.url);
  await raw.write(formatRequest("GET /slow HTTP/1.1", { host: "a" }) + handshake("/ws"));
  served.handler.released.resolve();
  const received = await raw.until(/101 Switching/);
  assertEquals(parseResponses(received).map(({ status }) => status), [200, 101]);
  await raw.write(Uint8Array.of(0x88, 0x80, 0, 0, 0, 0));
  await raw.ended();
  await poll("the end to be told", () => served.handler.gone, (gone) => gone === 1);
});

test("takes no upgrade with a body, and none to something else", async () => {
  await using served = await serve();
  const withBody = handshake("/ws", { "content-length": "5", connection: "Upgrade, close" });
  const [first] = await exchange(served.url, `${withBody}hello`);
  assertEquals(first?.status, 200);
  const h2c = formatRequest("POST /x HTTP/1.1", {
    host: "a",
    upgrade: "h2c",
    connection: "Upgrade, close",
    "content-length": "5",
  });
  const [second] = await exchange(served.url, `${h2c}hello`);
  assertEquals(second?.body, "http://a/x hello");
});

test("ends a connection whose headers drip, one that is silent, and one that idles", async () => {
  await using served = await serve();
  const dripping = await RawLine.open(served.url);
  await dripping.write("GET / HTTP/1.1\r\nhost: a\r\nx: ");
  const drip = setInterval(() => dripping.write("x").catch(() => {}), 500);
  const silent = await RawLine.open(served.url);
  const idle = await RawLine.open(served.url);
  await idle.write(formatRequest("GET / HTTP/1.1", { host: "a" }));
  try {
    assertEquals(parseResponses(await dripping.ended()).map(({ status }) => status), [408]);
    assertEquals(await silent.ended(), "");
    assertEquals(parseResponses(await idle.ended()).map(({ status }) => status), [200]);
  } finally {
    clearInterval(drip);
  }
  assertEquals(served.refusals.map(({ reason }) => reason), ["timeout"]);
});

test("refuses TCP connections beyond the limit of an address, and counts those that are open", async () => {
  await using served = await serve({ maxConnectionsPerAddress: 2 });
  const count = () => served.figures.get("hubbub_http_connections")?.read();
  const lines: RawLine[] = [];
  // One page may always open 32.
  for (let opened = 0; opened < 32; opened++) lines.push(await RawLine.open(served.url));
  await poll("all to be counted", count, (count) => count === 32);
  const beyond = await RawLine.open(served.url);
  assertEquals(await beyond.ended(), "");
  assertEquals(served.refusals.map(({ reason, ip }) => [reason, ip]), [
    ["connections_per_address", "127.0.0.1"],
  ]);
  // What has become a WebSocket makes room.
  await lines[0]?.write(handshake("/ws"));
  await lines[0]?.until(/101/);
  const [response] = await exchange(served.url, formatRequest("GET / HTTP/1.1", { host: "a" }), {
    responses: 1,
  });
  assertEquals(response?.status, 200);
  for (const line of lines) await line.reset();
  await poll("nobody to be left", count, (count) => count === 0);
});

test("ends a connection that sends requests without waiting for their answers, beyond some", async () => {
  await using served = await serve();
  const raw = await RawLine.open(served.url);
  await raw.write(formatRequest("GET /slow HTTP/1.1", { host: "a" }).repeat(16));
  await poll("no refusal", () => served.refusals.length, (count) => count === 0);
  await raw.write(formatRequest("GET /slow HTTP/1.1", { host: "a" }).repeat(16));
  assertEquals(await raw.ended(), "");
  assertEquals(served.refusals.map(({ reason, detail }) => [reason, detail]), [[
    "rate",
    "pipelining",
  ]]);
  served.handler.released.resolve();
});

test("refuses TCP connections that come faster than an address may open them", async () => {
  await using served = await serve({ maxAcceptRate: 0.001 });
  const first = await RawLine.open(served.url);
  const second = await RawLine.open(served.url);
  assertEquals(await second.ended(), "");
  assertEquals(served.refusals.map(({ reason, ip }) => [reason, ip]), [
    ["connect_rate", "127.0.0.1"],
  ]);
  await first.reset();
});

test("does not count trusted proxies by address", async () => {
  const networks = new Networks([{ address: "127.0.0.0", prefix: 8 }]);
  const trustProxies = { networks, unix: false };
  await using served = await serve({ maxConnectionsPerAddress: 2, maxAcceptRate: 1, trustProxies });
  const lines: RawLine[] = [];
  for (let opened = 0; opened < 40; opened++) lines.push(await RawLine.open(served.url));
  const count = () => served.figures.get("hubbub_http_connections")?.read();
  await poll("all to be counted", count, (count) => count === 40);
  for (const line of lines) await line.reset();
  assertEquals(served.refusals, []);
});

/** The request that a peer has begun, and the watch that is told of it. */
async function watchOne(text: string) {
  const refusals: Refusal[] = [];
  const watch = new RequestWatch({ note: (refusal) => void refusals.push(refusal) });
  const begun = Promise.withResolvers<ServerResponse>();
  const server = createServer((incoming, outgoing) => {
    incoming.on("error", () => {}).resume();
    watch.add(incoming, outgoing, 0);
    begun.resolve(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const raw = await RawLine.open(`http://127.0.0.1:${port}/`);
  await raw.write(text);
  const outgoing = await within(DEADLINE, "a request", begun.promise);
  const close = async () => {
    await raw.reset();
    server.close();
  };
  return { refusals, watch, raw, outgoing, close };
}

const HALF = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n";

test("cuts a peer whose body drips, by what it has sent in half a minute", async () => {
  const { refusals, watch, raw, outgoing, close } = await watchOne(HALF);
  const read = () => outgoing.req.socket.bytesRead;
  await raw.write("x".repeat(40_000));
  await poll("the body to arrive", read, (bytes) => bytes > 40_000);
  watch.sweep(30_000);
  assertEquals(refusals, []);
  await raw.write("x".repeat(1000));
  watch.sweep(59_000);
  assertEquals(refusals, []);
  watch.sweep(60_000);
  assertEquals(refusals, [{ reason: "timeout", ip: "127.0.0.1", detail: "a slow body" }]);
  await raw.ended();
  await close();
});

test("waits for its own answer as long as it takes, and not for a peer that does not read it", async () => {
  const request = formatRequest("GET / HTTP/1.1", { host: "a" });
  const { refusals, watch, raw, outgoing, close } = await watchOne(request);
  await poll("the request to be whole", () => outgoing.req.complete, (complete) => complete);
  watch.sweep(1_000_000);
  assertEquals(refusals, []);
  raw.pause();
  outgoing.end(new Uint8Array(64 * 1024 * 1024));
  const left = () => outgoing.req.socket.writableLength;
  await poll("the answer to be stuck", left, (left) => left > 0);
  watch.sweep(1_030_000);
  assertEquals(refusals, []);
  let now = 1_030_000;
  // What the system still takes counts once.
  await poll("the peer to be cut", () => watch.sweep(now += 20_000_000), () => refusals.length > 0);
  await close();
});

test("destroys what a peer does not close after a refused upgrade", async () => {
  await using served = await serve();
  const raw = await RawLine.open(served.url);
  await raw.write(handshake("/nowhere"));
  await raw.head();
  const count = () => served.figures.get("hubbub_http_connections")?.read();
  await poll("the connection to be gone", count, (count) => count === 0);
  await raw.reset();
});
