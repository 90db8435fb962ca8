import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { InputRow } from "./jobs/job.ts";

const TEXT = "A parrot is a bird of warm countries that can learn to speak. ".repeat(4).trim();

/** A row of about 290 bytes. */
export function rowOf(id: number): InputRow {
  return { id, text: `${id}: ${TEXT}` };
}

/** Writes a JSON Lines file of numbered rows. */
export async function writeInput(path: string, rows: number): Promise<string> {
  const file = createWriteStream(path);
  for (let id = 0; id < rows; id++) {
    if (!file.write(`${JSON.stringify(rowOf(id))}\n`)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
  return path;
}
