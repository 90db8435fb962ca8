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
}

const WIDTH = 800;
const LABEL_WIDTH = 310;
const NOTE_WIDTH = 250;
const TOP = 66;
const ROW_HEIGHT = 28;
const BAR_HEIGHT = 16;

/** Without a background: colours that read on white and on black, and better ones where it is known which it is. */
const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #768390; }
    .title { font-size: 16px; font-weight: 600; }
    .note { fill: #768390; }
    .bar { fill: #9aa4af; }
    .stands { fill: #1a7f5a; }
    .strong { font-weight: 600; }
    @media (prefers-color-scheme: light) {
      text { fill: #3d444d; }
      .note { fill: #6a737d; }
    }
    @media (prefers-color-scheme: dark) {
      text { fill: #d8dee6; }
      .note { fill: #98a2ad; }
      .bar { fill: #626c77; }
      .stands { fill: #3fb58a; }
    }`;

/** A horizontal bar chart as SVG, the longest bar first. */
export function drawBars({ title, subtitle, bars }: BarChart): string {
  const sorted = bars.toSorted((a, b) => b.value - a.value);
  const longest = sorted[0]?.value ?? 1;
  const height = TOP + sorted.length * ROW_HEIGHT + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(title)}">`,
    `  <style>${STYLE}\n  </style>`,
    `  <text class="title" x="0" y="20">${escape(title)}</text>`,
    `  <text class="note" x="0" y="42">${escape(subtitle)}</text>`,
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
    `  <text${strong} x="${LABEL_WIDTH - 10}" y="${middle}" text-anchor="end">${escape(label)}</text>`,
    `  <rect class="bar${stands ? " stands" : ""}" x="${LABEL_WIDTH}" y="${y}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`,
    `  <text${strong} x="${(LABEL_WIDTH + length + 8).toFixed(1)}" y="${middle}">${escape(Math.round(value).toLocaleString("en-US"))} <tspan class="note">${escape(note)}</tspan></text>`,
  ].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
