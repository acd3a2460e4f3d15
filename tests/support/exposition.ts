/**
 * Prometheus' text format, read: what a server exposes.
 *
 * @module
 */

/** A metric as it is exposed. */
export interface ExposedMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** By name, without a histogram's `le`; the values that were seen. */
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
  /** By the line without its value. */
  readonly samples: ReadonlyMap<string, number>;
}

/** Reads the metrics in the order in which they are exposed. */
export function readExposition(text: string): ExposedMetric[] {
  return text.trim().split("\n\n").map((block) => {
    const [help = "", type = "", ...lines] = block.split("\n");
    const [, name = "", meaning = ""] = /^# HELP (\w+) (.*)$/.exec(help) ?? [];
    const [, kind = ""] = /^# TYPE \w+ (\w+)$/.exec(type) ?? [];
    const labels = new Map<string, Set<string>>();
    const samples = new Map<string, number>();
    for (const line of lines) {
      const end = line.lastIndexOf(" ");
      samples.set(line.slice(0, end), Number(line.slice(end + 1)));
      for (const [, label = "", value = ""] of line.matchAll(/(\w+)="([^"]*)"/g)) {
        if (label === "le") continue;
        labels.set(label, (labels.get(label) ?? new Set()).add(value));
      }
    }
    return { name, type: kind, help: meaning, labels, samples };
  });
}
