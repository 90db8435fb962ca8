import { basename, resolve } from "node:path";
import type { PartFile } from "../parts/parts-sink.ts";

/**
 * The README.md of a dataset folder. What stands between the dashes tells the Hugging Face Hub, and `load_dataset`,
 * which files are of which split.
 */
export function datasetCard(folder: string, files: readonly PartFile[]): string {
  const rowsOf = new Map<string, number>();
  for (const { part, rows } of files) rowsOf.set(part, (rowsOf.get(part) ?? 0) + rows);
  const splits = [...rowsOf];
  // A name may have any character; what begins or ends a line would end the title.
  const title = basename(resolve(folder)).replaceAll(/[\p{C}\p{Z}]+/gu, " ");
  return [
    "---",
    "configs:",
    "  - config_name: default",
    "    data_files:",
    ...splits.flatMap(([split]) => [
      `      - split: ${JSON.stringify(split)}`,
      `        path: data/${split}-*.parquet`,
    ]),
    "---",
    "",
    `# ${title}`,
    "",
    "| split | rows |",
    "| ----- | ---: |",
    ...splits.map(([split, rows]) => `| ${split} | ${rows} |`),
    "",
  ].join("\n");
}
