import { createStartLimit } from "../../../http/accounts/sign_in.ts";
import { Refused } from "../../../protocol.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("createStartLimit() counts each address by itself, and anew after a minute", () => {
  let now = 0;
  const count = createStartLimit(() => now);
  for (let start = 0; start < 30; start++) count("192.0.2.1");
  const refused = assertThrows(() => count("192.0.2.1"), Refused);
  assertEquals([refused.code, refused.retryMs], ["rate_limited", 60_000]);
  count("192.0.2.2");
  now = 60_000;
  count("192.0.2.1");
});

Deno.test("createStartLimit() counts IPv6 by network, so that nobody gains by changing the address", () => {
  const count = createStartLimit(() => 0);
  for (let host = 1; host <= 30; host++) count(`2001:db8:1:2::${host.toString(16)}`);
  assertThrows(() => count("2001:db8:1:2:ffff::1"), Refused);
  count("2001:db8:1:3::1");
});
