import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** A hash of a JSON Lines file that does not depend on the order of its rows, nor on whether a number is text. */
export async function hashRows(path: string): Promise<string> {
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
  const rows = lines.map((line) => textOf(JSON.parse(line))).toSorted();
  return createHash("sha256").update(rows.join("\n")).digest("hex");
}

function textOf(row: object): string {
  return JSON.stringify(Object.entries(row).map(([column, value]) => [column, String(value)]));
}
