/**
 * A real Prometheus (Debian's package `prometheus`) on a port and data of its own. Without it these tests are
 * skipped and say why, unless `TEST_REQUIRE` names `prometheus`: then they fail.
 *
 * @module
 */
import { DEADLINE, poll, within } from "../support/within.ts";

const required = (Deno.env.get("TEST_REQUIRE") ?? "").split(",").includes("prometheus");

/** Why the tests cannot run; empty if they can. */
const obstacle = await findObstacle();
if (obstacle !== "" && !required) console.log(`Tests with Prometheus are skipped: ${obstacle}`);

/** Defines a test that needs Prometheus. */
export function testPrometheus(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: obstacle === "" || required ? name : `${name} (skipped: ${obstacle})`,
    ignore: obstacle !== "" && !required,
    async fn() {
      if (obstacle !== "") throw new Error(`Cannot run: ${obstacle}, and TEST_REQUIRE wants it`);
      await fn();
    },
  });
}

/** A result of a query. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
}

/** A rule as Prometheus has loaded it. */
export interface LoadedRule {
  readonly name: string;
  readonly query: string;
  readonly health: string;
  readonly lastError?: string;
}

/** A Prometheus that scrapes one server each second. */
export class Prometheus implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #folder: string;
  readonly #url: string;

  private constructor(process: Deno.ChildProcess, folder: string, url: string) {
    this.#process = process;
    this.#folder = folder;
    this.#url = url;
  }

  /**
   * Starts one.
   *
   * @param target host and port of what it scrapes
   * @param rules path of the file with the rules
   */
  static async start(target: string, rules: string): Promise<Prometheus> {
    const folder = await Deno.makeTempDir({ prefix: "hubbub-prometheus-" });
    const config = {
      global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
      rule_files: [rules],
      scrape_configs: [{ job_name: "hubbub", static_configs: [{ targets: [target] }] }],
    };
    // JSON is YAML.
    await Deno.writeTextFile(`${folder}/prometheus.yml`, JSON.stringify(config));
    const address = `127.0.0.1:${freePort()}`;
    const process = new Deno.Command("prometheus", {
      args: [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=${address}`,
        "--log.level=error",
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const prometheus = new Prometheus(process, folder, `http://${address}`);
    const isReady = () => prometheus.#get("/-/ready").then(() => true, () => false);
    await poll("Prometheus to start", isReady, (ready) => ready);
    return prometheus;
  }

  /** What a query finds now. */
  async query(query: string): Promise<readonly Series[]> {
    const { data } = await this.#get(`/api/v1/query?query=${encodeURIComponent(query)}`);
    return data.result;
  }

  /** The alerts that it has loaded. */
  async rules(): Promise<readonly LoadedRule[]> {
    const { data } = await this.#get("/api/v1/rules?type=alert");
    return data.groups.flatMap(({ rules }: { rules: LoadedRule[] }) => rules);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await within(DEADLINE, "Prometheus to end", this.#process.status);
    await Deno.remove(this.#folder, { recursive: true });
  }

  // deno-lint-ignore no-explicit-any -- whatever Prometheus answers: a test fails if it is something else
  async #get(path: string): Promise<any> {
    const response = await fetch(new URL(path, this.#url), {
      signal: AbortSignal.timeout(DEADLINE),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Prometheus answers ${response.status}: ${text}`);
    return text.startsWith("{") ? JSON.parse(text) : undefined;
  }
}

/** Has `promtool` check a file with rules; returns what it says, and throws if it finds something. */
export async function checkRules(path: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("promtool", {
    args: ["check", "rules", path],
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success) throw new Error(text);
  return text;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function findObstacle(): Promise<string> {
  for (const program of ["prometheus", "promtool"]) {
    try {
      await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
        .output();
    } catch {
      return `there is no ${program}; Debian has it in the package prometheus`;
    }
  }
  return "";
}
