import { createHash } from "node:crypto";
import { KEY, parseTarget, readResponse, upgradeRequest } from "../../cli/load/handshake.ts";
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

Deno.test("parseTarget() reads host, port and path of a URL", () => {
  assertEquals(parseTarget("ws://127.0.0.1:8080/ws"), {
    hostname: "127.0.0.1",
    port: 8080,
    secure: false,
    host: "127.0.0.1:8080",
    path: "/ws",
  });
  const { hostname, port, secure, host } = parseTarget("wss://[::1]/chat/ws");
  assertEquals([hostname, port, secure, host], ["::1", 443, true, "[::1]"]);
});

Deno.test("upgradeRequest() asks for a WebSocket, with subprotocols and headers if there are any", () => {
  const target = { ...parseTarget("ws://chat.example.org/ws"), protocols: [] };
  const plain = upgradeRequest(target);
  assertStringIncludes(plain, "GET /ws HTTP/1.1\r\nHost: chat.example.org\r\n");
  assertEquals(plain.endsWith("\r\n\r\n"), true);
  assertEquals(plain.includes("Protocol"), false);
  const full = upgradeRequest({
    ...target,
    protocols: ["hubbub.v1", "bearer.secret"],
    headers: { Authorization: "Bearer secret" },
  });
  assertStringIncludes(full, "\r\nSec-WebSocket-Protocol: hubbub.v1, bearer.secret\r\n");
  assertStringIncludes(full, "\r\nAuthorization: Bearer secret\r\n");
});

Deno.test("readResponse() returns where the frames begin", () => {
  assertEquals(readResponse(good), good.length);
  assertEquals(readResponse(good + "\x81\x00"), good.length);
  assertEquals(readResponse(good.slice(0, -1)), undefined);
});

Deno.test("readResponse() rejects other responses", () => {
  const wrong = response("101 Switching Protocols", "Sec-WebSocket-Accept: x");
  assertThrows(() => readResponse(response("503 Busy")), Error, '"HTTP/1.1 503 Busy"');
  assertThrows(() => readResponse(wrong), Error, "another key");
});

Deno.test("readResponse() requires the subprotocol that was offered", () => {
  const chosen = good.replace("Upgrade:", "Sec-WebSocket-Protocol: hubbub.v1\r\nUpgrade:");
  assertEquals(readResponse(chosen, "hubbub.v1"), chosen.length);
  assertThrows(() => readResponse(good, "hubbub.v1"), Error, 'selected "none"');
  assertThrows(() => readResponse(chosen), Error, 'selected "hubbub.v1"');
});
