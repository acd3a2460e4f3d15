/**
 * Requests that no client library would send, to the transport `deno`. Most are answered by the runtime itself,
 * before the server learns of them; docs/transports.md says what it does not refuse.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import {
  BAD_HOSTS,
  exchange,
  handshake,
  ODD_TARGETS,
  parseResponses,
  SMUGGLING,
} from "../support/raw_http.ts";
import { formatRequest, RawLine } from "../support/raw_tcp.ts";
import { startTestServer } from "../support/test_server.ts";

/** Bad requests that the runtime answers as if they were right. */
const ACCEPTED: ReadonlySet<string> = new Set(["no host"]);

const GET = formatRequest("GET /healthz HTTP/1.1", { host: "localhost" });

Deno.test("transport deno answers 400 to an invalid host, but accepts a request without one", async () => {
  await using server = await startTestServer("--transport", "deno");
  for (const { name, text } of BAD_HOSTS) {
    const [answer] = await exchange(server.url, text, { responses: 1 });
    assertEquals([name, answer?.status], [name, ACCEPTED.has(name) ? 200 : 400]);
    assert(answer?.body.includes(" at ") !== true, "an answer has a stack");
  }
});

Deno.test("transport deno ends a connection whose requests cannot be told apart, and answers nothing that is hidden", async () => {
  await using server = await startTestServer("--transport", "deno");
  for (const { name, text } of SMUGGLING) {
    const answers = await exchange(server.url, text);
    // None; 400 or 431; or 405, for the first request. What is hidden behind it would be 404.
    const statuses = answers.map(({ status }) => status);
    assert(statuses.length <= 1, `${name}: ${statuses}`);
    assert(statuses.every((status) => [400, 405, 431].includes(status)), `${name}: ${statuses}`);
  }
});

Deno.test("transport deno takes the path of an unusual target for what it is, and no other host", async () => {
  await using server = await startTestServer("--transport", "deno");
  for (const { target, path } of ODD_TARGETS) {
    const [answer] = await exchange(server.url, handshake(target), { responses: 1 });
    const expected = path === "/ws" ? 400 : 404;
    assertEquals([target, answer?.status], [target, expected]);
  }
});

Deno.test("transport deno answers requests in their order, an upgrade behind another one too", async () => {
  await using server = await startTestServer("--transport", "deno");
  const answers = await exchange(server.url, GET + handshake("/echo"), { responses: 2 });
  assertEquals(answers.map(({ status }) => status), [200, 101]);
});

Deno.test("transport deno upgrades a request without Host, or refuses it, but does not fail", async () => {
  await using server = await startTestServer("--transport", "deno");
  const text = handshake("/echo").replace(/host: .*\r\n/i, "");
  const [answer] = await exchange(server.url, text, { responses: 1 });
  assert(answer !== undefined && [101, 400].includes(answer.status), `${answer?.status}`);
});

Deno.test("transport deno serves others while a head or a body drips in, for as long as it likes", async () => {
  await using server = await startTestServer("--transport", "deno");
  const head = await RawLine.open(server.url);
  const body = await RawLine.open(server.url);
  await head.write("GET /healthz HTTP/1.1\r\nHost: local");
  await body.write(
    "POST /api/rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
  );
  const [answer] = await exchange(server.url, GET, { responses: 1 });
  assertEquals(answer?.status, 200);
  await head.write("host\r\n\r\n");
  const [late] = parseResponses(
    await head.untilOrEnd((text) => parseResponses(text).length > 0),
  );
  assertEquals(late?.status, 200);
  await Promise.all([head.reset(), body.reset()]);
});
