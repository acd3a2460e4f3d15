import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { bearer, problemOf, SECRET, withApp } from "./harness.ts";

Deno.test("GET /metrics is for holders of an API token, not for people", () =>
  withApp(async ({ fetch, hub }) => {
    assertEquals(await problemOf(await fetch("/metrics")), [401, "unauthorized"]);
    const ann = await hub.enter("ann");
    const own = await fetch("/metrics", { headers: bearer(ann) });
    assertEquals(await problemOf(own), [401, "unauthorized"]);
    const response = await fetch("/metrics", { headers: bearer(SECRET) });
    assertEquals(response.status, 200);
    assertStringIncludes(response.headers.get("content-type") ?? "", "text/plain; version=0.0.4");
    await response.body?.cancel();
  }));
