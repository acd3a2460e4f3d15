import fc from "fast-check";
import { type Address, formatAddress, MAX_UNIX_PATH, parseAddress } from "../../config/address.ts";
import { assertEquals } from "../support/assert.ts";
import { codePoint } from "../support/code_point.ts";

Deno.test("parseAddress() reads every form", () => {
  const table: [string, Address][] = [
    [":8080", { kind: "any", port: 8080 }],
    [":0", { kind: "any", port: 0 }],
    [":65535", { kind: "any", port: 65_535 }],
    ["127.0.0.1:8080", { kind: "host", hostname: "127.0.0.1", port: 8080 }],
    ["0.0.0.0:80", { kind: "host", hostname: "0.0.0.0", port: 80 }],
    ["localhost:8080", { kind: "host", hostname: "localhost", port: 8080 }],
    ["Chat-1.example.org:443", { kind: "host", hostname: "Chat-1.example.org", port: 443 }],
    ["my_service:80", { kind: "host", hostname: "my_service", port: 80 }],
    ["[::1]:0", { kind: "host", hostname: "::1", port: 0 }],
    ["[::]:8080", { kind: "host", hostname: "::", port: 8080 }],
    ["[2001:db8::7]:8080", { kind: "host", hostname: "2001:db8::7", port: 8080 }],
    ["unix:/run/hubbub.sock", { kind: "unix", path: "/run/hubbub.sock" }],
    ["unix:hubbub.sock", { kind: "unix", path: "hubbub.sock" }],
    ["unix:/with space:80", { kind: "unix", path: "/with space:80" }],
  ];
  for (const [text, address] of table) {
    assertEquals(parseAddress(text), address, text);
    assertEquals(formatAddress(address), text);
  }
});

Deno.test("parseAddress() refuses what is no address", () => {
  const bad = [
    "",
    ":",
    "8080",
    "localhost",
    "localhost:",
    ":65536",
    ":-1",
    ":80a",
    ": 80",
    ":8080 ",
    ":8080\n",
    "::1:8080",
    "[::1]",
    "[::1",
    "[]:80",
    "[127.0.0.1]:80",
    "[::1%eth0]:80",
    "300.0.0.1:80",
    "127.1:80",
    "1.2.3.04:80",
    "*:80",
    "-host:80",
    "a..b:80",
    "user@host:80",
    "http://localhost:80",
    "localhost:80/path",
    `${"a".repeat(64)}:80`,
    "unix:",
    "unix:/a\0b",
    `unix:/${"p".repeat(MAX_UNIX_PATH)}`,
    `unix:/${"é".repeat(Math.ceil(MAX_UNIX_PATH / 2))}`,
  ];
  for (const text of bad) assertEquals(parseAddress(text), undefined, text);
});

Deno.test("parseAddress() takes a Unix path of just the length that the system has room for", () => {
  const path = `/${"p".repeat(MAX_UNIX_PATH - 1)}`;
  assertEquals(parseAddress(`unix:${path}`), { kind: "unix", path });
});

Deno.test("parseAddress() reads back what formatAddress() writes", () => {
  const port = fc.nat(65_535);
  const hostname = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
  const address: fc.Arbitrary<Address> = fc.oneof(
    fc.record({ kind: fc.constant("any" as const), port }),
    fc.record({ kind: fc.constant("host" as const), hostname, port }),
  );
  fc.assert(fc.property(address, (one) => assertEquals(parseAddress(formatAddress(one)), one)));
});

Deno.test("parseAddress() never throws", () => {
  fc.assert(fc.property(fc.string({ unit: codePoint }), (text) => {
    parseAddress(text);
    parseAddress(`${text}:80`);
    parseAddress(`unix:${text}`);
  }));
});
