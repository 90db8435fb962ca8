import stringWidth from "string-width";
import { printable } from "./report.ts";

/** Lines of cells as columns without lines between them: the first to the left, the figures behind it to the right. */
export function alignColumns(lines: readonly (readonly string[])[]): string {
  const shown = lines.map((cells) => cells.map(printable));
  const widths = (shown[0] ?? []).map((_, at) =>
    Math.max(...shown.map((cells) => stringWidth(cells[at] ?? ""))),
  );
  return shown
    .map((cells) => {
      const padded = cells.map((cell, at) => {
        const gap = " ".repeat((widths[at] ?? 0) - stringWidth(cell));
        return at === 0 ? `${cell}${gap}` : `${gap}${cell}`;
      });
      return padded.join("  ").trimEnd();
    })
    .join("\n");
}
