import type { Table } from "./report.ts";

/** Whether each column holds texts alone, which read best from the left; figures align at the right. */
export function textColumns({ head, rows }: Table): readonly boolean[] {
  return head.map((_, column) => rows.every((row) => typeof row[column] === "string"));
}
