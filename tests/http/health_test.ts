/** /healthz and /readyz. */
import { assertEquals } from "../support/assert.ts";
import { createBaseApp } from "../../http/base_app.ts";
import { healthHandler, readyHandler } from "../../http/health.ts";

/** A server that the test has stop, fail, or lack something. */
class Harness {
  draining = false;
  failed = false;
  problems: readonly string[] = [];
  readonly #app = createBaseApp();

  constructor() {
    const options = {
      readiness: { check: () => Promise.resolve(this.problems) },
      isDraining: () => this.draining,
      hasFailed: () => this.failed,
    };
    this.#app.get("/healthz", healthHandler(options));
    this.#app.get("/readyz", readyHandler(options));
  }

  async fetch(path: string): Promise<Response> {
    return await this.#app.request(path);
  }
}

/** What an answer that something does not work says. */
async function problemsOf(response: Response): Promise<unknown[]> {
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  assertEquals([response.headers.get("retry-after"), response.headers.get("cache-control")], [
    "5",
    "no-store",
  ]);
  const { status, detail, problems } = await response.json();
  assertEquals([response.status, status], [503, 503]);
  assertEquals(detail, `Not ready: ${problems.join("; ")}`);
  return problems;
}

Deno.test("GET /healthz and GET /readyz answer 200 while the server runs and everything works", async () => {
  const harness = new Harness();
  for (const path of ["/healthz", "/readyz"]) {
    const response = await harness.fetch(path);
    assertEquals([response.status, await response.text()], [200, "ok\n"]);
    assertEquals(response.headers.get("cache-control"), "no-store");
  }
});

Deno.test("GET /readyz answers 503 when the server is draining", async () => {
  const harness = new Harness();
  harness.draining = true;
  assertEquals(await problemsOf(await harness.fetch("/readyz")), ["the server is draining"]);
  assertEquals((await harness.fetch("/healthz")).status, 200);
});

Deno.test("GET /readyz says all that does not work, and answers 200 when it works again", async () => {
  const harness = new Harness();
  harness.problems = ["messages cannot be written: the disk is full", "people cannot be written"];
  assertEquals(await problemsOf(await harness.fetch("/readyz")), [...harness.problems]);
  assertEquals((await harness.fetch("/healthz")).status, 200);
  harness.problems = [];
  assertEquals((await harness.fetch("/readyz")).status, 200);
});

Deno.test("GET /healthz and GET /readyz answer 503 once the server cannot go on", async () => {
  const harness = new Harness();
  harness.failed = true;
  const problems = ["the server has failed and has to start again"];
  for (const path of ["/healthz", "/readyz"]) {
    assertEquals(await problemsOf(await harness.fetch(path)), problems);
  }
});
