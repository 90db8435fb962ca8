import { cellText, type Row } from "@parallel-parrot/core";
import type { IndexedRow } from "../rows/row-index.ts";
import type { RowLabel, RowLine } from "../wire.ts";
import { lineText } from "./sent-text.ts";

/** The most cells of an input or output in a line. */
const MOST_CELLS = 40;

/** What is known of a row from elsewhere. */
interface LineAdditions {
  readonly label: RowLabel | undefined;
  /** The row that it is compared with. */
  readonly other?: RowLine | undefined;
}

/** A row as the table shows it, with what a person has said of it. */
export function rowLine({ place, read }: IndexedRow, { label, other }: LineAdditions): RowLine {
  const { index, row, state, failure, warnings, outputs, usage, attempts, durationMs, cost, model } = read;
  const all = outputs.flat();
  return {
    place,
    number: index + 1,
    origin: (read.origin ?? index) + 1,
    state,
    ...(failure === undefined ? {} : { code: failure.code, message: lineText(failure.message) }),
    warnings: [...new Set(warnings.map(({ code }) => code))],
    input: cellsOf(row),
    output: cellsOf(all[0] ?? {}),
    outputs: all.length,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    attempts,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(cost === undefined ? {} : { cost }),
    ...(model === undefined ? {} : { model }),
    ...(label === undefined ? {} : { label }),
    ...(other === undefined ? {} : { other }),
  };
}

function cellsOf(row: Row): Readonly<Record<string, string>> {
  const cells = Object.entries(row).slice(0, MOST_CELLS);
  return Object.fromEntries(cells.map(([name, cell]) => [name, lineText(cellText(cell) ?? "")]));
}
