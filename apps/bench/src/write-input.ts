import { once } from "node:events";
import { createWriteStream } from "node:fs";

const TEXT = "A parrot is a bird of warm countries that can learn to speak. ".repeat(4).trim();

/** Writes a JSON Lines file of numbered rows of about 290 bytes. */
export async function writeInput(path: string, rows: number): Promise<string> {
  const file = createWriteStream(path);
  for (let id = 0; id < rows; id++) {
    if (!file.write(`${JSON.stringify({ id, text: `${id}: ${TEXT}` })}\n`)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
  return path;
}
