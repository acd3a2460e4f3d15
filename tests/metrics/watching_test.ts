/**
 * The dashboard and the alerts of docs/, asked of a real Prometheus that watches a real server.
 *
 * @module
 */
import { LINES } from "../../protocol.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { startTestServer } from "../support/test_server.ts";
import { poll } from "../support/within.ts";
import { WsClient } from "../support/ws_client.ts";
import { readDashboard, withoutVariables } from "./dashboard.ts";
import { checkRules, type LoadedRule, Prometheus, testPrometheus } from "./prometheus_server.ts";

const RULES = new URL("../../docs/alerts.yml", import.meta.url).pathname;

/** Alerts that may be right, because the machine that runs the tests is full or busy. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set([
  "HubbubDiskLow",
  "HubbubDiskFillsUp",
  "HubbubCommitsSlow",
  "HubbubEventLoopLate",
  "HubbubMemoryHigh",
]);

Deno.test("docs/grafana.json has unique panels side by side, each with a question to the variable's data", async () => {
  const { title, uid, panels, templating } = await readDashboard();
  assertEquals([title, uid], ["Hubbub", "hubbub"]);
  const variables = templating.list.map(({ name }) => name);
  assertEquals(templating.list[0], {
    ...templating.list[0],
    name: "datasource",
    type: "datasource",
  });
  const ids = panels.map(({ id }) => id);
  assertEquals(new Set(ids).size, ids.length);
  const taken = new Set<string>();
  for (const { type, title, description = "", targets = [], gridPos: { x, y, w, h } } of panels) {
    assert(x >= 0 && x + w <= 24, `${title}: is as wide as the page at most`);
    for (let cell = 0; cell < w * h; cell++) {
      const at = `${x + cell % w} ${y + Math.floor(cell / w)}`;
      assert(!taken.has(at), `${title}: covers another panel at ${at}`);
      taken.add(at);
    }
    if (type === "row") continue;
    assert(description !== "", `${title}: without a description`);
    assert(targets.length > 0, `${title}: without a question`);
    assertEquals(new Set(targets.map(({ refId }) => refId)).size, targets.length);
    for (const { expr, datasource } of targets) {
      assertEquals(datasource, { type: "prometheus", uid: "${datasource}" });
      for (const [, name = ""] of expr.matchAll(/\$(\w+)/g)) {
        assert(name === "__rate_interval" || variables.includes(name), `${title}: $${name}`);
      }
    }
  }
});

Deno.test("docs/grafana.json asks for every metric that docs/metrics.md explains, and for no other", async () => {
  const explained = await explainedMetrics();
  const { panels } = await readDashboard();
  const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join("\n");
  assertEquals(namesIn(asked).sort(), explained.sort());
});

Deno.test("docs/alerts.yml names only metrics that docs/metrics.md explains", async () => {
  const explained = await explainedMetrics();
  const alerts = [...(await Deno.readTextFile(RULES)).matchAll(/expr: (.+)/g)].map(([, e]) => e);
  const named = namesIn(alerts.join("\n"));
  assert(named.length > 10, `only ${named.length} metrics`);
  assertEquals(named.filter((name) => !explained.includes(name)), []);
});

testPrometheus("promtool check rules accepts docs/alerts.yml", async () => {
  assertMatch(await checkRules(RULES), /SUCCESS: \d+ rules found/);
});

testPrometheus(
  "Prometheus finds what the dashboard asks, evaluates each alert, and notices an end",
  async () => {
    const data = await Deno.makeTempDir();
    try {
      const addr = `127.0.0.1:${freePort()}`;
      // With node: it has all the metrics.
      const flags = ["--transport", "node", "--data", data, "--metrics-addr", addr];
      await using server = await startTestServer(...flags);
      await using prometheus = await Prometheus.start(addr, RULES);
      await using ann = await WsClient.open(server.ws("/ws"), LINES);
      await ann.send(`{"type":"login","content":"ann"}\n{"type":"user","content":"hi"}`);
      await assertAnswered(prometheus);
      const rules = await assertEvaluated(prometheus);
      await server.stop("The test is over");
      const down = rules.find(({ name }) => name === "HubbubDown")?.query ?? "";
      await poll("the alert", () => prometheus.query(down), (found) => found.length === 1);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  },
);

/** The metrics that docs/metrics.md has a row for. */
async function explainedMetrics(): Promise<string[]> {
  const docs = await Deno.readTextFile(new URL("../../docs/metrics.md", import.meta.url));
  return [...docs.matchAll(/^\| `((?:hubbub|process)_\w+)` /gm)].map(([, name = ""]) => name);
}

/** Every question of the dashboard is answered. */
async function assertAnswered(prometheus: Prometheus): Promise<void> {
  const { panels } = await readDashboard();
  for (const { title, targets = [] } of panels) {
    for (const { expr } of targets) {
      const query = withoutVariables(expr);
      const isAnswered = (found: readonly unknown[]) => found.length > 0;
      await poll(`${title}: ${query}`, () => prometheus.query(query), isAnswered);
    }
  }
}

/** Every alert can be evaluated, what it looks at is there, and all is well. */
async function assertEvaluated(prometheus: Prometheus): Promise<readonly LoadedRule[]> {
  const isEvaluated = (rules: readonly LoadedRule[]) =>
    rules.every(({ health }) => health !== "unknown");
  const rules = await poll("the rules to be evaluated", () => prometheus.rules(), isEvaluated);
  assert(rules.length > 10, `only ${rules.length} rules`);
  for (const { name, query, health, lastError } of rules) {
    assertEquals([name, health, lastError], [name, "ok", undefined]);
    for (const metric of namesIn(query)) {
      const found = await prometheus.query(`{__name__=~"${metric}(_bucket)?"}`);
      assert(found.length > 0, `${name}: nothing is named ${metric}`);
    }
    if (OF_THE_MACHINE.has(name)) continue;
    assertEquals([name, await prometheus.query(query)], [name, []]);
  }
  return rules;
}

/** The metrics that an expression names, without what histograms add to their names. */
function namesIn(expr: string): string[] {
  const names = expr.match(/\b(?:hubbub|process)_\w+/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_bucket$/, "")))];
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
