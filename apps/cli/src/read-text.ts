import { readFile } from "node:fs/promises";
import { ParrotError } from "@parallel-parrot/core";

/** The text of a file that an option names. */
export async function readText(file: string, option: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).replace(/^\uFEFF/, "");
  } catch (cause) {
    throw new ParrotError("INPUT_NOT_FOUND", `Cannot read ${file}, given as ${option}`, {
      cause,
      file,
      option,
    });
  }
}
