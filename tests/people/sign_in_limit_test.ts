import { createSignInLimit, TooManySignIns } from "../../people/sign_in_limit.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

Deno.test("SignInLimit.take() counts each address by itself, IPv6 by network", () => {
  let now = 0;
  const limit = createSignInLimit({ signInRate: 2, now: () => now });
  for (let host = 1; host <= 8; host++) limit.take(`2001:db8:1:2::${host}`);
  const refused = assertThrows(() => limit.take("2001:db8:1:2:ffff::1"), TooManySignIns);
  assertEquals([refused.code, refused.retryMs], ["rate_limited", 30_000]);
  limit.take("2001:db8:1:3::1");
  limit.take("");
  now = 30_000;
  limit.take("2001:db8:1:2::1");
});

Deno.test("SignInLimit.remember() bounds the guests of an address, who each keep a name", () => {
  const limit = createSignInLimit({ signInRate: 60, now: () => 0 });
  for (let guest = 0; guest < 100; guest++) limit.remember("192.0.2.1");
  assertThrows(() => limit.remember("192.0.2.1"), TooManySignIns, "100 guests");
  limit.remember("192.0.2.2");
});

Deno.test("SignInLimit has no limits without a rate", () => {
  const limit = createSignInLimit({ signInRate: Infinity, now: () => 0 });
  for (let guest = 0; guest < 1000; guest++) limit.remember("192.0.2.1");
});
