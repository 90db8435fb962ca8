import { PICTURE_STYLE } from "./picture-style.ts";
import type { Series } from "./report.ts";
import { escapeXml } from "./escape-xml.ts";

export interface LineChart {
  readonly title: string;
  readonly subtitle: string;
  readonly series: readonly Series[];
  /** What the axes count. */
  readonly across: string;
  readonly up: string;
}

const WIDTH = 800;
const LEFT = 56;
const RIGHT = 16;
const TOP = 66;
const HEIGHT = 220;
const LEGEND_HEIGHT = 20;

/** Lines over one axis as SVG, from zero up; each with a dash of its own, as colours alone tell some readers nothing. */
export function drawLines({ title, subtitle, series, across, up }: LineChart): string {
  const right = niceCeiling(Math.max(1, ...series.flatMap(({ at }) => at)));
  const top = niceCeiling(Math.max(1, ...series.flatMap(({ values }) => values)));
  const x = (value: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * value) / right;
  const y = (value: number): number => TOP + HEIGHT - (HEIGHT * value) / top;
  const height = TOP + HEIGHT + 44 + series.length * LEGEND_HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escapeXml(title)}">`,
    `  <style>${PICTURE_STYLE}\n  </style>`,
    `  <text class="title" x="0" y="20">${escapeXml(title)}</text>`,
    `  <text class="note" x="0" y="42">${escapeXml(subtitle)}</text>`,
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
      `  <line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(share * top).toFixed(1)}" y2="${y(share * top).toFixed(1)}"/>`,
      `  <text class="note" x="${LEFT - 8}" y="${(y(share * top) + 4).toFixed(1)}" text-anchor="end">${format(share * top)}</text>`,
      `  <text class="note" x="${x(share * right).toFixed(1)}" y="${TOP + HEIGHT + 18}" text-anchor="${share === 1 ? "end" : "middle"}">${format(share * right)}</text>`,
    ]),
    `  <text class="note" x="${LEFT}" y="${TOP - 8}">${escapeXml(up)}</text>`,
    `  <text class="note" x="${WIDTH - RIGHT}" y="${TOP + HEIGHT + 34}" text-anchor="end">${escapeXml(across)}</text>`,
    ...series.flatMap(({ title: name, at, values }, number) => {
      const points = values.map((value, index) => `${x(at[index] ?? 0).toFixed(1)},${y(value).toFixed(1)}`);
      const legend = TOP + HEIGHT + 44 + number * LEGEND_HEIGHT;
      const kind = `class="line line${number % 3}"`;
      return [
        `  <polyline ${kind} points="${points.join(" ")}"/>`,
        `  <line ${kind} x1="${LEFT}" x2="${LEFT + 32}" y1="${legend}" y2="${legend}"/>`,
        `  <text x="${LEFT + 42}" y="${legend + 4}">${escapeXml(name)}</text>`,
      ];
    }),
    "</svg>",
    "",
  ].join("\n");
}

function format(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

/** The next number of 1, 1.2, 1.6, 2, 3, 4, 5, 6 or 8 times a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const steps = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10];
  return power * (steps.find((step) => step * power >= value) ?? 10);
}
