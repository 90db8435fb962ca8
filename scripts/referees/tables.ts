import { compareCopies } from "./compare-copies.ts";
import type { RunScript } from "./python.ts";

/** Has openpyxl, XlsxWriter, pandas and Python's sqlite3 judge our Excel and SQLite. */
export async function judgeTables(run: RunScript): Promise<void> {
  await compareCopies(run, {
    files: "files of Excel and SQLite",
    scripts: "tables",
    pattern: "*.{xlsx,db}",
    sink: { table: "all types" },
  });
}
