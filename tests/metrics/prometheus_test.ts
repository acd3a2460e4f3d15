import { createMetrics } from "../../metrics/prometheus.ts";
import { assertStringIncludes } from "../support/assert.ts";

Deno.test("createMetrics() renders figures as they are when it is asked", async () => {
  const metrics = createMetrics();
  let requests = 3;
  const ended = new Map([["1000", 2]]);
  metrics.register({ name: "a_total", help: "A", type: "counter", read: () => requests });
  metrics.register({
    name: "b_total",
    help: "B",
    type: "counter",
    label: "code",
    read: () => ended,
  });
  metrics.register({ name: "c", help: "C", type: "gauge", read: () => -1 });
  assertStringIncludes((await metrics.render()).text, "# TYPE a_total counter\na_total 3\n");
  requests = 5;
  ended.set("1001", 1);
  const { text } = await metrics.render();
  assertStringIncludes(text, "\na_total 5\n");
  assertStringIncludes(text, '\nb_total{code="1000"} 2\nb_total{code="1001"} 1\n');
  assertStringIncludes(text, "# TYPE c gauge\nc -1\n");
});
