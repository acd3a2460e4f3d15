/** /healthz and /readyz. */
import { assertEquals } from "../support/assert.ts";
import { readyHandler } from "../../http/health.ts";
import { createBaseApp } from "../../http/base_app.ts";
import { createMemoryStore } from "../../store/memory/store.ts";
import { withApp } from "./harness.ts";

Deno.test("GET /healthz and GET /readyz answer 200 while the server runs and its store answers", () =>
  withApp(async ({ fetch }) => {
    for (const path of ["/healthz", "/readyz"]) {
      const response = await fetch(path);
      assertEquals([response.status, await response.text()], [200, "ok\n"]);
      assertEquals(response.headers.get("cache-control"), "no-store");
    }
  }));

Deno.test("GET /readyz answers 503 when the server is about to stop", () =>
  withApp(async (harness) => {
    harness.draining = true;
    const response = await harness.fetch("/readyz");
    assertEquals([response.status, response.headers.get("retry-after")], [503, "5"]);
    assertEquals((await harness.fetch("/healthz")).status, 200);
  }));

Deno.test("GET /readyz answers 503 when the store fails, or does not answer in time", async () => {
  const failing = () => Promise.reject(new Error("disk"));
  const silent = () => new Promise<never>(() => {});
  for (const read of [failing, silent]) {
    const store = { ...createMemoryStore(), read };
    const app = createBaseApp();
    app.get("/readyz", readyHandler({ store, isDraining: () => false, timeout: 1 }));
    const response = await app.request("/readyz");
    assertEquals(response.status, 503);
    assertEquals(await response.text(), "Not ready: the store cannot be read\n");
  }
});
