import { createMetrics } from "../../metrics/prometheus.ts";
import { registerFigures } from "../../server/figures.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";

const admission = { count: 3 };

Deno.test("registerFigures() tells connections, problems and the size of each write-ahead log", async () => {
  const path = Deno.makeTempDirSync({ prefix: "hubbub-" });
  try {
    Deno.writeTextFileSync(`${path}/hubbub.db-wal`, "12345");
    const metrics = createMetrics();
    const readiness = { problems: ["people cannot be written"] };
    registerFigures(metrics, { data: { kind: "directory", path }, admission, readiness });
    const { text } = await metrics.render();
    for (
      const line of [
        "hubbub_connections 3",
        "hubbub_readiness_problems 1",
        'hubbub_write_ahead_log_bytes{database="hubbub"} 5',
        'hubbub_write_ahead_log_bytes{database="people"} 0',
      ]
    ) assertStringIncludes(text, `\n${line}\n`);
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
});

Deno.test("registerFigures() tells no sizes where nothing is on the disk", async () => {
  const metrics = createMetrics();
  registerFigures(metrics, { data: { kind: "memory" }, admission, readiness: { problems: [] } });
  assertEquals((await metrics.render()).text.includes("write_ahead"), false);
});
