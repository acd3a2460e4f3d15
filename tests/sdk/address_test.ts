import { httpUrl, socketUrl } from "../../sdk/address.js";
import { assertEquals, assertThrows } from "../support/assert.ts";

Deno.test("socketUrl() finds the chat below the page, and takes the chat itself", () => {
  for (
    const [address, socket] of [
      ["http://localhost:8080", "ws://localhost:8080/ws"],
      ["https://example.org/chat", "wss://example.org/chat/ws"],
      ["https://example.org/chat/", "wss://example.org/chat/ws"],
      ["https://example.org/chat/?a=b#kitchen", "wss://example.org/chat/ws"],
      ["https://example.org/ws/", "wss://example.org/ws/ws"],
      ["wss://example.org", "wss://example.org/ws"],
      ["wss://example.org/chat/", "wss://example.org/chat/ws"],
      ["wss://example.org/chat/socket", "wss://example.org/chat/socket"],
    ] as const
  ) {
    assertEquals(socketUrl(address), socket);
  }
  assertThrows(() => socketUrl("ftp://example.org"), TypeError, "must be http: or ws:");
});

Deno.test("httpUrl() leads below the same path as the chat", () => {
  for (const address of ["https://example.org/chat", "wss://example.org/chat/ws"]) {
    assertEquals(httpUrl(address, "api/session"), "https://example.org/chat/api/session");
  }
  assertEquals(httpUrl("http://localhost:8080", "files"), "http://localhost:8080/files");
});
