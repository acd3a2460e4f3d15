import { isLoopback, parseAddress } from "../../config/address.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("isLoopback() holds for addresses that only this machine can reach", () => {
  const expected = {
    "127.0.0.1:80": true,
    "127.8.9.10:80": true,
    "localhost:80": true,
    "[::1]:80": true,
    "[0:0:0:0:0:0:0:1]:80": true,
    "unix:/run/hubbub.sock": true,
    ":80": false,
    "0.0.0.0:80": false,
    "[::]:80": false,
    "10.0.0.1:80": false,
    "localhost.example.org:80": false,
    "127.example.org:80": false,
  };
  const found = Object.keys(expected).map((text) => {
    const address = parseAddress(text);
    return [text, address && isLoopback(address)];
  });
  assertEquals(Object.fromEntries(found), expected);
});
