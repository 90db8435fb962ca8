import { expecting, ParrotError, type OptionChecks } from "@parallel-parrot/core";
import { checkSink } from "../sink/check-sink.ts";
import type { OutputTarget } from "../sink/destination.ts";
import { rowSink, type RowSink } from "../sink/row-sink.ts";
import { requireBinaryTarget, TYPED_SINK_OPTIONS, type TypedSinkOptions } from "../sink/typed-sink.ts";

/** Options of {@linkcode xlsxSink}. */
export interface XlsxSinkOptions extends TypedSinkOptions {
  /** What the sheet is called. @default "rows" */
  readonly sheet?: string;
}

/** What Excel takes for the name of a sheet: 31 characters, none of which has a meaning in a reference. */
const SHEET_NAME = /^(?!')[^\\/?*[\]:\p{Cc}]{1,31}(?<!')$/u;

/** What the options of {@linkcode xlsxSink} may be. */
export const XLSX_SINK_OPTIONS: OptionChecks<XlsxSinkOptions> = {
  ...TYPED_SINK_OPTIONS,
  sheet: expecting(
    "a name of at most 31 characters, without \\ / ? * [ ] : and without ' at its ends",
    (value) => typeof value === "string" && SHEET_NAME.test(value),
  ),
};

/**
 * Writes rows as a workbook of Excel (.xlsx) with one sheet, which has a header and `columns` and those of
 * `columnTypes`, or else the columns of the first row. Numbers, booleans, dates and times are cells of their types
 * where Excel holds them exactly; everything else is text, and no text is ever run as a formula. A cell with more than
 * 32,767 characters makes its row one that cannot be written.
 */
export function xlsxSink(target: OutputTarget, options: XlsxSinkOptions = {}): RowSink {
  checkSink("xlsxSink", target, options, XLSX_SINK_OPTIONS);
  requireBinaryTarget(target, options, { format: "Excel", extension: ".xlsx" });
  const path = typeof target === "string" || target instanceof URL ? String(target) : "";
  if (/\.xlsm$/i.test(path))
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot write ${path}: .xlsm is for workbooks with macros; name an output that ends in .xlsx`,
      { option: "target" },
    );
  const { columns = [], columnTypes = new Map(), sheet = "rows" } = options;
  const dialect = { sheet, columns, columnTypes };
  return rowSink(target, options, async (_, changes) => {
    const { XlsxEncoder } = await import("./write/xlsx-encoder.ts");
    return new XlsxEncoder(dialect, changes);
  });
}
