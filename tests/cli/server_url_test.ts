import { parseServerUrl } from "../../cli/server_url.ts";
import { assertEquals } from "../support/assert.ts";

const CASES: [string, string, string][] = [
  ["localhost:8080", "ws://localhost:8080/ws", "http://localhost:8080/"],
  [":8080", "ws://localhost:8080/ws", "http://localhost:8080/"],
  ["[::1]:9000", "ws://[::1]:9000/ws", "http://[::1]:9000/"],
  ["chat.example.org", "ws://chat.example.org/ws", "http://chat.example.org/"],
  ["http://chat.example.org", "ws://chat.example.org/ws", "http://chat.example.org/"],
  ["https://example.org/chat", "wss://example.org/chat/ws", "https://example.org/chat/"],
  ["https://example.org/chat/", "wss://example.org/chat/ws", "https://example.org/chat/"],
  ["wss://example.org", "wss://example.org/ws", "https://example.org/"],
  ["ws://example.org:81/ws", "ws://example.org:81/ws", "http://example.org:81/"],
  ["ws://example.org/talk/socket", "ws://example.org/talk/socket", "http://example.org/talk/"],
];

for (const [text, socket, base] of CASES) {
  Deno.test(`parseServerUrl() reads ${text}`, () => {
    assertEquals(parseServerUrl(text), { socket, base });
  });
}

Deno.test("parseServerUrl() takes the room of an invitation link", () => {
  assertEquals(parseServerUrl("https://example.org/#kitchen")?.room, "kitchen");
  assertEquals(parseServerUrl("https://example.org/#Not%20a%20room")?.room, undefined);
});

for (
  const text of [
    "",
    "a b",
    "ftp://example.org",
    "http://",
    "http://a:b@c",
    "http://c/?x=1",
    ":99999",
  ]
) {
  Deno.test(`parseServerUrl() refuses ${JSON.stringify(text)}`, () => {
    assertEquals(parseServerUrl(text), undefined);
  });
}
