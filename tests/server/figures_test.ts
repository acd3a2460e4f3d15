import { Histogram } from "../../metrics/histogram.ts";
import { createMetrics } from "../../metrics/prometheus.ts";
import { registerFigures } from "../../server/figures.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";

const WATCHED = {
  transport: "deno",
  admission: { count: 3 },
  readiness: { check: () => Promise.resolve(["people cannot be written"]) },
  store: {},
  files: {},
  loopDelay: { histogram: new Histogram() },
  loops: {},
  maxConnections: 10,
  maxMemory: Infinity,
  maxStorage: Infinity,
} as const;

Deno.test("registerFigures() tells connections, problems and the size of each write-ahead log", async () => {
  const path = Deno.makeTempDirSync({ prefix: "hubbub-" });
  try {
    Deno.writeTextFileSync(`${path}/hubbub.db-wal`, "12345");
    const metrics = createMetrics();
    registerFigures(metrics, { ...WATCHED, data: { kind: "directory", path } });
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
  registerFigures(metrics, { ...WATCHED, data: { kind: "memory" } });
  assertEquals((await metrics.render()).text.includes("write_ahead"), false);
});

Deno.test("registerFigures() asks a store once for all that one scrape tells of it", async () => {
  const metrics = createMetrics();
  let asked = 0;
  const figures = () => Promise.resolve({ rooms: 2, unindexed: ++asked, waiting: 0 });
  registerFigures(metrics, { ...WATCHED, data: { kind: "memory" }, store: { figures } });
  const { text } = await metrics.render();
  assertStringIncludes(text, "\nhubbub_rooms_known 2\n");
  assertStringIncludes(text, "\nhubbub_index_lag_messages 1\n");
  assertEquals(asked, 1);
});
