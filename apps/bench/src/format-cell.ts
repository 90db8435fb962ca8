import type { Cell, Goal } from "./report.ts";

/** A cell as text. Three digits are as many as a measurement has. */
export function formatCell(cell: Cell): string {
  if (cell === undefined) return "–";
  if (typeof cell === "string") return cell;
  // JSON has no NaN: it comes back from a results file as null.
  if (!Number.isFinite(cell)) return "–";
  if (Number.isInteger(cell) || Math.abs(cell) >= 100) return Math.round(cell).toLocaleString("en-US");
  return cell.toFixed(Math.abs(cell) >= 10 ? 1 : 2);
}

/** A goal's bound as text. */
export function formatBound({ atLeast, atMost, unit }: Goal): string {
  return `${atLeast === undefined ? "≤" : "≥"} ${formatCell(atLeast ?? atMost)} ${unit}`;
}
