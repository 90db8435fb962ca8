import { setImmediate as afterIo } from "node:timers/promises";
import type { Labels } from "../labels/labels.ts";
import type { IndexedRun } from "../rows/indexed-run.ts";
import type { RowFilter } from "../rows/row-filter.ts";
import { answerId } from "../rows/row-ids.ts";
import { EXPORT_FORMATS, type ExportedRow, type ExportFormat } from "../run-source.ts";
import { Download } from "../server/download.ts";

const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  jsonl: "application/jsonl; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
};
/** Rows between two turns of other requests. */
const ROWS_AT_ONCE = 256;

/** Which rows, and as what. */
interface Export {
  readonly run: number;
  readonly format: string | null;
  readonly filter: RowFilter;
  readonly labels: Labels;
}

/** The rows that a filter leaves as a file, in the order of the input. @throws RangeError for a format that there is not */
export function exportRows(indexed: IndexedRun, { run, format, filter, labels }: Export): Download {
  const { opened, index } = indexed;
  const to = EXPORT_FORMATS.find((each) => each === format);
  if (to === undefined)
    throw new RangeError(`Rows are exported as ${EXPORT_FORMATS.join(", ")}, and not as ${format ?? ""}`);
  if (opened?.exportRows === undefined) throw new RangeError("The rows of this run cannot be exported");
  const write = opened.exportRows.bind(opened);
  return new Download(`run-${run}.${to}`, TYPES[to], async (into) => {
    using _ = indexed.hold();
    const said = await labels.all();
    async function* rows(): AsyncGenerator<ExportedRow> {
      let count = 0;
      for (const { read } of index.rowsOf(filter)) {
        const label = said.get(answerId(read));
        yield label === undefined ? read : Object.assign(read, { label });
        count += 1;
        if (count % ROWS_AT_ONCE === 0) await afterIo();
      }
    }
    await write(to, rows, into);
  });
}
