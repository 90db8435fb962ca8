import { escapeXml } from "./escape-xml.ts";
import { formatCell } from "./format-cell.ts";
import { PICTURE_STYLE } from "./picture-style.ts";

/** One bar of a chart. */
interface Bar {
  readonly label: string;
  readonly value: number;
  /** Behind the bar, besides the value. */
  readonly note: string;
  /** In the colour that stands out. */
  readonly stands: boolean;
}

export interface BarChart {
  readonly title: string;
  readonly subtitle: string;
  readonly bars: readonly Bar[];
  /** Whether the shortest bar is the best, and comes first. @default false */
  readonly isShortBest?: boolean;
}

const WIDTH = 800;
const LABEL_WIDTH = 310;
const NOTE_WIDTH = 250;
const TOP = 66;
const ROW_HEIGHT = 28;
const BAR_HEIGHT = 16;

/** A horizontal bar chart as SVG, the best bar first. */
export function drawBars({ title, subtitle, bars, isShortBest = false }: BarChart): string {
  const sorted = bars.toSorted((a, b) => (isShortBest ? a.value - b.value : b.value - a.value));
  const longest = Math.max(...bars.map(({ value }) => value));
  const height = TOP + sorted.length * ROW_HEIGHT + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escapeXml(title)}">`,
    `  <style>${PICTURE_STYLE}\n  </style>`,
    `  <text class="title" x="0" y="20">${escapeXml(title)}</text>`,
    `  <text class="note" x="0" y="42">${escapeXml(subtitle)}</text>`,
    ...sorted.map((bar, position) => drawBar(bar, TOP + position * ROW_HEIGHT, longest)),
    "</svg>",
    "",
  ].join("\n");
}

function drawBar({ label, value, note, stands }: Bar, y: number, longest: number): string {
  const length = Math.max(2, ((WIDTH - LABEL_WIDTH - NOTE_WIDTH) * value) / longest);
  const middle = y + BAR_HEIGHT / 2 + 5;
  const strong = stands ? ' class="strong"' : "";
  return [
    `  <text${strong} x="${LABEL_WIDTH - 10}" y="${middle}" text-anchor="end">${escapeXml(label)}</text>`,
    `  <rect class="bar${stands ? " stands" : ""}" x="${LABEL_WIDTH}" y="${y}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`,
    `  <text${strong} x="${(LABEL_WIDTH + length + 8).toFixed(1)}" y="${middle}">${escapeXml(formatCell(value))} <tspan class="note">${escapeXml(note)}</tspan></text>`,
  ].join("\n");
}
