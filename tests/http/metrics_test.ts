import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { bearer, problemOf, SECRET, withApp } from "./harness.ts";

Deno.test("GET /metrics is for programs with a token and for admins, not for other people", () =>
  withApp(async ({ fetch, hub }) => {
    assertEquals(await problemOf(await fetch("/metrics")), [401, "unauthorized"]);
    const ann = await hub.enter("ann");
    const own = await fetch("/metrics", { headers: bearer(ann) });
    assertEquals(await problemOf(own), [401, "unauthorized"]);
    const response = await fetch("/metrics", { headers: bearer(SECRET) });
    assertEquals(response.status, 200);
    assertStringIncludes(response.headers.get("content-type") ?? "", "text/plain; version=0.0.4");
    await response.body?.cancel();
    await hub.people.change(ann.user.id, { role: "admin", remembered: true });
    const admin = await fetch("/metrics", { headers: bearer(ann) });
    await admin.body?.cancel();
    assertEquals(admin.status, 200);
  }));
