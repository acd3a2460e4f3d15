/**
 * What a real server exposes: every metric is explained and bounded, and docs/metrics.md lists exactly these.
 *
 * @module
 */
import { LINES } from "../../protocol.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { type ExposedMetric, readExposition } from "../support/exposition.ts";
import { startTestServer, TRANSPORTS } from "../support/test_server.ts";
import { poll } from "../support/within.ts";
import { WsClient } from "../support/ws_client.ts";

const DOCS = new URL("../../docs/metrics.md", import.meta.url);

/** Maximum values of all labels of a metric together. */
const MAX_SERIES = 40;

/** Starts a server that keeps data and has its metrics apart, and does a little of everything there. */
async function withMetrics(
  transport: string,
  run: (url: string, scrape: () => Promise<ExposedMetric[]>) => Promise<void>,
): Promise<void> {
  const data = await Deno.makeTempDir();
  const metrics = `${await Deno.makeTempDir()}/metrics`;
  try {
    await using server = await startTestServer(
      ...["--data", data, "--transport", transport, "--metrics-addr", `unix:${metrics}`],
    );
    using client = Deno.createHttpClient({ proxy: { transport: "unix", path: metrics } });
    await run(server.url, async () => {
      const response = await fetch("http://localhost/metrics", { client });
      assertEquals(response.status, 200);
      return readExposition(await response.text());
    });
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

/** The row of a metric in the documentation. */
function rowOf({ name, type, help, labels }: ExposedMetric): string {
  const names = [...labels.keys()].map((label) => `\`${label}\``).join(", ");
  return `| \`${name}\` | ${type} | ${names} | ${help} |`.replaceAll(/ +\|/g, " |");
}

/** The rows of the table in the documentation, without the padding. */
async function documented(): Promise<string[]> {
  return (await Deno.readTextFile(DOCS)).split("\n")
    .filter((line) => /^\| `\w+` +\| (?:counter|gauge|histogram) /.test(line))
    .map((line) => line.replaceAll(/ +\|/g, " |"));
}

for (const transport of TRANSPORTS) {
  Deno.test(`GET /metrics with ${transport} explains every metric, and its labels are bounded`, () =>
    withMetrics(transport, async (_url, scrape) => {
      const exposed = await scrape();
      const names = exposed.map(({ name }) => name);
      assertEquals(new Set(names).size, names.length);
      for (const { name, type, help, labels, samples } of exposed) {
        assert(/^(?:hubbub|process)_[a-z_]+$/.test(name), `${name}: hubbub_… in lower case`);
        assert(/^[A-Z][^.]{9,}[^.]$/.test(help), `${name}: help must be a sentence: ${help}`);
        assertEquals(name.endsWith("_total"), type === "counter", `${name}: _total for counters`);
        assert(!/_(?:ms|millis|kb|mib|minutes)\b/.test(name), `${name}: base units`);
        assert(samples.size > 0, `${name}: without a value`);
        const values = [...labels.values()].reduce((sum, { size }) => sum + size, 0);
        assert(values <= MAX_SERIES, `${name}: ${values} values of labels`);
        for (const label of labels.keys()) {
          assert(!/^(?:user|name|room|ip|address|path)$/.test(label), `${name}: label ${label}`);
        }
      }
    }));

  Deno.test(`docs/metrics.md lists exactly what a server with ${transport} exposes`, () =>
    withMetrics(transport, async (_url, scrape) => {
      const exposed = (await scrape()).map(rowOf).sort();
      const rows = await documented();
      // What only the other transport has is told there.
      const own = rows.filter((row) => !row.includes(`(not with ${transport})`))
        .map((row) => row.replace(/ \(not with \w+\)/, ""));
      assertEquals(own.toSorted(), exposed);
    }));

  Deno.test(`GET /metrics with ${transport} counts what happens`, () =>
    withMetrics(transport, async (url, scrape) => {
      const value = async (sample: string) => {
        for (const { samples } of await scrape()) {
          if (samples.has(sample)) return samples.get(sample);
        }
        return undefined;
      };
      const ws = (path: string) => new URL(path, url).href.replace(/^http/, "ws");
      await using ann = await WsClient.open(ws("/ws"), LINES);
      await using echo = await WsClient.open(ws("/echo"));
      const until = async (client: WsClient, type: string) => {
        while (!(await client.text()).includes(`"type":"${type}"`));
      };
      await until(ann, "handshake");
      assertEquals(await value("hubbub_connections"), 2);
      assertEquals(await value('hubbub_open_connections{endpoint="chat"}'), 1);
      assertEquals(await value('hubbub_open_connections{endpoint="echo"}'), 1);
      assertEquals(await value("hubbub_unauthenticated_connections"), 1);
      await ann.send(`{"type":"login","content":"ann"}`);
      await until(ann, "login");
      await ann.send(`{"type":"user","content":"hi"}`);
      await until(ann, "user");
      await ann.send(`{"type":"history","id":"h"}`);
      await until(ann, "history");
      await echo.send("four");
      assertEquals(await echo.text(), "four");
      assertEquals(await value('hubbub_received_bytes_total{endpoint="echo"}'), 4);
      assertEquals(await value('hubbub_sent_bytes_total{endpoint="echo"}'), 4);
      assertEquals(await value('hubbub_users_online{role="guest"}'), 1);
      assertEquals(await value("hubbub_unauthenticated_connections"), 0);
      assertEquals(await value("hubbub_rooms_open"), 1);
      assertEquals(await value("hubbub_rooms_known"), 1);
      assertEquals(await value("hubbub_messages_total"), 1);
      assertEquals(await value("hubbub_commit_duration_seconds_count"), 1);
      assertEquals(await value('hubbub_read_duration_seconds_count{kind="history"}'), 1);
      assert((await value("hubbub_deliveries_total") ?? 0) >= 1);
      for (let attempt = 0; attempt < 2; attempt++) {
        const response = await fetch(new URL("/api/session", url), {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ name: "bob" }),
        });
        await response.body?.cancel();
      }
      assertEquals(await value('hubbub_sign_ins_total{result="success"}'), 1);
      assertEquals(await value('hubbub_sign_ins_total{result="refused"}'), 1); // the name is taken
      await poll(
        "the message to be indexed",
        () => value("hubbub_index_lag_messages"),
        (lag) => lag === 0,
      );
      await ann[Symbol.asyncDispose]();
      await poll("the connection to be gone", () => value("hubbub_connections"), (n) => n === 1);
      assertEquals(await value('hubbub_open_connections{endpoint="chat"}'), 0);
      assertEquals(await value('hubbub_users_online{role="guest"}'), 0);
    }));
}
