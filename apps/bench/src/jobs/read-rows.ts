import { readFile } from "node:fs/promises";
import type { InputRow } from "./job.ts";

/** All rows of a JSON Lines file at once, as programs on arrays do it. */
export async function readRows(path: string): Promise<InputRow[]> {
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  return lines.map((line): InputRow => JSON.parse(line));
}
