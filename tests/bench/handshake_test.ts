import { createHash } from "node:crypto";
import { KEY, readResponse, upgradeRequest } from "../../bench/load/handshake.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../support/assert.ts";

const ACCEPT = createHash("sha1").update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  .digest("base64");

function response(status: string, ...headers: string[]): string {
  return [`HTTP/1.1 ${status}`, ...headers].join("\r\n") + "\r\n\r\n";
}

const good = response(
  "101 Switching Protocols",
  "Upgrade: websocket",
  `sec-websocket-accept: ${ACCEPT}`,
);

Deno.test("upgradeRequest() asks for a WebSocket, and for a subprotocol if there is one", () => {
  const target = { hostname: "127.0.0.1", port: 8080, path: "/ws" };
  const plain = upgradeRequest(target);
  assertStringIncludes(plain, "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n");
  assertEquals(plain.endsWith("\r\n\r\n"), true);
  assertEquals(plain.includes("Protocol"), false);
  const lines = upgradeRequest({ ...target, protocol: "hubbub.v1" });
  assertStringIncludes(lines, "\r\nSec-WebSocket-Protocol: hubbub.v1\r\n");
});

Deno.test("readResponse() tells where the frames begin", () => {
  assertEquals(readResponse(good), good.length);
  assertEquals(readResponse(good + "\x81\x00"), good.length);
  assertEquals(readResponse(good.slice(0, -1)), undefined);
});

Deno.test("readResponse() refuses other answers", () => {
  const wrong = response("101 Switching Protocols", "Sec-WebSocket-Accept: x");
  assertThrows(() => readResponse(response("503 Busy")), Error, '"HTTP/1.1 503 Busy"');
  assertThrows(() => readResponse(wrong), Error, "another key");
});

Deno.test("readResponse() wants the subprotocol that was offered", () => {
  const chosen = good.replace("Upgrade:", "Sec-WebSocket-Protocol: hubbub.v1\r\nUpgrade:");
  assertEquals(readResponse(chosen, "hubbub.v1"), chosen.length);
  assertThrows(() => readResponse(good, "hubbub.v1"), Error, 'chose "none"');
  assertThrows(() => readResponse(chosen), Error, 'chose "hubbub.v1"');
});
