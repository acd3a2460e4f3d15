import { secure, textResponse } from "../../http/headers.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";

Deno.test("secure() adds what every answer carries, and leaves what is there", () => {
  const response = secure(new Response("", { headers: { "x-frame-options": "SAMEORIGIN" } }));
  assertEquals(response.headers.get("x-frame-options"), "SAMEORIGIN");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  assertEquals(response.headers.get("referrer-policy"), "no-referrer");
  const policy = response.headers.get("content-security-policy") ?? "";
  assertStringIncludes(policy, "default-src 'none'");
  assertStringIncludes(policy, "frame-ancestors 'none'");
});

Deno.test("textResponse() is plain text that ends its line", async () => {
  const response = textResponse(418, "A teapot", { "retry-after": "5" });
  assertEquals([response.status, await response.text()], [418, "A teapot\n"]);
  assertEquals(response.headers.get("content-type"), "text/plain; charset=utf-8");
  assertEquals(response.headers.get("retry-after"), "5");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
});
