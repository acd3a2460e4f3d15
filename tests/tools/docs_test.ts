import { COMMANDS } from "../../cli/commands.ts";
import type { Benchmark } from "../../tools/benchmark_tables.ts";
import { fillParts, generatedFiles } from "../../tools/docs.ts";
import { groupFlags } from "../../tools/flag_groups.ts";
import { manPage } from "../../tools/man_page.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../support/assert.ts";

const ROOT = new URL("../../", import.meta.url);

const BENCHMARK: Benchmark = {
  made: "2026-01-02T03:04:05.000Z",
  machine: { processor: "P", processors: 2, system: "S", deno: "2.0.0", pinned: true, load: 0 },
  rounds: 3,
  warmup_seconds: 1,
  seconds: 4,
  payload_bytes: 64,
  cases: [
    benchmarkCase("1000x5000", 5000, 2.5),
    benchmarkCase("32x32", 32, 0.5),
    benchmarkCase("100@200", undefined, 1),
  ],
};

function benchmarkCase(id: string, window: number | undefined, ratio: number) {
  const result = (name: string, limit: string) => ({
    id: name,
    version: "1.2.3",
    limit,
    median: { deliveries: 12_300_000, p50: 647, p99: 1980 },
    deliveries_per_server_cpu_second: 4_560_000,
    ratios: { bun: { deliveries: ratio } },
  });
  return {
    id,
    description: `case ${id}`,
    ...(window !== undefined && { window }),
    results: [result("hubbub-deno", "server"), result("hubbub-node", "generator")],
  };
}

function fill(marker: string): string {
  return fillParts(`<!-- ${marker} -->\n<!-- /${marker.split(" ")[0]} -->\n`, BENCHMARK);
}

for (const [path, text] of await generatedFiles(ROOT)) {
  Deno.test(`${path} is current (deno task docs)`, async () => {
    assertEquals(await Deno.readTextFile(new URL(path, ROOT)), text);
  });
}

Deno.test("manPage() describes every command and flag", () => {
  const page = manPage();
  for (const [name, { flags }] of Object.entries(COMMANDS)) {
    assertStringIncludes(page, `.SS hubbub ${name}`);
    for (const flag of Object.keys(flags)) {
      assertStringIncludes(page, `\\fB\\-\\-${flag.replaceAll("-", "\\-")}\\fR`);
    }
  }
});

Deno.test("manPage() has no line that looks like a macro but is none", () => {
  for (const line of manPage().split("\n")) {
    assert(!/^['.](?!TH |SH |SS |TP$|PP$|B |I |br$|nf$|fi$)/.test(line), line);
  }
});

Deno.test("groupFlags() begins a group at each heading and keeps the order", () => {
  const flag = { type: "switch", help: "" } as const;
  const flags = {
    a: flag,
    b: { ...flag, heading: "One" },
    c: flag,
    d: { ...flag, heading: "Two" },
  };
  assertEquals(groupFlags(flags).map(({ heading, flags }) => [heading, Object.keys(flags)]), [
    [undefined, ["a"]],
    ["One", ["b", "c"]],
    ["Two", ["d"]],
  ]);
  assertEquals(groupFlags({}), []);
});

Deno.test("fillParts() replaces each marked part and keeps the rest", () => {
  const text =
    "a\n<!-- flags health -->\nold\n<!-- /flags -->\nb\n<!-- flags -->\n<!-- /flags -->\nc\n";
  const filled = fillParts(text, BENCHMARK);
  assert(!filled.includes("\nold\n"));
  assert(filled.startsWith("a\n") && filled.includes("\nb\n") && filled.endsWith("\nc\n"));
  assertEquals(fillParts(filled, BENCHMARK), filled);
  assertEquals(fillParts("none", BENCHMARK), "none");
});

Deno.test("fillParts() lists every flag of every command under its heading", () => {
  const all = fill("flags");
  for (const [name, command] of Object.entries(COMMANDS)) {
    assertStringIncludes(all, `\n## hubbub ${name}\n`);
    for (const { heading, flags } of groupFlags(command.flags)) {
      if (heading !== undefined) assertStringIncludes(all, `\n### ${heading}\n`);
      for (const flag of Object.keys(flags)) assertStringIncludes(all, `| \`--${flag}`);
    }
  }
  assertStringIncludes(all, "| `--help` |");
});

Deno.test("fillParts() lists the named flags of a command, in the order of the marker", () => {
  const rows = fill("flags serve data addr").split("\n").filter((line) => line.startsWith("| `"));
  assertEquals(rows.map((row) => row.slice(0, 10)), ["| `--data ", "| `--addr "]);
});

Deno.test("fillParts() writes the benchmark's tables", () => {
  const throughput = fill("benchmark throughput");
  assertStringIncludes(throughput, "| case 32x32 | 12.3 M | ≥ 12.3 M |");
  assert(!throughput.includes("100@200"));
  assertStringIncludes(fill("benchmark efficiency"), "| case 32x32 | 4.56 M | 4.56 M |");
  assertStringIncludes(fill("benchmark latency"), "| case 100@200 | 647 µs, 1.98 ms |");
  assertStringIncludes(fill("benchmark setup"), "2026-01-02");
  const summary = fill("benchmark summary");
  assertStringIncludes(summary, "2.50 times");
  assertStringIncludes(summary, "0.50 times");
});

Deno.test("fillParts() refuses a marker that names nothing", () => {
  assertThrows(() => fill("flags nope"), Error, 'there is no command "nope"');
  assertThrows(() => fill("flags serve nope"), Error, "hubbub serve has no flag --nope");
  assertThrows(() => fill("benchmark nope"), Error, 'there is no benchmark "nope"');
});
