import { ParrotError } from "@parallel-parrot/core";
import { readTextFile } from "@parallel-parrot/formats";

/**
 * The text of a file that an option names.
 *
 * @throws ParrotError where the file cannot be read, is not UTF-8 or holds nothing
 */
export async function readText(file: string, option: string): Promise<string> {
  const label = `${file}, given as ${option}`;
  const text = await readTextFile(file, { label, option });
  if (text.trim() !== "") return text;
  throw new ParrotError("EMPTY_INPUT", `Cannot read ${label}: it is empty`, { file, option });
}
