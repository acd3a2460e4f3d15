/** The security headers of every kind of response. */
import { secure, textResponse } from "../../http/headers.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { bearer, SECRET, withApp } from "./harness.ts";

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; " +
  "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const SECURITY_HEADERS = {
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Those of the headers that have to do with security; others that a library may add are among them. */
function securityHeadersOf({ headers }: Response): Record<string, string> {
  const name = /^(?:x-|cross-origin-|content-security|permissions|referrer|origin-|strict-)/;
  return Object.fromEntries([...headers].filter(([header]) => name.test(header)));
}

Deno.test("Every response of the app carries the security headers, and no others", () =>
  withApp(async (harness) => {
    const etag = (await harness.fetch("/")).headers.get("etag") ?? "";
    const text = { ...bearer(SECRET), "content-type": "text/plain" };
    const kinds: [status: number, path: string, init?: RequestInit][] = [
      [200, "/"],
      [200, "/", { method: "HEAD" }],
      [304, "/", { headers: { "if-none-match": etag } }],
      [200, "/static/page/icon.svg"],
      [404, "/static/nothing"],
      [404, "/nothing"],
      [405, "/", { method: "PUT" }],
      [400, "/%FF"],
      [200, "/healthz"],
      [200, "/readyz"],
      [200, "/api/rooms"],
      [400, "/api/search"],
      [201, "/api/rooms/lobby/messages", { method: "POST", body: "hi", headers: text }],
      [401, "/files?name=a", { method: "POST", body: "hi" }],
    ];
    for (const [status, path, init] of kinds) {
      const response = await harness.fetch(path, init);
      await response.body?.cancel();
      assertEquals(
        [status, securityHeadersOf(response)],
        [response.status, SECURITY_HEADERS],
        path,
      );
    }
  }));

Deno.test("Scripts and style sheets carry the security headers that concern them", () =>
  withApp(async (harness) => {
    for (const path of ["styles/base.css", "main.js"]) {
      const response = await harness.fetch(`/static/page/${path}`);
      await response.body?.cancel();
      assertEquals(response.status, 200);
      assertEquals(securityHeadersOf(response), {
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
      }, path);
    }
  }));

Deno.test("A download carries the security headers, but a policy of its own", () =>
  withApp(async (harness) => {
    const ann = await harness.hub.enter("ann");
    const { url, sha256 } = await harness.announce(ann, "hello");
    for (
      const [status, headers] of [
        [200, {}],
        [206, { range: "bytes=1-2" }],
        [304, { "if-none-match": `"${sha256}"` }],
      ] as const
    ) {
      const response = await harness.fetch(url, { headers });
      await response.body?.cancel();
      const { "content-security-policy": policy, ...rest } = securityHeadersOf(response);
      const { "content-security-policy": _, ...others } = SECURITY_HEADERS;
      assertEquals([response.status, rest], [
        status,
        { ...others, "cross-origin-resource-policy": "same-origin" },
      ]);
      assertMatch(policy ?? "", /^sandbox; default-src 'none'; .*frame-ancestors 'none'$/);
    }
  }));

Deno.test("secure() adds the headers of the app's responses, and leaves what is there", () => {
  const response = secure(new Response("", { headers: { "x-frame-options": "SAMEORIGIN" } }));
  assertEquals(securityHeadersOf(response), {
    ...SECURITY_HEADERS,
    "x-frame-options": "SAMEORIGIN",
  });
});

Deno.test("textResponse() is plain text that ends its line", async () => {
  const response = textResponse(418, "A teapot", { "retry-after": "5" });
  assertEquals([response.status, await response.text()], [418, "A teapot\n"]);
  assertEquals(response.headers.get("content-type"), "text/plain; charset=utf-8");
  assertEquals(response.headers.get("retry-after"), "5");
  assertEquals(securityHeadersOf(response), SECURITY_HEADERS);
});
