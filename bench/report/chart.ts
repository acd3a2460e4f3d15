/**
 * Draws a comparison as a bar chart in SVG: a group of bars for each case, with a text for every
 * figure. It has its own background and is readable on light and dark pages.
 *
 * @module
 */
import { describe } from "../cases.ts";
import { type CaseSummary, latencyRatio, rateRatio, type Standing } from "./summary.ts";
import { formatCount, formatMicroseconds, formatRatio } from "./words.ts";

/** The contestant that ratios refer to. */
const REFERENCE = "bun";

/** All lengths in pixels. */
const WIDTH = 800;
const MARGIN = 24;
/** The start of the bars, and the length of the longest one in a group. */
const BARS_X = 150;
const BARS_WIDTH = 420;
const BAR_HEIGHT = 16;
const ROW_HEIGHT = 22;
const GROUP_TITLE = 26;
const GROUP_GAP = 16;
const SECTION_TITLE = 34;
const HEADER = 48;
const LINE = 16;
/** Length of the shortest bar that is still visible. */
const LEAST_BAR = 2;

/** Colours by role, for light and for dark pages. */
const STYLE = `
    text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #24292f; }
    .title { font-size: 18px; font-weight: 600; }
    .section { font-size: 14px; font-weight: 600; }
    .note { font-size: 11.5px; fill: #57606a; }
    .case { fill: #57606a; }
    .background { fill: #ffffff; stroke: #d0d7de; }
    .hubbub { fill: #0f766e; }
    .other { fill: #8c959f; }
    .value { font-variant-numeric: tabular-nums; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .note, .case { fill: #9198a1; }
      .background { fill: #0d1117; stroke: #3d444d; }
      .hubbub { fill: #2dd4bf; }
      .other { fill: #656c76; }
    }
  `;

/** The texts of the chart. */
export interface ChartTexts {
  readonly title: string;
  /** Lines below the bars, such as machine, versions and date. */
  readonly notes: readonly string[];
}

/** A part of the chart. */
interface Block {
  readonly height: number;
  draw(y: number): string;
}

/** The quantity that a group of bars shows. */
interface Scale {
  value(standing: Standing): number | null;
  /** The text next to a bar. */
  label(standing: Standing, reference: Standing | undefined): string;
}

/** Draws the chart. */
export function drawChart(cases: readonly CaseSummary[], { title, notes }: ChartTexts): string {
  const closed = cases.filter(({ case: { model } }) => model.kind === "closed");
  const open = cases.filter(({ case: { model } }) => model.kind === "open");
  const blocks = [
    ...section("Deliveries per second, more is better", closed, RATE),
    ...section("Latency, 99th percentile, less is better", open, LATENCY),
    notesBlock(notes),
  ];
  let y = HEADER + MARGIN;
  const drawn = blocks.map((block) => {
    const at = y;
    y += block.height;
    return block.draw(at);
  });
  const height = y + MARGIN / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" ` +
    `height="${height}" role="img" aria-labelledby="title desc">`,
    `  <title id="title">${escape(title)}</title>`,
    `  <desc id="desc">${escape(describeAll(cases))}</desc>`,
    `  <style>${STYLE}</style>`,
    `  <rect class="background" x="0.5" y="0.5" width="${WIDTH - 1}" height="${
      height - 1
    }" rx="8"/>`,
    `  ${text(MARGIN, HEADER, "title", title)}`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

const RATE: Scale = {
  value: ({ median }) => median?.deliveries ?? null,
  label(standing, reference) {
    const { median, limit } = standing;
    if (median === null) return "failed";
    const least = limit === "generator" ? "≥ " : "";
    const ratio = reference && rateRatio(standing, reference);
    return `${least}${formatCount(median.deliveries)}${times(standing, ratio)}`;
  },
};

const LATENCY: Scale = {
  value: ({ median }) => median?.p99 ?? null,
  label(standing, reference) {
    const { median } = standing;
    if (median === null) return "failed";
    const ratio = reference && latencyRatio(standing, reference);
    return `${formatMicroseconds(median.p99)}${times(standing, ratio)}`;
  },
};

function times({ contestant }: Standing, ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined || contestant.id === REFERENCE) return "";
  return ` · ${formatRatio(ratio)} × Bun`;
}

/** A heading and its groups. Empty if there are no cases. */
function section(heading: string, cases: readonly CaseSummary[], scale: Scale): Block[] {
  if (cases.length === 0) return [];
  const title: Block = {
    height: SECTION_TITLE,
    draw: (y) => `  ${text(MARGIN, y + LINE, "section", heading)}`,
  };
  return [title, ...cases.map((summary) => group(summary, scale))];
}

function group({ case: case_, standings }: CaseSummary, scale: Scale): Block {
  const reference = standings.find(({ contestant }) => contestant.id === REFERENCE);
  const most = Math.max(...standings.map((standing) => scale.value(standing) ?? 0));
  return {
    height: GROUP_TITLE + standings.length * ROW_HEIGHT + GROUP_GAP,
    draw(y) {
      const rows = standings.map((standing, index) => {
        const top = y + GROUP_TITLE + index * ROW_HEIGHT;
        const value = scale.value(standing) ?? 0;
        return bar(standing, top, value / most, scale.label(standing, reference));
      });
      return [`  ${text(MARGIN, y + LINE, "case", describe(case_))}`, ...rows].join("\n");
    },
  };
}

/** @param share of the longest bar, from 0 to 1 */
function bar({ contestant }: Standing, y: number, share: number, label: string): string {
  const width = Math.max(LEAST_BAR, Math.round((share || 0) * BARS_WIDTH));
  const role = contestant.id.startsWith("hubbub") ? "hubbub" : "other";
  const baseline = y + BAR_HEIGHT - 4;
  return [
    `  ${text(MARGIN, baseline, "name", contestant.name)}`,
    `  <rect class="${role}" x="${BARS_X}" y="${y}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>`,
    `  ${text(BARS_X + width + 8, baseline, "value", label)}`,
  ].join("\n");
}

function notesBlock(notes: readonly string[]): Block {
  return {
    height: notes.length * LINE,
    draw: (y) =>
      notes.map((note, index) => `  ${text(MARGIN, y + (index + 1) * LINE - 4, "note", note)}`)
        .join("\n"),
  };
}

function text(x: number, y: number, role: string, content: string): string {
  return `<text class="${role}" x="${x}" y="${y}">${escape(content)}</text>`;
}

/** The whole chart in words, for screen readers. */
function describeAll(cases: readonly CaseSummary[]): string {
  return cases.map(({ case: case_, standings }) => {
    const scale = case_.model.kind === "closed" ? RATE : LATENCY;
    const reference = standings.find(({ contestant }) => contestant.id === REFERENCE);
    const figures = standings.map((standing) =>
      `${standing.contestant.name} ${scale.label(standing, reference)}`
    );
    return `${describe(case_)}: ${figures.join(", ")}.`;
  }).join(" ");
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
