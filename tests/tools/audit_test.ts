import { dependencies } from "../../tools/audit.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

Deno.test("dependencies() names each package once, with its version", () => {
  const imports = {
    "hono": "npm:hono@4.13.19",
    "hono/cookie": "npm:hono@4.13.19/cookie",
    "@std/assert": "npm:deno-std@1.4.0/assert/mod.js",
    "@logtape/logtape": "npm:@logtape/logtape@2.4.2",
  };
  assertEquals(dependencies(imports), {
    "hono": "4.13.19",
    "deno-std": "1.4.0",
    "@logtape/logtape": "2.4.2",
  });
  for (const wrong of ["npm:hono", "jsr:@std/assert@1", "https://example.org/mod.ts"]) {
    assertThrows(() => dependencies({ wrong }), Error, "must be npm:NAME@VERSION");
  }
});
